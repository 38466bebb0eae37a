package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Conflicts as on a cluster: no statement waits for another transaction, the first to commit wins. Everything is done by one
 * thread, which would hang if a statement waited.
 */
@Timeout(120)
class ConflictsTest {
    private static final String CONFLICT = "40001 change conflicts with another transaction (OC000)";

    @AutoClose
    private static final LocalDsql cluster = LocalDsql.start();

    private static final AtomicInteger tables = new AtomicInteger();

    private String table;

    @BeforeEach
    void makeTables() throws Exception {
        table = "account_" + tables.incrementAndGet();
        try (RawSession session = RawSession.of(cluster)) {
            session.query("CREATE TABLE " + table + " (id int PRIMARY KEY, value int)");
            session.query("CREATE TABLE " + table + "_child (id int PRIMARY KEY, parent int REFERENCES " + table + ")");
            session.query("INSERT INTO " + table + " VALUES (1, 10), (2, 20), (3, 30)");
        }
    }

    private String sql(String text) {
        return text.replace("T_", table);
    }

    private static String run(RawSession session, String sql) throws Exception {
        return session.execute(sql).replace("parsed, bound, ", "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    UPDATE T_ SET value = 11 WHERE id = 1      | UPDATE T_ SET value = 12 WHERE id = 1
                    UPDATE T_ SET value = 0                    | DELETE FROM T_ WHERE id = 3
                    DELETE FROM T_ WHERE id = 2                | UPDATE T_ SET value = value + 1 WHERE id = 2
                    SELECT id FROM T_ WHERE id = 1 FOR UPDATE  | UPDATE T_ SET value = 12 WHERE id = 1
                    SELECT id FROM T_ WHERE id = 1 FOR KEY SHARE | DELETE FROM T_ WHERE id = 1
                    INSERT INTO T__child VALUES (1, 1)         | DELETE FROM T_ WHERE id = 1
                    INSERT INTO T_ VALUES (4, 40)              | INSERT INTO T_ VALUES (4, 41)
                    """)
    void theFirstToCommitWins(String first, String second) throws Exception {
        for (boolean inOrder : new boolean[] {true, false}) {
            makeTables();
            try (RawSession one = RawSession.of(cluster);
                    RawSession two = RawSession.of(cluster)) {
                one.query("BEGIN");
                two.query("BEGIN");
                assertThat(run(one, sql(first))).endsWith("ready T").doesNotContain("4");
                assertThat(run(two, sql(second))).endsWith("ready T");
                RawSession winner = inOrder ? one : two;
                RawSession loser = inOrder ? two : one;
                assertThat(winner.query("COMMIT")).isEqualTo("COMMIT, ready I");
                assertThat(loser.query("COMMIT")).isEqualTo(CONFLICT + ", ready I");
                assertThat(loser.query("SELECT 1")).isEqualTo("row 1, SELECT 1, ready I");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    UPDATE T_ SET value = 11 WHERE id = 1     | UPDATE T_ SET value = 12 WHERE id = 2
                    UPDATE T_ SET value = 11 WHERE id = 1     | INSERT INTO T__child VALUES (1, 1)
                    SELECT * FROM T_ FOR KEY SHARE            | UPDATE T_ SET value = 0
                    SELECT * FROM T_                          | DELETE FROM T_
                    """)
    void whatDoesNotConflictCommits(String first, String second) throws Exception {
        try (RawSession one = RawSession.of(cluster);
                RawSession two = RawSession.of(cluster)) {
            one.query("BEGIN");
            two.query("BEGIN");
            run(one, sql(first));
            run(two, sql(second));
            assertThat(one.query("COMMIT")).isEqualTo("COMMIT, ready I");
            assertThat(two.query("COMMIT")).isEqualTo("COMMIT, ready I");
        }
    }

    @Test
    void aRollbackHurtsNobody() throws Exception {
        try (RawSession one = RawSession.of(cluster);
                RawSession two = RawSession.of(cluster)) {
            for (boolean isFirst : new boolean[] {true, false}) {
                one.query("BEGIN");
                two.query("BEGIN");
                run(one, sql("UPDATE T_ SET value = 11 WHERE id = 1"));
                run(two, sql("UPDATE T_ SET value = 12 WHERE id = 1"));
                assertThat((isFirst ? one : two).query("ROLLBACK")).isEqualTo("ROLLBACK, ready I");
                assertThat((isFirst ? two : one).query("COMMIT")).isEqualTo("COMMIT, ready I");
                assertThat(one.query(sql("SELECT value FROM T_ WHERE id = 1")))
                        .startsWith("row " + (isFirst ? 12 : 11));
            }
        }
    }

    @Test
    void aStatementInAutocommitWins() throws Exception {
        try (RawSession one = RawSession.of(cluster);
                RawSession two = RawSession.of(cluster)) {
            one.query("BEGIN");
            run(one, sql("UPDATE T_ SET value = 11 WHERE id = 1"));
            assertThat(run(two, sql("UPDATE T_ SET value = 12 WHERE id = 1"))).isEqualTo("UPDATE 1, ready I");
            assertThat(one.query("COMMIT")).isEqualTo(CONFLICT + ", ready I");
            assertThat(one.query(sql("SELECT value FROM T_ WHERE id = 1"))).startsWith("row 12");
        }
    }

    @Test
    void aLoserThatGoesOnIsToldAtItsCommit() throws Exception {
        try (RawSession one = RawSession.of(cluster);
                RawSession two = RawSession.of(cluster)) {
            one.query("BEGIN");
            two.query("BEGIN");
            run(one, sql("UPDATE T_ SET value = 11 WHERE id = 1"));
            run(two, sql("UPDATE T_ SET value = 12 WHERE id = 1"));
            one.query("COMMIT");
            assertThat(run(two, sql("SELECT value FROM T_ ORDER BY id")))
                    .isEqualTo("row 12, row 20, row 30, SELECT 3, ready T");
            assertThat(two.query("COMMIT")).isEqualTo(CONFLICT + ", ready I");
            two.query("BEGIN");
            assertThat(run(two, sql("UPDATE T_ SET value = value + 1 WHERE id = 1")))
                    .isEqualTo("UPDATE 1, ready T");
            assertThat(two.query("COMMIT")).isEqualTo("COMMIT, ready I");
            assertThat(two.query(sql("SELECT value FROM T_ WHERE id = 1"))).startsWith("row 12");
        }
    }

    @Test
    void whatWasCommittedBeforeAWriteConflictsWithIt() throws Exception {
        try (RawSession one = RawSession.of(cluster);
                RawSession two = RawSession.of(cluster)) {
            two.query(sql("CREATE TABLE T__alone (id int PRIMARY KEY, value int)"));
            two.query(sql("INSERT INTO T__alone VALUES (1, 10), (2, 20)"));
            one.query("BEGIN");
            run(one, sql("SELECT value FROM T__alone WHERE id = 1"));
            run(two, sql("UPDATE T__alone SET value = 12 WHERE id = 1"));
            assertThat(run(one, sql("UPDATE T__alone SET value = value + 1"))).isEqualTo("UPDATE 2, ready T");
            assertThat(one.query(sql("INSERT INTO T__alone VALUES (3, 30)"))).isEqualTo("INSERT 0 1, ready T");
            assertThat(run(one, sql("SELECT value FROM T__alone ORDER BY id")))
                    .isEqualTo("row 11, row 21, row 30, SELECT 3, ready T");
            assertThat(one.query("COMMIT")).isEqualTo(CONFLICT + ", ready I");
            assertThat(one.query(sql("SELECT value FROM T__alone ORDER BY id")))
                    .isEqualTo("row 12, row 20, SELECT 2, ready I");
        }
    }

    /** One has read, and another one has changed what it is about to write. */
    private void loseAConflict(RawSession loser, RawSession winner) throws Exception {
        winner.query(
                sql(
                        "CREATE TABLE T__alone (id int PRIMARY KEY, value int DEFAULT 7 CHECK (value < 1000), email text UNIQUE)"));
        winner.query(sql("CREATE TABLE T__keyless (value int)"));
        winner.query(sql("CREATE VIEW T__view AS SELECT * FROM T__alone"));
        winner.query(sql("CREATE TABLE T__partial (id int PRIMARY KEY, value int)"));
        winner.query(sql("CREATE UNIQUE INDEX ASYNC ON T__partial (value) WHERE value > 0"));
        winner.query(
                sql("CREATE TABLE T__generated (id int PRIMARY KEY, twice int GENERATED ALWAYS AS (2 * id) STORED)"));
        winner.query(sql("CREATE FUNCTION T__function() RETURNS int LANGUAGE sql AS 'SELECT 1'"));
        winner.query(sql("INSERT INTO T__child VALUES (1, 1)"));
        winner.query(sql("INSERT INTO T__alone VALUES (1, 10, 'a'), (2, 20, 'b')"));
        loser.query("BEGIN");
        run(loser, sql("SELECT value FROM T__alone WHERE id = 1"));
        run(winner, sql("UPDATE T__alone SET value = 12 WHERE id = 1"));
        assertThat(run(loser, sql("UPDATE T__alone SET value = 11 WHERE id = 1")))
                .isEqualTo("UPDATE 1, ready T");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    INSERT INTO T__alone (id) VALUES (3) RETURNING value     | row 7, INSERT 0 1
                    INSERT INTO T__alone SELECT id + 10 FROM T__alone        | INSERT 0 2
                    UPDATE T__alone SET email = 'b2' WHERE id = 2            | UPDATE 1
                    UPDATE T__alone SET id = 9 WHERE id = 1 RETURNING value  | row 11, UPDATE 1
                    DELETE FROM T__alone WHERE value < 15                    | DELETE 1
                    SELECT value FROM T__alone WHERE id = 1 FOR UPDATE       | row 11, SELECT 1
                    WITH x AS (DELETE FROM T__alone RETURNING id) SELECT count(*) FROM x | row 2, SELECT 1
                    UPDATE T_ SET value = 0 WHERE id = 1                     | UPDATE 1
                    UPDATE T__child SET id = 2                               | UPDATE 1
                    """)
    void aLoserGoesOnAsIfItWereAlone(String statement, String answer) throws Exception {
        try (RawSession one = RawSession.of(cluster);
                RawSession two = RawSession.of(cluster)) {
            loseAConflict(one, two);
            assertThat(run(one, sql(statement))).isEqualTo(answer + ", ready T");
            assertThat(one.query(sql("SELECT sum(value) FROM T__alone"))).endsWith("ready T");
            assertThat(one.query("COMMIT")).isEqualTo(CONFLICT + ", ready I");
            assertThat(one.query(sql("SELECT value FROM T__alone ORDER BY id")))
                    .isEqualTo("row 12, row 20, SELECT 2, ready I");
        }
    }

    /** Where it would not be sure that the answer is that of a cluster. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    INSERT INTO T__alone VALUES (2, 1)
                    INSERT INTO T__alone VALUES (3, 1, 'b')
                    UPDATE T__alone SET email = 'a' WHERE id = 2
                    UPDATE T__alone SET value = 1000
                    INSERT INTO T__alone VALUES (1, 1) ON CONFLICT DO NOTHING
                    INSERT INTO T__child VALUES (2, 1)
                    DELETE FROM T_ WHERE id = 3
                    UPDATE T_ SET id = 4 WHERE id = 3
                    UPDATE T__child SET parent = 2
                    INSERT INTO T__partial VALUES (1, 0)
                    SELECT * FROM T__generated
                    SELECT T__function()
                    UPDATE public.T__alone SET value = 1
                    SELECT * FROM T__view
                    INSERT INTO T__keyless VALUES (1)
                    SELECT xmin FROM T__alone
                    SET LOCAL search_path = public
                    SELECT set_config('search_path', 'public', true)
                    COPY T__alone TO STDOUT
                    CREATE INDEX ASYNC ON T__alone (value)
                    """)
    void whereALoserCannotGoOnItIsToldAtTheStatement(String statement) throws Exception {
        try (RawSession one = RawSession.of(cluster);
                RawSession two = RawSession.of(cluster)) {
            loseAConflict(one, two);
            assertThat(one.query(sql(statement))).isEqualTo(CONFLICT + ", ready E");
            assertThat(one.query("ROLLBACK")).isEqualTo("ROLLBACK, ready I");
        }
    }

    @Test
    void aLoserThatHasSeenWhatIsNeverTheSameIsToldAtTheStatement() throws Exception {
        try (RawSession one = RawSession.of(cluster);
                RawSession two = RawSession.of(cluster)) {
            one.query("BEGIN");
            run(one, "SELECT clock_timestamp()");
            run(two, sql("UPDATE T_ SET value = 12 WHERE id = 1"));
            assertThat(one.query(sql("UPDATE T_ SET value = 11 WHERE id = 1"))).isEqualTo(CONFLICT + ", ready E");
        }
    }

    @Test
    void aConflictThatATriggerRaisesIsToldAtTheStatement() throws Exception {
        cluster.execute(sql("""
                CREATE FUNCTION T__raise() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  RAISE 'change conflicts with another transaction (OC000)' USING ERRCODE = '40001';
                END $$;
                CREATE TRIGGER raise BEFORE INSERT ON T_ FOR EACH ROW WHEN (NEW.id > 100) EXECUTE FUNCTION T__raise()"""));
        try (RawSession one = RawSession.of(cluster);
                RawSession two = RawSession.of(cluster)) {
            one.query("BEGIN");
            assertThat(run(one, sql("INSERT INTO T_ VALUES (101, 1)"))).isEqualTo(CONFLICT + ", ready E");
            one.query("ROLLBACK");

            loseAConflict(one, two);
            assertThat(run(one, sql("INSERT INTO T_ VALUES (5, 1)"))).endsWith(CONFLICT + ", ready E");
        }
    }

    @Test
    void preparedStatementsAndBatchesOfALoserGoOn() throws Exception {
        try (Connection one = cluster.dataSource().getConnection();
                Connection two = cluster.dataSource().getConnection();
                PreparedStatement update = one.prepareStatement(sql("UPDATE T_ SET value = value + ? WHERE id = ?"));
                PreparedStatement select = one.prepareStatement(sql("SELECT value FROM T_ WHERE id = ?"));
                PreparedStatement delete = one.prepareStatement(sql("DELETE FROM T__child WHERE id > ?"));
                Statement other = two.createStatement()) {
            for (int i = 0; i < 8; i++) { // The driver names its statements from the fifth one on.
                one.setAutoCommit(false);
                select.setInt(1, 1);
                select.executeQuery().close();
                other.executeUpdate(sql("UPDATE T_ SET value = 100 WHERE id = 1"));
                for (int id = 3; id > 0; id--) {
                    update.setInt(1, i + 1);
                    update.setInt(2, id);
                    update.addBatch();
                }
                assertThat(update.executeBatch()).containsExactly(1, 1, 1);
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    assertThat(row.getInt(1)).isEqualTo((i == 0 ? 10 : 100) + i + 1);
                }
                delete.setInt(1, 0);
                assertThat(delete.executeUpdate()).isEqualTo(i == 0 ? 0 : 1);
                assertThatThrownBy(one::commit).hasMessageContaining("OC000");
                one.setAutoCommit(true);
                other.executeUpdate(sql("DELETE FROM T__child"));
                other.executeUpdate(sql("INSERT INTO T__child VALUES (1, 1)"));
                assertThat(delete.executeUpdate()).isEqualTo(1);
                other.executeUpdate(sql("INSERT INTO T__child VALUES (1, 1)"));
            }
        }
    }

