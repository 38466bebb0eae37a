package io.github.dsqlreach.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import io.github.dsqlreach.internal.client.HttpRefusedException;
import io.github.dsqlreach.local.LocalDsql;
import java.io.EOFException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.Driver;

class FaultTest {
    private static final int LARGE = 100_000;

    @AutoClose
    private static final LocalDsql local = LocalDsql.builder()
            .inFrontOf(SharedCluster.get())
            .credentials(SharedCluster.get().credentialsProvider().resolveCredentials())
            .start();

    /** The ways to the same PostgreSQL. */
    enum Way {
        SSL_REQUEST(Negotiation.POSTGRES),
        DIRECT_TLS(Negotiation.DIRECT),
        WEB_SOCKET(null);

        private final Negotiation negotiation;

        Way(Negotiation negotiation) {
            this.negotiation = negotiation;
        }

        ClientView of(Fault fault) {
            return negotiation == null ? ClientView.overWebSocket(fault) : ClientView.of(fault, negotiation);
        }

        Endpoint endpoint() {
            return negotiation == null
                    ? local.endpoint().over(Transport.WEBSOCKET)
                    : SharedCluster.get().endpoint().toBuilder()
                            .negotiation(negotiation)
                            .build();
        }
    }

    /**
     * Silence takes time and little else: checks that meet it listen several at once. What does not come out as expected,
     * because so many left this machine no time for the experiments, is done once more, alone and with more time.
     */
    private static final Map<List<?>, Future<Reachability>> LISTENING = new HashMap<>();

    @BeforeAll
    static void listen() {
        local.webSocketAddress();
        ExecutorService listeners = Executors.newFixedThreadPool(6);
        everyFaultOnEveryWay().map(Arguments::get).forEach(each -> {
            Fault fault = (Fault) each[0];
            Way way = (Way) each[1];
            if (isSilent(way.of(fault))) {
                LISTENING.put(List.of(each), listeners.submit(() -> diagnosed(fault, way, 4)));
            }
        });
        listeners.shutdown();
    }

    static Stream<Arguments> everyFaultOnEveryWay() {
        return Arrays.stream(Fault.values())
                .filter(fault -> !fault.isAtCommit())
                .flatMap(fault -> Arrays.stream(Way.values()).map(way -> Arguments.of(fault, way)));
    }

    /** Direct TLS and a WebSocket begin alike: one of them stands for both where the catalogue says the same of them. */
    static Stream<Arguments> everyFaultAsTheDriverTellsItApart() {
        return everyFaultOnEveryWay()
                .filter(arguments -> arguments.get()[1] != Way.DIRECT_TLS
                        || !Way.DIRECT_TLS.of((Fault) arguments.get()[0]).equals(Way.WEB_SOCKET.of((Fault)
                                arguments.get()[0])));
    }

    @ParameterizedTest
    @MethodSource("everyFaultAsTheDriverTellsItApart")
    void theDriverSeesWhatTheCatalogueSays(Fault fault, Way way) throws SQLException {
        ClientView view = way.of(fault);
        try (FaultyDsql dsql = inFrontOfTheCluster(way)) {
            dsql.inject(certain(fault));
            if (view.isWorking()) {
                assertThat(query(dsql, 10)).hasSize(LARGE);
            } else {
                assertThatThrownBy(() -> query(dsql, patience(view)))
                        .isInstanceOf(SQLException.class)
                        .is(showing(view.kind().orElseThrow()));
            }
            dsql.clearFaults();
            assertThat(query(dsql, 10)).hasSize(LARGE);
        }
    }

