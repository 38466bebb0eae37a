package io.github.dsqlreach.junit;

import static io.github.dsqlreach.junit.Jupiter.failure;
import static io.github.dsqlreach.junit.Jupiter.run;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Action;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLHandshakeException;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.testkit.engine.EngineExecutionResults;

class LostConnectionTest {
    private static final String ENDPOINT = "dsql.reach.endpoint";

    /** What the test case fails with. */
    private static volatile Throwable broken = new SQLException("Connection reset", "08006");

    private static volatile FaultyDsql network;

    @BeforeEach
    void nothingIsChecked() {
        OnFakeNetwork.Extension.CHECKS.clear();
        broken = new SQLException("Connection reset", "08006");
    }

    @Test
    void aFailureGetsWhatACheckAfterItFinds() {
        EngineExecutionResults results = run(Map.of(ENDPOINT, "breaks-blocked.example.com"), BrokenCase.class);

        assertThat(failure(results)).isSameAs(broken);
        assertThat(broken.getSuppressed())
                .singleElement()
                .isInstanceOf(CheckAfterFailure.class)
                .asString()
                .isEqualTo("io.github.dsqlreach.junit.CheckAfterFailure: a check right after this failure:"
                        + " DSQL blocked at TLS: breaks-blocked.example.com:5432");
        assertThat(results.allEvents().reportingEntryPublished().stream()).hasSize(1);
    }

    @Test
    void saysThatTheClusterIsReachableAgainAndBlamesNothing() {
        EngineExecutionResults results = run(Map.of(ENDPOINT, "breaks-up.example.com"), BrokenCase.class);

        assertThat(failure(results).getSuppressed()[0])
                .hasMessageContaining("a check right after this failure passed: DSQL reachable")
                .hasMessageContaining("so the failure was temporary, or is not about the cluster");
    }

    static Stream<Throwable> connectionFailures() {
        return Stream.of(
                new SQLException("unable to accept connection, access denied", "08006"),
                new SQLException("terminating connection", "57P01"),
                new SQLException("too many connections", "53300"),
                new SQLTransientConnectionException("HikariPool-1 - Connection is not available"),
                new IllegalStateException("Failed to load ApplicationContext", new RuntimeException(reset())),
                new AssertionError("unexpected", new SSLHandshakeException("Remote host terminated the handshake")),
                new UncheckedIOException(new SocketTimeoutException("Read timed out")),
                new IOException("Connection reset by peer"),
                new UnknownHostException("abc.dsql.us-east-1.on.aws"),
                withSuppressed(new RuntimeException("rollback failed"), new ConnectException("Connection refused")));
    }

    @ParameterizedTest
    @MethodSource("connectionFailures")
    void recognisesConnectionFailures(Throwable failure) {
        assertThat(ConnectionFailure.isIn(failure)).isTrue();
    }

    static Stream<Throwable> otherFailures() {
        RuntimeException circle = new RuntimeException("circle");
        RuntimeException other = new RuntimeException(circle);
        circle.initCause(other);
        return Stream.of(
                new AssertionError("expected: 1 but was: 2"),
                new SQLException("duplicate key", "23505"),
                new SQLException("change conflicts with another transaction", "40001"),
                new SQLException("no state"),
                new IOException("No such file or directory"),
                new IllegalArgumentException("Connection reset"),
                circle);
    }

    @ParameterizedTest
    @MethodSource("otherFailures")
    void leavesOtherFailuresAlone(Throwable failure) {
        broken = failure;

        run(Map.of(ENDPOINT, "breaks-blocked.example.com"), BrokenCase.class);

        assertThat(OnFakeNetwork.Extension.CHECKS).hasSize(1);
        assertThat(failure.getSuppressed()).isEmpty();
    }

    @Test
    void testsThatFailAtTheSameTimeShareOneCheckAndClassesOfALifecycleToo() {
        EngineExecutionResults results = run(
                Map.of(ENDPOINT, "breaks-blocked.example.com"),
                BrokenCase.class,
                BrokenAgainCase.class,
                BrokenSetupCase.class,
                BrokenContextCase.class);

        results.allEvents().assertStatistics(events -> events.failed(5));
        assertThat(OnFakeNetwork.Extension.CHECKS).hasSize(2);
        assertThat(broken.getSuppressed()).hasSize(1);
    }

