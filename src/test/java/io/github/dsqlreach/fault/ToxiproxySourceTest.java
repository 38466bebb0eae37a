package io.github.dsqlreach.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.InvalidConfigurationException;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ToxiproxySourceTest {
    @Test
    void isTheServerInsideThisJvmUnlessToldOtherwise() {
        assertThat(ToxiproxySource.configured(settings(Map.of()))).isSameAs(ToxiproxySource.inJvm());
    }

    @Test
    void isTheServerAtTheUrlThatIsSet() {
        ToxiproxySource source =
                ToxiproxySource.configured(settings(Map.of("DSQL_REACH_TOXIPROXY_URL", "http://127.0.0.1:8474/")));
        assertThat(source).hasToString("the server at http://127.0.0.1:8474");
    }

    @Test
    void refusesAUrlThatCannotBeUsed() {
        assertThatThrownBy(() ->
                        ToxiproxySource.configured(settings(Map.of("DSQL_REACH_TOXIPROXY_URL", "localhost:8474"))))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining("'localhost:8474'")
                .hasMessageContaining("allowed is a URL such as http://127.0.0.1:8474");
    }

    @Test
    void startsForTheFirstUserAndStopsWithTheLast() throws IOException {
        ToxiproxySource source = new ToxiproxySource("a server", InJvmToxiproxy::new);
        ProxyServer server = source.acquire();
        assertThat(source.acquire()).isSameAs(server);
        RemoteToxiproxy client = new RemoteToxiproxy(server.uri());
        source.release();
        client.check();
        source.release();
        assertThatThrownBy(client::check).isInstanceOf(ConnectException.class);
        assertThat(source.acquire()).isNotSameAs(server);
        source.release();
    }

    @Test
    void aGivenServerIsUsedAndNotStopped() throws Exception {
        try (ToxiproxyServer given = ToxiproxyServer.start()) {
            try (FaultyDsql dsql = through(ToxiproxySource.at(given.uri()))) {
                dsql.inject(Fault.LATENCY.with("latency", 1));
                assertWorks(dsql);
                assertThatThrownBy(dsql::connections)
                        .isInstanceOf(UnsupportedOperationException.class)
                        .hasMessageContaining(given.uri().toString());
            }
            new RemoteToxiproxy(given.uri()).check();
        }
    }

    @Test
    void saysThatNobodyAnswers() {
        URI gone;
        try (ToxiproxyServer server = ToxiproxyServer.start()) {
            gone = server.uri();
        }
        assertThatThrownBy(() -> ToxiproxySource.at(gone).acquire())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("There is no Toxiproxy at " + gone);
    }

    @Test
    void saysThatAnotherServerAnswers() throws IOException {
        HttpServer other = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        other.createContext("/", exchange -> {
            byte[] page = "<html>hello</html>".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        other.start();
        try {
            URI uri = URI.create("http://127.0.0.1:" + other.getAddress().getPort());
            assertThatThrownBy(() -> ToxiproxySource.at(uri).acquire())
                    .hasMessageContaining("this is no Toxiproxy: <html>hello</html>");
        } finally {
            other.stop(0);
        }
    }

    /** How a server makes a client wait that gives each read a timeout of its own. */
    enum Dripping {
        SILENT {
            @Override
            void answer(OutputStream out, CountDownLatch over) throws Exception {
                over.await();
            }
        },
        HEADERS {
            @Override
            void answer(OutputStream out, CountDownLatch over) throws Exception {
                out.write("HTTP/1.0 200 OK\r\n".getBytes(StandardCharsets.US_ASCII));
                while (!over.await(100, TimeUnit.MILLISECONDS)) {
                    out.write("X-More: 1\r\n".getBytes(StandardCharsets.US_ASCII));
                }
            }
        },
        BODY {
            @Override
            void answer(OutputStream out, CountDownLatch over) throws Exception {
                out.write("HTTP/1.0 200 OK\r\n\r\n{".getBytes(StandardCharsets.US_ASCII));
                while (!over.await(100, TimeUnit.MILLISECONDS)) {
                    out.write(' ');
                }
            }
        },
        /** The whole answer, and no end of the connection. */
        OPEN {
            @Override
            void answer(OutputStream out, CountDownLatch over) throws Exception {
                out.write("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII));
                over.await();
            }
        };

        abstract void answer(OutputStream out, CountDownLatch over) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(30)
    void waitsForNoAnswerLongerThanItsDeadline(Dripping dripping) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (LoopbackServer server = new LoopbackServer((client, connection) -> {
            client.getInputStream().read();
            dripping.answer(client.getOutputStream(), over);
        })) {
            RemoteToxiproxy api = new RemoteToxiproxy(URI.create("http://" + server.address()), Duration.ofMillis(300));

            assertThatThrownBy(api::check)
                    .isInstanceOf(IOException.class)
                    .hasMessage("no complete answer to GET /version within 300 ms");
        } finally {
            over.countDown();
        }
    }

    @Test
    void saysThatAServerDoesNotTellWhereItsProxyListens() throws Exception {
        try (LoopbackServer server = new LoopbackServer((client, connection) -> {
            while (client.getInputStream().read() != '}') {
                // An answer before the whole request would be lost in a reset.
            }
            client.getOutputStream().write("HTTP/1.0 200 OK\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII));
        })) {
            RemoteToxiproxy api = new RemoteToxiproxy(URI.create("http://" + server.address()));

            assertThatThrownBy(() -> api.createProxy("a", 0, new HostAndPort("127.0.0.1", 1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("it does not say where the proxy listens: {}");
        }
    }

    @Test
    void saysWhichToxicAServerLacks() throws IOException {
        try (ToxiproxyServer real = ToxiproxyServer.start();
                WithoutOwnToxics stock = new WithoutOwnToxics(real)) {
            ToxiproxySource source = ToxiproxySource.at(stock.uri());
            try (FaultyDsql dsql = through(source)) {
                dsql.inject(Fault.TLS_RESET);
                assertThatThrownBy(() -> dsql.inject(Fault.BLOCK_PAGE))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("BLOCK_PAGE cannot be injected: the server at " + stock.uri()
                                + " does not have the toxic 'match'; use the server inside the JVM");
                assertThat(dsql.faults()).hasToString("[TLS_RESET]");
            }
        }
    }

    private static FaultyDsql through(ToxiproxySource source) {
        return FaultyDsql.builder(SharedCluster.get().endpoint())
                .toxiproxy(source)
                .credentials(SharedCluster.get().credentialsProvider())
                .start();
    }

    private static void assertWorks(FaultyDsql dsql) throws SQLException {
        try (Connection connection = dsql.dataSource().getConnection()) {
            assertThat(connection.isValid(1)).isTrue();
        }
    }

    private static Configuration settings(Map<String, String> environment) {
        return Configuration.of(Map.of(), environment);
    }

    /** A real server, behind an API that refuses other toxics than the stock ones, as Shopify's does. */
    private static final class WithoutOwnToxics implements AutoCloseable {
        private final HttpServer api;

        WithoutOwnToxics(ToxiproxyServer real) throws IOException {
            api = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
            api.createContext("/", exchange -> {
                byte[] body = exchange.getRequestBody().readAllBytes();
                boolean own = new String(body, StandardCharsets.UTF_8).contains("\"type\":\"match\"");
                java.net.http.HttpResponse<byte[]> answer;
                try {
                    answer = java.net.http.HttpClient.newHttpClient()
                            .send(
                                    java.net.http.HttpRequest.newBuilder(
                                                    real.uri().resolve(exchange.getRequestURI()))
                                            .method(
                                                    exchange.getRequestMethod(),
                                                    java.net.http.HttpRequest.BodyPublishers.ofByteArray(
                                                            own ? "{\"type\":\"nonsense\"}".getBytes() : body))
                                            .build(),
                                    java.net.http.HttpResponse.BodyHandlers.ofByteArray());
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                exchange.sendResponseHeaders(
                        answer.statusCode(), answer.body().length == 0 ? -1 : answer.body().length);
                exchange.getResponseBody().write(answer.body());
                exchange.close();
            });
            api.start();
        }

        URI uri() {
            return URI.create("http://127.0.0.1:" + api.getAddress().getPort());
        }

        @Override
        public void close() {
            api.stop(0);
        }
    }
}
