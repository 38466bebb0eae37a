package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
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
        cluster.removeStatementFaults();
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
                Arguments.of(StatementFault.OCC_CONFLICT, "40001", "(OC000)"),
                Arguments.of(StatementFault.OCC_SCHEMA_CONFLICT, "40001", "(OC001)"),
                Arguments.of(StatementFault.TRANSACTION_TOO_OLD, "54000", "transaction age limit of 300s exceeded"),
                Arguments.of(StatementFault.TRANSACTION_TOO_LARGE, "54000", "transaction size limit 10mb exceeded"),
                Arguments.of(StatementFault.QUERY_CANCELLED, "57014", "canceling statement due to user request"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aCommitFailsAndNothingIsCommitted(StatementFault fault, String sqlState, String text) throws SQLException {
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
    void soDoesAStatementInAutocommit(StatementFault fault, String sqlState, String text) throws Exception {
        try (Connection connection = connect();
                RawSession session = RawSession.of(cluster)) {
            cluster.inject(fault.times(3));
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
            cluster.inject(StatementFault.OCC_CONFLICT.times(2));
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
                cluster.inject(StatementFault.COMMIT_LOST);
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

    static Stream<StatementFault> ends() {
        return Stream.of(StatementFault.COMMIT_UNSENT, StatementFault.SESSION_EXPIRED);
    }

    @ParameterizedTest
    @MethodSource("ends")
    void anUnsentCommitDoesNot(StatementFault fault) throws SQLException {
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
            cluster.inject(StatementFault.SLOW_COMMIT.lasting(Duration.ofMillis(700)));
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
            cluster.inject(StatementFault.OCC_CONFLICT.atCommit(3).times(2).where("insert INTO orders"));
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
            cluster.inject(StatementFault.OCC_CONFLICT.times(1_000).share(0.5, 7));
            List<String> states = new ArrayList<>();
            try (Connection connection = connect()) {
                connection.setAutoCommit(false);
                for (int i = 0; i < 30; i++) {
                    insert(connection, run * 100 + i);
                    states.add(commit(connection));
                }
            }
            runs.add(states);
            cluster.removeStatementFaults();
        }
        assertThat(runs.get(0)).isEqualTo(runs.get(1)).contains("", "40001");
    }

    @Test
    void aRollbackIsNoCommit() throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            cluster.inject(StatementFault.OCC_CONFLICT);
            insert(connection, 1);
            connection.rollback();
            insert(connection, 1);
            assertThat(commit(connection)).isEqualTo("40001");
        }
    }

    @Test
    void aPlainPostgresHasNone() {
        try (LocalDsql plain = LocalDsql.builder().plainPostgres().start()) {
            assertThatThrownBy(() -> plain.inject(StatementFault.OCC_CONFLICT))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("OCC_CONFLICT")
                    .hasMessageContaining("plainPostgres");
        }
    }

    @Test
    void refusesValuesThatMakeNoSense() {
        StatementFault fault = StatementFault.SLOW_COMMIT;
        assertThatThrownBy(() -> fault.atCommit(0)).hasMessageContaining("commit 0");
        assertThatThrownBy(() -> fault.times(-1)).hasMessageContaining("times -1");
        assertThatThrownBy(() -> fault.share(1.1, 1)).hasMessageContaining("share 1.1");
        assertThatThrownBy(() -> fault.share(Double.NaN, 1)).hasMessageContaining("share NaN");
        assertThatThrownBy(() -> fault.where("(")).hasMessageContaining("'('");
        assertThatThrownBy(() -> fault.lasting(Duration.ZERO)).hasMessageContaining("PT0S");
    }
}
