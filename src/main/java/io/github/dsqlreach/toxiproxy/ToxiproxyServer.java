package io.github.dsqlreach.toxiproxy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

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

    private final Proxies proxies = new Proxies();
    private final ExecutorService requests;
    private final HttpServer http;
    private final InetSocketAddress address;

    private ToxiproxyServer(int apiPort) {
        AtomicInteger count = new AtomicInteger();
        requests = Executors.newCachedThreadPool(
                task -> daemon(task, "dsql-reach-toxiproxy-api-" + count.incrementAndGet()));
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), apiPort), 0);
        } catch (IOException e) {
            requests.shutdownNow();
            throw new UncheckedIOException("Toxiproxy's API cannot listen on 127.0.0.1:" + apiPort, e);
        }
        address = http.getAddress();
        http.setExecutor(requests);
        http.createContext("/", new Api(proxies));
        // Its thread inherits from the one that starts it: neither may keep the JVM alive.
        CompletableFuture.runAsync(
                        http::start,
                        task -> daemon(task, "dsql-reach-toxiproxy-start").start())
                .join();
    }

    /**
     * Starts a server whose API listens on a free port of 127.0.0.1.
     *
     * @throws UncheckedIOException when it cannot listen
     */
    public static ToxiproxyServer start() {
        return start(0);
    }

    /**
     * Starts a server whose API listens on the given port of 127.0.0.1; 8474 is where Toxiproxy's clients look for it by
     * default, 0 means any free port.
     *
     * @throws UncheckedIOException when the port is taken
     * @throws IllegalArgumentException when the number is no port
     */
    public static ToxiproxyServer start(int apiPort) {
        if (apiPort < 0 || apiPort > 65535) {
            throw new IllegalArgumentException("apiPort must be from 0 to 65535, not " + apiPort);
        }
        return new ToxiproxyServer(apiPort);
    }

    /** Where the API is, for example {@code http://127.0.0.1:8474}. */
    public URI uri() {
        return URI.create("http://" + host() + ":" + port());
    }

    /** The API's host, {@code 127.0.0.1}. */
    public String host() {
        return address.getAddress().getHostAddress();
    }

    /** The API's port. */
    public int port() {
        return address.getPort();
    }

    /**
     * How many connections a proxy has had, and has. Opening and closing takes effect shortly after the client's side of
     * it: wait for the figure rather than expect it at once.
     *
     * @throws IllegalArgumentException when there is no such proxy
     */
    public Connections connections(String proxyName) {
        try {
            return proxies.connections(proxyName);
        } catch (ApiException e) {
            throw new IllegalArgumentException("There is no proxy \"" + proxyName + "\"", e);
        }
    }

    /** Closes the API, and every proxy and connection; does nothing the second time. */
    @Override
    public void close() {
        http.stop(0);
        requests.shutdownNow();
        proxies.close();
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Connections of one proxy.
     *
     * @param accepted how many clients it has accepted since it was created
     * @param open how many of them it still serves
     */
    public record Connections(long accepted, int open) {}
}
