package io.github.dsqlreach.local;

import static io.github.dsqlreach.local.RawSession.bind;
import static io.github.dsqlreach.local.RawSession.copyData;
import static io.github.dsqlreach.local.RawSession.copyDone;
import static io.github.dsqlreach.local.RawSession.describeStatement;
import static io.github.dsqlreach.local.RawSession.executePortal;
import static io.github.dsqlreach.local.RawSession.flush;
import static io.github.dsqlreach.local.RawSession.parse;
import static io.github.dsqlreach.local.RawSession.queryMessage;
import static io.github.dsqlreach.local.RawSession.sync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.connect.DsqlDataSource;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages in all their forms pass unharmed, and refusals come where a cluster has them. */
class SessionRelayTest {
    private static final String SERIALIZABLE = "0A000 Unsupported isolation level: SERIALIZABLE";
    private static final String TRANSACTION = "0A000 setting configuration parameter \"TRANSACTION\" not supported";
    private static final String ABORTED =
            "25P02 current transaction is aborted, commands ignored until end of transaction block";

    @AutoClose
    private static final LocalDsql cluster = LocalDsql.start();

    @AutoClose
    private static final LocalDsql plain = LocalDsql.builder().plainPostgres().start();

    @BeforeAll
    static void makeTables() throws SQLException {
        try (Connection connection = cluster.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE seen (id int PRIMARY KEY, value int)");
            statement.execute("CREATE TABLE copied (id int PRIMARY KEY, value text)");
        }
    }

    /** Each database is a third of the files that a start copies. */
    @Test
    void onlyPlainPostgresHasADatabaseToMakeOthersFrom() throws SQLException {
        assertThat(databases(cluster)).containsExactly("postgres");
        plain.execute("CREATE DATABASE other");
        assertThat(databases(plain)).contains("other");
    }

    private static List<String> databases(LocalDsql local) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Connection owner = local.ownerConnection();
                ResultSet rows = owner.createStatement().executeQuery("SELECT datname FROM pg_database")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    // ---- isolation

