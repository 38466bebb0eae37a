package io.github.dsqlreach.junit;

import static io.github.dsqlreach.junit.Jupiter.failure;
import static io.github.dsqlreach.junit.Jupiter.run;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.local.LocalDsql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.testkit.engine.EngineExecutionResults;

/** Faults at a commit by {@code @InjectFault}. */
class FaultAtCommitTest {
    private static final List<String> SEEN = new CopyOnWriteArrayList<>();

    @BeforeEach
    void nothingIsSeen() {
        SEEN.clear();
    }

    @Test
    void theCommitsOfAPoolThatWasMadeBeforeTheTestFailDuringTheTestOnly() {
        EngineExecutionResults results = run(PoolCase.class, BehindTheNetworkCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(4).failed(0));
        assertThat(SEEN).containsExactlyInAnyOrder("40001", "40001 40001 ", "08006", "also late: 40001");
        assertThat(reported(results))
                .containsExactlyInAnyOrder(
                        "OCC_CONFLICT",
                        "OCC_CONFLICT(times=2)",
                        "COMMIT_LOST(statements=INSERT)",
                        "LATENCY(latency=2)",
                        "OCC_CONFLICT");
    }

    @Test
    void aTestWithoutAStruckCommitFailsAndSaysWhichOfTheTwoHappened() {
        List<String> messages = messages(run(UnusedCase.class));

        assertThat(messages)
                .hasSize(4)
                .anySatisfy(message -> assertThat(message)
                        .isEqualTo(
                                "OCC_CONFLICT: no transaction committed in the local cluster while the fault was active, so"
                                        + " nothing was tested. The fault has an effect when a transaction commits in the local"
                                        + " cluster: by COMMIT, or by a statement in autocommit that changes rows. If this is"
                                        + " intended, set allowUnused = true"))
                .anySatisfy(message -> assertThat(message)
                        .startsWith(
                                "COMMIT_LOST(statements=DELETE): no transaction with a statement that matches 'DELETE'"
                                        + " committed in the local cluster"))
                .anySatisfy(message -> assertThat(message)
                        .startsWith(
                                "OCC_CONFLICT(commit=3): 0 of 1 commit struck, so nothing was tested. The fault has an"
                                        + " effect when a transaction commits")
                        .contains("commit=3", "times=1"))
                .anySatisfy(message -> assertThat(message)
                        .startsWith("OCC_CONFLICT(toxicity=0, seed=5): 0 of 1 commit struck")
                        .contains("commit more often, or set parameters such as \"toxicity=1\" or another \"seed\""));
    }

    @Test
    void isRefusedInFrontOfAnotherCluster() {
        Map<String, String> configured = Map.of(Setting.ENDPOINT.key(), "abc.dsql.us-east-1.on.aws");

        for (Class<?> type : List.of(OtherClusterCase.class, UnlessConfiguredCase.class)) {
            assertThat(failure(run(configured, type)))
                    .hasMessageContaining(
                            "OCC_CONFLICT happens at a commit inside a local cluster, and this test is in front"
                                    + " of abc.dsql.us-east-1.on.aws")
                    .hasMessageContaining("Use @WithLocalDsql on its class, without unlessConfigured");
        }
        assertThat(failure(run(OtherClusterCase.class))).hasMessageContaining("is in front of no cluster");
        assertThat(failure(run(UpstreamCase.class))).hasMessageContaining("is in front of localhost:6379");
    }

    @Test
    void isRefusedByAClusterThatAnswersAsPlainPostgres() {
        assertThat(failure(run(PlainPostgresCase.class)))
                .hasMessageContaining("OCC_CONFLICT needs the embedded PostgreSQL that answers as a cluster");
    }

    @Test
    void theCatalogueHasTheseFaultsWhereALocalClusterIs() {
        EngineExecutionResults results = run(SourceCase.class);

        results.testEvents().assertStatistics(events -> events.failed(0));
        assertThat(SEEN)
                .contains("all OCC_CONFLICT", "all TLS_RESET", "matched OCC_CONFLICT 40001", "own TLS_RESET")
                .contains("matched OCC_SCHEMA_CONFLICT 40001")
                .doesNotContain("own OCC_CONFLICT");
    }

    @Test
    void testsThatWouldMeetEachOthersFaultsFailAndSayWhy() {
        EngineExecutionResults results = run(
                Map.of(
                        "junit.jupiter.execution.parallel.enabled", "true",
                        "junit.jupiter.execution.parallel.mode.default", "concurrent",
                        "junit.jupiter.execution.parallel.config.strategy", "fixed",
                        "junit.jupiter.execution.parallel.config.fixed.parallelism", "2"),
                AtTheSameTimeCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(1).failed(1));
        assertThat(failure(results)).hasMessageContaining("one local cluster with faults at commits, at the same time");
    }

    private static List<String> messages(EngineExecutionResults results) {
        return results.testEvents().failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .map(result -> result.getThrowable().orElseThrow().getMessage())
                .toList();
    }

    private static List<String> reported(EngineExecutionResults results) {
        return results.testEvents().reportingEntryPublished().stream()
                .map(event -> event.getRequiredPayload(ReportEntry.class))
                .map(entry -> entry.getKeyValuePairs().get("dsql.fault"))
                .toList();
    }

