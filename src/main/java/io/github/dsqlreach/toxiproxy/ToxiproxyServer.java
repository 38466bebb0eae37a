package io.github.dsqlreach.toxiproxy;

import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.sun.net.httpserver.HttpServer;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A Toxiproxy inside this JVM: Toxiproxy 2.x's HTTP API and toxics, and some toxics more, without Docker and without a
 * process to start. Any Toxiproxy client drives it.
 *
 * <pre>{@code
 * try (ToxiproxyServer server = ToxiproxyServer.start()) {
 *     ToxiproxyClient client = new ToxiproxyClient(server.host(), server.port());
 *     Proxy proxy = client.createProxy("database", "127.0.0.1:0", "127.0.0.1:5432");
 *     proxy.toxics().latency("slow", ToxicDirection.DOWNSTREAM, 200);
 *     // connect to proxy.getListen()
 * }
 * }</pre>
 *
 * <p>It listens on loopback only, with its API and with its proxies. Closing it closes every port, connection and thread
 * it had. Safe for use by many threads.
 */
public final class ToxiproxyServer implements AutoCloseable {
    static {
        // Else the body of each answer waits up to 40 ms for the client to acknowledge the headers.
        if (System.getProperty("sun.net.httpserver.nodelay") == null) {
            System.setProperty("sun.net.httpserver.nodelay", "true");
        }
    }

    private static final long START_SECONDS = 10;

    private final Ports ports;
    private final Proxies proxies;
    private final int wantedPort;
    private @Nullable ApiThreads requests;
    private @Nullable HttpServer http;
    private boolean closed;

    private ToxiproxyServer(int wantedPort, Ports ports) {
        StrictJson.check();
        this.ports = ports;
        this.proxies = new Proxies(ports);
        this.wantedPort = wantedPort;
    }

    /** The address of the API; starts it with the first call. */
    private synchronized InetSocketAddress address() {
        if (closed && http == null) {
            throw new IllegalStateException("this Toxiproxy is closed");
        }
        if (http == null) {
            startApi();
        }
        return Objects.requireNonNull(http).getAddress();
    }

