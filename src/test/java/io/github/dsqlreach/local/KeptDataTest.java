package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A cluster that keeps its data in a directory. */
class KeptDataTest {

    @TempDir
    private Path work;

    private LocalDsql start() {
        return LocalDsql.builder().data(work.resolve("data of mine")).start();
    }

    private static String execute(LocalDsql cluster, String sql) throws SQLException {
        try (Connection connection = cluster.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            try (ResultSet rows = statement.getResultSet()) {
                rows.next();
                return rows.getString(1);
            }
        }
    }

    @Test
    void keepsDataRolesAndIdentityOverRestarts() throws SQLException {
        String host;
        Object credentials;
        try (LocalDsql first = LocalDsql.builder()
                .data(work.resolve("data of mine"))
                .region("eu-west-1")
                .start()) {
            host = first.endpoint().host();
            credentials = first.credentialsProvider().resolveCredentials();
            first.createRole("app");
            execute(first, "CREATE TABLE kept (id int PRIMARY KEY)");
            execute(first, "INSERT INTO kept VALUES (42)");
        }

        try (LocalDsql second = start();
                Connection asApp = second.dataSource("app").getConnection()) {
            assertThat(second.endpoint().host()).isEqualTo(host).endsWith(".dsql.eu-west-1.on.aws");
            assertThat(second.credentialsProvider().resolveCredentials()).isEqualTo(credentials);
            assertThat(execute(second, "SELECT id FROM kept")).isEqualTo("42");
            assertThat(asApp.isValid(5)).isTrue();
        }
    }

    @Test
    void takesAndKeepsAnotherIdentityOfTheBuilder() {
        start().close();
        LocalDsql.builder()
                .data(work.resolve("data of mine"))
                .clusterId("orders")
                .start()
                .close();

        try (LocalDsql third = start()) {
            assertThat(third.endpoint().host()).isEqualTo("orders.dsql.us-east-1.on.aws");
        }
    }

    @Test
    void bringsDataOfAnotherVersionUpToDate() throws Exception {
        Path data = work.resolve("data of mine");
        try (LocalDsql first = start()) {
            execute(first, "CREATE TABLE item (id int PRIMARY KEY, name text)");
            execute(first, "CREATE INDEX ASYNC by_name ON item (name)");
            first.execute("DROP PROCEDURE sys.wait_for_job");
        }
        Path version = data.resolve("version");
        String current = Files.readString(version);
        Files.writeString(version, "an older one");

        try (LocalDsql second = start()) {
            String job = execute(second, "SELECT job_id FROM sys.jobs");
            assertThat(execute(second, "CALL sys.wait_for_job('" + job + "')")).isEqualTo("t");
        }
        assertThat(version).hasContent(current);
    }

    @Test
    void dataOfPlainPostgresAndOfAClusterAreTwoThings() {
        Path data = work.resolve("data of mine");
        start().close();
        assertThatThrownBy(() -> LocalDsql.builder().data(data).plainPostgres().start())
                .hasMessageContaining(data + " has the data of a cluster, and not of plain PostgreSQL");

        Path plain = work.resolve("plain");
        LocalDsql.builder().data(plain).plainPostgres().start().close();
        assertThatThrownBy(() -> LocalDsql.builder().data(plain).start())
                .hasMessageContaining(plain + " has the data of plain PostgreSQL: use plainPostgres");
        LocalDsql.builder().data(plain).plainPostgres().start().close();
    }

    @Test
    void isNotUsedByTwoAtTheSameTime() {
        try (LocalDsql first = start()) {
            assertThatThrownBy(this::start)
                    .hasMessageContaining("another local cluster, which still runs, keeps its data in "
                            + work.resolve("data of mine"));
            assertThat(first.failure()).isEmpty();
        }
    }

    @Test
    void goesOnWithTheDataOfAKilledJvmAndEndsItsServer() throws Exception {
        Path data = work.resolve("data of mine");
        Path temporary = Files.createDirectory(work.resolve("tmp"));
        try (ChildJvm child = ChildJvm.keeping(data, temporary)) {
            child.awaitOutput("started 127.0.0.1:");
            child.process().destroyForcibly();
            child.awaitEnd();
        }
        assertThat(ChildJvm.processesIn(data)).isNotEmpty();

        try (LocalDsql next = start()) {
            assertThat(execute(next, "SELECT 1")).isEqualTo("1");
        }
        assertThat(ChildJvm.processesIn(data)).isEmpty();
    }

    @Test
    void aStartWithoutTheseDataEndsTheServerOfAKilledJvmToo() throws Exception {
        Path data = work.resolve("data of mine");
        Path temporary = Files.createDirectory(work.resolve("tmp"));
        try (ChildJvm child = ChildJvm.keeping(data, temporary)) {
            child.awaitOutput("started 127.0.0.1:");
            child.process().destroyForcibly();
            child.awaitEnd();
        }
        assertThat(ChildJvm.processesIn(data)).isNotEmpty();

        try (ChildJvm next = ChildJvm.start(temporary)) {
            next.awaitOutput("started 127.0.0.1:");
            assertThat(next.end()).contains("removed what the killed JVM");
        }
        assertThat(ChildJvm.processesIn(data)).isEmpty();
        assertThat(data.resolve("data/PG_VERSION")).exists();
        assertThat(ChildJvm.filesLeft(temporary)).isEmpty();
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no such permissions")
    void isNotADirectoryThatOtherUsersMayLookInto() throws IOException {
        Path open = Files.createDirectory(
                work.resolve("open"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));

        assertThatThrownBy(() -> LocalDsql.builder().data(open).start())
                .hasMessageContaining(open + " is not a directory of this user alone (mode 0700)");
    }
}