    @Test
    void aRoleThatOnlyUsesTheTablesGoesOnToo() throws Exception {
        String role = table + "_role";
        cluster.createRole(role);
        cluster.execute(sql("GRANT SELECT, INSERT, UPDATE, DELETE ON T_ TO " + role));
        try (Connection one = cluster.dataSource(role).getConnection();
                Statement statement = one.createStatement();
                RawSession two = RawSession.of(cluster)) {
            one.setAutoCommit(false);
            statement.executeQuery(sql("SELECT value FROM T_")).close();
            two.query(sql("UPDATE T_ SET value = 0"));
            assertThat(statement.executeUpdate(sql("UPDATE T_ SET value = 1 WHERE value > 15")))
                    .isEqualTo(2);
            assertThatThrownBy(one::commit).hasMessageContaining("OC000");
        }
    }

    @Test
    void aSchemaChangeDoesNotWait() throws Exception {
        try (RawSession one = RawSession.of(cluster);
                RawSession two = RawSession.of(cluster)) {
            one.query("BEGIN");
            run(one, sql("UPDATE T_ SET value = 11 WHERE id = 1"));
            assertThat(run(two, sql("ALTER TABLE T_ ADD COLUMN more text"))).isEqualTo("ALTER TABLE, ready I");
            assertThat(one.query("COMMIT"))
                    .isEqualTo("40001 schema has been updated by another transaction, please retry: (OC001), ready I");
        }
    }

