package io.github.dsqlreach.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every Toxiproxy does, by the in-JVM server and by the one that the environment variable
 * {@code DSQL_REACH_TOXIPROXY_URL} names, for example {@code http://127.0.0.1:8474}; that one must be on this machine.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("servers")
@org.junit.jupiter.api.Timeout(60)
abstract class ToxiproxyConformance {
    static final Duration A_WHILE = Duration.ofMillis(150);
    private static final AtomicInteger NAMES = new AtomicInteger();

    static Stream<Server> servers() {
        String url = System.getenv("DSQL_REACH_TOXIPROXY_URL");
        return url == null || url.isBlank()
                ? Stream.of(Server.inJvm())
                : Stream.concat(
                        Stream.of(Server.inJvm()), Stream.of(URI.create(url)).map(Server::at));
    }

    record Server(String name, URI uri, Runnable stop) implements AutoCloseable {
        static Server inJvm() {
            ToxiproxyServer server = ToxiproxyServer.start();
            return new Server("in this JVM", server.uri(), server::close);
        }

        /** One class of tests at a time, of all JVMs: they reset it. */
        static Server at(URI uri) {
            try {
                Path lock = Path.of(System.getProperty("java.io.tmpdir"), "dsql-reach-conformance.lock");
                FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                channel.lock();
                return new Server("at " + uri, uri, () -> {
                    try {
                        channel.close();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            stop.run();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @Parameter
    Server server;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
        ToxiproxyClient client = client();
        for (Proxy proxy : client.getProxies()) {
            if (proxy.getName().startsWith("conformance-")) {
                proxy.delete();
            }
        }
    }

    ToxiproxyClient client() {
        return new ToxiproxyClient(server.uri().getHost(), server.uri().getPort());
    }

    RawApi api() {
        return new RawApi(server.uri());
    }

    static String newName() {
        return "conformance-" + NAMES.incrementAndGet();
    }

    Upstream echo() {
        return closed(Upstream.echo());
    }

    Upstream manual() {
        return closed(Upstream.manual());
    }

    <T extends AutoCloseable> T closed(T closeable) {
        opened.add(0, closeable);
        return closeable;
    }

    Proxy proxyTo(Upstream upstream) throws IOException {
        return client().createProxy(newName(), "127.0.0.1:0", upstream.address());
    }

    Proxy proxyToEcho() throws IOException {
        return proxyTo(echo());
    }

    Wire connect(Proxy proxy) throws IOException {
        return closed(Wire.to(proxy));
    }

    /** A toxic by its JSON, for what the client library has no method for. */
    void toxic(Proxy proxy, String json) throws IOException, InterruptedException {
        RawApi.Answer answer = api().post("/proxies/" + proxy.getName() + "/toxics", json);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    static long millisOf(Action action) throws Exception {
        long start = System.nanoTime();
        action.run();
        return Duration.ofNanos(System.nanoTime() - start).toMillis();
    }

    interface Action {
        void run() throws Exception;
    }

    static byte[] noise(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    static void assertRefuses(String address) {
        Awaitility.await()
                .untilAsserted(
                        () -> assertThatThrownBy(() -> Wire.to(address).close()).isInstanceOf(ConnectException.class));
    }
}
