package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The anomalies of Adya's thesis, and which of them a cluster prevents: published for DSQL by Marc Brooker. A step is a number of a
 * session, its statement, and after {@code ->} the answer; without an answer the statement succeeds. All sessions begin first.
 */
@Timeout(60)
class IsolationTest {
    private static final String CONFLICT = "40001 change conflicts with another transaction (OC000)";

    @AutoClose
    private static final LocalDsql cluster = LocalDsql.start();

    private void happens(String name, String steps) throws Exception {
        List<RawSession> sessions = new ArrayList<>();
        try {
            for (int i = 0; i < 3; i++) {
                sessions.add(RawSession.of(cluster));
            }
            sessions.get(0).query("CREATE TABLE " + name + " (id int PRIMARY KEY, value int)");
            sessions.get(0).query("INSERT INTO " + name + " VALUES (1, 10), (2, 20)");
            for (RawSession session : sessions) {
                session.query("BEGIN");
            }
            for (String step : steps.lines().toList()) {
                String[] parts = step.split("->");
                RawSession session = sessions.get(step.charAt(0) - '1');
                String answer = session.query(parts[0].substring(2).strip().replace("T_", name));
                if (parts.length == 1) {
                    assertThat(answer).as(step).doesNotContain("4000").endsWith(step.contains("COMMIT") ? "I" : "T");
                } else {
                    assertThat(answer)
                            .as(step)
                            .startsWith(parts[1].strip().replace("conflict", CONFLICT + ", ready I"));
                }
            }
        } finally {
            for (RawSession session : sessions) {
                session.close();
            }
        }
    }

    @Test
    void dirtyWritesArePrevented() throws Exception {
        happens("g0", """
                1 UPDATE T_ SET value = 11 WHERE id = 1
                2 UPDATE T_ SET value = 12 WHERE id = 1 -> UPDATE 1
                1 UPDATE T_ SET value = 21 WHERE id = 2
                1 COMMIT
                2 UPDATE T_ SET value = 22 WHERE id = 2 -> UPDATE 1
                2 COMMIT -> conflict
                1 SELECT value FROM T_ ORDER BY id -> row 11, row 21""");
    }

    @Test
    void abortedReadsArePrevented() throws Exception {
        happens("g1a", """
                1 UPDATE T_ SET value = 101 WHERE id = 1
                2 SELECT value FROM T_ ORDER BY id -> row 10, row 20
                1 ROLLBACK -> ROLLBACK
                2 SELECT value FROM T_ ORDER BY id -> row 10, row 20
                2 COMMIT""");
    }

    @Test
    void intermediateReadsArePrevented() throws Exception {
        happens("g1b", """
                1 UPDATE T_ SET value = 101 WHERE id = 1
                2 SELECT value FROM T_ ORDER BY id -> row 10, row 20
                1 UPDATE T_ SET value = 11 WHERE id = 1
                1 COMMIT
                2 SELECT value FROM T_ ORDER BY id -> row 10, row 20
                2 COMMIT""");
    }

    @Test
    void circularInformationFlowIsPrevented() throws Exception {
        happens("g1c", """
                1 UPDATE T_ SET value = 11 WHERE id = 1
                2 UPDATE T_ SET value = 22 WHERE id = 2
                1 SELECT value FROM T_ WHERE id = 2 -> row 20
                2 SELECT value FROM T_ WHERE id = 1 -> row 10
                1 COMMIT
                2 COMMIT""");
    }

    @Test
    void observedTransactionsDoNotVanish() throws Exception {
        happens("otv", """
                1 UPDATE T_ SET value = 11 WHERE id = 1
                1 UPDATE T_ SET value = 19 WHERE id = 2
                2 UPDATE T_ SET value = 12 WHERE id = 1 -> UPDATE 1
                1 COMMIT
                3 SELECT value FROM T_ WHERE id = 1 -> row 10
                2 UPDATE T_ SET value = 18 WHERE id = 2 -> UPDATE 1
                3 SELECT value FROM T_ WHERE id = 2 -> row 20
                2 COMMIT -> conflict
                3 SELECT value FROM T_ ORDER BY id -> row 10, row 20
                3 COMMIT""");
    }

    @Test
    void predicatesAreReadOnTheSnapshot() throws Exception {
        happens("pmp", """
                1 SELECT value FROM T_ WHERE value = 30 -> SELECT 0
                2 INSERT INTO T_ VALUES (3, 30)
                2 COMMIT
                1 SELECT value FROM T_ WHERE value % 3 = 0 -> SELECT 0
                1 COMMIT""");
    }

