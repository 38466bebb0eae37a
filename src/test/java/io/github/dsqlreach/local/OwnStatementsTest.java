package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The statements and the schema that a cluster has and PostgreSQL has not. */
class OwnStatementsTest {
    private static final Pattern JOB = Pattern.compile("row ([a-z2-7]{26}), CREATE INDEX, ready ([IT])");

    @AutoClose
    private static final LocalDsql cluster = LocalDsql.start();

    @BeforeAll
    static void makeTables() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.query("CREATE TABLE item (id int PRIMARY KEY, name text, size int)");
            session.query("CREATE TABLE twice (id int PRIMARY KEY, name text)");
            session.query("INSERT INTO twice VALUES (1, 'same'), (2, 'same')");
            session.query("CREATE TABLE parent (id int PRIMARY KEY)");
            session.query("CREATE TABLE child (id int PRIMARY KEY, parent_id int)");
            session.query("INSERT INTO child VALUES (1, 1)");
        }
    }

    // ---- indexes

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    CREATE INDEX ASYNC by_name ON item (name)                             | by_name
                    create index async if not exists by_size on item (size)               | by_size
                    CREATE UNIQUE INDEX ASYNC by_both ON item (name, size)                | by_both
                    /* a comment */ CREATE INDEX/* another */ASYNC partial ON item (size) WHERE size > 0                           | partial
                    CREATE INDEX ASYNC ON item ((lower(name)))                            | item_lower_idx
                    CREATE INDEX ASYNC "async" ON item (name) INCLUDE (size);             | async
                    CREATE INDEX ASYNC dollars ON item (name) WHERE name = '$dsql$ $$'    | dollars
                    """)
    void makesAnIndexByAJob(String sql, String index) throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.query("BEGIN"); // Until its end nothing is done in the background.
            Matcher job = JOB.matcher(session.query(sql));
            assertThat(job.matches()).isTrue();
            String id = job.group(1);
            assertThat(session.query("SELECT status, job_type, class_id, object_name, update_time FROM sys.jobs"
                            + " WHERE job_id = '" + id + "'"))
                    .isEqualTo("row submitted|INDEX_BUILD|1259|public." + index + "|null, SELECT 1, ready T");
            assertThat(session.query(
                            "SELECT indisvalid FROM pg_index WHERE indexrelid = '\"" + index + "\"'::regclass"))
                    .contains("row f,");
            session.query("COMMIT");

            assertThat(session.query("CALL sys.wait_for_job('" + id + "')")).isEqualTo("row t, CALL, ready I");

            assertThat(session.query(
                            "SELECT status, object_name, update_time >= start_time FROM sys.jobs WHERE job_id = '" + id
                                    + "'"))
                    .isEqualTo("row completed|null|t, SELECT 1, ready I");
            assertThat(session.query(
                            "SELECT indisvalid FROM pg_index WHERE indexrelid = '\"" + index + "\"'::regclass"))
                    .contains("row t,");
        }
    }

    @Test
    void aJobIsDoneSoonThoughNobodyWaitsForIt() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query("BEGIN")).isEqualTo("BEGIN, ready T");
            Matcher job = JOB.matcher(session.execute("CREATE INDEX ASYNC unattended ON item (name)")
                    .replace("parsed, bound, ", ""));
            assertThat(job.matches()).isTrue();
            assertThat(session.query("COMMIT")).isEqualTo("COMMIT, ready I");
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> session.query("SELECT status FROM sys.jobs WHERE job_id = '" + job.group(1) + "'")
                            .contains("row completed"));
        }
    }

    @Test
    void aRollbackTakesIndexAndJobBack() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.query("BEGIN");
            Matcher job = JOB.matcher(session.query("CREATE INDEX ASYNC rolled_back ON item (name)"));
            assertThat(job.matches()).isTrue();
            session.query("ROLLBACK");
            assertThat(session.query("SELECT 1 FROM sys.jobs WHERE job_id = '" + job.group(1) + "'"))
                    .isEqualTo("SELECT 0, ready I");
            assertThat(session.query("DROP INDEX rolled_back")).startsWith("42704 ");
        }
    }

    @Test
    void aUniqueIndexThatTheDataDoNotAllowFailsItsJobAndIsNotValid() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            Matcher job = JOB.matcher(session.query("CREATE UNIQUE INDEX ASYNC impossible ON twice (name)"));
            assertThat(job.matches()).isTrue();
            assertThat(session.query("CALL sys.wait_for_job('" + job.group(1) + "')"))
                    .isEqualTo("row f, CALL, ready I");
            assertThat(session.query("SELECT status, details FROM sys.jobs WHERE job_id = '" + job.group(1) + "'"))
                    .isEqualTo("row failed|could not create unique index \"impossible\", SELECT 1, ready I");
            assertThat(session.query("SELECT indisunique, indisvalid FROM pg_index WHERE indexrelid ="
                            + " 'impossible'::regclass"))
                    .isEqualTo("row t|f, SELECT 1, ready I");
            assertThat(session.query("INSERT INTO twice VALUES (3, 'same')")).isEqualTo("INSERT 0 1, ready I");
            assertThat(session.query("DROP INDEX impossible")).isEqualTo("DROP INDEX, ready I");
        }
    }

    @Test
    void aConstraintIsValidatedByAJob() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.query(
                    "ALTER TABLE child ADD CONSTRAINT of_parent FOREIGN KEY (parent_id) REFERENCES parent NOT VALID");
            String sql = "ALTER TABLE ASYNC child VALIDATE CONSTRAINT of_parent";
            String failed = session.query(sql);
            assertThat(failed).matches("row [a-z2-7]{26}, ALTER TABLE, ready I");
            assertThat(session.query("CALL sys.wait_for_job('" + failed.substring(4, 30) + "')"))
                    .startsWith("row f");
            session.query("INSERT INTO parent VALUES (1)");
            String done = session.execute(sql).replace("parsed, bound, ", "");
            assertThat(session.query("CALL sys.wait_for_job('" + done.substring(4, 30) + "')"))
                    .startsWith("row t");
            assertThat(session.query("SELECT convalidated FROM pg_constraint WHERE conname = 'of_parent'"))
                    .startsWith("row t");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    CREATE INDEX ASYNC public.qualified ON item (name)  | 42601 syntax error at or near "."
                    CREATE INDEX ASYNC IF NOT EXISTS ON item (name)     | 42601 syntax error at or near "ON"
                    CREATE INDEX ASYNC lost ON nowhere (name)           | 42P01 relation "nowhere" does not exist
                    CREATE INDEX ASYNC lost ON item (nothing)           | 42703 column "nothing" does not exist
                    ALTER TABLE ASYNC item VALIDATE CONSTRAINT nothing  | 42704 constraint "nothing" of relation "item" does not exist
                    """)
    void errorsAreThoseOfTheStatement(String sql, String error) throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query(sql)).isEqualTo(error + ", ready I");
            assertThat(session.execute(sql)).isEqualTo("parsed, bound, " + error + ", ready I");
        }
    }

    @Test
    void errorsDoNotTellOfTheFunctionsBehindIt() throws Exception {
        try (Connection connection = cluster.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : new String[] {
                "CREATE INDEX ASYNC public.qualified ON item (name)", "AWS IAM GRANT nobody TO 'arn:aws:iam::1:user/x'"
            }) {
                assertThatThrownBy(() -> statement.execute(sql))
                        .isInstanceOfSatisfying(
                                org.postgresql.util.PSQLException.class,
                                e -> assertThat(e.getServerErrorMessage().toString())
                                        .doesNotContain("dsql_reach", "PL/pgSQL", "EXECUTE"));
            }
        }
    }

    @Test
    void theDriverSeesARowAsOnACluster() throws Exception {
        try (Connection connection = cluster.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeUpdate("CREATE INDEX ASYNC by_driver ON item (name)"))
                    .hasMessageContaining("A result was returned when none was expected");
            try (PreparedStatement prepared =
                    connection.prepareStatement("CREATE INDEX ASYNC IF NOT EXISTS again ON item (name)")) {
                for (int i = 0; i < 7; i++) { // The driver names the statement from the fifth one on.
                    try (ResultSet row = prepared.executeQuery()) {
                        assertThat(row.next()).isTrue();
                        assertThat(row.getString("job_id")).matches("[a-z2-7]{26}");
                    }
                }
            }
            try (CallableStatement call = connection.prepareCall("CALL sys.wait_for_job(?)")) {
                call.setString(1, someJob(connection));
                try (ResultSet row = call.executeQuery()) {
                    assertThat(row.next()).isTrue();
                    assertThat(row.getBoolean(1)).isTrue();
                }
            }
            statement.execute("DROP INDEX by_driver");
        }
    }

    private static String someJob(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT job_id FROM sys.jobs WHERE status <> 'failed'")) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no-such-job", "", "aaaaaaaaaaaaaaaaaaaaaaaaab", "AAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void anIdOfAJobHasItsForm(String id) throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query("CALL sys.wait_for_job('" + id + "')"))
                    .isEqualTo("22P02 Unable to convert text to UUID, ready I");
        }
    }

    @Test
    void convertsIdsOfJobs() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(
                            session.query(
                                    "SELECT sys.uuid_to_base32_str('00000000-0000-0000-0000-0000000000ff'),"
                                            + " sys.base32_str_to_uuid(sys.uuid_to_base32_str('fedcba98-7654-3210-0123-456789abcdef'))"))
                    .isEqualTo(
                            "row aaaaaaaaaaaaaaaaaaaaaaaa74|fedcba98-7654-3210-0123-456789abcdef, SELECT 1, ready I");
        }
    }

    @Test
    void whatIsUnderneathIsNotForClients() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            for (String sql : new String[] {
                "SELECT * FROM dsql_reach.job",
                "DELETE FROM dsql_reach.iam_mapping",
                "SELECT dsql_reach.finish_jobs(NULL)",
                "DELETE FROM sys.jobs",
                "CREATE TABLE sys.mine (id int)",
                "DROP SCHEMA dsql_reach CASCADE"
            }) {
                assertThat(session.query(sql)).as(sql).startsWith("42501 ");
            }
        }
    }

    // ---- roles

    @Test
    void aRoleNeedsAMappingToLogIn() throws Exception {
        String arn = cluster.principal();
        assertThat(arn).isEqualTo("arn:aws:iam::123456789012:user/tester");
        try (RawSession session = RawSession.of(cluster)) {
            session.query("CREATE ROLE \"App 1\" WITH LOGIN");
            assertThatThrownBy(() -> cluster.dataSource("App 1").getConnection())
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28000"))
                    .hasMessageContaining("unable to accept connection, access denied");

            assertThat(session.query("AWS IAM GRANT \"App 1\" TO 'arn:aws:iam::123456789012:role/other'"))
                    .isEqualTo("AWS IAM GRANT, ready I");
            assertThatThrownBy(() -> cluster.dataSource("App 1").getConnection())
                    .hasMessageContaining("access denied");

            assertThat(session.execute("aws iam grant \"App 1\" to '" + arn + "'"))
                    .isEqualTo("parsed, bound, AWS IAM GRANT, ready I");
            cluster.dataSource("App 1").getConnection().close();
            assertThat(session.query("SELECT arn, pg_role_name, grantor_pg_role_name FROM sys.iam_pg_role_mappings"
                            + " WHERE pg_role_name = 'App 1' ORDER BY iam_oid"))
                    .isEqualTo("row arn:aws:iam::123456789012:role/other|App 1|admin, row " + arn
                            + "|App 1|admin, SELECT 2, ready I");

            assertThat(session.query("AWS IAM REVOKE \"App 1\" FROM '" + arn + "';"))
                    .isEqualTo("AWS IAM REVOKE, ready I");
            assertThatThrownBy(() -> cluster.dataSource("App 1").getConnection())
                    .hasMessageContaining("access denied");
            session.query("DROP ROLE \"App 1\"");
            assertThat(session.query("SELECT 1 FROM sys.iam_pg_role_mappings WHERE pg_role_name = 'App 1'"))
                    .isEqualTo("SELECT 0, ready I");
        }
    }

    @Test
    void refusesMappingsThatMakeNoSense() throws Exception {
        cluster.createRole("mapped");
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query("AWS IAM GRANT mapped TO '" + cluster.principal() + "'"))
                    .startsWith("42710 ");
            assertThat(session.query("AWS IAM GRANT mapped TO 'tester'"))
                    .startsWith("22023 IAM role must look like an IAM ARN");
            assertThat(session.query("AWS IAM GRANT nobody TO '" + cluster.principal() + "'"))
                    .startsWith("42704 role \"nobody\" does not exist");
            assertThat(session.query("AWS IAM REVOKE mapped FROM 'arn:aws:iam::123456789012:role/other'"))
                    .startsWith("42704 IAM role arn:aws:iam::123456789012:role/other does not exist");
            assertThat(session.query("AWS IAM GRANT mapped")).startsWith("42601 ");
        }
        try (Connection connection = cluster.dataSource("mapped").getConnection();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("AWS IAM GRANT mapped TO 'arn:aws:iam::123456789012:role/x'"))
                    .hasMessageContaining("permission denied to grant IAM trust with role mapped");
        }
    }

    @Test
    void theCredentialsMayBelongToAnotherPrincipal() throws Exception {
        String arn = "arn:aws:iam::111122223333:role/app";
        try (LocalDsql other =
                        LocalDsql.builder().inFrontOf(cluster).principal(arn).start();
                RawSession session = RawSession.of(other)) {
            session.query("CREATE ROLE of_other LOGIN");
            session.query("AWS IAM GRANT of_other TO '" + arn + "'");
            other.dataSource("of_other").getConnection().close();
            assertThatThrownBy(() -> cluster.dataSource("of_other").getConnection())
                    .hasMessageContaining("access denied");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "tester", "arn:aws:iam::1:user/x", "arn:aws:sts::111122223333:assumed-role/a/b"})
    void aPrincipalIsAnArnOfAUserOrRole(String arn) {
        assertThatThrownBy(() -> LocalDsql.builder().principal(arn))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + arn + "'");
    }
}
