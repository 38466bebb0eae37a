package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultEffect;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.fault.TunedFault;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Faults at a commit: what a client sees, and what is in the database afterwards. */
@Timeout(60)
@Execution(ExecutionMode.SAME_THREAD)
class StatementFaultTest {
    @AutoClose
    private static final LocalDsql cluster = LocalDsql.start();

    @BeforeEach
    void makeTable() throws SQLException {
        cluster.execute("DROP TABLE IF EXISTS orders; CREATE TABLE orders (id int PRIMARY KEY, name text);"
                + " GRANT ALL ON orders TO admin");
    }

    @AfterEach
    void removeFaults() {
        cluster.clearFaults();
    }

    private static Connection connect() throws SQLException {
        return cluster.dataSource().getConnection();
    }

    private static int orders() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM orders")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void insert(Connection connection, int id) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO orders VALUES (?, 'name')")) {
            insert.setInt(1, id);
            insert.executeUpdate();
        }
    }

    /** The SQLSTATE of a commit; empty if it succeeds. */
    private static String commit(Connection connection) {
        try {
            connection.commit();
            return "";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(Fault.OCC_CONFLICT, "40001", "(OC000)"),
                Arguments.of(Fault.OCC_SCHEMA_CONFLICT, "40001", "(OC001)"),
                Arguments.of(Fault.TRANSACTION_TOO_OLD, "54000", "transaction age limit of 300s exceeded"),
                Arguments.of(Fault.TRANSACTION_TOO_LARGE, "54000", "transaction size limit 10mb exceeded"),
                Arguments.of(Fault.QUERY_CANCELLED, "57014", "canceling statement due to user request"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aCommitFailsAndNothingIsCommitted(Fault fault, String sqlState, String text) throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 7; i++) { // The driver names its statements from the fifth one on.
                cluster.inject(fault);
                insert(connection, i);
                assertThatThrownBy(connection::commit)
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo(sqlState))
                        .hasMessageContaining(text);
                assertThat(orders()).isZero();
            }
            insert(connection, 0);
            connection.commit();
            assertThat(orders()).isOne();
        }
    }

    @ParameterizedTest
    @MethodSource("failures")
    void soDoesAStatementInAutocommit(Fault fault, String sqlState, String text) throws Exception {
        try (Connection connection = connect();
                RawSession session = RawSession.of(cluster)) {
            cluster.inject(fault.with("times", 3));
            assertThatThrownBy(() -> insert(connection, 1)).hasMessageContaining(text);
            assertThat(session.query("SELECT 1; INSERT INTO orders VALUES (1)"))
                    .startsWith("row 1, SELECT 1, " + sqlState)
                    .endsWith("ready I");
            try (PreparedStatement batch = connection.prepareStatement("INSERT INTO orders VALUES (?, 'name')")) {
                for (int i = 0; i < 3; i++) {
                    batch.setInt(1, i);
                    batch.addBatch();
                }
                assertThatThrownBy(batch::executeBatch).hasMessageContaining(text);
            }
            assertThat(orders()).isZero();
            insert(connection, 1);
        }
    }

    @Test
    void aSimpleQueryWithACommitFailsToo() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            cluster.inject(Fault.OCC_CONFLICT.with("times", 2));
            assertThat(session.query("BEGIN; INSERT INTO orders VALUES (1); COMMIT"))
                    .startsWith("BEGIN, INSERT 0 1, 40001")
                    .endsWith("ready I");
            session.query("BEGIN");
            session.query("INSERT INTO orders VALUES (1)");
            assertThat(session.query("END")).startsWith("40001").endsWith("ready I");
            assertThat(session.query("SELECT count(*) FROM orders")).startsWith("row 0");
        }
    }

    @Test
    void aLostCommitHappens() throws SQLException {
        for (boolean autoCommit : new boolean[] {true, false}) {
            int before = orders();
            try (Connection connection = connect()) {
                connection.setAutoCommit(autoCommit);
                cluster.inject(Fault.COMMIT_LOST);
                if (autoCommit) {
                    assertThatThrownBy(() -> insert(connection, before))
                            .isInstanceOfSatisfying(
                                    SQLException.class,
                                    e -> assertThat(e.getSQLState()).isEqualTo("08006"));
                } else {
                    insert(connection, before);
                    assertThat(commit(connection)).isEqualTo("08006");
                }
                assertThat(connection.isValid(1)).isFalse();
            }
            assertThat(orders()).isEqualTo(before + 1);
        }
    }

    static Stream<Fault> ends() {
        return Stream.of(Fault.COMMIT_UNSENT, Fault.SESSION_EXPIRED);
    }

    @ParameterizedTest
    @MethodSource("ends")
    void anUnsentCommitDoesNot(Fault fault) throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            cluster.inject(fault);
            insert(connection, 1);
            assertThat(commit(connection)).isEqualTo("08006");
        }
        assertThat(orders()).isZero();
    }

    @Test
    void aSlowCommitTakesItsTime() throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            cluster.inject(Fault.SLOW_COMMIT.with("delay", 700));
            insert(connection, 1);
            long begin = System.nanoTime();
            connection.commit();
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(700));
        }
        assertThat(orders()).isOne();
    }

    @Test
    void theCommitsAreCountedInAllSessions() throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setDataSource(cluster.dataSource());
        config.setMaximumPoolSize(3);
        List<String> states = new ArrayList<>();
        try (HikariDataSource pool = new HikariDataSource(config)) {
            cluster.inject(Fault.OCC_CONFLICT.with("commit", 3).with("times", 2).where("insert INTO orders"));
            for (int i = 0; i < 6; i++) {
                try (Connection connection = pool.getConnection()) {
                    connection.setAutoCommit(false);
                    connection.createStatement().executeQuery("SELECT 1");
                    connection.commit(); // Has no such statement.
                    insert(connection, i);
                    states.add(commit(connection));
                }
            }
        }
        assertThat(states).containsExactly("", "", "40001", "40001", "", "");
        assertThat(orders()).isEqualTo(4);
    }

    @Test
    void aShareOfTheCommitsIsTheSameForTheSameSeed() throws SQLException {
        List<List<String>> runs = new ArrayList<>();
        for (int run = 0; run < 2; run++) {
            cluster.inject(TunedFault.parse(Fault.OCC_CONFLICT, "times=0", "toxicity=0.5", "seed=7"));
            List<String> states = new ArrayList<>();
            try (Connection connection = connect()) {
                connection.setAutoCommit(false);
                for (int i = 0; i < 30; i++) {
                    insert(connection, run * 100 + i);
                    states.add(commit(connection));
                }
            }
            runs.add(states);
            cluster.clearFaults();
        }
        assertThat(runs.get(0)).isEqualTo(runs.get(1)).contains("", "40001");
    }

    @Test
    void aRollbackIsNoCommit() throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            cluster.inject(Fault.OCC_CONFLICT);
            insert(connection, 1);
            connection.rollback();
            insert(connection, 1);
            assertThat(commit(connection)).isEqualTo("40001");
        }
    }

    @Test
    void aPlainPostgresHasNone() {
        try (LocalDsql plain = LocalDsql.builder().plainPostgres().start()) {
            assertThatThrownBy(() -> plain.inject(Fault.OCC_CONFLICT))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("OCC_CONFLICT")
                    .hasMessageContaining("plainPostgres");
        }
    }

    @Test
    void tellsHowManyCommitsEachFaultHasStruck() throws SQLException {
        int before = cluster.effects().size();
        cluster.inject(Fault.OCC_CONFLICT.with("commit", 2));
        cluster.inject(Fault.COMMIT_LOST.where("nothing like this"));
        cluster.inject(Fault.SLOW_COMMIT.with("delay", 1).with("times", 0));
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 3; i++) {
                insert(connection, i);
                commit(connection);
            }
        }
        cluster.clearFaults();
        try (Connection connection = connect()) {
            insert(connection, 9);
        }
        List<FaultEffect> effects = cluster.effects();
        assertThat(effects.subList(before, effects.size()))
                .extracting(FaultEffect::toString)
                .containsExactly(
                        "OCC_CONFLICT(commit=2): 1 of 3 commits struck",
                        "COMMIT_LOST(statements=nothing like this): 0 of 0 commits struck",
                        "SLOW_COMMIT(delay=1, times=0): 2 of 3 commits struck");
    }

    @Test
    void aShareHasASeedThatCanBeGivenAgain() {
        cluster.inject(Fault.OCC_CONFLICT.with("toxicity", 0.5));
        FaultEffect effect = cluster.effects().get(cluster.effects().size() - 1);
        assertThat(effect.fault())
                .hasToString("OCC_CONFLICT(toxicity=0.5, seed="
                        + (long) effect.fault().value("seed") + ")");
        assertThat(effect.fault().value("seed")).isPositive();
    }

    @Test
    void refusesValuesThatMakeNoSense() {
        Fault fault = Fault.SLOW_COMMIT;
        assertThatThrownBy(() -> fault.with("commit", 0))
                .hasMessageContaining("commit is 0; allowed is a whole number");
        assertThatThrownBy(() -> fault.with("times", -1)).hasMessageContaining("times is -1");
        assertThatThrownBy(() -> fault.with("toxicity", 1.1)).hasMessageContaining("toxicity is 1.1");
        assertThatThrownBy(() -> fault.with("toxicity", Double.NaN)).hasMessageContaining("toxicity is NaN");
        assertThatThrownBy(() -> fault.with("delay", 0)).hasMessageContaining("delay is 0");
        assertThatThrownBy(() -> fault.where("(")).hasMessageContaining("statements=(: ");
        assertThatThrownBy(() -> TunedFault.parse(fault, "statement=x"))
                .hasMessageContaining("'statement=x' is not a parameter")
                .hasMessageContaining("or statements=REGEX");
    }

    @Test
    void refusesFaultsOfTheNetworkAndTheNetworkRefusesThese() {
        assertThatThrownBy(() -> cluster.inject(Fault.TLS_RESET))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("TLS_RESET acts on connections, not on commits; use FaultyDsql.inject")
                .hasMessageContaining("OCC_CONFLICT");
        assertThatThrownBy(() -> Fault.TLS_RESET.where("INSERT"))
                .hasMessageContaining("TLS_RESET acts on connections, not on statements");
        try (FaultyDsql proxy = FaultyDsql.inFrontOf(cluster.endpoint())) {
            assertThatThrownBy(() -> proxy.inject(Fault.COMMIT_LOST))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("COMMIT_LOST happens at a commit inside a local cluster")
                    .hasMessageContaining("use LocalDsql.inject");
        }
    }
}
