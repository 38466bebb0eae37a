package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.GoldenFile;
import io.github.dsqlreach.connect.DsqlDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a cluster refuses, a local one refuses with the same text, and nothing that a cluster accepts. */
class RefusalsTest {
    private static final Path PAGE = Path.of("docs", "local-dsql.md");

    @AutoClose
    private static final LocalDsql cluster = LocalDsql.start();

    @BeforeAll
    static void makeTables() throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.query("CREATE TABLE item (id int PRIMARY KEY, name text, size int, data bytea)");
            session.query("CREATE TABLE line (id int PRIMARY KEY, async int, share int, type text, check_it int)");
        }
    }

    // ---- the words of statements

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    TRUNCATE item, line                                      | 0A000 unsupported statement: Truncate
                    /* why */ truncate item                                  | 0A000 unsupported statement: Truncate
                    CREATE TYPE public.mood AS ENUM ('a')                    | 0A000 CREATE TYPE not supported
                    CREATE TYPE pair AS (a int)                              | 0A000 unsupported statement: CompositeType
                    ALTER TYPE mood RENAME TO other                          | 0A000 unsupported object in RENAME statement
                    ALTER TYPE mood RENAME VALUE 'a' TO 'b'                  | 0A000 ALTER TYPE not supported
                    CREATE OR REPLACE TRIGGER t BEFORE INSERT ON item EXECUTE FUNCTION f() | 0A000 CREATE TRIGGER not supported
                    CREATE CONSTRAINT TRIGGER t AFTER INSERT ON item FOR EACH ROW EXECUTE FUNCTION f() | 0A000 CREATE TRIGGER not supported
                    CREATE OR REPLACE FUNCTION f() RETURNS int AS 'BEGIN RETURN 1; END' LANGUAGE 'plpgsql' | 0A000 CREATE FUNCTION with language plpgsql not supported
                    CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'          | 0A000 PROCEDURE is not supported
                    CREATE TEMP TABLE t (id int)                             | 0A000 TEMPORARY or TEMP table not supported for CREATE TABLE
                    CREATE LOCAL TEMPORARY TABLE t (id int)                  | 0A000 TEMPORARY or TEMP table not supported for CREATE TABLE
                    CREATE TABLE IF NOT EXISTS t AS SELECT 1                 | 0A000 unsupported statement: CreateTableAs
                    CREATE TABLE public.t AS TABLE item                      | 0A000 unsupported statement: CreateTableAs
                    CREATE TABLE t (a, b) AS VALUES (1, 2)                   | 0A000 unsupported statement: CreateTableAs
                    CREATE TABLE t (id int) PARTITION BY RANGE (id)          | 0A000 PARTITION BY clause not supported for CREATE TABLE
                    CREATE INDEX i ON item (name)                            | 0A000 unsupported mode. please use CREATE INDEX ASYNC.
                    CREATE UNIQUE INDEX ON item (name)                       | 0A000 unsupported mode. please use CREATE INDEX ASYNC.
                    CREATE INDEX CONCURRENTLY i ON item (name)               | 0A000 CONCURRENTLY not supported for CREATE INDEX
                    CREATE INDEX ASYNC i ON item USING hash (name)           | 0A000 USING not supported for CREATE INDEX
                    CREATE INDEX ASYNC i ON item (name DESC)                 | 0A000 specifying sort order not supported for index keys
                    ALTER TABLE item ALTER COLUMN name TYPE varchar(5)       | 0A000 unsupported ALTER TABLE ALTER COLUMN ... SET DATA TYPE statement
                    ALTER TABLE item ALTER name SET DATA TYPE varchar(5)     | 0A000 unsupported ALTER TABLE ALTER COLUMN ... SET DATA TYPE statement
                    ALTER TABLE item ALTER name SET DEFAULT 'x', ALTER size TYPE bigint | 0A000 unsupported ALTER TABLE ALTER COLUMN ... SET DATA TYPE statement
                    ALTER TABLE item ADD CONSTRAINT c CHECK (size > 0) NOT VALID, ADD CHECK (id > 0) | 0A000 unsupported ALTER TABLE ADD CONSTRAINT statement
                    ALTER TABLE item ADD UNIQUE (name)                       | 0A000 unsupported ALTER TABLE ADD CONSTRAINT statement
                    ALTER TABLE item ADD FOREIGN KEY (size) REFERENCES item  | 0A000 unsupported ALTER TABLE ADD CONSTRAINT statement
                    ALTER TABLE ONLY item VALIDATE CONSTRAINT c              | 0A000 unsupported ALTER TABLE VALIDATE CONSTRAINT statement
                    ALTER TABLE IF EXISTS item ENABLE ROW LEVEL SECURITY     | 0A000 unsupported ALTER TABLE ENABLE ROW SECURITY statement
                    CREATE TABLE t (size int) INHERITS (item)                | 0A000 INHERITS clause not supported for CREATE TABLE
                    CREATE TABLE t (id int) WITH (fillfactor = 70)           | 0A000 WITH clause not supported for CREATE TABLE
                    CREATE OR REPLACE TEMP VIEW v AS SELECT 1                | 0A000 TEMPORARY or TEMP view not supported for CREATE VIEW
                    ALTER TABLE item REPLICA IDENTITY FULL                   | 0A000 unsupported ALTER TABLE REPLICA IDENTITY statement
                    CREATE SEQUENCE s AS integer CACHE 1                     | 22023 sequence type must be bigint
                    CREATE SEQUENCE s CACHE 1 AS decimal(10, 0)              | 22023 sequence type must be bigint
                    ALTER SEQUENCE s AS smallint                             | 22023 sequence type must be bigint
                    ROLLBACK WORK TO SAVEPOINT s                             | 0A000 unsupported transaction statement: ROLLBACK TO
                    RELEASE s                                                | 0A000 unsupported transaction statement: RELEASE
                    WITH s AS (SELECT 1 AS id) MERGE INTO item USING s ON item.id = s.id WHEN MATCHED THEN DELETE | 0A000 unsupported statement type: MERGE
                    SELECT * FROM (SELECT * FROM item FOR SHARE) x           | 0A000 locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported
                    SELECT * FROM item WHERE name = 'for update' FOR NO KEY UPDATE | 0A000 locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported
                    SELECT pg_advisory_lock(1)                               | 0A000 function pg_advisory_lock not supported
                    LOCK TABLE item                                          | 0A000 unsupported statement: Lock
                    PREPARE p AS SELECT 1                                    | 0A000 unsupported statement: Prepare
                    """)
    void refusesStatements(String sql, String refusal) throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query(sql)).isEqualTo(refusal + ", ready I");
            assertThat(session.execute(sql)).isEqualTo("parsed, bound, " + refusal + ", ready I");
            session.query("BEGIN");
            assertThat(session.query("SELECT 1; " + sql)).isEqualTo("row 1, SELECT 1, " + refusal + ", ready E");
            assertThat(session.query("SELECT 1")).startsWith("25P02 ");
            assertThat(session.query("COMMIT")).isEqualTo("ROLLBACK, ready I");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 'TRUNCATE item', $$ LISTEN x $$ AS \"for share\" -- FOR SHARE",
                "SELECT share, type, async FROM line FOR UPDATE",
                "SELECT id FROM line FOR KEY SHARE",
                "SELECT substring('abc' FROM 1 FOR share) FROM line",
                "INSERT INTO line (id) SELECT id FROM item",
                "WITH line (x) AS (SELECT 1) SELECT x FROM line",
                "UPDATE line SET share = 1, type = 'truncate' WHERE id = 1",
                "DELETE FROM line WHERE type = 'vacuum'",
                "CREATE TABLE of_words (\"as\" int, type text, identity int, cache int DEFAULT 1, language text)",
                "CREATE TABLE with_key (id bigint GENERATED BY DEFAULT AS IDENTITY (CACHE 1) PRIMARY KEY, n int CHECK (n > 0),"
                        + " twice int GENERATED ALWAYS AS (n * 2) STORED)",
                "ALTER TABLE item ADD COLUMN type text",
                "ALTER TABLE item ADD CONSTRAINT positive CHECK (size > 0) NOT VALID",
                "ALTER TABLE item ALTER size SET DEFAULT 1, ALTER name DROP NOT NULL",
                "ALTER TABLE item RENAME COLUMN name TO called",
                "ALTER TABLE item RENAME size TO length",
                "CREATE FUNCTION language() RETURNS int LANGUAGE SQL AS 'SELECT 1'",
                "CREATE SEQUENCE by_one CACHE 1",
                "CREATE SEQUENCE of_bigint AS bigint CACHE 65536",
                "CREATE VIEW shown AS SELECT ARRAY[1] AS numbers, '127.0.0.1'::inet AS address FROM item",
                "CREATE DOMAIN positive_int AS int CHECK (VALUE > 0)",
                "DEALLOCATE ALL",
                "RESET search_path",
                "RESET ALL",
                "SET LOCAL ROLE admin",
                "ALTER USER \"admin\" SET SEARCH_PATH = \"public\"",
                "ALTER ROLE admin IN DATABASE postgres SET TIME ZONE 'UTC'",
                "ALTER ROLE admin RESET search_path",
                "SET CONSTRAINTS ALL DEFERRED",
                "ANALYZE item",
                "SELECT to_tsvector('hello')"
            })
    void acceptsWhatAClusterAccepts(String sql) throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            session.query("BEGIN");
            assertThat(session.query(sql)).endsWith("ready T");
            session.query("ROLLBACK");
            session.query("BEGIN");
            assertThat(session.execute(sql)).endsWith("ready T");
        }
    }

    // ---- what is in the catalog

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    CREATE TABLE t (a int, b int[])                             | 0A000 datatype integer[] not supported
                    CREATE TABLE t (a int, b varbit(3))                         | 0A000 datatype bit varying not supported
                    CREATE TABLE t (LIKE item, b pg_catalog.inet)               | 0A000 datatype inet not supported
                    CREATE TABLE t (id bigserial PRIMARY KEY)                   | 42704 type "bigserial" does not exist
                    CREATE TABLE t (id smallserial, x inet)                     | 42704 type "smallserial" does not exist
                    CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY (CACHE 1)) | 0A000 datatype integer not supported, identity column type must be bigint
                    CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY (CACHE 2)) | 22023 CACHE (2) must be greater than or equal to 65536 or equal to 1
                    CREATE SEQUENCE s CACHE 65535                               | 22023 CACHE (65535) must be greater than or equal to 65536 or equal to 1
                    CREATE TABLE t (id jsonb PRIMARY KEY)                       | 0A000 datatype jsonb is not supported in a key
                    CREATE INDEX ASYNC ON item (data)                           | 0A000 datatype bytea is not supported in a key
                    CREATE INDEX ASYNC ON item (name text_pattern_ops)          | 0A000 opclass not supported for index keys
                    ALTER TABLE item ADD COLUMN x int NOT NULL DEFAULT 1        | 0A000 ALTER TABLE ADD COLUMN with constraint not supported
                    ALTER TABLE item ADD x int REFERENCES item                  | 0A000 ALTER TABLE ADD COLUMN with constraint not supported
                    ALTER TABLE item ADD COLUMN x int, ADD COLUMN y money       | 0A000 datatype money not supported
                    ALTER TABLE item DROP COLUMN id                             | 0A000 cannot drop primary key column id
                    SELECT to_tsvector('german', 'hallo')                       | 42704 text search configuration "german" does not exist
                    """)
    void refusesWhatOnlyTheCatalogTells(String sql, String refusal) throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query(sql)).isEqualTo(refusal + ", ready I");
        }
    }

    @Test
    void refusesNothingOfWhatTheOwnerExecutes() throws Exception {
        cluster.execute(
                "CREATE TABLE of_owner (id serial PRIMARY KEY, numbers int[]); CREATE INDEX ON of_owner (numbers);"
                        + " ALTER TABLE of_owner ADD COLUMN x int NOT NULL DEFAULT 1; SELECT set_config('work_mem', '1MB', true);"
                        + " TRUNCATE of_owner; DROP TABLE of_owner");
    }

    // ---- parameters

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    SET statement_timeout = 1000                    | statement_timeout
                    SET SESSION Work_Mem TO '4MB'                   | work_mem
                    SET LOCAL "lock_timeout" = 0                    | lock_timeout
                    SET app.tenant = 'x'                            | app.tenant
                    SELECT set_config('app.Tenant', 'x', false)     | app.tenant
                    SELECT pg_catalog.set_config('row_security', 'off', true) | row_security
                    SET ROLE admin                                  | role
                    SET SESSION AUTHORIZATION admin                 | session_authorization
                    SET statement_timeout FROM CURRENT              | statement_timeout
                    ALTER ROLE admin SET work_mem = '1MB'           | work_mem
                    ALTER USER "admin" IN DATABASE postgres SET role TO app | role
                    """)
    void refusesToSetParameters(String sql, String parameter) throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query(sql))
                    .isEqualTo("0A000 setting configuration parameter \"" + parameter + "\" not supported, ready I");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET search_path TO public, pg_catalog",
                "SET SCHEMA 'public'",
                "SET TIME ZONE 'UTC'",
                "SET SESSION DateStyle = 'ISO'",
                "SET NAMES 'UTF8'",
                "SET application_name TO DEFAULT",
                "SELECT set_config('search_path', '', false)"
            })
    void setsTheParametersOfACluster(String sql) throws Exception {
        try (RawSession session = RawSession.of(cluster)) {
            assertThat(session.query(sql)).doesNotContain("0A000").endsWith("ready I");
        }
    }

    @Test
    void setsTheParametersOfARoleForItsLaterSessions() throws Exception {
        cluster.createRole("with_path");
        try (RawSession session = RawSession.of(cluster)) {
            session.query("ALTER USER \"with_path\" SET SEARCH_PATH = \"of_role\"");
        }
        try (Connection connection = cluster.dataSource("with_path").getConnection();
                ResultSet path = connection.createStatement().executeQuery("SHOW search_path")) {
            path.next();
            assertThat(path.getString(1)).isEqualTo("of_role");
        }
    }

    @Test
    void refusesALoginWithAnotherParameter() throws Exception {
        assertThatThrownBy(() -> open("-c statement_timeout=5000"))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("0A000"))
                .hasMessageContaining("FATAL: setting configuration parameter \"statement_timeout\" not supported");
        open("-c search_path=public -c enable_seqscan=off");
    }

    private static void open(String options) throws SQLException {
        DsqlDataSource.of(cluster.endpoint().toBuilder().options(options).build(), cluster.credentialsProvider())
                .getConnection()
                .close();
    }

    // ---- the page

    @Test
    void thePageListsThem() {
        GoldenFile.assertContains(PAGE, Map.of("refusals", table(), "parameters", parameters()));
    }

    private static String table() {
        return Refusals.rules().stream()
                .map(rule -> "| " + shown(rule) + " | " + rule.sqlState() + " `" + rule.text() + "` | " + rule.asOf()
                        + ", " + rule.source() + " |\n")
                .collect(Collectors.joining("", "| statement | refusal | as of, by |\n|---|---|---|\n", ""));
    }

    private static String shown(Refusals.Rule rule) {
        return rule.pattern() == null
                ? rule.statement()
                : "`" + rule.statement().toUpperCase(java.util.Locale.ROOT) + "`"
                        + (rule.except().isEmpty()
                                ? ""
                                : ", unless `" + rule.except().toUpperCase(java.util.Locale.ROOT) + "`");
    }

    private static String parameters() {
        return List.copyOf(Refusals.PARAMETERS).stream()
                .sorted()
                .map(name -> "`" + name + "`")
                .collect(Collectors.joining(", ", "", "\n"));
    }
}