    /** The SQLSTATE of a transaction that inserts; empty if it commits. */
    private static String insert(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate("INSERT INTO fault_at_commit VALUES (gen_random_uuid())");
            }
            connection.commit();
            return "";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    private static void makeTable(LocalDsql cluster) throws SQLException {
        cluster.execute(
                "CREATE TABLE IF NOT EXISTS fault_at_commit (id uuid PRIMARY KEY); GRANT ALL ON fault_at_commit TO admin");
    }

    /** As a Spring context has it: the pool is made once, and leads past every proxy. */
    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class PoolCase {
        private static HikariDataSource pool;

        @BeforeAll
        static void connect(LocalDsql cluster, DataSource dataSource) throws SQLException {
            makeTable(cluster);
            HikariConfig config = new HikariConfig();
            config.setDataSource(dataSource);
            config.setMaximumPoolSize(2);
            pool = new HikariDataSource(config);
        }

        @AfterAll
        static void disconnect() {
            pool.close();
        }

        @BeforeEach
        @AfterEach
        void outsideOfTheTest() {
            assertThat(insert(pool)).isEmpty();
        }

        @Test
        @InjectFault(Fault.OCC_CONFLICT)
        void once() {
            SEEN.add(insert(pool) + insert(pool));
        }

        @Test
        @InjectFault(value = Fault.OCC_CONFLICT, parameters = "times=2")
        void twice() {
            SEEN.add(insert(pool) + " " + insert(pool) + " " + insert(pool));
        }

        @Test
        @InjectFault(value = Fault.COMMIT_LOST, parameters = "statements=INSERT")
        void withSuchAStatement() {
            SEEN.add(insert(pool));
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class UnusedCase {
        @BeforeAll
        static void prepare(LocalDsql cluster) throws SQLException {
            makeTable(cluster);
        }

        @Test
        @InjectFault(Fault.OCC_CONFLICT)
        void commitsNothing(DataSource dataSource) throws SQLException {
            try (Connection connection = dataSource.getConnection()) {
                assertThat(connection.isValid(5)).isTrue();
            }
        }

        @Test
        @InjectFault(value = Fault.COMMIT_LOST, parameters = "statements=DELETE")
        void commitsNothingLikeIt(DataSource dataSource) {
            assertThat(insert(dataSource)).isEmpty();
        }

        @Test
        @InjectFault(value = Fault.OCC_CONFLICT, parameters = "commit=3")
        void commitsTooSeldom(DataSource dataSource) {
            assertThat(insert(dataSource)).isEmpty();
        }

        @Test
        @InjectFault(
                value = Fault.OCC_CONFLICT,
                parameters = {"toxicity=0", "seed=5"})
        void isNeverHit(DataSource dataSource) {
            assertThat(insert(dataSource)).isEmpty();
        }

        @Test
        @InjectFault(value = Fault.OCC_CONFLICT, allowUnused = true)
        void isMeant() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class OtherClusterCase {
        @Test
        @InjectFault(Fault.OCC_CONFLICT)
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql(unlessConfigured = true)
    static class UnlessConfiguredCase {
        @Test
        @InjectFault(Fault.OCC_CONFLICT)
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    static class UpstreamCase {
        @Test
        @InjectFault(value = Fault.OCC_CONFLICT, upstream = "localhost:6379")
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql(plainPostgres = true, shared = false)
    static class PlainPostgresCase {
        @Test
        @InjectFault(Fault.OCC_CONFLICT)
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    static class SourceCase {
        @BeforeAll
        static void prepare(LocalDsql cluster) throws SQLException {
            makeTable(cluster);
        }

        @ParameterizedTest
        @FaultSource(allowUnused = true)
        void all(Fault fault) {
            SEEN.add("all " + fault);
        }

        @ParameterizedTest
        @FaultSource(names = "OCC_.*", mode = EnumSource.Mode.MATCH_ANY)
        void matched(Fault fault, DataSource dataSource) {
            SEEN.add("matched " + fault + " " + insert(dataSource));
        }

        @ParameterizedTest
        @FaultSource(inject = false)
        void own(Fault fault) {
            SEEN.add("own " + fault);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    static class BehindTheNetworkCase {
        @Test
        @InjectFault(value = Fault.LATENCY, parameters = "latency=2")
        @InjectFault(Fault.OCC_CONFLICT)
        void test(LocalDsql cluster, DataSource throughTheProxy) throws SQLException {
            makeTable(cluster);
            SEEN.add("also late: " + insert(throughTheProxy));
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    static class AtTheSameTimeCase {
        /** The one that may run waits for the other's end. */
        private static final CountDownLatch ENDED = new CountDownLatch(1);

        @Test
        @InjectFault(value = Fault.OCC_CONFLICT, allowUnused = true)
        void one() throws InterruptedException {
            ENDED.await(10, TimeUnit.SECONDS);
        }

        @Test
        @InjectFault(value = Fault.COMMIT_LOST, allowUnused = true)
        void other() throws InterruptedException {
            ENDED.await(10, TimeUnit.SECONDS);
        }

        @AfterEach
        void end() {
            ENDED.countDown();
        }
    }
}