    private void startApi() {
        HttpServer server = null;
        ApiThreads threads = null;
        try {
            threads = new ApiThreads();
            server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), wantedPort), 0);
            server.setExecutor(threads);
            server.createContext("/", new Api(proxies));
            // Its thread inherits from the one that starts it: neither may keep the JVM alive.
            FutureTask<?> start = new FutureTask<>(server::start, null);
            Daemon.start("dsql-reach-toxiproxy-start", start);
            start.get(START_SECONDS, TimeUnit.SECONDS);
            http = server;
            requests = threads;
        } catch (InterruptedException e) {
            stop(server, threads);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Toxiproxy's API was started", e);
        } catch (IOException | ExecutionException | TimeoutException | OutOfMemoryError e) {
            stop(server, threads);
            Throwable why = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            throw new UncheckedIOException(
                    "Toxiproxy's API cannot listen on 127.0.0.1:" + wantedPort + ": " + why.getMessage(),
                    why instanceof IOException io ? io : new IOException(why));
        }
    }

    private static void stop(@Nullable HttpServer server, @Nullable ApiThreads threads) {
        if (server != null) {
            server.stop(0);
        }
        if (threads != null) {
            threads.close();
        }
    }

    /**
     * Starts a server. Its API listens on a free port of 127.0.0.1 with the first call of {@link #uri()},
     * {@link #host()} or {@link #port()}; who drives the server by calls alone needs none.
     */
    public static ToxiproxyServer start() {
        return new ToxiproxyServer(0, new Ports(false));
    }

    /**
     * Starts a server whose API listens on the given port of 127.0.0.1; 8474 is where Toxiproxy's clients look for it by
     * default, 0 means any free port. It listens when this returns.
     *
     * @throws UncheckedIOException when the port is taken
     * @throws IllegalArgumentException when the number is no port
     */
    public static ToxiproxyServer start(int apiPort) {
        if (apiPort < 0 || apiPort > 65535) {
            throw new IllegalArgumentException("apiPort must be from 0 to 65535, not " + apiPort);
        }
        ToxiproxyServer server = new ToxiproxyServer(apiPort, new Ports(false));
        server.address();
        return server;
    }

    /**
     * Starts a server whose proxies listen as they do in a container: a port that a proxy names, such as 8666, is its name
     * only, and {@link #mappedPort} tells where it is reached. So tests that run at the same time can use the same names.
     */
    public static ToxiproxyServer startWithMappedPorts() {
        return new ToxiproxyServer(0, new Ports(true));
    }

    /**
     * Where the proxy is reached that listens on that port; there need not be one yet. Another one only with
     * {@link #startWithMappedPorts()}.
     *
     * @throws IllegalArgumentException when the number is no port
     */
    public int mappedPort(int listenPort) {
        if (listenPort < 1 || listenPort > 65535) {
            throw new IllegalArgumentException("listenPort must be from 1 to 65535, not " + listenPort);
        }
        return called("mappedPort", () -> ports.of(listenPort));
    }

    /**
     * Where the API is, for example {@code http://127.0.0.1:8474}.
     *
     * @throws UncheckedIOException when it starts now, and cannot listen
     * @throws IllegalStateException when this was closed before anybody asked
     */
    public URI uri() {
        return URI.create("http://" + host() + ":" + port());
    }

    /** The API's host, {@code 127.0.0.1}. */
    public String host() {
        return address().getAddress().getHostAddress();
    }

    /** The API's port. */
    public int port() {
        return address().getPort();
    }

    /**
     * How many connections a proxy has had, and has. Opening and closing takes effect shortly after the client's side of
     * it: wait for the figure rather than expect it at once.
     *
     * @throws IllegalArgumentException when there is no such proxy
     */
    public Connections connections(String proxyName) {
        return called(
                proxyName,
                () -> proxies.read(
                        proxyName, proxy -> new Connections(proxy.accepted(), proxy.open(), proxy.struck())));
    }

    /**
     * Creates a proxy, as the API does.
     *
     * @param listen where, for example {@code 127.0.0.1:0} for any free port
     * @param upstream where its connections go, {@code host:port}
     * @throws IllegalArgumentException when the name is taken, or an address makes no sense
     * @throws IllegalStateException when the port is taken, or this is closed
     */
    public Proxy createProxy(String name, String listen, String upstream) {
        called(name, () -> proxies.create(new Proxies.Request(name, listen, upstream, true).checked("")));
        return new Proxy(name);
    }

    /**
     * The proxy of that name, also one that another client created.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public Proxy proxy(String name) {
        called(name, () -> proxies.read(name, ToxicProxy::name));
        return new Proxy(name);
    }

    /** All proxies, by name. */
    public List<Proxy> proxies() {
        return proxies.names().stream().map(Proxy::new).toList();
    }

    /**
     * Enables all proxies and removes all toxics.
     *
     * @throws IllegalStateException when the port of a proxy that was disabled is taken now
     */
    public void reset() {
        run("reset", proxies::reset);
    }

    private static void run(String what, Runnable call) {
        called(what, () -> {
            call.run();
            return what;
        });
    }

    private static <T> T called(String what, Supplier<T> call) {
        try {
            return call.get();
        } catch (ApiException e) {
            String message = what + ": " + e.getMessage();
            throw e.status() < 500 ? new IllegalArgumentException(message, e) : new IllegalStateException(message, e);
        }
    }

    /** Closes the API, and every proxy and connection; does nothing the second time. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            stop(http, requests);
        }
        proxies.close();
    }

    /**
     * A proxy of this server, driven by calls. It knows every toxic, also those that other clients put on it.
     *
     * <p>Each call throws an {@link IllegalArgumentException} when the proxy is gone.
     */
    public final class Proxy {
        private final String name;

        private Proxy(String name) {
            this.name = name;
        }

        /** Its name. */
        public String name() {
            return name;
        }

        /** Where it listens, {@code host:port}. */
        public String listen() {
            return read(ToxicProxy::listen);
        }

        /** Where its connections go. */
        public String upstream() {
            return read(ToxicProxy::upstream);
        }

        /** Whether it listens. */
        public boolean isEnabled() {
            return read(ToxicProxy::isEnabled);
        }

        private <T> T read(Function<ToxicProxy, T> reader) {
            return called(name, () -> proxies.read(name, reader));
        }

        /** Listens again, on the same port. */
        public void enable() {
            set("enabled", new JsonPrimitive(true));
        }

        /** Closes the port, and all connections. */
        public void disable() {
            set("enabled", new JsonPrimitive(false));
        }

        /** Goes elsewhere from now on, and closes all connections. */
        public void setUpstream(String upstream) {
            set("upstream", new JsonPrimitive(upstream));
        }

        private void set(String field, JsonPrimitive value) {
            JsonObject json = new JsonObject();
            json.add(field, value);
            called(name, () -> proxies.update(name, json));
        }

        /** Closes the port and all connections, and forgets the proxy. */
        public void delete() {
            run(name, () -> proxies.delete(name));
        }

        /**
         * Puts a toxic on it, behind those of the same direction. When this returns, living connections follow.
         *
         * @throws IllegalArgumentException when the name is taken, or type or attributes make no sense
         */
        public void add(ToxicDefinition toxic) {
            add(toxic, () -> {});
        }

        /**
         * Puts a toxic on it, as {@link #add(ToxicDefinition)} does, and counts.
         *
         * @param onStrike is run once for each connection on which the toxic has an effect, by a thread that serves
         *     connections: it must not wait. If several toxics have the same one, it runs once for all of them.
         * @throws IllegalArgumentException when the name is taken, or type or attributes make no sense
         */
        public void add(ToxicDefinition toxic, Runnable onStrike) {
            called(
                    name,
                    () -> proxies.createToxic(
                            name,
                            toxic.name(),
                            toxic.type(),
                            toxic.direction().name().toLowerCase(Locale.ROOT),
                            (float) toxic.toxicity(),
                            toxic.attributes(),
                            onStrike));
        }

        /**
         * Gives the toxic of that name these attributes and this toxicity; its type and direction stay.
         *
         * @throws IllegalArgumentException when there is none of that name, or the attributes make no sense
         */
        public void change(ToxicDefinition toxic) {
            called(name, () -> proxies.updateToxic(name, toxic.name(), (float) toxic.toxicity(), toxic.attributes()));
        }

        /**
         * Takes a toxic away.
         *
         * @throws IllegalArgumentException when there is none of that name
         */
        public void remove(String toxicName) {
            run(name, () -> proxies.deleteToxic(name, toxicName));
        }

        /** The toxics in force with all their attributes: those of the upstream direction first, each in order. */
        public List<ToxicDefinition> toxics() {
            return read(ToxicProxy::definitions);
        }

        /** How many connections it has had, and has; see {@link ToxiproxyServer#connections}. */
        public Connections connections() {
            return ToxiproxyServer.this.connections(name);
        }
    }

    /**
     * Connections of one proxy.
     *
     * @param accepted how many clients it has accepted since it was created
     * @param open how many of them it still serves
     * @param struck how many of them a toxic has had an effect on: it delayed, held back or altered data, or closed the
     *     connection
     */
    public record Connections(long accepted, int open, long struck) {}
}
