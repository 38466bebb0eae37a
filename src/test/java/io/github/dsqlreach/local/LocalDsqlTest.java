package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.Background;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.connect.DsqlDataSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

class LocalDsqlTest {
    @AutoClose
    private static final LocalDsql local = LocalDsql.start();

    @ParameterizedTest
    @EnumSource(Negotiation.class)
    void acceptsAdminWithBothNegotiations(Negotiation negotiation) throws SQLException {
        Endpoint endpoint =
                local.endpoint().toBuilder().negotiation(negotiation).build();

        assertThat(currentUser(endpoint)).isEqualTo("admin");
    }

    @Test
    void acceptsAnotherRoleWithATokenForIt() throws SQLException {
        local.createRole("app");

        assertThat(currentUser(local.endpoint().toBuilder().user("app").build()))
                .isEqualTo("app");
    }

    @Test
    void acceptsTemporaryCredentials() throws SQLException {
        try (Connection connection = DsqlDataSource.of(local.endpoint(), local.temporaryCredentialsProvider())
                .getConnection()) {
            assertThat(local.temporaryCredentialsProvider().resolveCredentials())
                    .isInstanceOf(AwsSessionCredentials.class);
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void speaksTls12And13(String version) throws Exception {
        try (RawClient client = RawClient.connect(local)) {
            client.startTls(local, version, local.endpoint().host(), "postgresql");
            client.startup("user", "admin", "database", "postgres");
            assertThat(client.read()).isEqualTo("R3");
            client.password(local.token("admin"));
            assertThat(client.read()).isEqualTo("R0");
        }
    }

    @Test
    void opensWithItsJdbcUrlAndToken() throws SQLException {
        try (Connection connection = DriverManager.getConnection(local.jdbcUrl(), "admin", local.token("admin"))) {
            assertThat(connection.getMetaData().getDatabaseProductVersion()).startsWith("16.");
        }
    }

    @Test
    void relaysLargeResultsBothWays() throws SQLException {
        String text = "x".repeat(3_000_000);
        try (Connection connection = local.dataSource().getConnection();
                var statement = connection.prepareStatement("SELECT ? || repeat('y', 3000000)")) {
            statement.setString(1, text);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                assertThat(rows.getString(1))
                        .hasSize(6_000_000)
                        .startsWith("xxx")
                        .endsWith("yyy");
            }
        }
    }

    @Test
    void passesACancelRequestOn() throws Exception {
        try (Connection connection = local.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            CompletableFuture<Throwable> sleeping = Background.call(() -> {
                try {
                    statement.execute("SELECT pg_sleep(60)");
                    return null;
                } catch (SQLException e) {
                    return e;
                }
            });
            Awaitility.await().until(() -> {
                if (!sleeping.isDone()) {
                    statement.cancel();
                }
                return sleeping.isDone();
            });
            assertThat(sleeping.get(1, TimeUnit.SECONDS))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
        }
    }

    @Test
    void stripsTheClusterIdOptionAndKeepsTheOthers() throws SQLException {
        String id = local.endpoint().clusterId().orElseThrow();
        Endpoint endpoint = local.endpoint().toBuilder()
                .options("-c amzn-cluster-id=" + id + " -c search_path=pg_catalog")
                .build();
        try (Connection connection = dataSource(endpoint).getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW search_path")) {
            rows.next();
            assertThat(rows.getString(1)).isEqualTo("pg_catalog");
        }
    }

    @Test
    void countsWhatItSaw() throws SQLException {
        try (LocalDsql cluster = LocalDsql.builder().inFrontOf(local).start()) {
            try (Connection connection = cluster.dataSource().getConnection()) {
                assertThat(connection.isValid(5)).isTrue();
                assertThat(cluster.connections())
                        .isEqualTo(new Connections(new Connections.Counted(1, 1, 1, 1, 0, 1, 0, 1)));
            }
            Awaitility.await().until(() -> cluster.connections().open() == 0);
        }
    }

    @Test
    void takesRegionClusterIdPortAndCredentials() throws SQLException {
        AwsBasicCredentials credentials = AwsBasicCredentials.create("AKIAMINE", "my/own+secret=key");
        HostAndPort free;
        try (LocalDsql cluster = LocalDsql.builder().inFrontOf(local).start()) {
            free = cluster.address();
        }
        try (LocalDsql cluster = LocalDsql.builder()
                .inFrontOf(local)
                .region("eu-west-1")
                .clusterId("mine")
                .port(free.port())
                .credentials(credentials)
                .start()) {
            assertThat(cluster.address()).isEqualTo(free);
            assertThat(cluster.endpoint().host()).isEqualTo("mine.dsql.eu-west-1.on.aws");
            assertThat(cluster.credentialsProvider().resolveCredentials()).isEqualTo(credentials);
            try (Connection connection = DsqlDataSource.of(
                            cluster.endpoint(), StaticCredentialsProvider.create(credentials))
                    .getConnection()) {
                assertThat(connection.isValid(5)).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"password", "md5", "scram-sha-256"})
    void logsInToAnotherPostgresByEachMethod(String method) throws Exception {
        String user = "upstream_" + method.replace('-', '_');
        local.execute("SET password_encryption = '" + (method.equals("md5") ? "md5" : "scram-sha-256")
                + "'; CREATE ROLE " + user + " LOGIN PASSWORD 'pass word'");
        requireLogin(user, method);
        try (LocalDsql cluster = LocalDsql.builder()
                .inFrontOf(local.backendAddress(), user, "pass word", "postgres")
                .start()) {
            assertThat(currentUser(cluster)).isEqualTo(user);
            assertThatThrownBy(() -> LocalDsql.builder()
                            .inFrontOf(local.backendAddress(), user, "wrong", "postgres")
                            .start())
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("password authentication failed for user \"" + user + "\"");
        }
    }

    @Test
    void takesTheRoleOfTheTokenInAnotherPostgresWhereItMay() throws SQLException {
        local.execute("CREATE ROLE owner_there LOGIN PASSWORD 'pass word'; CREATE ROLE member_there;"
                + " CREATE ROLE stranger_there; GRANT member_there TO owner_there");
        try (LocalDsql cluster = LocalDsql.builder()
                .inFrontOf(local.backendAddress(), "owner_there", "pass word", "postgres")
                .start()) {
            assertThat(currentUser(cluster, "member_there")).isEqualTo("member_there");
            assertThat(currentUser(cluster, "stranger_there")).isEqualTo("owner_there");
            assertThat(currentUser(cluster, "nobody_there")).isEqualTo("owner_there");
            assertThat(currentUser(cluster, "owner_there")).isEqualTo("owner_there");
        }
    }

    @Test
    void allowsAdminWhatTheAdminOfAClusterMayDo() throws SQLException {
        try (Connection connection = local.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE ROLE made_by_admin WITH LOGIN");
            statement.execute("CREATE SCHEMA of_admin");
            statement.execute("CREATE TABLE of_admin.t (id uuid PRIMARY KEY)");
            statement.execute("CREATE TABLE of_admin_too (id uuid PRIMARY KEY)");
            statement.execute("CREATE INDEX ASYNC ON of_admin.t (id)");
            statement.execute("AWS IAM GRANT made_by_admin TO '" + local.principal() + "'");
            statement.execute("GRANT USAGE ON SCHEMA of_admin TO made_by_admin");
            statement.execute("GRANT SELECT ON of_admin.t TO made_by_admin");
        }
        try (Connection connection = local.dataSource("made_by_admin").getConnection()) {
            assertThat(read(connection, "SELECT count(*) FROM of_admin.t")).isEqualTo("0");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "COPY (SELECT 1) TO PROGRAM 'cat'",
                "COPY (SELECT 1) TO '/tmp/dsql-reach-local-test'",
                "SELECT pg_read_file('/etc/hostname')",
                "CREATE ROLE mighty SUPERUSER",
                "ALTER ROLE admin SUPERUSER",
                "ALTER ROLE postgres PASSWORD 'x'",
                "GRANT pg_execute_server_program TO admin",
                "SET ROLE postgres",
                "ALTER SYSTEM SET log_min_messages = 'panic'",
                "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc', 'getpid'",
                "SELECT rolpassword FROM pg_authid"
            })
    void deniesAdminWhatReachesOutsideTheDatabase(String sql) throws SQLException {
        try (Connection connection = local.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute(sql))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isIn("42501", "0A000"));
        }
    }

