package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.dsqlreach.internal.StartupCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that do not follow the protocol. */
class DsqlListenerTest {
    private static final String TLS = "TLSv1.3";

    @AutoClose
    private static final LocalDsql postgres = LocalDsql.start();

    @AutoClose
    private final LocalDsql local = LocalDsql.builder().inFrontOf(postgres).start();

    @ParameterizedTest
    @CsvSource({"TLSv1.2, false", "TLSv1.3, false", "TLSv1.2, true", "TLSv1.3, true"})
    void refusesAClientWithoutSniBeforeItAsksForThePassword(String version, boolean direct) throws Exception {
        try (RawClient client = RawClient.connect(local)) {
            if (direct) {
                client.startTlsAtOnce(local, version, null, "postgresql");
            } else {
                client.startTls(local, version, null, null);
            }
            client.startup("user", "admin");

            assertThat(client.read())
                    .startsWith("ESFATAL|VFATAL|C08006|Munable to accept connection, sni was not received|");
            assertThat(client.next()).isEqualTo(-1);
        }
    }

    @Test
    void deniesAccessUnderAnotherClustersName() throws Exception {
        try (RawClient client = RawClient.connect(local)) {
            client.startTls(local, TLS, "other.dsql.us-east-1.on.aws", null);
            client.startup("user", "admin");
            assertThat(client.read()).isEqualTo("R3");
            client.password(local.token("admin"));

            assertThat(client.read()).contains("|C28000|Munable to accept connection, access denied||");
        }
    }

    @Test
    void takesTheClusterFromTheOptionUnderAPrivateLinkName() throws Exception {
        try (RawClient client = RawClient.connect(local)) {
            client.startTls(local, TLS, "vpce-0a.dsql-fnh4.us-east-1.vpce.amazonaws.com", null);
            String option = "-c amzn-cluster-id=" + local.endpoint().clusterId().orElseThrow();
            client.startup("user", "admin", "database", "postgres", "options", option);
            assertThat(client.read()).isEqualTo("R3");
            client.password(local.token("admin"));

            assertThat(client.read()).isEqualTo("R0");
        }
    }

    @Test
    void endsDirectTlsWithoutAlpn() throws Exception {
        try (RawClient client = RawClient.connect(local)) {
            client.startTlsAtOnce(local, TLS, local.endpoint().host(), null);

            assertThat(client.next()).isEqualTo(-1);
        }
    }

    @Test
    void refusesAnotherProtocolInAlpn() throws Exception {
        try (RawClient client = RawClient.connect(local)) {
            assertThatThrownBy(() ->
                            client.startTlsAtOnce(local, TLS, local.endpoint().host(), "h2"))
                    .isInstanceOf(SSLException.class);
        }
    }

    @Test
    void answersGssEncryptionWithNoAndGoesOn() throws Exception {
        try (RawClient client = RawClient.connect(local)) {
            assertThat(client.request(StartupCode.GSS_ENCRYPTION_REQUEST)).isEqualTo('N');
            client.startTls(local, TLS, local.endpoint().host(), null);
            client.startup("user", "admin", "database", "postgres");

            assertThat(client.read()).isEqualTo("R3");
        }
    }

    @Test
    void refusesAStartInPlainTextAsAClusterDoes() throws Exception {
        try (RawClient client = RawClient.connect(local)) {
            client.startup("user", "admin");

            assertThat(client.read())
                    .contains("unable to accept connection, SSL is mandatory. AWS Authentication is required.");
            assertThat(client.next()).isEqualTo(-1);
        }
    }