    @Test
    void checksAtMostFiveTimes() {
        SharedCheck.Again again = new SharedCheck.Again();
        List<Reachability> made = new ArrayList<>();
        Reachability last = null;
        for (int i = 1; i <= 9; i++) {
            long failedAt = System.nanoTime() + TimeUnit.MINUTES.toNanos(i);
            last = again.result(failedAt, () -> {
                made.add(OnFakeNetwork.Extension.up(Endpoint.parse("up.example.com"), Phase.QUERY));
                return made.get(made.size() - 1);
            });
        }

        assertThat(made).hasSize(SharedCheck.Again.MOST).last().isSameAs(last);
    }

    @Test
    void saysItForASetupAndForWhatAnotherExtensionFailedToLoad() {
        assertThat(failure(run(Map.of(ENDPOINT, "breaks-blocked.example.com"), BrokenSetupCase.class))
                        .getSuppressed())
                .hasSize(1);
        OnFakeNetwork.Extension.CHECKS.clear();
        broken = new SQLException("Connection reset", "08006");
        assertThat(failure(run(Map.of(ENDPOINT, "breaks-blocked.example.com"), BrokenContextCase.class))
                        .getSuppressed())
                .hasSize(1);
    }

    @Test
    void knowsASpringContextAgainThatWasNotLoadedBecauseOfAConnection() {
        EngineExecutionResults results = run(Map.of(ENDPOINT, "breaks-blocked.example.com"), SpringCase.class);

        assertThat(results.testEvents().failed().stream()
                        .map(event -> event.getRequiredPayload(TestExecutionResult.class)
                                .getThrowable()
                                .orElseThrow()))
                .extracting(failure -> failure.getMessage() + ": " + failure.getSuppressed().length)
                .containsExactly(
                        "ApplicationContext failure threshold (1) exceeded: skipping repeated attempt to load context for"
                                + " [Context@2 of another test]: 0",
                        "Failed to load ApplicationContext for [Context@1]: 1",
                        "ApplicationContext failure threshold (1) exceeded: skipping repeated attempt to load context for"
                                + " [Context@1]: 1");
    }

    @Test
    void abortsTheTestOnlyIfTheNetworkIsTheCauseAndTheSettingSaysSo() {
        EngineExecutionResults results =
                run(Map.of(ENDPOINT, "breaks-blocked.example.com", "dsql.reach.on-lost", "skip"), BrokenCase.class);
        results.testEvents().assertStatistics(events -> events.aborted(1).failed(0));

        OnFakeNetwork.Extension.CHECKS.clear();
        results = run(Map.of(ENDPOINT, "breaks-unavailable.example.com"), SkippingCase.class);
        results.testEvents().assertStatistics(events -> events.aborted(1).failed(0));

        for (String other : new String[] {"denied", "misconfigured", "unknown", "up"}) {
            OnFakeNetwork.Extension.CHECKS.clear();
            results = run(
                    Map.of(ENDPOINT, "breaks-" + other + ".example.com", "dsql.reach.on-lost", "skip"),
                    BrokenCase.class);
            results.testEvents().assertStatistics(events -> events.aborted(0).failed(1));
        }
        OnFakeNetwork.Extension.CHECKS.clear();
        results = run(Map.of(ENDPOINT, "breaks-blocked.example.com", "dsql.reach.mode", "fail"), SkippingCase.class);
        results.testEvents().assertStatistics(events -> events.aborted(0).failed(1));
    }