    @ParameterizedTest
    @MethodSource("everyFaultOnEveryWay")
    void aCheckDiagnosesWhatTheCatalogueSays(Fault fault, Way way) throws Exception {
        ClientView view = way.of(fault);
        Future<Reachability> listening = LISTENING.get(List.of(fault, way));

        Reachability reachability = listening != null ? listening.get() : diagnosed(fault, way, 20);
        if (listening != null && !reachability.diagnosis().cause().equals(view.cause())) {
            System.err.println("once more, because it came out as " + reachability);
            reachability = diagnosed(fault, way, 10);
        }

        assertThat(reachability.diagnosis().cause()).as("%s", reachability).isEqualTo(view.cause());
        if (view.cause().isPresent()) {
            PhaseResult failed = reachability.attempt().orElseThrow().failed().orElseThrow();
            assertThat(failed.phase()).isEqualTo(view.layer().orElseThrow());
            assertThat(failed.failure().orElseThrow().kind())
                    .isEqualTo(view.kind().orElseThrow());
        }
    }

    private static Reachability diagnosed(Fault fault, Way way, int seconds) {
        try (FaultyDsql dsql = inFrontOfTheCluster(way)) {
            dsql.inject(certain(fault));
            return check(dsql, seconds);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"INTERMITTENT", "TLS_RESET", "AUTH_RESET"})
    void aShareOfTheConnectionsIsHit(Fault fault) {
        try (FaultyDsql dsql = inFrontOfTheCluster(Way.SSL_REQUEST)) {
            dsql.inject(fault.with("toxicity", 0));
            assertThat(check(dsql, 20).isReachable()).isTrue();
            dsql.clearFaults().inject(fault.with("toxicity", 1));
            assertThat(check(dsql, 20).isReachable()).isFalse();
        }
    }

    @Test
    void anIntermittentFaultLetsSomeConnectionsThrough() {
        try (FaultyDsql dsql = inFrontOfTheCluster(Way.SSL_REQUEST)) {
            dsql.inject(Fault.INTERMITTENT);
            List<Boolean> outcomes =
                    Stream.generate(() -> connects(dsql)).limit(24).toList();
            assertThat(outcomes).contains(true, false);
        }
    }

