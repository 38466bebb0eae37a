package io.github.dsqlreach.junit;

import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A Toxiproxy for tests that had one in a container: Testcontainers' {@code ToxiproxyContainer} with its names, without
 * Docker. Ports are a container's: a proxy that listens on {@code 0.0.0.0:8666} is reached at {@code getMappedPort(8666)},
 * so that tests which run at the same time do not disturb each other.
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
 * <p>A static field with {@code @RegisterExtension} runs as long as its class, another one as long as a test; with
 * {@code @ExtendWith(ToxiproxyExtension.class)} it is a parameter, and so is its {@link ToxiproxyServer}. Without either,
 * {@link #start()} and {@link #stop()} do it.
 */
public final class ToxiproxyExtension
        implements BeforeAllCallback, BeforeEachCallback, ParameterResolver, AutoCloseable {
    /** Where a container's API is. */
    private static final int CONTROL_PORT = 8474;

    private @Nullable ToxiproxyServer server;

    /** One that does not run yet. */
    public ToxiproxyExtension() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        startIn(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        startIn(context);
    }

    /** Who starts it ends it. */
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

    /** Ends it with all its proxies; does nothing when it does not run. */
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

    /** Where the proxy is reached that listens on that port, for example 8666; there need not be one yet. */
    public int getMappedPort(int listenPort) {
        return listenPort == CONTROL_PORT ? getControlPort() : server().mappedPort(listenPort);
    }

    /**
     * The server itself, to drive it by calls.
     *
     * @throws IllegalStateException when it does not run
     */
    public synchronized ToxiproxyServer server() {
        if (server == null) {
            throw new IllegalStateException("this Toxiproxy does not run: start() it, or let JUnit do it by"
                    + " @RegisterExtension or @ExtendWith");
        }
        return server;
    }
}
