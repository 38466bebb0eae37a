package io.github.dsqlreach.junit;

import static io.github.dsqlreach.junit.Jupiter.failure;
import static io.github.dsqlreach.junit.Jupiter.run;
import static io.github.dsqlreach.junit.Jupiter.skipReason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.testkit.engine.EngineExecutionResults;

/** A local cluster that fails by itself makes tests fail, whatever the policy; it never makes them skip. */
class BrokenLocalClusterTest {
    private static final String LAST_LOG_LINE = "database system is ready to accept connections";

    @Test
    void aPostgresThatDiedBeforeTheCheckFailsTheClass() {
        EngineExecutionResults results = run(Map.of("dsql.reach.mode", "skip"), KilledBeforeTheCheckCase.class);

        assertThat(results.allEvents().skipped().count()).isZero();
        assertThat(failure(results))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the local PostgreSQL died with exit code 137")
                .hasMessageContaining(LAST_LOG_LINE)
                .hasMessageNotContaining("aws dsql");
    }

    @Test
    void laterClassesFailWithTheEndOfTheLogToo() {
        EngineExecutionResults results =
                run(Map.of("dsql.reach.mode", "skip"), KillsItCase.class, LaterCase.class, LaterAloneCase.class);

        assertThat(results.allEvents().skipped().count()).isZero();
        results.testEvents().assertStatistics(events -> events.succeeded(1));
        results.containerEvents().assertStatistics(events -> events.failed(2));
        assertThat(failure(results))
                .hasMessageContaining("the local PostgreSQL died")
                .hasMessageContaining(LAST_LOG_LINE);
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "open files cannot be deleted there")
    void deletedDataFailTheClass() {
        assertThat(failure(run(DataDeletedCase.class)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the local PostgreSQL lost its data: ");
    }

    @Test
    void aRefusalThatPostgresDecidedOnFailsTheClass() {
        assertThat(failure(run(NoLoginsLeftCase.class)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the PostgreSQL of LocalDsql refused a login: too many connections for role");
    }

    @Test
    void aRefusalThatIsOverDoesNotFailLaterClasses() {
        EngineExecutionResults results = run(RefusedOnceCase.class, LaterCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(2));
    }

    @Test
    void aRefusalThatATestOrderedStillSkips() {
        assertThat(skipReason(run(OrderedCase.class))).startsWith("DSQL unavailable at authentication: ");
    }

    private static LocalDsql cluster(ExtensionContext context) {
        return LocalCluster.of(context, TestSettings.of(context)).orElseThrow().started();
    }

    private static void kill(LocalDsql local) throws Exception {
        long pid = Long.parseLong(
                Files.readAllLines(data(local).resolve("postmaster.pid")).get(0));
        ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
        postmaster.destroyForcibly();
        postmaster.onExit().get(1, TimeUnit.MINUTES);
    }

    private static Path data(LocalDsql local) {
        return local.rootCertificate().resolveSibling("data");
    }

    /** Breaks the cluster before anything is checked. */
    abstract static class Breaks implements EndpointCustomizer {
        @Override
        public Endpoint customize(Endpoint endpoint, ExtensionContext context) throws Exception {
            breakIt(cluster(context));
            return endpoint;
        }

        abstract void breakIt(LocalDsql local) throws Exception;
    }

    static final class Kills extends Breaks {
        @Override
        void breakIt(LocalDsql local) throws Exception {
            kill(local);
        }
    }

    static final class DeletesData extends Breaks {
        /** PostgreSQL may still be writing there. */
        @Override
        void breakIt(LocalDsql local) {
            Awaitility.await().ignoreExceptions().untilAsserted(() -> delete(data(local)));
        }

        private static void delete(Path directory) throws IOException {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    static final class LeavesNoLogins extends Breaks {
        @Override
        void breakIt(LocalDsql local) throws Exception {
            local.execute("ALTER ROLE admin CONNECTION LIMIT 0");
        }
    }

    static final class Orders extends Breaks {
        @Override
        void breakIt(LocalDsql local) {
            local.refuseWith(Refusal.SERVER_UNAVAILABLE);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql(shared = false)
    @RequiresDsqlReachability
    @CustomizesEndpoint(Kills.class)
    static class KilledBeforeTheCheckCase {
        @Test
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql(shared = false)
    @RequiresDsqlReachability
    @CustomizesEndpoint(DeletesData.class)
    static class DataDeletedCase {
        @Test
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql(shared = false)
    @RequiresDsqlReachability
    @CustomizesEndpoint(LeavesNoLogins.class)
    static class NoLoginsLeftCase {
        @Test
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql(shared = false)
    @RequiresDsqlReachability
    @CustomizesEndpoint(Orders.class)
    static class OrderedCase {
        @Test
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class KillsItCase {
        @Test
        void test(LocalDsql local) throws Exception {
            kill(local);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class RefusedOnceCase {
        @Test
        void test(LocalDsql local) throws Exception {
            local.execute("ALTER ROLE admin CONNECTION LIMIT 0");
            assertThat(catchThrowable(() -> local.dataSource().getConnection()))
                    .hasMessageContaining("too many connections");
            assertThat(local.failure()).isPresent();
            local.execute("ALTER ROLE admin CONNECTION LIMIT -1");
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class LaterCase {
        @Test
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    static class LaterAloneCase {
        @Test
        void test() {}
    }
}