    @Test
    void predicatesOfWritesAreReadOnTheSnapshotToo() throws Exception {
        happens("pmp_write", """
                1 UPDATE T_ SET value = value + 10
                2 DELETE FROM T_ WHERE value = 20 -> DELETE 1
                1 COMMIT
                2 SELECT value FROM T_ ORDER BY id -> row 10, SELECT 1
                2 COMMIT -> conflict""");
    }

    @Test
    void updatesAreNotLost() throws Exception {
        happens("p4", """
                1 SELECT value FROM T_ WHERE id = 1 -> row 10
                2 SELECT value FROM T_ WHERE id = 1 -> row 10
                1 UPDATE T_ SET value = 11 WHERE id = 1
                2 UPDATE T_ SET value = 11 WHERE id = 1 -> UPDATE 1
                1 COMMIT
                2 COMMIT -> conflict""");
    }

    @Test
    void updatesAreNotLostIfTheFirstOneIsCommitted() throws Exception {
        happens("p4_late", """
                1 SELECT value FROM T_ WHERE id = 1 -> row 10
                2 UPDATE T_ SET value = 12 WHERE id = 1
                2 COMMIT
                1 UPDATE T_ SET value = 11 WHERE id = 1 -> UPDATE 1
                1 SELECT value FROM T_ ORDER BY id -> row 11, row 20
                1 COMMIT -> conflict""");
    }

    @Test
    void readsAreNotSkewed() throws Exception {
        happens("g_single", """
                1 SELECT value FROM T_ WHERE id = 1 -> row 10
                2 UPDATE T_ SET value = 12 WHERE id = 1
                2 UPDATE T_ SET value = 18 WHERE id = 2
                2 COMMIT
                1 SELECT value FROM T_ WHERE id = 2 -> row 20
                1 COMMIT""");
    }

    @Test
    void readsByPredicateAreNotSkewed() throws Exception {
        happens("g_single_predicate", """
                1 SELECT value FROM T_ WHERE value % 5 = 0 ORDER BY id -> row 10, row 20
                2 UPDATE T_ SET value = 12 WHERE value = 10
                2 COMMIT
                1 SELECT value FROM T_ WHERE value % 3 = 0 -> SELECT 0
                1 COMMIT""");
    }

    @Test
    void writesByPredicateAreNotSkewed() throws Exception {
        happens("g_single_write", """
                1 SELECT value FROM T_ WHERE id = 1 -> row 10
                2 UPDATE T_ SET value = 12 WHERE id = 1
                2 UPDATE T_ SET value = 18 WHERE id = 2
                2 COMMIT
                1 DELETE FROM T_ WHERE value = 20 -> DELETE 1
                1 SELECT value FROM T_ -> row 10, SELECT 1
                1 COMMIT -> conflict""");
    }

    @Test
    void writeSkewIsNotPrevented() throws Exception {
        happens("g2_item", """
                1 SELECT value FROM T_ WHERE id IN (1, 2)
                2 SELECT value FROM T_ WHERE id IN (1, 2)
                1 UPDATE T_ SET value = 11 WHERE id = 1
                2 UPDATE T_ SET value = 21 WHERE id = 2
                1 COMMIT
                2 COMMIT""");
    }

    @Test
    void writeSkewIsPreventedByForUpdate() throws Exception {
        happens("g2_item_for_update", """
                1 SELECT value FROM T_ WHERE id IN (1, 2) FOR UPDATE
                2 SELECT value FROM T_ WHERE id IN (1, 2) FOR UPDATE
                1 UPDATE T_ SET value = 11 WHERE id = 1
                2 UPDATE T_ SET value = 21 WHERE id = 2
                1 COMMIT
                2 COMMIT -> conflict""");
    }

    @Test
    void writeSkewByPredicateIsNotPrevented() throws Exception {
        happens("g2", """
                1 SELECT value FROM T_ WHERE value % 3 = 0 -> SELECT 0
                2 SELECT value FROM T_ WHERE value % 3 = 0 -> SELECT 0
                1 INSERT INTO T_ VALUES (3, 30)
                2 INSERT INTO T_ VALUES (4, 42)
                1 COMMIT
                2 COMMIT""");
    }
}
