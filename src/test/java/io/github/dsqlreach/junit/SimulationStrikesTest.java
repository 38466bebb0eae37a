package io.github.dsqlreach.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.dsqlreach.Setting;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.local.LocalDsql;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** What a run says whose simulated fault struck no connection of its tests. */
class SimulationStrikesTest {
    @TempDir
    private Path directory;

    private final Map<String, String> parameters = new HashMap<>();
    private final List<String> failures = new ArrayList<>();

    @Test
    void saysEverywhereThatNoTestUsedTheProxy() throws IOException {
        String printed = run("QUERY_RESET", OwnUrlCase.class);

        String sentence =
                "No connection of a test used the proxy of the simulated fault, so the tests met no fault. Tests that"
                        + " build their own URL, for example from CLUSTER_ENDPOINT, do not use it";
        assertThat(printed).contains("\ndsql-reach: dsql.reach.simulate=QUERY_RESET: " + sentence);
        assertThat(printed.lines())
                .filteredOn(line -> line.startsWith("::warning title=DSQL simulated::"))
                .singleElement()
                .asString()
                .contains(sentence);
        assertThat(Files.readString(directory.resolve("step.md")))
                .contains("dsql.reach.simulate=QUERY_RESET was set")
                .contains("The fault struck no connection of the 1 tests that ran");
        assertThat(failures).isEmpty();
    }

    @Test
    void saysThatTheFaultStruckNoneOfTheTestsConnections() {
        assertThat(run("QUERY_RESET", InjectedCase.class))
                .contains(
                        "The simulated fault struck none of the 1 connections of the tests. It has an effect when the server"
                                + " has sent that many bytes");
    }

    @Test
    void saysNothingMoreIfATestWasStruckOrNoTestRan() throws IOException {
        assertThat(run("LATENCY(latency=5)", InjectedCase.class))
                .contains("dsql.reach.simulate=LATENCY(latency=5) is set")
                .doesNotContain("the tests met no fault", "struck none");
        assertThat(Files.readString(directory.resolve("step.md"))).doesNotContain("struck no connection");
        assertThat(run("TLS_RESET", InjectedCase.class)).doesNotContain("the tests met no fault", "struck none");
    }

    @Test
    void failsTheRunIfThatIsAskedFor() {
        parameters.put(Setting.SIMULATE_MUST_STRIKE.key(), "true");
        run("QUERY_RESET", OwnUrlCase.class);
        assertThat(failures)
                .singleElement()
                .asString()
                .contains("dsql.reach.simulate=QUERY_RESET: No connection of a test used the proxy")
                .contains("(dsql.reach.simulate-must-strike is set)");
        failures.clear();
        run("LATENCY(latency=5)", InjectedCase.class);
        assertThat(failures).isEmpty();
    }

    @Test
    void countsNothingWhereTestsAvoidTheFaultOverTheWebSocket() throws IOException {
        parameters.put(Setting.SIMULATE_MUST_STRIKE.key(), "true");
        parameters.put(Setting.TRANSPORT.key(), "auto");

        assertThat(run("TLS_RESET", InjectedCase.class))
                .contains("DSQL reachable over WebSocket on 443")
                .doesNotContain("the tests met no fault", "struck none");
        assertThat(Files.readString(directory.resolve("step.md"))).doesNotContain("struck no connection");
        assertThat(failures).isEmpty();
    }

    @Test
    void countsTheCommitsOfAFaultAtACommit() {
        parameters.put(Setting.SIMULATE_MUST_STRIKE.key(), "true");

        assertThat(run("OCC_CONFLICT(times=0, statements=INSERT)", CommittingCase.class))
                .contains("dsql.reach.simulate=OCC_CONFLICT(times=0, statements=INSERT) is set")
                .doesNotContain("struck none");
        assertThat(failures).isEmpty();

        run("OCC_CONFLICT", InjectedCase.class);
        assertThat(failures)
                .singleElement()
                .asString()
                .contains(
                        "The simulated fault struck none of the 0 commits of the tests in their local clusters. It has an"
                                + " effect when a transaction commits in the local cluster");
    }

    @Test
    void refusesAFaultAtACommitInFrontOfAnotherCluster() {
        parameters.put(Setting.ENDPOINT.key(), "abc.dsql.us-east-1.on.aws");
        run("OCC_CONFLICT", OtherClusterCase.class);
        assertThat(failures)
                .anyMatch(failure ->
                        failure.contains("dsql.reach.simulate=OCC_CONFLICT happens at a commit inside a local"
                                + " cluster, and these tests use abc.dsql.us-east-1.on.aws"));
    }

    @Test
    void refusesParametersThatAreNone() {
        run("LATENCY(delay=5)", InjectedCase.class);
        assertThat(failures)
                .anyMatch(failure -> failure.contains("dsql.reach.simulate is 'LATENCY(delay=5)'")
                        && failure.contains("LATENCY has no parameter 'delay'; allowed are {latency=200 (ms)"));
    }

    @Test
    void namesTheFaultThatWasMeant() {
        run("tls-rest", InjectedCase.class);
        assertThat(failures)
                .anyMatch(failure -> failure.contains("dsql.reach.simulate is 'tls-rest'")
                        && failure.contains("; did you mean TLS_RESET? Allowed is one of DNS_NAME_NOT_FOUND,"));
    }

    private String run(String fault, Class<?> type) {
        parameters.put(Setting.SIMULATE.key(), fault);
        parameters.put(Setting.REPORTS_DIR.key(), directory.toString());
        parameters.put(Jupiter.MARK, "true");
        Map<String, String> github = Map.of(
                "GITHUB_ACTIONS",
                "true",
                "GITHUB_STEP_SUMMARY",
                directory.resolve("step.md").toString());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        LauncherFactory.create(LauncherConfig.builder()
                        .enableTestExecutionListenerAutoRegistration(false)
                        .build())
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .enableImplicitConfigurationParameters(false)
                                .configurationParameters(parameters)
                                .selectors(selectClass(type))
                                .build(),
                        new ReachabilitySummaryListener(
                                github, new PrintStream(bytes, true, StandardCharsets.UTF_8), new JvmResults()),
                        new TestExecutionListener() {
                            @Override
                            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                                result.getThrowable().ifPresent(e -> failures.add(String.valueOf(e)));
                            }
                        });
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** As a suite that reads {@code CLUSTER_ENDPOINT}. */
    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class OwnUrlCase {
        @Test
        void passesTheProxyBy(LocalDsql local) throws SQLException {
            query(DsqlDataSource.of(local.endpoint(), local.credentialsProvider()));
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class InjectedCase {
        @Test
        void usesWhatIsInjected(DataSource dataSource) throws SQLException {
            query(dataSource);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class CommittingCase {
        @Test
        void meetsTheFault(LocalDsql local) throws SQLException {
            local.execute("CREATE TABLE strikes (id int PRIMARY KEY); GRANT ALL ON strikes TO admin");
            try (Connection connection = local.dataSource().getConnection()) {
                assertThatThrownBy(() -> connection.createStatement().executeUpdate("INSERT INTO strikes VALUES (1)"))
                        .hasMessageContaining("OC000");
            }
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @RequiresDsqlReachability
    static class OtherClusterCase {
        @Test
        void test() {}
    }

    private static void query(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            assertThat(connection.isValid(5)).isTrue();
        }
    }
}
