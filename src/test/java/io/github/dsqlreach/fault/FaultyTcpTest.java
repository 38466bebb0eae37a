package io.github.dsqlreach.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import io.github.dsqlreach.local.LocalDsql;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The catalogue in front of servers that are no cluster: HTTP in clear text, and a PostgreSQL without TLS. */
@Timeout(60)
class FaultyTcpTest {
    private static final String PAGE = "x".repeat(100_000);
    private static final int SOON_MILLIS = 300;

    private static HttpServer server;
    private static String upstream;

    @BeforeAll
    static void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Connection", "close");
            exchange.sendResponseHeaders(200, PAGE.length());
            exchange.getResponseBody().write(PAGE.getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        server.start();
        upstream = "localhost:" + server.getAddress().getPort();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    static Stream<Fault> forAnyServer() {
        return Arrays.stream(Fault.values()).filter(Fault::isForAnyServer);
    }

    static Stream<Fault> forClustersOnly() {
        return Arrays.stream(Fault.values()).filter(fault -> !fault.isForAnyServer());
    }

    @ParameterizedTest
    @MethodSource("forAnyServer")
    void anHttpClientMeetsTheFaultAndGetsThroughAgainAtTheSameAddress(Fault fault) throws Exception {
        try (FaultyTcp http = FaultyTcp.inFrontOf(upstream)) {
            assertThat(get(http, 30)).isEqualTo(PAGE);
            http.inject(
                    switch (fault) {
                        case INTERMITTENT -> fault.with("toxicity", 1);
                        case CUT_AFTER -> fault.with("received", 50_000);
                        default -> TunedFault.of(fault);
                    });
            switch (fault) {
                case LATENCY,
                        JITTER,
                        BANDWIDTH,
                        SLOW_CLOSE,
                        IDLE_TIMEOUT,
                        LOST_CONNECTIONS,
                        HALF_OPEN,
                        MESSAGE_TOO_LARGE -> assertThat(get(http, 30)).isEqualTo(PAGE);
                case TCP_TIMEOUT, SILENCE ->
                    assertThatThrownBy(() -> get(http, 1)).isInstanceOf(HttpTimeoutException.class);
                default -> assertThatThrownBy(() -> get(http, 30)).isInstanceOf(IOException.class);
            }
            http.clearFaults();
            assertThat(get(http, 30)).isEqualTo(PAGE);
        }
    }

    @Test
    void aPostgresWithoutTlsIsReachedAndBreaks() throws SQLException {
        try (LocalDsql plain = LocalDsql.builder()
                        .inFrontOf(SharedCluster.get())
                        .withoutTls()
                        .start();
                FaultyTcp postgres = FaultyTcp.inFrontOf(plain.address().toString())) {
            String url = "jdbc:postgresql://" + postgres.address() + "/postgres?sslmode=disable&socketTimeout=10";
            String token = plain.token("admin");
            try (Connection open = DriverManager.getConnection(url, "admin", token)) {
                assertThat(select(open, 1_000_000)).hasSize(1_000_000);
                postgres.inject(Fault.QUERY_RESET.with("bytes", 20_000));
                assertThat(select(open, 10_000)).hasSize(10_000);
                assertThatThrownBy(() -> select(open, 1_000_000)).isInstanceOf(SQLException.class);
            }
            postgres.clearFaults().inject(Fault.TCP_REFUSED);
            assertThatThrownBy(() -> DriverManager.getConnection(url, "admin", token))
                    .rootCause()
                    .hasMessageContaining("refused");
            postgres.clearFaults();
            try (Connection again = DriverManager.getConnection(url, "admin", token)) {
                assertThat(again.isValid(5)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("forClustersOnly")
    void refusesAFaultThatTheProtocolKnowsNothingOfAndNamesTheOthers(Fault fault) {
        try (FaultyTcp http = FaultyTcp.inFrontOf(upstream)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> http.inject(fault))
                    .withMessage(fault
                            + (fault.isAtCommit()
                                    ? " happens inside a local cluster"
                                    : " needs a cluster's name, or TLS")
                            + "; in front of any TCP server there are "
                            + forAnyServer().toList());
            assertThat(http.faults()).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"TCP_REFUSED", "TCP_TIMEOUT"})
    void aFaultOfTcpTakesOverThePortAndEndsWhatIsOpen(Fault fault) throws IOException {
        try (ServerSocket manual = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
                FaultyTcp tcp = FaultyTcp.inFrontOf("127.0.0.1:" + manual.getLocalPort());
                Socket open = connect(tcp);
                Socket accepted = manual.accept()) {
            assertThat(tcp.inject(fault).faults()).hasToString("[" + fault + "]");
            assertThat(open.getInputStream().read()).as("%s", accepted).isEqualTo(-1);
            assertThatThrownBy(() -> connect(tcp)).isInstanceOf(IOException.class);
            assertThatIllegalStateException()
                    .isThrownBy(() -> tcp.inject(Fault.TCP_REFUSED))
                    .withMessageContaining("TCP_REFUSED cannot be injected")
                    .withMessageContaining("clearFaults() first");
            assertThat(tcp.effects()).hasToString("[" + fault + ": connections not counted]");
            assertThat(tcp.clearFaults().faults()).isEmpty();
            connect(tcp).close();
        }
    }

    @Test
    void countsConnectionsAndThoseThatAFaultStruck() throws Exception {
        try (FaultyTcp http = FaultyTcp.inFrontOf(upstream)) {
            get(http, 30);
            await().untilAsserted(() -> assertThat(http.connections().open()).isZero());
            assertThat(http.inject(Fault.LATENCY.with("latency", 5)).effects())
                    .hasToString("[LATENCY(latency=5): 0 of 0 connections struck]");
            get(http, 30);
            assertThat(http.clearFaults().effects()).hasToString("[LATENCY(latency=5): 1 of 1 connection struck]");
            assertThat(http.connections().accepted()).isEqualTo(2);
            assertThat(http.connections().struck()).isEqualTo(1);
        }
    }

    @Test
    void tellsWhatItIsInFrontOfAndWhatIsInForce() {
        List<String> told = new ArrayList<>();
        FaultyTcp tcp = FaultyTcp.builder("cache.internal:6379")
                .onInject(fault -> told.add(fault.toString()))
                .start();
        assertThat(tcp).hasToString("cache.internal:6379 behind no fault");
        assertThat(tcp.inject(Fault.LATENCY.with("latency", 5)).inject(Fault.SILENCE))
                .hasToString("cache.internal:6379 behind [LATENCY(latency=5), SILENCE]");
        assertThat(told).containsExactly("LATENCY(latency=5)", "SILENCE");
        assertThat(tcp.address()).hasToString(tcp.host() + ":" + tcp.port());
        tcp.close();
        tcp.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> tcp.inject(Fault.LATENCY))
                .withMessageContaining("closed");
    }

    @ParameterizedTest
    @EnumSource(names = {"TCP_REFUSED", "TCP_TIMEOUT", "SILENCE"})
    void closingGivesThePortBack(Fault fault) throws IOException {
        FaultyTcp tcp = FaultyTcp.inFrontOf(upstream).inject(fault);
        tcp.close();
        try (ServerSocket again = new ServerSocket()) {
            again.bind(new InetSocketAddress(tcp.host(), tcp.port()));
            connect(tcp).close();
        }
    }

    @Test
    void listensOnThePortThatItIsGiven() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (FaultyTcp http = FaultyTcp.builder(upstream).port(port).start()) {
            assertThat(http.address()).hasToString("127.0.0.1:" + port);
            assertThat(get(http, 30)).isEqualTo(PAGE);
            assertThatIllegalStateException()
                    .isThrownBy(() -> FaultyTcp.builder(upstream).port(port).start())
                    .withMessageContaining("127.0.0.1:" + port);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FaultyTcp.builder(upstream).port(65_536))
                .withMessage("port is 65536; allowed is 0 to 65535");
    }

    @Test
    void refusesAnAddressThatIsNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FaultyTcp.inFrontOf("localhost"))
                .withMessageContaining("'localhost' is not HOST:PORT");
    }

    private static String get(FaultyTcp http, int seconds) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + http.address() + "/"))
                .timeout(Duration.ofSeconds(seconds))
                .build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }

    private static Socket connect(FaultyTcp tcp) throws IOException {
        Socket socket = new Socket();
        try {
            socket.connect(new InetSocketAddress(tcp.host(), tcp.port()), SOON_MILLIS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static String select(Connection connection, int size) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT repeat('x', " + size + ")")) {
            result.next();
            return result.getString(1);
        }
    }
}
