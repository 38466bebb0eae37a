package io.github.dsqlreach.junit;

import static io.github.dsqlreach.junit.Jupiter.failure;
import static io.github.dsqlreach.junit.Jupiter.run;
import static io.github.dsqlreach.junit.Jupiter.skipReason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

class WithLocalDsqlTest {
    private static final List<LocalDsql> SEEN = new CopyOnWriteArrayList<>();
    private static final AtomicReference<AwsCredentialsProvider> GIVEN = new AtomicReference<>();

    @BeforeEach
    void nothingIsSeen() {
        SEEN.clear();
    }

    @Test
    void testsConnectToTheLocalClusterInEitherOrderOfTheAnnotationsAndItEndsWithTheRun() throws IOException {
        EngineExecutionResults results = run(
                Map.of("dsql.reach.endpoint", "real.dsql.us-east-1.on.aws"),
                LocalFirstCase.class,
                LocalLastCase.class,
                MetaCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(4).failed(0));
        assertThat(SEEN).hasSize(4).containsOnly(SEEN.get(0));
        assertIsClosed(SEEN.get(0));
    }

    private static void assertIsClosed(LocalDsql local) throws IOException {
        HostAndPort address = local.address();
        try (Socket socket = new Socket()) {
            assertThatThrownBy(() -> socket.connect(new InetSocketAddress(address.host(), address.port())))
                    .isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void aClassHasItsOwnOnRequest() {
        EngineExecutionResults results = run(LocalFirstCase.class, OwnCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(2));
        assertThat(SEEN).doesNotHaveDuplicates();
        assertThat(SEEN.get(1).endpoint().host()).isEqualTo("orders.dsql.eu-west-1.on.aws");
    }

    @Test
    void aConfiguredEndpointWinsOnRequest() throws IOException {
        EngineExecutionResults results = run(
                Map.of("dsql.reach.endpoint", LoopbackServer.nobody().toString(), "dsql.reach.region", "us-east-1"),
                UnlessConfiguredCase.class);

        assertThat(skipReason(results)).startsWith("DSQL blocked at TCP: ");
    }

    @Test
    void thereIsNoneToInjectWhereAConfiguredEndpointWins() {
        EngineExecutionResults results = run(
                Map.of("dsql.reach.endpoint", "real.dsql.us-east-1.on.aws", "dsql.reach.mode", "off"),
                UnlessConfiguredCase.class);

        assertThat(failure(results))
                .isInstanceOf(ParameterResolutionException.class)
                .hasMessageContaining("unlessConfigured");
    }

    @Test
    void theConnectionGoesWhereTheConfigurationSays() throws IOException {
        EngineExecutionResults results =
                run(Map.of("dsql.reach.connect-to", LoopbackServer.nobody().toString()), LocalFirstCase.class);

        assertThat(skipReason(results)).startsWith("DSQL blocked at TCP: ");
    }

    @Test
    void withoutSettingsEachTestGetsWhatItsAnnotationsAskFor() {
        run(WebSocketCase.class, UnlessConfiguredCase.class, AloneCase.class, PlainPostgresCase.class)
                .testEvents()
                .assertStatistics(events -> events.succeeded(4));
    }

    @Test
    void behindAFirewallTheTransportAutoRunsTheTestsOverTheWebSocket() {
        run(
                        Map.of("dsql.reach.simulate", "TLS_RESET", "dsql.reach.transport", "auto"),
                        AnyTransportCase.class,
                        FaultsOnPort443Case.class)
                .testEvents()
                .assertStatistics(events -> events.succeeded(3).skipped(0));
    }

    @Test
    void everythingInjectedGoesOverTheWebSocketThatASettingAsksFor() {
        run(Map.of("dsql.reach.transport", "websocket"), AnyTransportCase.class)
                .testEvents()
                .assertStatistics(events -> events.succeeded(1));
    }

    @Test
    void aRefusalOfTheClusterSkipsTheTests() {
        assertThat(skipReason(run(WakingUpCase.class))).startsWith("DSQL unavailable at authentication: ");
    }

    @Test
    void aProfileDoesNotReplaceTheCredentialsOfTheLocalCluster() {
        run(Map.of("dsql.reach.profile", "nobody"), LocalFirstCase.class)
                .testEvents()
                .assertStatistics(events -> events.succeeded(1));
    }

    @Test
    void aProfileDoesNotReplaceTheCredentialsOfAProvider() {
        try (LocalDsql local = LocalDsql.start()) {
            GIVEN.set(local.credentialsProvider());
            Map<String, String> toTheLocalOne = Map.of(
                    "dsql.reach.endpoint", local.endpoint().host(),
                    "dsql.reach.connect-to", local.address().toString(),
                    "dsql.reach.root-certificate", local.rootCertificate().toString());

            run(toTheLocalOne, ProviderAndProfileCase.class)
                    .testEvents()
                    .assertStatistics(events -> events.succeeded(1).failed(0));
        }
    }

    @Test
    void aSimulatedFaultIsCalledSoInTheReason() {
        assertThat(skipReason(run(Map.of("dsql.reach.simulate", "TLS_RESET"), LocalFirstCase.class)))
                .startsWith("SIMULATED (TLS_RESET): DSQL blocked at TLS: ");
    }

    private static void query(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("select 1")) {
            assertThat(result.next()).isTrue();
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class LocalFirstCase {
        @Test
        void test(
                LocalDsql local,
                Endpoint endpoint,
                Reachability reachability,
                DataSource dataSource,
                AwsCredentialsProvider credentials)
                throws SQLException {
            SEEN.add(local);
            assertThat(endpoint).isEqualTo(local.endpoint());
            assertThat(credentials.resolveCredentials())
                    .isEqualTo(local.credentialsProvider().resolveCredentials());
            assertThat(reachability.isReachable()).isTrue();
            query(dataSource);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability(transport = Transport.WEBSOCKET)
    static class WebSocketCase {
        @Test
        void test(LocalDsql local, Endpoint endpoint, Reachability reachability, DataSource dataSource)
                throws SQLException {
            assertThat(endpoint.target()).isEqualTo(local.webSocketAddress());
            assertThat(endpoint.address())
                    .isEqualTo(new HostAndPort(local.endpoint().host(), 443));
            assertThat(reachability.endpoint()).contains(endpoint);
            assertThat(reachability.isReachable()).isTrue();
            assertThat(dataSource.unwrap(DsqlDataSource.class).endpoint()).isEqualTo(endpoint);
            query(dataSource);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class AnyTransportCase {
        @Test
        void test(LocalDsql local, Endpoint endpoint, DataSource dataSource) throws SQLException {
            assertThat(endpoint.target()).isEqualTo(local.webSocketAddress());
            query(dataSource);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class FaultsOnPort443Case {
        @Test
        @InjectFault(Fault.TLS_RESET)
        void tlsReset(DataSource dataSource, FaultyDsql network) throws SQLException {
            assertThatThrownBy(dataSource::getConnection).isInstanceOf(SQLException.class);
            network.clearFaults();
            query(dataSource);
        }

        @Test
        @InjectFault(Fault.WEBSOCKET_REFUSED)
        void webSocketRefused(DataSource dataSource, FaultyDsql network) throws SQLException {
            assertThatThrownBy(dataSource::getConnection).isInstanceOf(SQLException.class);
            network.clearFaults();
            query(dataSource);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @RequiresDsqlReachability
    @WithLocalDsql
    static class LocalLastCase {
        @Test
        void test(LocalDsql local, DataSource dataSource) throws SQLException {
            SEEN.add(local);
            query(dataSource);
        }

        @Nested
        class Inner {
            @Test
            void test(LocalDsql local, DataSource dataSource) throws SQLException {
                SEEN.add(local);
                query(dataSource);
            }
        }
    }

    @Retention(RetentionPolicy.RUNTIME)
    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @RequiresDsqlReachability
    @WithLocalDsql
    @interface LocalClusterTest {}

    @LocalClusterTest
    static class MetaCase {
        @Test
        void test(LocalDsql local, DataSource dataSource) throws SQLException {
            SEEN.add(local);
            query(dataSource);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql(shared = false, region = "eu-west-1", clusterId = "orders")
    static class OwnCase {
        @Test
        void test(LocalDsql local) {
            SEEN.add(local);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @RequiresDsqlReachability
    @WithLocalDsql(unlessConfigured = true)
    static class UnlessConfiguredCase {
        @Test
        void test(LocalDsql local, DataSource dataSource) throws SQLException {
            query(dataSource);
        }
    }

    @Test
    void aTransportThatMayBeAWebSocketNeedsItsLibraryOnlyIfTcpIsBlocked() throws Exception {
        List<String> withoutLibrary = Jvm.classPath().stream()
                .filter(entry -> !entry.contains("Java-WebSocket"))
                .toList();

        assertThat(Jvm.outputOf(Jvm.running(RunAuto.class, withoutLibrary, List.of(), "")))
                .contains("failed: 0, succeeded: 1");
        assertThat(Jvm.outputOf(Jvm.running(RunAuto.class, withoutLibrary, List.of(), "TLS_RESET")))
                .contains("org.java-websocket:Java-WebSocket");
    }

    static final class RunAuto {
        public static void main(String[] arguments) {
            Map<String, String> simulated =
                    arguments[0].isEmpty() ? Map.of() : Map.of("dsql.reach.simulate", arguments[0]);
            EngineExecutionResults results = run(simulated, AutoCase.class);
            results.allEvents().failed().stream().forEach(System.out::println);
            System.out.println("failed: " + results.allEvents().failed().count() + ", succeeded: "
                    + results.testEvents().succeeded().count());
            System.exit(0);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability(transport = Transport.AUTO)
    static class AutoCase {
        @Test
        void test(DataSource dataSource) throws SQLException {
            query(dataSource);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    static class AloneCase {
        @Test
        void test(LocalDsql local) throws SQLException {
            query(local.dataSource());
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql(plainPostgres = true)
    static class PlainPostgresCase {
        @Test
        void test(LocalDsql local) throws SQLException {
            try (Connection connection = local.dataSource().getConnection()) {
                assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_READ_COMMITTED);
            }
        }
    }

    /** Gives what the test has put there. */
    static class GivenCredentials implements AwsCredentialsProvider {
        @Override
        public AwsCredentials resolveCredentials() {
            return GIVEN.get().resolveCredentials();
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @RequiresDsqlReachability(profile = "nobody", credentialsProvider = GivenCredentials.class)
    static class ProviderAndProfileCase {
        @Test
        void test(Reachability reachability, DataSource dataSource) throws SQLException {
            assertThat(reachability.isReachable()).isTrue();
            query(dataSource);
        }
    }

    /** Lets the cluster refuse before anything is checked. */
    static class WakesUp implements EndpointCustomizer {
        @Override
        public Endpoint customize(Endpoint endpoint, ExtensionContext context) {
            LocalCluster.of(context, TestSettings.of(context))
                    .orElseThrow()
                    .started()
                    .refuseWith(Refusal.WAKING_UP);
            return endpoint;
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql(shared = false)
    @RequiresDsqlReachability
    @CustomizesEndpoint(WakesUp.class)
    static class WakingUpCase {
        @Test
        void test() {}
    }
}