    @Test
    void aTransactionWithACopyIsNotWaitedForEither() throws Exception {
        try (RawSession one = RawSession.of(cluster);
                RawSession two = RawSession.of(cluster)) {
            one.query("BEGIN");
            one.send(
                    RawSession.queryMessage(sql("COPY T__child FROM STDIN")),
                    RawSession.copyData("1\t1\n"),
                    RawSession.copyDone());
            assertThat(one.answer()).isEqualTo("copy in, COPY 1, ready T");
            assertThat(run(two, sql("DELETE FROM T_ WHERE id = 1"))).isEqualTo(CONFLICT + ", ready I");
            assertThat(one.query("COMMIT")).isEqualTo("COMMIT, ready I");
        }
    }

    @Test
    void theDriverSeesItAtCommit() throws Exception {
        try (Connection one = cluster.dataSource().getConnection();
                Connection two = cluster.dataSource().getConnection()) {
            for (int i = 0; i < 8; i++) { // The driver names its statements from the fifth one on.
                one.setAutoCommit(false);
                two.setAutoCommit(false);
                try (PreparedStatement of1 = one.prepareStatement(sql("UPDATE T_ SET value = ? WHERE id = 1"));
                        PreparedStatement of2 = two.prepareStatement(sql("UPDATE T_ SET value = ? WHERE id = 1"))) {
                    of1.setInt(1, i);
                    assertThat(of1.executeUpdate()).isEqualTo(1);
                    of2.setInt(1, i);
                    assertThat(of2.executeUpdate()).isEqualTo(1);
                    try (ResultSet row = of1.getConnection()
                            .createStatement()
                            .executeQuery(sql("SELECT value FROM T_ WHERE id = 1"))) {
                        row.next();
                        assertThat(row.getInt(1)).isEqualTo(i);
                    }
                }
                one.commit();
                assertThatThrownBy(two::commit)
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("40001"))
                        .hasMessageContaining("OC000");
                one.setAutoCommit(true);
                two.setAutoCommit(true);
            }
        }
    }

    @Test
    void aCursorGoesOnAfterItsTransactionGaveWay() throws Exception {
        try (Connection one = cluster.dataSource().getConnection();
                RawSession two = RawSession.of(cluster)) {
            one.setAutoCommit(false);
            try (Statement statement = one.createStatement()) {
                statement.executeUpdate(sql("UPDATE T_ SET value = 31 WHERE id = 3"));
                statement.setFetchSize(2);
                try (ResultSet rows = statement.executeQuery(sql("SELECT value FROM T_ ORDER BY id"))) {
                    rows.next();
                    two.query("BEGIN");
                    assertThat(run(two, sql("UPDATE T_ SET value = 32 WHERE id = 3")))
                            .isEqualTo("UPDATE 1, ready T");
                    two.query("ROLLBACK");
                    List<Integer> values = new ArrayList<>(List.of(rows.getInt(1)));
                    while (rows.next()) {
                        values.add(rows.getInt(1));
                    }
                    assertThat(values).containsExactly(10, 20, 31);
                }
            }
            one.commit();
        }
    }

    @Test
    void aTransactionKeepsItsSnapshotWhenItGaveWay() throws Exception {
        try (RawSession one = RawSession.of(cluster);
                RawSession two = RawSession.of(cluster);
                RawSession three = RawSession.of(cluster)) {
            one.query("BEGIN");
            run(one, sql("UPDATE T_ SET value = 11 WHERE id = 1"));
            two.query("BEGIN");
            run(two, sql("UPDATE T_ SET value = 12 WHERE id = 1"));
            run(three, sql("UPDATE T_ SET value = 22 WHERE id = 2"));
            two.query("ROLLBACK");
            assertThat(run(one, sql("SELECT value FROM T_ ORDER BY id"))).startsWith("row 11, row 20, row 30,");
            assertThat(one.query("COMMIT")).isEqualTo("COMMIT, ready I");
        }
    }

    // ---- many transactions at the same time

    /** What a session should see: its snapshot with its own changes. */
    private static final class Model {
        private final Map<Integer, Integer> snapshot = new TreeMap<>();
        private final Map<Integer, Integer> own = new TreeMap<>();
        private final Set<Integer> locked = new TreeSet<>();
        private boolean begun;
        private long beganAt;
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("conflicts.seeds", 4));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void holdsSnapshotIsolation(long seed) throws Exception {
        // No other table refers to it.
        table += "_alone";
        Random random = new Random(seed);
        int sessions = 4;
        int rows = 5;
        Map<Integer, Integer> committed = new TreeMap<>();
        Map<Integer, Long> changedAt = new TreeMap<>();
        Map<Integer, Long> lockedAt = new TreeMap<>();
        List<RawSession> clients = new ArrayList<>();
        List<Model> models = new ArrayList<>();
        int commits = 0;
        int conflicts = 0;
        try (RawSession admin = RawSession.of(cluster)) {
            admin.query(sql("CREATE TABLE T_ (id int PRIMARY KEY, value int)"));
            for (int id = 1; id <= rows; id++) {
                admin.query(sql("INSERT INTO T_ VALUES (" + id + ", 0)"));
                committed.put(id, 0);
                changedAt.put(id, 0L);
            }
            for (int i = 0; i < sessions; i++) {
                clients.add(RawSession.of(cluster));
                models.add(new Model());
            }
            for (long step = 1; step <= 250; step++) {
                int which = random.nextInt(sessions);
                RawSession client = clients.get(which);
                Model model = models.get(which);
                String context = "seed " + seed + ", step " + step + ", session " + which;
                if (!model.begun) {
                    assertThat(client.query("BEGIN")).as(context).isEqualTo("BEGIN, ready T");
                    model.begun = true;
                    model.beganAt = step;
                    model.own.clear();
                    model.locked.clear();
                    model.snapshot.clear();
                    model.snapshot.putAll(committed);
                    continue;
                }
                int id = 1 + random.nextInt(rows);
                Integer seen = model.own.containsKey(id) ? model.own.get(id) : model.snapshot.get(id);
                int hits = seen == null ? 0 : 1;
                String row = seen == null ? "" : "row " + seen + ", ";
                switch (random.nextInt(16)) {
                    case 0, 1, 2, 3, 4, 5 -> {
                        int value = seen == null ? 0 : seen + 1;
                        assertThat(run(client, sql("UPDATE T_ SET value = " + value + " WHERE id = " + id)))
                                .as(context)
                                .isEqualTo("UPDATE " + hits + ", ready T");
                        if (seen != null) {
                            model.own.put(id, value);
                        }
                    }
                    case 6, 7 ->
                        assertThat(run(client, sql("SELECT value FROM T_ WHERE id = " + id)))
                                .as(context)
                                .isEqualTo(row + "SELECT " + hits + ", ready T");
                    case 8, 9 -> {
                        assertThat(run(client, sql("SELECT value FROM T_ WHERE id = " + id + " FOR UPDATE")))
                                .as(context)
                                .isEqualTo(row + "SELECT " + hits + ", ready T");
                        if (seen != null) {
                            model.locked.add(id);
                        }
                    }
                    case 10 -> {
                        boolean isGone = seen == null && model.own.containsKey(id);
                        String change =
                                isGone ? "INSERT INTO T_ VALUES (" + id + ", 0)" : "DELETE FROM T_ WHERE id = " + id;
                        assertThat(client.query(sql(change)))
                                .as(context)
                                .isEqualTo((isGone ? "INSERT 0 1" : "DELETE " + hits) + ", ready T");
                        if (isGone || seen != null) {
                            model.own.put(id, isGone ? 0 : null);
                        }
                    }
                    case 11, 12, 13 -> {
                        String answer = client.query("COMMIT");
                        Set<Integer> touched = new TreeSet<>(model.own.keySet());
                        touched.addAll(model.locked);
                        if (answer.equals("COMMIT, ready I")) {
                            assertThat(touched).as(context).noneMatch(touch -> changedAt.get(touch) > model.beganAt);
                            committed.putAll(model.own);
                            committed.values().removeIf(Objects::isNull);
                            for (int touch : model.own.keySet()) {
                                changedAt.put(touch, step);
                            }
                            for (int touch : model.locked) {
                                lockedAt.put(touch, step);
                            }
                            commits++;
                        } else {
                            assertThat(answer).as(context).isEqualTo(CONFLICT + ", ready I");
                            assertThat(touched)
                                    .as(context)
                                    .anyMatch(touch -> changedAt.get(touch) > model.beganAt
                                            || lockedAt.getOrDefault(touch, 0L) > model.beganAt);
                            conflicts++;
                        }
                        model.begun = false;
                    }
                    default -> {
                        assertThat(client.query("ROLLBACK")).as(context).isEqualTo("ROLLBACK, ready I");
                        model.begun = false;
                    }
                }
            }
            for (RawSession client : clients) {
                client.close();
            }
            StringBuilder expected = new StringBuilder();
            committed.forEach(
                    (id, value) -> expected.append("row ").append(value).append(", "));
            assertThat(admin.query(sql("SELECT value FROM T_ ORDER BY id")))
                    .isEqualTo(expected + "SELECT " + committed.size() + ", ready I");
            assertThat(commits).as("commits").isPositive();
            assertThat(conflicts).as("conflicts").isPositive();
        }
    }

    @Test
    void transfersOfManySessionsKeepTheSum() throws Exception {
        int sessions = 6;
        ExecutorService threads = Executors.newFixedThreadPool(sessions + 1);
        try (RawSession admin = RawSession.of(cluster)) {
            AtomicInteger running = new AtomicInteger(sessions);
            List<Future<Integer>> transfers = new ArrayList<>();
            for (int i = 0; i < sessions; i++) {
                Random random = new Random(i);
                transfers.add(threads.submit(() -> {
                    try {
                        return transfer(random, 40);
                    } finally {
                        running.decrementAndGet();
                    }
                }));
            }
            // Sessions that end in the middle of a transaction hurt nobody.
            Future<?> dying = threads.submit(() -> {
                while (running.get() > 0) {
                    try (RawSession session = RawSession.of(cluster)) {
                        session.query("BEGIN");
                        session.query(sql("UPDATE T_ SET value = 1000"));
                    }
                }
                return null;
            });
            int conflicts = 0;
            for (Future<Integer> transfer : transfers) {
                conflicts += transfer.get(90, TimeUnit.SECONDS);
            }
            dying.get(30, TimeUnit.SECONDS);
            assertThat(admin.query(sql("SELECT sum(value), min(value) > -1000 FROM T_")))
                    .startsWith("row 60|t,");
            assertThat(conflicts).isPositive();
        } finally {
            threads.shutdownNow();
        }
    }

    /** Reads two accounts and writes both; tries again after a conflict. */
    private int transfer(Random random, int count) throws SQLException {
        int conflicts = 0;
        try (Connection connection = cluster.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            for (int done = 0; done < count; ) {
                int from = 1 + random.nextInt(3);
                int to = 1 + (from + random.nextInt(2)) % 3;
                try (Statement statement = connection.createStatement()) {
                    int first = value(statement, from);
                    int second = value(statement, to);
                    statement.executeUpdate(sql("UPDATE T_ SET value = " + (first - 1) + " WHERE id = " + from));
                    statement.executeUpdate(sql("UPDATE T_ SET value = " + (second + 1) + " WHERE id = " + to));
                    connection.commit();
                    done++;
                } catch (SQLException e) {
                    if (!"40001".equals(e.getSQLState())) {
                        throw e;
                    }
                    conflicts++;
                    connection.rollback();
                }
            }
        }
        return conflicts;
    }

    private int value(Statement statement, int id) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql("SELECT value FROM T_ WHERE id = " + id))) {
            row.next();
            return row.getInt(1);
        }
    }
}