    /** The superuser of PostgreSQL is not a role of the cluster. */
    @Test
    void hasNoRoleForTheSuperuser() {
        assertThatThrownBy(() -> local.dataSource("postgres").getConnection())
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("role \"postgres\" does not exist");
    }

    @Test
    void refusesARoleThatMayNotLogIn() throws SQLException {
        local.execute("CREATE ROLE group_only");

        assertThatThrownBy(() -> local.dataSource("group_only").getConnection())
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("is not permitted to log in");
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres", "admin", "nobody"})
    void refusesLoginsThatBypassTheListener(String user) {
        for (String password : List.of("", "postgres", "admin")) {
            assertThatThrownBy(() -> DriverManager.getConnection(
                            "jdbc:postgresql://" + local.backendAddress() + "/postgres", user, password))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void doesNotStartInFrontOfAClosedPort() {
        HostAndPort closed;
        try (LocalDsql cluster = LocalDsql.builder().inFrontOf(local).start()) {
            closed = cluster.address();
        }
        assertThatThrownBy(() -> LocalDsql.builder()
                        .inFrontOf(closed, "postgres", "", "postgres")
                        .start())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot log in to PostgreSQL at " + closed);
    }

    @Test
    void allowsAsManyConnectionsAndTakesTheServerSettingsThatTheBuilderSays() throws SQLException {
        try (LocalDsql cluster = LocalDsql.builder()
                        .maxConnections(700)
                        .serverSetting("work_mem", "77MB")
                        .start();
                Connection connection = cluster.dataSource().getConnection()) {
            assertThat(read(connection, "SHOW max_connections")).isEqualTo("730");
            assertThat(read(connection, "SHOW work_mem")).isEqualTo("77MB");
        }
    }

    @Test
    void doesNotStartWithAServerSettingThatPostgresDoesNotAccept() {
        LocalDsql.Builder builder = LocalDsql.builder().serverSetting("work_mem", "much");

        assertThatThrownBy(builder::start)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("the embedded PostgreSQL did not start: it ended with exit code 1")
                .hasMessageContaining("invalid value for parameter \"work_mem\": \"much\"");
    }

    @Test
    void refusesOptionsOfTheEmbeddedPostgresInFrontOfAnotherOne() {
        LocalDsql.Builder builder = LocalDsql.builder().inFrontOf(local).maxConnections(7);

        assertThatThrownBy(builder::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("maxConnections");
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        LocalDsql.Builder builder = LocalDsql.builder();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.clusterId("No_Id"))
                .withMessageContaining("'No_Id'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.region("mars"))
                .withMessageContaining("'mars'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.port(70_000))
                .withMessageContaining("70000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.maxConnections(0))
                .withMessageContaining("1 to 10000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.serverSetting("port", "1"))
                .withMessageContaining("'port' is set by LocalDsql itself");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.serverSetting("work mem", "1"))
                .withMessageContaining("'work mem'");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> local.refuseWith(Refusal.WAKING_UP, 0))
                .withMessageContaining("0 times");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> local.refuseWith("oops", "message", null))
                .withMessageContaining("'oops'");
    }

    private static DsqlDataSource dataSource(Endpoint endpoint) {
        return DsqlDataSource.of(endpoint, local.credentialsProvider());
    }

    private static String currentUser(Endpoint endpoint) throws SQLException {
        try (Connection connection = dataSource(endpoint).getConnection()) {
            return currentUser(connection);
        }
    }

    private static String currentUser(LocalDsql cluster, String role) throws SQLException {
        try (Connection connection = cluster.dataSource(role).getConnection()) {
            return currentUser(connection);
        }
    }

    private static String currentUser(LocalDsql cluster) throws SQLException {
        try (Connection connection = cluster.dataSource().getConnection()) {
            return currentUser(connection);
        }
    }

    private static String currentUser(Connection connection) throws SQLException {
        return read(connection, "SELECT current_user");
    }

    /** Makes the embedded server ask that user for a password, by a line at the head of its pg_hba.conf. */
    private static void requireLogin(String user, String method) throws SQLException, IOException {
        try (Connection connection = local.ownerConnection()) {
            Path file = Path.of(read(connection, "SHOW hba_file"));
            String line = "host all " + user + " 127.0.0.1/32 " + method + "\n";
            Files.writeString(file, line + Files.readString(file));
            read(connection, "SELECT pg_reload_conf()");
        }
        int request = List.of("", "", "", "password", "", "md5").indexOf(method);
        // Existing backends reload on their own; a new one shows what the postmaster knows.
        Awaitility.await().until(() -> requestedAtLogin(user) == (request < 0 ? 10 : request));
    }

    private static int requestedAtLogin(String user) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", local.backendAddress().port())) {
            socket.getOutputStream().write(new Startup(3 << 16, Map.of("user", user, "database", "postgres")).packet());
            return Wire.readMessage(socket.getInputStream(), 10_000).firstInt();
        }
    }

    private static String read(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