    @Test
    void latencyIsAddedToEveryAnswer() throws SQLException {
        try (FaultyDsql dsql = inFrontOfTheCluster(Way.SSL_REQUEST);
                Connection connection = connect(dsql, 10)) {
            dsql.inject(Fault.LATENCY.with("latency", 150));
            long start = System.nanoTime();
            query(connection, 1);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(150));
        }
    }

    @Test
    void aResultBreaksInTheMiddleOnAnOpenConnection() throws SQLException {
        try (FaultyDsql dsql = inFrontOfTheCluster(Way.SSL_REQUEST);
                Connection connection = connect(dsql, 10)) {
            dsql.inject(Fault.QUERY_RESET.with("bytes", 20_000));
            assertThat(query(connection, 10_000)).hasSize(10_000);
            assertThatThrownBy(() -> query(connection, LARGE)).isInstanceOf(SQLException.class);
            assertThat(connection.isValid(1)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysWhatItDoes(Fault fault) {
        assertThat(fault.description()).endsWith(".").hasSizeBetween(15, 130);
        assertThat(fault.strikesWhen()).isNotBlank();
    }

    @Test
    void refusesAParameterItDoesNotHave() {
        assertThatThrownBy(() -> Fault.LATENCY.with("rate", 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("LATENCY has no parameter 'rate'")
                .hasMessageContaining("latency=200 (ms)");
        assertThatThrownBy(() -> Fault.TCP_REFUSED.with("toxicity", 0.5))
                .hasMessageContaining("TCP_REFUSED has no parameter 'toxicity'");
    }

    @Test
    void refusesAValueOutOfRange() {
        assertThatThrownBy(() -> Fault.LATENCY.with("latency", -1))
                .hasMessage("LATENCY: latency is -1; allowed is a whole number from 0 to 600000 (ms)");
        assertThatThrownBy(() -> Fault.LATENCY.with("latency", 1.5)).hasMessageContaining("1.5");
        assertThatThrownBy(() -> Fault.TLS_RESET.with("toxicity", 1.1)).hasMessageContaining("from 0 to 1");
    }

    @Test
    void readsParametersAsAnnotationsHaveThem() {
        assertThat(TunedFault.parse(Fault.LATENCY, "latency=500", " jitter = 50 "))
                .isEqualTo(Fault.LATENCY.with("latency", 500).with("jitter", 50))
                .hasToString("LATENCY(latency=500, jitter=50)");
        assertThatThrownBy(() -> TunedFault.parse(Fault.LATENCY, "latency"))
                .hasMessageContaining("'latency' is not a parameter")
                .hasMessageContaining("NAME=NUMBER");
    }

    @Test
    void theDocumentationHasTheWholeCatalogue() throws Exception {
        assertThat(Files.readString(Path.of("docs/faults.md")))
                .contains(FaultTable.ofConnections())
                .contains(FaultTable.atCommit())
                .contains(Files.readString(Path.of("samples/frameworks/src/test/resources/what-your-code-sees.md")));
    }

    private static TunedFault certain(Fault fault) {
        return switch (fault) {
            case INTERMITTENT -> fault.with("toxicity", 1);
            case CUT_AFTER -> fault.with("time", 0).with("received", 16_384);
            case LATENCY -> fault.with("latency", 40);
            case JITTER -> fault.with("latency", 30).with("jitter", 20);
            default -> TunedFault.of(fault);
        };
    }

    private static FaultyDsql inFrontOfTheCluster(Way way) {
        return FaultyDsql.builder(way.endpoint())
                .credentials(SharedCluster.get().credentialsProvider())
                .connectTimeout(Duration.ofMillis(500))
                .start();
    }

    /** Seconds; short only where nothing will come. */
    private static int patience(ClientView view) {
        return isSilent(view) ? 1 : 10;
    }

    private static boolean isSilent(ClientView view) {
        return view.kind().filter(FailureKind.TIMEOUT::equals).isPresent();
    }

    /** The experiments must have listened to silence for long enough, on a busy machine too. */
    private static Reachability check(FaultyDsql dsql, int seconds) {
        return ReachabilityCheck.of(dsql.endpoint())
                .credentials(SharedCluster.get().credentialsProvider())
                .timeout(Duration.ofSeconds(seconds))
                .run();
    }

    private static boolean connects(FaultyDsql dsql) {
        try (Connection connection = connect(dsql, 10)) {
            return connection.isValid(1);
        } catch (SQLException e) {
            return false;
        }
    }

    private static Connection connect(FaultyDsql dsql, int seconds) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("socketTimeout", String.valueOf(seconds));
        // Which is also how long the driver waits for a ServerHello.
        properties.setProperty("connectTimeout", String.valueOf(seconds));
        return new Driver().connect(dsql.jdbcUrl(), properties);
    }

    private static String query(FaultyDsql dsql, int seconds) throws SQLException {
        try (Connection connection = connect(dsql, seconds)) {
            return query(connection, LARGE);
        }
    }

    private static String query(Connection connection, int size) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT repeat('x', " + size + ")")) {
            result.next();
            return result.getString(1);
        }
    }

    private static Condition<Throwable> showing(FailureKind kind) {
        return new Condition<>(
                failure -> Stream.iterate(failure, e -> e != null, Throwable::getCause)
                        .anyMatch(cause -> shows(cause, kind)),
                "a failure of the kind " + kind);
    }

    private static boolean shows(Throwable e, FailureKind kind) {
        String message = String.valueOf(e.getMessage());
        return switch (kind) {
            case NAME_NOT_FOUND -> e instanceof UnknownHostException;
            case REFUSED -> e instanceof ConnectException && message.contains("refused");
            case TIMEOUT -> e instanceof SocketTimeoutException;
            case RESET ->
                e instanceof SocketException && (message.contains("reset") || message.contains("Broken pipe"));
            case CLOSED ->
                e instanceof EOFException || e instanceof SSLException && message.contains("terminated the handshake");
            case TLS_ALERT -> e instanceof SSLException && message.contains("handshake_failure");
            case CERTIFICATE_UNTRUSTED -> e instanceof SSLException && message.contains("PKIX path building failed");
            case UNEXPECTED_ANSWER ->
                e instanceof SSLException || e instanceof HttpRefusedException || message.contains("SSL");
            default -> throw new IllegalArgumentException("no fault shows as " + kind);
        };
    }
}