    static Stream<Arguments> invalidBytes() {
        return Stream.of(
                arguments("HTTP", "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
                arguments("SSH", "SSH-2.0-OpenSSH_9.6\r\n".getBytes(StandardCharsets.US_ASCII)),
                arguments("zeros", new byte[1_000]),
                arguments(
                        "a length below the least",
                        ByteBuffer.allocate(8).putInt(4).array()),
                arguments(
                        "a length above the most",
                        ByteBuffer.allocate(8).putInt(10 * 1024 + 1).array()),
                arguments(
                        "a negative length",
                        ByteBuffer.allocate(8).putInt(-5).putInt(3 << 16).array()),
                arguments(
                        "an old protocol",
                        ByteBuffer.allocate(8).putInt(8).putInt(2 << 16).array()),
                arguments("TLS that is none", new byte[] {0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5}),
                arguments(
                        "TLS after all requests",
                        ByteBuffer.allocate(48)
                                .putInt(8)
                                .putInt(StartupCode.GSS_ENCRYPTION_REQUEST)
                                .putInt(8)
                                .putInt(StartupCode.GSS_ENCRYPTION_REQUEST)
                                .putInt(8)
                                .putInt(StartupCode.GSS_ENCRYPTION_REQUEST)
                                .putInt(8)
                                .putInt(StartupCode.GSS_ENCRYPTION_REQUEST)
                                .putInt(8)
                                .putInt(StartupCode.GSS_ENCRYPTION_REQUEST)
                                .putInt(8)
                                .putInt(StartupCode.GSS_ENCRYPTION_REQUEST)
                                .array()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("invalidBytes")
    void endsAClientThatSendsInvalidBytes(String name, byte[] bytes) throws Exception {
        try (RawClient client = RawClient.connect(local)) {
            client.send(bytes);

            int last = client.next();
            for (int count = 0; last != -1 && count < 100; count++) {
                last = client.next();
            }
            assertThat(last).as("the end after " + name).isEqualTo(-1);
        }
        Awaitility.await().until(() -> local.connections().open() == 0);
        assertThat(local.connections().passwordsReceived()).isZero();
        assertStillWorks();
    }

    @ParameterizedTest
    @CsvSource({"p, 70000", "p, -1", "p, 3", "Q, 10"})
    void endsAClientWithABadPasswordMessage(char type, int length) throws Exception {
        try (RawClient client = RawClient.connect(local)) {
            client.startTls(local, TLS, local.endpoint().host(), null);
            client.startup("user", "admin");
            assertThat(client.read()).isEqualTo("R3");

            client.send(ByteBuffer.allocate(20).put((byte) type).putInt(length).array());

            assertThat(client.next()).isEqualTo(-1);
        }
        assertThat(local.connections().passwordsReceived()).isZero();
    }

    private enum Stop {
        AFTER_TCP,
        AFTER_A_BYTE,
        AFTER_SSL_REQUEST,
        AFTER_TLS,
        AFTER_STARTUP
    }

    @ParameterizedTest
    @EnumSource
    void endsAClientThatStopsDuringTheLogin(Stop stop) throws Exception {
        try (LocalDsql hasty = LocalDsql.builder()
                        .inFrontOf(postgres)
                        .loginTimeout(Duration.ofMillis(500))
                        .start();
                RawClient client = RawClient.connect(hasty)) {
            if (stop == Stop.AFTER_A_BYTE) {
                client.send(new byte[1]);
            } else if (stop == Stop.AFTER_SSL_REQUEST) {
                assertThat(client.request(StartupCode.SSL_REQUEST)).isEqualTo('S');
            } else if (stop != Stop.AFTER_TCP) {
                client.startTls(hasty, TLS, hasty.endpoint().host(), null);
            }
            if (stop == Stop.AFTER_STARTUP) {
                client.startup("user", "admin");
                assertThat(client.read()).isEqualTo("R3");
            }

            assertThat(endsAtOnce(client)).isTrue();
            Awaitility.await().until(() -> hasty.connections().open() == 0);
        }
    }

    /** A connection that breaks in the middle of TLS has ended as well. */
    private static boolean endsAtOnce(RawClient client) throws Exception {
        try {
            return client.next() == -1;
        } catch (SSLException e) {
            return true;
        }
    }

    @Test
    void doesNotEndASessionThatOutlivesTheLoginTimeout() throws Exception {
        try (LocalDsql hasty = LocalDsql.builder()
                        .inFrontOf(postgres)
                        .loginTimeout(Duration.ofMillis(500))
                        .start();
                Connection connection = hasty.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            assertThat(statement.execute("SELECT pg_sleep(1)")).isTrue();
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @Test
    void endsTheServersSessionWhenTheClientVanishes() throws Exception {
        try (RawClient client = RawClient.connect(local)) {
            client.startTls(local, TLS, local.endpoint().host(), null);
            client.startup("user", "admin", "database", "postgres", "application_name", "vanishing");
            client.read();
            client.password(local.token("admin"));
            assertThat(client.read()).isEqualTo("R0");
            Awaitility.await().until(() -> sessions("vanishing") == 1);
        }
        Awaitility.await().until(() -> sessions("vanishing") == 0);
        Awaitility.await().until(() -> local.connections().open() == 0);
    }

    @Test
    void passesTheServersLastWordOnWhenItEndsASession() throws Exception {
        try (Connection connection = local.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("SELECT pg_terminate_backend(pg_backend_pid())"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57P01"));
            Awaitility.await().until(() -> local.connections().open() == 0);
        }
    }

    @Test
    void servesManyAtOnce() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(20);
        try {
            List<CompletableFuture<Boolean>> all = IntStream.range(0, 60)
                    .mapToObj(i -> CompletableFuture.supplyAsync(this::connects, threads))
                    .toList();
            assertThat(all).allSatisfy(one -> assertThat(one.join()).isTrue());
        } finally {
            threads.shutdown();
        }
        Awaitility.await().until(() -> local.connections().open() == 0);
        assertThat(local.connections().loggedIn()).isEqualTo(60);
    }

    @Test
    void asksForThePasswordInPlainTextOnlyWithoutTls() throws Exception {
        try (LocalDsql cluster =
                        LocalDsql.builder().inFrontOf(postgres).withoutTls().start();
                RawClient client = RawClient.connect(cluster)) {
            assertThat(client.request(StartupCode.SSL_REQUEST)).isEqualTo('N');
            client.startup("user", "admin", "database", "postgres");
            assertThat(client.read()).isEqualTo("R3");
            client.password("anything");
            assertThat(client.read()).contains("access denied");
            assertThat(cluster.connections().passwordsInPlainText()).isEqualTo(1);

            assertThatThrownBy(() -> cluster.dataSource().getConnection()).isInstanceOf(SQLException.class);
            assertThat(cluster.connections().passwordsReceived()).isEqualTo(1);
        }
    }

    @Test
    void getsNoPasswordFromTheDriverWithAnExpiredCertificateOrOneForAnotherName() {
        TestCertificateAuthority authority = TestCertificateAuthority.create("Faulty Test CA");
        Instant now = Instant.now();
        String host = "abc.dsql.us-east-1.on.aws";
        List<TestCertificateAuthority.Leaf> faulty = List.of(
                authority.issue(now.minus(Duration.ofDays(9)), now.minus(Duration.ofDays(2)), host),
                authority.issue(now.plus(Duration.ofDays(2)), now.plus(Duration.ofDays(9)), host),
                authority.issue("other.example"));
        for (TestCertificateAuthority.Leaf leaf : faulty) {
            try (LocalDsql cluster = LocalDsql.builder()
                    .inFrontOf(postgres)
                    .clusterId("abc")
                    .certificate(leaf)
                    .start()) {
                assertThatThrownBy(
                                () -> DriverManager.getConnection(cluster.jdbcUrl(), "admin", cluster.token("admin")))
                        .isInstanceOf(SQLException.class);
                assertThat(cluster.connections().passwordsReceived()).isZero();
            }
        }
    }

    private boolean connects() {
        try (Connection connection = local.dataSource().getConnection()) {
            return connection.isValid(10);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void assertStillWorks() {
        assertThat(connects()).isTrue();
    }

    private static int sessions(String application) throws SQLException {
        try (Connection connection = postgres.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT count(*) FROM pg_stat_activity WHERE application_name = '" + application + "'")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