    @Test
    void checksNothingWhereTheTestBreaksConnectionsItself() {
        run(Map.of(ENDPOINT, "breaks-blocked.example.com"), WithFaultCase.class);

        assertThat(broken.getSuppressed()).noneMatch(CheckAfterFailure.class::isInstance);
        assertThat(OnFakeNetwork.Extension.CHECKS).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void theSummaryAndTheAnnotationCountThem(@TempDir Path directory) {
        String said = summary(directory, "breaks-blocked.example.com");

        assertThat(said)
                .contains("::error title=1 test lost the connection::DSQL blocked at TLS")
                .contains("  1 test lost the connection\n  • " + BrokenCase.class.getName() + ": 1 lost the connection")
                .contains("dsql.reach.on-lost=skip aborts tests whose connection breaks, if a check confirms it.");
    }

    @Test
    void theSummarySaysThatTheClusterIsReachableAgain(@TempDir Path directory) {
        String said = summary(directory, "breaks-up.example.com");

        assertThat(said)
                .contains("✓ DSQL reachable: breaks-up.example.com:5432 (1 test lost the connection)")
                .contains("::warning title=1 test lost the connection::A check right after it passed: DSQL");
    }

    private static String summary(Path directory, String endpoint) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        LauncherFactory.create(LauncherConfig.builder()
                        .enableTestExecutionListenerAutoRegistration(false)
                        .build())
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .enableImplicitConfigurationParameters(false)
                                .configurationParameter(Jupiter.MARK, "true")
                                .configurationParameter(ENDPOINT, endpoint)
                                .configurationParameter("dsql.reach.reports-dir", directory.toString())
                                .selectors(DiscoverySelectors.selectClass(BrokenCase.class))
                                .build(),
                        new ReachabilitySummaryListener(
                                Map.of("GITHUB_ACTIONS", "true"),
                                new PrintStream(bytes, true, StandardCharsets.UTF_8),
                                new JvmResults()));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** With a real cluster, and a real firewall that comes up in the middle. */
    @Test
    void namesTheLayerThatIsBlockedNow() {
        try {
            EngineExecutionResults results = run(RealCase.class);

            assertThat(failure(results)).isInstanceOf(SQLException.class);
            assertThat(failure(results).getSuppressed()[0])
                    .hasMessageContaining("a check right after this failure: DSQL blocked at TLS: connection reset")
                    .hasMessageMatching(
                            "(?s).*; \\d+ of \\d+ connections of the injected DataSource failed \\(\\d+ at TLS\\), the last with: .*");
        } finally {
            network.close();
        }
    }

    @Test
    void aCheckThatFailsItselfIsMadeAndToldOnce() {
        run(Map.of(ENDPOINT, "breaks-bug.example.com"), BrokenCase.class);

        assertThat(OnFakeNetwork.Extension.CHECKS).hasSize(2);
        assertThat(broken.getSuppressed()).singleElement().asString().contains("a bug of ours");
    }

    private static SocketException reset() {
        return new SocketException("Connection reset");
    }

    private static Throwable withSuppressed(Throwable failure, Throwable suppressed) {
        failure.addSuppressed(suppressed);
        return failure;
    }

    private static void fail() throws Exception {
        if (broken instanceof Error error) {
            throw error;
        }
        throw (Exception) broken;
    }

    @OnFakeNetwork
    @RequiresDsqlReachability
    static class BrokenCase {
        @Test
        void breaks() throws Exception {
            fail();
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability
    static class BrokenAgainCase {
        @Test
        void breaks() throws Exception {
            fail();
        }

        @Test
        void breaksToo() throws Exception {
            fail();
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability
    static class BrokenSetupCase {
        @BeforeAll
        static void connect() throws Exception {
            fail();
        }

        @Test
        void test() {}
    }

    /** As Spring's extension loads a context. */
    @OnFakeNetwork
    @RequiresDsqlReachability
    @ExtendWith(FailingContext.class)
    static class BrokenContextCase {
        @Test
        void test() {}
    }

    static class FailingContext implements TestInstancePostProcessor {
        @Override
        public void postProcessTestInstance(Object test, ExtensionContext context) throws Exception {
            fail();
        }
    }

    /** What Spring says at the first test of a context, and at the next ones. */
    @OnFakeNetwork
    @RequiresDsqlReachability
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class SpringCase {
        private static final String AGAIN =
                "ApplicationContext failure threshold (1) exceeded: skipping repeated attempt to load context for ";

        @Test
        @Order(1)
        void ofAnotherContext() {
            throw new IllegalStateException(AGAIN + "[Context@2 of another test]");
        }

        @Test
        @Order(2)
        void first() {
            throw new IllegalStateException("Failed to load ApplicationContext for [Context@1]", broken);
        }

        @Test
        @Order(3)
        void next() {
            throw new IllegalStateException(AGAIN + "[Context@1]");
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(onLost = Action.SKIP)
    static class SkippingCase {
        @Test
        void breaks() throws Exception {
            fail();
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability
    static class WithFaultCase {
        @Test
        @InjectFault(value = Fault.TLS_RESET, allowUnused = true)
        void breaks() throws Exception {
            fail();
        }
    }

    static final class BehindAFirewall implements EndpointCustomizer {
        @Override
        public Endpoint customize(Endpoint endpoint, ExtensionContext context) {
            network = FaultyDsql.builder(endpoint).start();
            return network.endpoint();
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql(shared = false)
    @CustomizesEndpoint(BehindAFirewall.class)
    @RequiresDsqlReachability
    static class RealCase {
        @Test
        void breaks(DataSource dsql) throws SQLException {
            network.inject(Fault.TLS_RESET);
            dsql.getConnection().close();
        }
    }
}