    @Test
    void everySessionAndTransactionHasSnapshotIsolation() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query("SHOW transaction_isolation")).contains("row repeatable read");
            assertThat(session.query("BEGIN; SHOW transaction_isolation; COMMIT"))
                    .contains("row repeatable read");
            assertThat(session.query("BEGIN ISOLATION LEVEL REPEATABLE READ")).isEqualTo("BEGIN, ready T");
            assertThat(session.query("COMMIT")).isEqualTo("COMMIT, ready I");
            assertThat(session.query("START TRANSACTION READ ONLY")).isEqualTo("START TRANSACTION, ready T");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    BEGIN ISOLATION LEVEL SERIALIZABLE                          | SERIALIZABLE
                    begin transaction read only, isolation level read committed | READ COMMITTED
                    START TRANSACTION ISOLATION LEVEL READ UNCOMMITTED          | READ UNCOMMITTED
                    /* a /* nested */ comment */ BEGIN ISOLATION LEVEL SERIALIZABLE | SERIALIZABLE
                    SET TRANSACTION ISOLATION LEVEL SERIALIZABLE                | SERIALIZABLE
                    SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED | READ COMMITTED
                    """)
    void refusesOtherLevelsAndBeginsNoTransaction(String sql, String level) throws Exception {
        String refusal = "0A000 Unsupported isolation level: " + level;
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query(sql)).isEqualTo(refusal + ", ready I");
            assertThat(session.execute(sql)).isEqualTo("parsed, bound, " + refusal + ", ready I");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    SET TRANSACTION ISOLATION LEVEL REPEATABLE READ | TRANSACTION
                    SET LOCAL TRANSACTION READ ONLY                 | TRANSACTION
                    SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY | SESSION CHARACTERISTICS
                    SET default_transaction_isolation = 'repeatable read' | default_transaction_isolation
                    set session TRANSACTION_ISOLATION to serializable | transaction_isolation
                    """)
    void refusesToSetTheLevelOtherwise(String sql, String parameter) throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query(sql))
                    .isEqualTo("0A000 setting configuration parameter \"" + parameter + "\" not supported, ready I");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-c default_transaction_isolation=serializable",
                "-cdefault_transaction_isolation=serializable",
                "--default-transaction-isolation=serializable"
            })
    void refusesTheLevelAtTheStartOfASession(String options) {
        assertThatThrownBy(() -> DsqlDataSource.of(
                                cluster.endpoint().toBuilder().options(options).build(), cluster.credentialsProvider())
                        .getConnection())
                .isInstanceOf(SQLException.class)
                .hasMessageContaining(
                        "setting configuration parameter \"default_transaction_isolation\" not supported");
    }

    @Test
    void aLostUpdateFails() throws Exception {
        try (RawSession first = RawSession.of(cluster);
                RawSession second = RawSession.of(cluster)) {
            first.query("INSERT INTO seen VALUES (1, 10)");
            first.query("BEGIN");
            second.query("BEGIN");
            assertThat(first.query("SELECT value FROM seen WHERE id = 1")).contains("row 10");
            assertThat(second.query("UPDATE seen SET value = value + 1 WHERE id = 1"))
                    .startsWith("UPDATE 1");
            assertThat(second.query("COMMIT")).isEqualTo("COMMIT, ready I");

            assertThat(first.query("UPDATE seen SET value = 11 WHERE id = 1")).isEqualTo("UPDATE 1, ready T");
            assertThat(first.query("COMMIT")).startsWith("40001 ");
        }
    }

    @Test
    void theDriverCannotChangeTheLevel() throws SQLException {
        try (Connection connection = cluster.dataSource().getConnection()) {
            assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_REPEATABLE_READ);
            for (int level : new int[] {
                Connection.TRANSACTION_READ_COMMITTED,
                Connection.TRANSACTION_REPEATABLE_READ,
                Connection.TRANSACTION_SERIALIZABLE
            }) {
                assertThatThrownBy(() -> connection.setTransactionIsolation(level))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("0A000"));
            }
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @Test
    void aRefusalFailsTheTransactionAsEveryErrorDoes() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.query("BEGIN");
            assertThat(session.query("SET TRANSACTION READ ONLY")).isEqualTo(TRANSACTION + ", ready E");
            assertThat(session.query("SELECT 1")).isEqualTo(ABORTED + ", ready E");
            assertThat(session.query("SET TRANSACTION READ ONLY")).isEqualTo(ABORTED + ", ready E");
            assertThat(session.execute("SET TRANSACTION READ ONLY")).isEqualTo(ABORTED + ", ready E");
            assertThat(session.query("COMMIT")).isEqualTo("ROLLBACK, ready I");
        }
    }

    @Test
    void aRefusalAmongSeveralStatementsComesInItsPlace() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query("SELECT 'a;b'; SET TRANSACTION READ ONLY; SELECT 2"))
                    .isEqualTo("row a;b, SELECT 1, " + TRANSACTION + ", ready I");
            // As PostgreSQL reads all of them before the first one runs.
            assertThat(session.query("SELECT 1; SET TRANSACTION READ ONLY; SELEKT 2"))
                    .startsWith("42601 syntax error");
        }
    }

    @Test
    void aPreparedStatementIsRefusedEachTimeItIsExecuted() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.send(parse("p", "BEGIN ISOLATION LEVEL SERIALIZABLE"), describeStatement("p"), sync())
                            .answer())
                    .isEqualTo("parsed, no data, ready I");
            for (int i = 0; i < 2; i++) {
                assertThat(session.send(bind("", "p"), executePortal(""), sync())
                                .answer())
                        .isEqualTo("bound, " + SERIALIZABLE + ", ready I");
            }
        }
    }

    @Test
    void refusalsDoNotChangeAnswersThatOnlyLookLikeThem() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query("SELECT 'SET TRANSACTION READ ONLY', $$BEGIN ISOLATION LEVEL SERIALIZABLE$$"))
                    .isEqualTo("row SET TRANSACTION READ ONLY|BEGIN ISOLATION LEVEL SERIALIZABLE, SELECT 1, ready I");
            assertThat(session.query("EXECUTE nothing"))
                    .isEqualTo("26000 prepared statement \"nothing\" does not exist, ready I");
        }
    }

    // ---- the snapshot of a transaction

    private enum Begin {
        BY_A_SIMPLE_QUERY {
            @Override
            String in(RawSession session) throws Exception {
                return session.query("BEGIN");
            }
        },
        AS_LAST_OF_SEVERAL {
            @Override
            String in(RawSession session) throws Exception {
                return session.query("SELECT 1; ; START TRANSACTION;");
            }
        },
        BY_THE_EXTENDED_PROTOCOL {
            @Override
            String in(RawSession session) throws Exception {
                return session.execute("begin isolation level repeatable read");
            }
        },
        PREPARED {
            @Override
            String in(RawSession session) throws Exception {
                session.send(parse("b", "BEGIN"), sync()).answer();
                return session.send(bind("q", "b"), executePortal("q"), sync()).answer();
            }
        },
        WITH_A_QUERY_AT_ONCE {
            @Override
            String in(RawSession session) throws Exception {
                session.send(queryMessage("BEGIN"), queryMessage("SELECT 1")).answer();
                return session.answer();
            }
        },
        WITH_A_STATEMENT_AT_ONCE_THAT_TAKES_NO_SNAPSHOT {
            @Override
            String in(RawSession session) throws Exception {
                session.send(parse("b", "BEGIN"), sync()).answer();
                return session.send(
                                bind("", "b"),
                                executePortal(""),
                                parse("", "SET TIME ZONE UTC"),
                                bind("", ""),
                                executePortal(""),
                                sync())
                        .answer();
            }
        },
        BY_CHAINING {
            @Override
            String in(RawSession session) throws Exception {
                session.query("BEGIN");
                return session.query("COMMIT AND CHAIN");
            }
        };

        abstract String in(RawSession session) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void aTransactionTakesItsSnapshotWhenItBegins(Begin begin) throws Exception {
        int id = 100 + begin.ordinal();
        try (RawSession session = RawSession.of(cluster);
                RawSession other = RawSession.of(cluster)) {
            assertThat(begin.in(session)).endsWith("ready T");
            assertThat(other.query("INSERT INTO seen VALUES (" + id + ", 1)")).isEqualTo("INSERT 0 1, ready I");

            assertThat(session.query("SELECT count(*) FROM seen WHERE id = " + id))
                    .isEqualTo("row 0, SELECT 1, ready T");
            session.query("COMMIT");
            assertThat(session.query("SELECT count(*) FROM seen WHERE id = " + id))
                    .isEqualTo("row 1, SELECT 1, ready I");
        }
    }

    /** As libpq does in a pipeline: PQpipelineSync, then PQsendFlushRequest. */
    @Test
    void aFlushBehindASyncHasNoAnswer() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.send(parse("", "SELECT 1"), bind("", ""), executePortal(""), sync(), flush())
                            .answer())
                    .endsWith("ready I");
            assertThat(session.query("BEGIN")).isEqualTo("BEGIN, ready T");
            assertThat(session.query("SELECT 2")).isEqualTo("row 2, SELECT 1, ready T");
            assertThat(session.query("COMMIT")).isEqualTo("COMMIT, ready I");
            assertThat(session.execute("SELECT 3")).isEqualTo("parsed, bound, row 3, SELECT 1, ready I");
        }
    }

    @Test
    void aSimpleQueryEndsWhatNoSyncHasEnded() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.send(parse("", "SELECT 1"), bind("", ""), executePortal(""), queryMessage("SELECT 2"))
                            .answer())
                    .isEqualTo("parsed, bound, row 1, SELECT 1, row 2, SELECT 1, ready I");
            assertThat(session.query("BEGIN")).isEqualTo("BEGIN, ready T");
            assertThat(session.execute("SELECT 3")).isEqualTo("parsed, bound, row 3, SELECT 1, ready T");
        }
    }

    @Test
    void theUnnamedStatementAndPortalOfTheClientOutliveBegin() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.send(parse("b", "BEGIN"), sync()).answer();
            assertThat(session.send(parse("", "SELECT 42"), sync()).answer()).isEqualTo("parsed, ready I");
            assertThat(session.send(bind("x", "b"), executePortal("x"), sync()).answer())
                    .isEqualTo("bound, BEGIN, ready T");
            assertThat(session.send(bind("", ""), executePortal(""), sync()).answer())
                    .isEqualTo("bound, row 42, SELECT 1, ready T");
        }
    }

    @Test
    void aTransactionTakesItsSnapshotAfterAllStatementsAreDeallocated() throws Exception {
        try (RawSession session = RawSession.of(cluster);
                RawSession other = RawSession.of(cluster)) {
            assertThat(session.query("DEALLOCATE ALL")).isEqualTo("DEALLOCATE ALL, ready I");
            assertThat(session.query("BEGIN")).isEqualTo("BEGIN, ready T");
            other.query("INSERT INTO seen VALUES (200, 1)");
            assertThat(session.query("SELECT count(*) FROM seen WHERE id = 200"))
                    .isEqualTo("row 0, SELECT 1, ready T");
        }
    }

    @Test
    void aBeginThatFailsOrIsRepeatedGetsItsOwnAnswerOnly() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query("BEGIN")).isEqualTo("BEGIN, ready T");
            assertThat(session.query("BEGIN")).isEqualTo("notice 25001, BEGIN, ready T");
            assertThat(session.query("SELECT 1/0")).startsWith("22012");
            assertThat(session.query("BEGIN")).isEqualTo(ABORTED + ", ready E");
            assertThat(session.query("ROLLBACK")).isEqualTo("ROLLBACK, ready I");
            assertThat(session.query("BEGIN nonsense")).startsWith("42601").endsWith("ready I");
            assertThat(session.query("SELECT 1")).isEqualTo("row 1, SELECT 1, ready I");
        }
    }

    // ---- the protocol

    @Test
    void answersOfAPipelineComeInOrder() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.send(
                    queryMessage("BEGIN"),
                    parse("", "SELECT 1"),
                    bind("", ""),
                    executePortal(""),
                    sync(),
                    queryMessage("SET TRANSACTION READ ONLY"),
                    queryMessage("ROLLBACK"),
                    queryMessage("START TRANSACTION"),
                    parse("", "SELECT 2"),
                    bind("", ""),
                    executePortal(""),
                    flush());

            assertThat(session.answer()).isEqualTo("BEGIN, ready T");
            assertThat(session.answer()).isEqualTo("parsed, bound, row 1, SELECT 1, ready T");
            assertThat(session.answer()).isEqualTo(TRANSACTION + ", ready E");
            assertThat(session.answer()).isEqualTo("ROLLBACK, ready I");
            assertThat(session.answer()).isEqualTo("START TRANSACTION, ready T");
            assertThat(session.next()).isEqualTo("parsed");
            assertThat(session.next()).isEqualTo("bound");
            assertThat(session.next()).isEqualTo("row 2");
            assertThat(session.next()).isEqualTo("SELECT 1");
            assertThat(session.send(sync()).answer()).isEqualTo("ready T");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void copyInWorksByTheSimpleProtocolAndWithASyncTooEarlyOrOnlyAtTheEnd(boolean earlySync) throws Exception {
        int first = earlySync ? 10 : 20;
        try (RawSession session = RawSession.of(cluster)) {
            session.send(queryMessage("COPY copied FROM STDIN"));
            assertThat(session.next()).isEqualTo("copy in");
            assertThat(session.send(copyData(first + "\tone\n"), copyDone()).answer())
                    .isEqualTo("COPY 1, ready I");

            session.send(parse("", "COPY copied FROM STDIN"), bind("", ""), executePortal(""));
            session.send(earlySync ? sync() : flush());
            assertThat(session.next()).isEqualTo("parsed");
            assertThat(session.next()).isEqualTo("bound");
            assertThat(session.next()).isEqualTo("copy in");
            session.send(copyData(first + 1 + "\ttwo\n"), copyDone(), sync(), queryMessage("BEGIN"));
            assertThat(session.answer()).isEqualTo("COPY 1, ready I");
            assertThat(session.answer()).isEqualTo("BEGIN, ready T");
            assertThat(session.query("SELECT count(*) FROM copied WHERE id BETWEEN " + first + " AND " + (first + 1)))
                    .isEqualTo("row 2, SELECT 1, ready T");
        }
    }

    @Test
    void aCopyThatFailsLeavesTheSessionUsable() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.send(parse("", "COPY copied FROM STDIN"), bind("", ""), executePortal(""), sync());
            session.send(copyData("no number\tx\n"), copyDone(), sync());
            assertThat(session.answer()).contains("22P02").endsWith("ready I");
            session.send(queryMessage("COPY copied FROM STDIN"), copyData("no number\tx\n"), copyDone());
            assertThat(session.answer()).contains("22P02").endsWith("ready I");
            assertThat(session.query("BEGIN")).isEqualTo("BEGIN, ready T");
            assertThat(session.query("COPY (SELECT 7) TO STDOUT")).isEqualTo("copy out, COPY 1, ready T");
        }
    }

    @Test
    void callsAFunctionByItsNumber() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            byte[] call = Wire.message(
                    'F',
                    ByteBuffer.allocate(10)
                            .putInt(2026) // pg_backend_pid
                            .putShort((short) 0)
                            .putShort((short) 0)
                            .putShort((short) 0)
                            .array());
            assertThat(session.send(call, queryMessage("BEGIN")).answer()).isEqualTo("called, ready I");
            assertThat(session.answer()).isEqualTo("BEGIN, ready T");
        }
    }

    @Test
    void closesTheConnectionWithoutAnErrorWhenAMessageIsLongerThan10MiB() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query("SELECT length('" + "x".repeat(9 * 1024 * 1024) + "')"))
                    .isEqualTo("row 9437184, SELECT 1, ready I");
        }
        try (RawSession session = RawSession.of(cluster)) {
            session.send(ByteBuffer.allocate(5)
                    .put((byte) 'Q')
                    .putInt(10 * 1024 * 1024 + 1)
                    .array());

            assertThat(session.isEnded()).isTrue();
        }
    }

    @Test
    void passesResultsOfAnySizeInBothProtocols() throws Exception {
        try (Connection connection = cluster.dataSource().getConnection();
                PreparedStatement statement =
                        connection.prepareStatement("SELECT i, repeat('y', i * 40) FROM generate_series(1, 1000) i")) {
            for (int run = 0; run < 7; run++) { // The driver names the statement from the fifth one on.
                try (ResultSet rows = statement.executeQuery()) {
                    int count = 0;
                    while (rows.next()) {
                        count++;
                        assertThat(rows.getString(2)).hasSize(count * 40);
                    }
                    assertThat(count).isEqualTo(1000);
                }
            }
        }
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query("SELECT repeat('x', 12000000)")).hasSizeGreaterThan(12_000_000);
        }
    }

    @Test
    void worksWithBatchesCursorsAndGeneratedKeys() throws Exception {
        try (Connection connection = cluster.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO seen VALUES (?, ?) RETURNING id", new String[] {"id"})) {
                for (int i = 1_000; i < 1_300; i++) {
                    insert.setInt(1, i);
                    insert.setInt(2, i);
                    insert.addBatch();
                }
                assertThat(insert.executeBatch()).hasSize(300);
            }
            try (Statement cursor = connection.createStatement()) {
                cursor.setFetchSize(7);
                try (ResultSet rows = cursor.executeQuery("SELECT id FROM seen WHERE id >= 1000 ORDER BY id")) {
                    for (int i = 1_000; i < 1_300; i++) {
                        assertThat(rows.next()).isTrue();
                        assertThat(rows.getInt(1)).isEqualTo(i);
                    }
                }
            }
            connection.rollback();
        }
    }

    // ---- plain PostgreSQL

    @Test
    void plainPostgresHasItsOwnLevelsAndMessagesOfAnySize() throws Exception {
        try (RawSession session = RawSession.of(plain)) {
            assertThat(session.query("SHOW transaction_isolation")).contains("row read committed");
            assertThat(session.query("BEGIN ISOLATION LEVEL SERIALIZABLE")).isEqualTo("BEGIN, ready T");
            assertThat(session.query("SELECT length('" + "x".repeat(11 * 1024 * 1024) + "')"))
                    .isEqualTo("row 11534336, SELECT 1, ready T");
        }
    }
}
