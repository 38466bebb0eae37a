package io.github.dsqlreach.junit;

import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A Toxiproxy server with the methods of Testcontainers' {@code ToxiproxyContainer}, without Docker. Ports are mapped as those of
 * a container: a proxy that listens on {@code 0.0.0.0:8666} has the address {@code getMappedPort(8666)}, so that tests which run
 * at the same time do not disturb each other.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final ToxiproxyExtension toxiproxy = new ToxiproxyExtension();
 *
 * @Test
 * void test() throws IOException {
 *     ToxiproxyClient client = new ToxiproxyClient(toxiproxy.getHost(), toxiproxy.getControlPort());
 *     Proxy proxy = client.createProxy("redis", "0.0.0.0:8666", "localhost:6379");
 *     Cache cache = new Cache(toxiproxy.getHost(), toxiproxy.getMappedPort(8666));
 *     …
 * }
 * }</pre>
 *
 * <p>In a static field with {@code @RegisterExtension} it runs as long as its class, in another field as long as a test. With
 * {@code @ExtendWith(ToxiproxyExtension.class)} it is a parameter, and so is its {@link ToxiproxyServer}. Without either, call
 * {@link #start()} and {@link #stop()}.
 */
public final class ToxiproxyExtension
        implements BeforeAllCallback, BeforeEachCallback, ParameterResolver, AutoCloseable {
    /** The port of the API in a container. */
    private static final int CONTROL_PORT = 8474;

    private @Nullable ToxiproxyServer server;

    /** A server that does not run yet. */
    public ToxiproxyExtension() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        startIn(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        startIn(context);
    }

    /** The context that starts it stops it. */
    private synchronized void startIn(ExtensionContext context) {
        if (server == null) {
            RunStore.computeIn(context, this, this::started, ToxiproxyExtension::stop);
        }
    }

    private ToxiproxyExtension started() {
        start();
        return this;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == ToxiproxyExtension.class || type == ToxiproxyServer.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        startIn(context);
        return parameter.getParameter().getType() == ToxiproxyServer.class ? server() : this;
    }

    /** Starts it, unless it runs. */
    public synchronized void start() {
        if (server == null) {
            server = ToxiproxyServer.startWithMappedPorts();
        }
    }

    /** Stops it with all its proxies; does nothing if it does not run. */
    public synchronized void stop() {
        if (server != null) {
            server.close();
            server = null;
        }
    }

    /** The same as {@link #stop()}. */
    @Override
    public void close() {
        stop();
    }

    /** Whether it runs. */
    public synchronized boolean isRunning() {
        return server != null;
    }

    /** The host of its API and of its proxies. */
    public String getHost() {
        return server().host();
    }

    /** The port of its API. */
    public int getControlPort() {
        return server().port();
    }

    /** The port of the proxy that listens on that port, for example 8666; the proxy need not exist yet. */
    public int getMappedPort(int listenPort) {
        return listenPort == CONTROL_PORT ? getControlPort() : server().mappedPort(listenPort);
    }

    /**
     * The server itself, for calls in Java.
     *
     * @throws IllegalStateException if it does not run
     */
    public synchronized ToxiproxyServer server() {
        if (server == null) {
            throw new IllegalStateException("this Toxiproxy does not run: call start(), or let JUnit start it with"
                    + " @RegisterExtension or @ExtendWith");
        }
        return server;
    }
}
