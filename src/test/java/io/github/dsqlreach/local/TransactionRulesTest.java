package io.github.dsqlreach.local;

import static io.github.dsqlreach.local.RawSession.bind;
import static io.github.dsqlreach.local.RawSession.executePortal;
import static io.github.dsqlreach.local.RawSession.parse;
import static io.github.dsqlreach.local.RawSession.queryMessage;
import static io.github.dsqlreach.local.RawSession.sync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** The rules of a cluster about what one transaction may do. */
class TransactionRulesTest {
    private static final String ROWS = "54000 transaction row limit exceeded";
    private static final String MIXED = "0A000 ddl and dml are not supported in the same transaction";
    private static final String TWO_DDL = "0A000 multiple ddl statements not supported in a transaction";
    private static final String ABORTED =
            "25P02 current transaction is aborted, commands ignored until end of transaction block";

    @AutoClose
    private static final LocalDsql cluster = LocalDsql.start();

    private static final AtomicInteger tables = new AtomicInteger();

    private String table;

    @BeforeAll
    static void makeTables() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.query("CREATE TABLE few (id int PRIMARY KEY, name text)");
        }
    }

    @BeforeEach
    void makeTable() throws Exception {
        table = "many_" + tables.incrementAndGet();
        try (RawSession session = RawSession.of(cluster)) {
            session.query("CREATE TABLE " + table + " (id int, name text)");
        }
    }

    private String count(RawSession session) throws Exception {
        return session.query("SELECT count(*) FROM " + table).replaceAll("row (\\d+),.*", "$1");
    }

    private String insert(int from, int to) {
        return "INSERT INTO " + table + " SELECT generate_series(" + from + ", " + to + ")";
    }

    // ---- schema changes

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    CREATE TABLE a_1 (id int)          | CREATE TABLE a_2 (id int)
                    CREATE TABLE a_1 (id int)          | CREATE INDEX ASYNC ON few (name)
                    CREATE INDEX ASYNC ON few (name)   | DROP TABLE few
                    GRANT SELECT ON few TO admin       | REVOKE SELECT ON few FROM admin
                    COMMENT ON TABLE few IS 'x'        | ALTER TABLE few ADD COLUMN more text
                    """)
    void aTransactionHasOneSchemaChange(String first, String second) throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.query("BEGIN");
            assertThat(session.execute(first)).endsWith("ready T");
            assertThat(session.execute(second)).isEqualTo("parsed, bound, " + TWO_DDL + ", ready E");
            assertThat(session.execute(second)).contains("25P02").endsWith("ready E");
            assertThat(session.query("ROLLBACK")).isEqualTo("ROLLBACK, ready I");

            assertThat(session.query(first + "; " + second)).endsWith(TWO_DDL + ", ready I");
            assertThat(session.query("BEGIN; " + first + "; ROLLBACK; BEGIN; " + first + "; ROLLBACK"))
                    .endsWith("ROLLBACK, ready I");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO few VALUES (1)",
                "UPDATE few SET name = 'x'",
                "DELETE FROM few",
                "WITH x AS (INSERT INTO few VALUES (1) RETURNING id) SELECT * FROM x"
            })
    void aTransactionDoesNotMixSchemaAndRows(String change) throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            String ddl = "CREATE TABLE mixed (id int)";
            session.query("BEGIN");
            assertThat(session.query(ddl)).isEqualTo("CREATE TABLE, ready T");
            assertThat(session.query("SELECT 1")).isEqualTo("row 1, SELECT 1, ready T");
            assertThat(session.execute(change)).isEqualTo("parsed, bound, " + MIXED + ", ready E");
            session.query("ROLLBACK");
            session.query("BEGIN");
            assertThat(session.execute(change)).endsWith("ready T");
            assertThat(session.query(ddl)).isEqualTo(MIXED + ", ready E");
            session.query("ROLLBACK");
            assertThat(session.query(ddl + "; " + change)).isEqualTo("CREATE TABLE, " + MIXED + ", ready I");
        }
    }

    @Test
    void aFailedTransactionSaysThatFirst() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.query("BEGIN");
            session.query("CREATE TABLE failed (id int)");
            session.query("SELECT 1/0");
            assertThat(session.query("CREATE TABLE failed (id int)")).isEqualTo(ABORTED + ", ready E");
            assertThat(session.execute("INSERT INTO few VALUES (1)")).contains("25P02");
        }
    }

    @Test
    void eachStatementInAutocommitIsATransaction() throws Exception {
        try (Connection connection = cluster.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 7; i++) {
                statement.execute("CREATE TABLE apart (id int)");
                statement.executeUpdate("INSERT INTO apart VALUES (1)");
                statement.execute("DROP TABLE apart");
            }
        }
    }

    // ---- rows

    @Test
    void aTransactionChangesThreeThousandRows() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.query("BEGIN");
            assertThat(session.query(insert(1, 2_000))).isEqualTo("INSERT 0 2000, ready T");
            assertThat(session.execute("UPDATE " + table + " SET name = 'x' WHERE id <= 1000"))
                    .isEqualTo("parsed, bound, UPDATE 1000, ready T");
            assertThat(session.query("SELECT count(*) FROM generate_series(1, 9999)"))
                    .endsWith("ready T");
            assertThat(session.execute("DELETE FROM " + table + " WHERE id = 1"))
                    .isEqualTo("parsed, bound, " + ROWS + ", ready E");
            assertThat(session.query("SELECT 1")).isEqualTo(ABORTED + ", ready E");
            assertThat(session.query("COMMIT")).isEqualTo("ROLLBACK, ready I");
            assertThat(count(session)).isEqualTo("0");

            session.query("BEGIN");
            session.query(insert(1, 3_000));
            assertThat(session.query("COMMIT")).isEqualTo("COMMIT, ready I");
            assertThat(count(session)).isEqualTo("3000");
        }
    }

    @Test
    void soDoesAStatementInAutocommit() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.execute(insert(1, 3_001))).isEqualTo("parsed, bound, " + ROWS + ", ready I");
            assertThat(count(session)).isEqualTo("0");
            assertThat(session.execute(insert(1, 3_000))).isEqualTo("parsed, bound, INSERT 0 3000, ready I");
            assertThat(session.execute(insert(1, 3_000))).isEqualTo("parsed, bound, INSERT 0 3000, ready I");
            assertThat(session.execute("DELETE FROM " + table)).isEqualTo("parsed, bound, " + ROWS + ", ready I");
            assertThat(session.execute("DELETE FROM " + table + " WHERE nothing"))
                    .startsWith("42703 ");
            assertThat(session.execute("UPDATE " + table + " SET id = 1/0")).contains("22012 ");
            assertThat(count(session)).isEqualTo("6000");
        }
    }

    @Test
    void soDoesASimpleQuery() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query(insert(1, 3_001))).isEqualTo(ROWS + ", ready I");
            assertThat(count(session)).isEqualTo("0");
            assertThat(session.query(insert(1, 3_000) + ";")).isEqualTo("INSERT 0 3000, ready I");
            assertThat(session.query(insert(1, 3_000))).isEqualTo("INSERT 0 3000, ready I");
            assertThat(session.query("DELETE FROM " + table)).isEqualTo(ROWS + ", ready I");
            assertThat(count(session)).isEqualTo("6000");
            assertThat(session.query("UPDATE " + table + " SET name = 'x' WHERE id <= 1000; DELETE FROM " + table
                            + " WHERE id <= 500; DELETE FROM " + table + " WHERE id > 2900 RETURNING id / 3000"))
                    .startsWith("UPDATE 2000, DELETE 1000, row 0, row ")
                    .endsWith(ROWS + ", ready I");
            assertThat(count(session)).isEqualTo("6000");
            assertThat(session.query("DELETE FROM " + table + " WHERE id <= 2; UPDATE " + table
                            + " SET name = 'y' WHERE id = 3 RETURNING id, name"))
                    .isEqualTo("DELETE 4, row 3|y, row 3|y, UPDATE 2, ready I");
            assertThat(session.query("BEGIN")).isEqualTo("BEGIN, ready T");
            assertThat(session.query("ROLLBACK")).isEqualTo("ROLLBACK, ready I");
        }
    }

    @Test
    void soDoesACopyInAutocommit() throws Exception {
        String copy = "COPY " + table + " (id) FROM STDIN";
        try (RawSession session = RawSession.of(cluster)) {
            for (boolean atOnce : new boolean[] {true, false}) {
                for (boolean isSimple : new boolean[] {true, false}) {
                    assertThat(copy(session, copy, 3_001, isSimple, atOnce)).endsWith("copy in, " + ROWS + ", ready I");
                    assertThat(count(session)).isEqualTo("0");
                    assertThat(copy(session, copy, 3_000, isSimple, atOnce)).endsWith("copy in, COPY 3000, ready I");
                    assertThat(session.query("DELETE FROM " + table)).isEqualTo("DELETE 3000, ready I");
                }
            }
            assertThat(session.query("COPY nowhere FROM STDIN"))
                    .startsWith("42P01 ")
                    .endsWith("ready I");
            session.send(queryMessage(copy), RawSession.copyData("no number\n"), RawSession.copyDone());
            assertThat(session.answer()).startsWith("copy in, 22P02 ").endsWith("ready I");
            assertThat(session.query("SELECT 1")).isEqualTo("row 1, SELECT 1, ready I");
        }
        try (Connection connection = cluster.dataSource().getConnection()) {
            assertThat(connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyIn(copy, new java.io.StringReader("1\n".repeat(20))))
                    .isEqualTo(20);
        }
    }

    private static String copy(RawSession session, String copy, int rows, boolean isSimple, boolean atOnce)
            throws Exception {
        byte[][] begin = isSimple
                ? new byte[][] {queryMessage(copy)}
                : new byte[][] {parse("", copy), bind("", ""), executePortal(""), sync()};
        byte[][] data = isSimple
                ? new byte[][] {RawSession.copyData("1\n".repeat(rows)), RawSession.copyDone()}
                : new byte[][] {RawSession.copyData("1\n".repeat(rows)), RawSession.copyDone(), sync()};
        if (atOnce) {
            return session.send(Wire.concatenated(begin), Wire.concatenated(data))
                    .answer();
        }
        session.send(begin);
        String asked = "";
        while (!asked.endsWith("copy in")) {
            asked += session.next();
        }
        return asked + ", " + session.send(data).answer();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void soDoesAStatementThatChangesRowsInsideWith(boolean isSimple) throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            for (int many : new int[] {3_001, 3_000}) {
                String statement = "WITH i AS (" + insert(1, many) + " RETURNING id) SELECT count(*) FROM i -- all";
                String expected = many > 3_000 ? ROWS + ", ready " : "row 3000, SELECT 1, ready ";
                assertThat(run(session, statement, isSimple)).endsWith(expected + "I");
                assertThat(count(session)).isEqualTo(many > 3_000 ? "0" : "3000");
                session.query("BEGIN");
                assertThat(run(session, statement, isSimple)).endsWith(expected + (many > 3_000 ? "E" : "T"));
                assertThat(session.query("ROLLBACK")).isEqualTo("ROLLBACK, ready I");
            }
            session.query("BEGIN");
            String few = "WITH d AS (DELETE FROM " + table + " WHERE id <= 1000 RETURNING id), i AS (INSERT INTO "
                    + table + " SELECT id FROM d RETURNING id) SELECT count(*) FROM i";
            assertThat(run(session, few, isSimple)).endsWith("row 1000, SELECT 1, ready T");
            assertThat(run(session, few, isSimple)).endsWith(ROWS + ", ready E");
            session.query("ROLLBACK");
            assertThat(session.query("WITH x AS (SELECT 1 AS id) DELETE FROM " + table + " USING x"))
                    .isEqualTo("DELETE 3000, ready I");
        }
    }

    private static String run(RawSession session, String statement, boolean isSimple) throws Exception {
        return isSimple ? session.query(statement) : session.execute(statement);
    }

    @Test
    void soDoManySmallStatementsInOneTransaction() throws Exception {
        String insert = "INSERT INTO " + table + " VALUES (1)";
        try (RawSession session = RawSession.of(cluster)) {
            session.send(parse("one", insert), sync()).answer();
            for (int count : new int[] {3_001, 3_000}) {
                byte[][] messages = new byte[2 * count + 1][];
                for (int i = 0; i < count; i++) {
                    messages[2 * i] = bind("", "one");
                    messages[2 * i + 1] = executePortal("");
                }
                messages[2 * count] = sync();
                assertThat(session.send(messages).answer())
                        .endsWith(count > 3_000 ? ROWS + ", ready I" : "INSERT 0 1, ready I");
                assertThat(count(session)).isEqualTo(count > 3_000 ? "0" : "3000");
            }
            assertThat(session.query((insert + ";").repeat(3_001))).endsWith(ROWS + ", ready I");
            assertThat(count(session)).isEqualTo("3000");
        }
    }

    @Test
    void errorsOfASimpleQueryStayAsTheyAre() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query("DELETE FROM " + table + " WHERE nothing"))
                    .startsWith("42703 ")
                    .endsWith("ready I");
            assertThat(session.query("UPDATE " + table + " SET id = 1 WHERE false; UPDATE nowhere SET id = 1"))
                    .startsWith("UPDATE 0, 42P01 ")
                    .endsWith("ready I");
            assertThat(session.query("DELETE FROM " + table + " WHERE id = $1")).startsWith("42P02 ");
            assertThat(session.query("DELETE FROM")).startsWith("42601 ");
        }
        try (Connection connection = DriverManager.getConnection(
                        cluster.jdbcUrl() + "&preferQueryMode=simple", "admin", cluster.token("admin"));
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeUpdate("DELETE FROM " + table + " WHERE nothing"))
                    .hasMessageContaining("Position: " + ("DELETE FROM " + table + " WHERE n").length());
            statement.executeUpdate("INSERT INTO " + table + " VALUES (1, 'x'), (2, 'y')");
            assertThat(statement.executeUpdate("UPDATE " + table + " SET name = 'z'"))
                    .isEqualTo(2);
            try (ResultSet rows = statement.executeQuery("DELETE FROM " + table + " RETURNING name")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getString(1)).isEqualTo("z");
            }
        }
    }

    @Test
    void whatFollowsInTheSameBatchIsNotExecuted() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.send(
                    parse("", insert(1, 3_001)),
                    bind("", ""),
                    executePortal(""),
                    parse("", "INSERT INTO " + table + " VALUES (1)"),
                    bind("", ""),
                    executePortal(""),
                    sync());
            assertThat(session.answer()).isEqualTo("parsed, bound, " + ROWS + ", ready I");
            assertThat(count(session)).isEqualTo("0");
            session.query("BEGIN");
            session.send(queryMessage(insert(1, 3_001) + "; SELECT 1"));
            assertThat(session.answer()).isEqualTo(ROWS + ", ready E");
            assertThat(session.query("ROLLBACK")).isEqualTo("ROLLBACK, ready I");
        }
    }

    @Test
    void theDriverSeesIt() throws Exception {
        try (Connection connection = cluster.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO " + table + " VALUES (?, 'x')")) {
                for (int i = 0; i < 3_001; i++) {
                    insert.setInt(1, i);
                    insert.addBatch();
                }
                assertThatThrownBy(insert::executeBatch)
                        .isInstanceOf(BatchUpdateException.class)
                        .hasMessageContaining("transaction row limit exceeded");
            }
            connection.rollback();
            assertThatThrownBy(() -> connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyIn(
                                    "COPY " + table + " (id) FROM STDIN",
                                    new java.io.StringReader("1\n".repeat(3_001))))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("54000"));
            connection.rollback();
            try (Statement statement = connection.createStatement()) {
                assertThat(statement.executeUpdate(insert(1, 3_000))).isEqualTo(3_000);
            }
            connection.commit();
        }
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(count(session)).isEqualTo("3000");
        }
    }

    // ---- time

    @Test
    void aTransactionOfMoreThanFiveMinutesDoesNotCommit() throws Exception {
        try (LocalDsql other = LocalDsql.start();
                RawSession session = RawSession.of(other)) {
            session.query("CREATE TABLE late (id int)");
            session.query("BEGIN");
            session.query("INSERT INTO late VALUES (1)");
            other.elapse(Duration.ofSeconds(200));
            assertThat(session.query("COMMIT")).isEqualTo("COMMIT, ready I");
            session.query("BEGIN");
            session.query("INSERT INTO late VALUES (2)");
            other.elapse(Duration.ofSeconds(301));
            assertThat(session.query("INSERT INTO late VALUES (3)")).isEqualTo("INSERT 0 1, ready T");
            assertThat(session.query("COMMIT")).isEqualTo("54000 transaction age limit of 300s exceeded, ready I");
            assertThat(session.query("SELECT count(*) FROM late")).startsWith("row 1,");
        }
    }

    @Test
    void aSessionEndsAfterAnHourWhenItIsNotInATransaction() throws Exception {
        try (LocalDsql other = LocalDsql.start();
                RawSession idle = RawSession.of(other);
                RawSession busy = RawSession.of(other)) {
            busy.query("BEGIN");
            other.elapse(Duration.ofMinutes(59));
            assertThat(idle.query("SELECT 1")).startsWith("row 1");
            other.elapse(Duration.ofMinutes(2));
            assertThat(idle.isEnded()).isTrue();
            assertThat(busy.query("SELECT 1")).startsWith("row 1");
            busy.query("ROLLBACK");
            other.elapse(Duration.ZERO);
            assertThat(busy.isEnded()).isTrue();
            try (RawSession fresh = RawSession.of(other)) {
                other.elapse(Duration.ofMinutes(1));
                assertThat(fresh.query("SELECT 1")).startsWith("row 1");
            }
        }
    }

    @Test
    void timeDoesNotPassForPlainPostgres() {
        try (LocalDsql plain = LocalDsql.builder().plainPostgres().start()) {
            assertThatThrownBy(() -> plain.elapse(Duration.ofMinutes(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("plainPostgres");
        }
        assertThatThrownBy(() -> cluster.elapse(Duration.ofMinutes(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT-1M");
    }
}
