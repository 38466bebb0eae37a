package io.github.dsqlreach.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.Background;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.postgresql.Driver;
import software.amazon.dsql.jdbc.AuroraDsqlCredentialsManager;

/** The unmodified driver over the WebSocket door, beside the same driver over TLS. */
class WebSocketDriverTest {
    @AutoClose
    private static final LocalDsql local = LocalDsql.builder().plainPostgres().start();

    @AfterEach
    void accept() {
        local.accept();
    }

    private static String host() {
        return local.endpoint().host();
    }

    private static String url(String more) {
        return url(local, more);
    }

    private static String url(LocalDsql local, String more) {
        return "jdbc:postgresql://" + local.endpoint().host() + ":443/postgres?sslmode=disable&user=admin"
                + "&socketFactory=io.github.dsqlreach.connect.WebSocketSocketFactory"
                + "&socketFactoryArg=" + local.webSocketAddress()
                + "&sslrootcert=" + URLEncoder.encode(local.rootCertificate().toString(), StandardCharsets.UTF_8)
                + more;
    }

    private static Connection connect(String more) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("password", local.token("admin"));
        return new Driver().connect(url(more), properties);
    }

    @Test
    void hearsTheSameAsOverTls() throws Exception {
        List<String> direct;
        List<String> webSocket;
        try (Connection connection = local.dataSource().getConnection()) {
            direct = Conversation.over(connection);
        }
        try (Connection connection = connect("")) {
            webSocket = Conversation.over(connection);
        }

        assertThat(direct).hasSizeGreaterThan(190).anyMatch(outcome -> outcome.startsWith("57014"));
        assertThat(webSocket).isEqualTo(direct);
    }

    /** AWS's connector makes the token itself, and hands every parameter on to the driver. */
    @Test
    void carriesTheConnectorOfAws() throws Exception {
        local.webSocketAddress();
        AuroraDsqlCredentialsManager.setProvider(local.credentialsProvider());
        try (Connection connection = DriverManager.getConnection(
                        DriverProperties.connectorUrl(local.endpoint().over(Transport.WEBSOCKET)), new Properties());
                Statement statement = connection.createStatement()) {
            assertThat(statement.execute("SELECT 1")).isTrue();
        } finally {
            AuroraDsqlCredentialsManager.resetProvider();
        }
    }

    @Test
    void isRefusedInTheSameWords() {
        for (Refusal refusal : Refusal.values()) {
            local.refuseWith(refusal);
            List<String> refusals = new ArrayList<>();
            for (String url : List.of(local.jdbcUrl(), url(""))) {
                Properties properties = new Properties();
                properties.setProperty("password", local.token("admin"));
                try (Connection connection = new Driver().connect(url, properties)) {
                    refusals.add(connection.toString());
                } catch (SQLException e) {
                    // The time is that of the refusal.
                    refusals.add(e.getSQLState() + " " + e.getMessage().replaceAll("\\d", "0"));
                }
            }
            assertThat(refusals.get(1)).as(refusal.name()).isEqualTo(refusals.get(0));
        }
    }

    @Test
    void checksTheTokenThere() {
        Properties properties = new Properties();
        properties.setProperty("password", local.token("app"));

        assertThatThrownBy(() -> new Driver().connect(url(""), properties)).hasMessageContaining("access denied");
    }

    @Test
    void sendsNoPasswordToAServerWithAnotherName() {
        long before = local.connections().passwordsReceived();
        String other = url("").replace(host(), "other.dsql.us-east-1.on.aws");
        Properties properties = new Properties();
        properties.setProperty("password", local.token("admin"));

        assertThatThrownBy(() -> new Driver().connect(other, properties))
                .rootCause()
                .hasMessageContaining("other.dsql.us-east-1.on.aws");
        assertThat(local.connections().passwordsReceived()).isEqualTo(before);
    }

    @Test
    void sendsNoPasswordToAServerThatNobodyVouchesFor() {
        long before = local.connections().passwordsReceived();
        String trusting = url("").replaceFirst("&sslrootcert=[^&]*", "");
        Properties properties = new Properties();
        properties.setProperty("password", local.token("admin"));

        assertThatThrownBy(() -> new Driver().connect(trusting, properties))
                .hasRootCauseMessage("unable to find valid certification path to requested target");
        assertThat(local.connections().passwordsReceived()).isEqualTo(before);
    }

    @Test
    void tellsTheStatusWhereTheUpgradeIsRefused() {
        for (int status : new int[] {200, 301, 403, 404, 503}) {
            local.refuseWebSocketWith(status);

            assertThatThrownBy(() -> connect("")).cause().hasMessageContaining("HTTP " + status);
        }
    }

    @Test
    void cancelsByASecondConnection() throws Exception {
        try (Connection connection = connect("");
                Statement statement = connection.createStatement()) {
            CompletableFuture<String> outcome = Background.call(() -> {
                try {
                    statement.execute("SELECT pg_sleep(600)");
                    return "not cancelled";
                } catch (SQLException e) {
                    return e.getSQLState();
                }
            });
            Awaitility.await().until(() -> {
                statement.cancel();
                return outcome.isDone();
            });
            assertThat(outcome).isCompletedWithValue("57014");
            assertThat(connection.isValid(10)).isTrue();
        }
    }

    @Test
    void endsAReadAtTheSocketTimeout() throws Exception {
        try (Connection connection = connect("&socketTimeout=1");
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("SELECT pg_sleep(600)"))
                    .hasRootCauseInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    @Test
    void canBeAbortedFromOutside() throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Connection connection = connect("");
        Thread reader = new Thread(() -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT pg_sleep(600)");
            } catch (SQLException e) {
                failure.set(e);
            }
        });
        reader.start();
        Awaitility.await().until(() -> local.connections().open() > 0);
        connection.abort(Executors.newSingleThreadExecutor(task -> Daemon.thread("test-abort", task)));
        reader.join(Duration.ofSeconds(30).toMillis());

        assertThat(failure.get()).rootCause().isInstanceOf(SocketException.class);
    }

    @Test
    void isALostConnectionToTheDriverWhenTheServerGoes() throws Exception {
        LocalDsql other = LocalDsql.builder().inFrontOf(local).start();
        Properties properties = new Properties();
        properties.setProperty("password", other.token("admin"));
        try (Connection connection = new Driver().connect(url(other, ""), properties);
                Statement statement = connection.createStatement()) {
            other.close();

            assertThatThrownBy(() -> statement.execute("SELECT 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).startsWith("08"));
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void wantsThePortInTheUrl() {
        assertThatThrownBy(() -> new Driver().connect(url("").replace(":443/", "/"), new Properties()))
                .rootCause()
                .hasMessageContaining("write " + host() + ":443 in the URL");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "counts connections in /proc/net")
    void leavesNothingBehindAfterManyConnections() throws Exception {
        for (int i = 0; i < (Conversation.THOROUGH ? 1_000 : 20); i++) {
            connect("").close();
        }
        Awaitility.await().until(() -> local.connections().open() == 0);
        assertThat(toTheDoor()).isZero();
    }

    /** TCP connections that lead from anywhere to the WebSocket door. */
    private static long toTheDoor() throws IOException {
        String door =
                String.format(" 0100007F:%04X 01 ", local.webSocketAddress().port());
        return Stream.of("/proc/net/tcp", "/proc/net/tcp6")
                .flatMap(table -> lines(Path.of(table)))
                .filter(line -> line.contains(door))
                .count();
    }

    private static Stream<String> lines(Path file) {
        try {
            return Files.readAllLines(file).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void endsAtTheLoginTimeoutWhateverTheServerDoesNot() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Integer> heard = Background.call(() -> {
                try (Socket socket = silent.accept()) {
                    return socket.getInputStream().readAllBytes().length;
                } catch (IOException e) {
                    return -1;
                }
            });
            String url = url("&loginTimeout=1&connectTimeout=0")
                    .replaceFirst("socketFactoryArg=[^&]*", "socketFactoryArg=127.0.0.1:" + silent.getLocalPort());

            assertThatThrownBy(() -> new Driver().connect(url, new Properties()))
                    .isInstanceOf(SQLException.class);
            // The connection is closed, too, and not left to itself.
            assertThat(heard.get(30, TimeUnit.SECONDS)).isNotNull();
        }
    }
}
