package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.DriverProperties;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.report.TextStyle;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** PostgreSQL on loopback, a WebSocket outside. */
class TunnelCommandTest {
    private static final Pattern LISTENING = Pattern.compile("Listening on (\\S+)\\. ");

    @AutoClose
    private static final LocalDsql local = LocalDsql.start();

    @BeforeAll
    static void start() {
        local.webSocketAddress();
    }

    /** As a cluster is named that is reached by this machine's port. */
    private static String endpoint() {
        return DriverProperties.url(local.endpoint().over(Transport.WEBSOCKET));
    }

    /** A tunnel that runs until it is interrupted, as by Ctrl-C. */
    private static final class Running implements AutoCloseable {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteArrayOutputStream err = new ByteArrayOutputStream();
        private final CompletableFuture<Integer> exit = new CompletableFuture<>();
        private final Thread thread;
        private final HostAndPort address;

        Running() {
            thread = new Thread(() -> exit.complete(Doctor.run(
                    new CliContext(
                            new PrintStream(out, true, StandardCharsets.UTF_8),
                            new PrintStream(err, true, StandardCharsets.UTF_8),
                            TextStyle.plain(),
                            false,
                            Map.of(),
                            Configuration.of(Map.of(), Map.of()),
                            Optional.empty()),
                    "tunnel",
                    endpoint(),
                    "--listen",
                    "127.0.0.1:0")));
            thread.start();
            await().until(() -> exit.isDone() || LISTENING.matcher(out()).find());
            Matcher listening = LISTENING.matcher(out());
            assertThat(listening.find())
                    .as(err.toString(StandardCharsets.UTF_8))
                    .isTrue();
            address = HostAndPort.parse(listening.group(1), 0);
        }

        String out() {
            return out.toString(StandardCharsets.UTF_8);
        }

        Connection connect(String token, String more) throws SQLException {
            return DriverManager.getConnection(
                    "jdbc:postgresql://" + address + "/postgres?sslmode=prefer&socketTimeout=30" + more,
                    "admin",
                    token);
        }

        int end() throws Exception {
            thread.interrupt();
            return exit.get(30, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            thread.interrupt();
        }
    }

    @Test
    void carriesAToolThatKnowsNoWebSocket() throws Exception {
        try (Running tunnel = new Running();
                Connection connection = tunnel.connect(local.token("admin"), "");
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT repeat('x', 3000000)")) {
            assertThat(result.next()).isTrue();
            assertThat(result.getString(1)).hasSize(3_000_000);
        }
        await().until(() -> local.connections().open() == 0);
    }

    @Test
    void letsNobodyInWithoutATokenOfHisOwn() throws Exception {
        try (Running tunnel = new Running()) {
            assertThatThrownBy(() -> tunnel.connect("no token", "")).hasMessageContaining("access denied");
            assertThat(tunnel.out())
                    .contains(
                            "Other users of this machine can connect too, but they cannot log in without their own token")
                    .contains("psql \"host=127.0.0.1 port=" + tunnel.address.port() + " user=admin dbname=postgres");
        }
    }

    @Test
    void endsWithAllItsConnections() throws Exception {
        Running tunnel = new Running();
        try (Connection connection = tunnel.connect(local.token("admin"), "")) {
            assertThat(tunnel.end()).isZero();

            assertThat(connection.isValid(10)).isFalse();
        }
        await().until(() -> local.connections().open() == 0
                && Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("dsql-reach-relay")));
    }

    @Test
    void tellsTheToolWhyThereIsNoWay() throws Exception {
        try (Running tunnel = new Running()) {
            local.refuseWebSocketWith(403);
            try {
                assertThatThrownBy(() -> tunnel.connect(local.token("admin"), ""))
                        .hasMessageContaining("the tunnel cannot connect: the server does not upgrade to WebSocket")
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("08001"));
            } finally {
                local.accept();
            }
        }
    }

    @Test
    void doesNotBeginWhereThereIsNoWay() throws Exception {
        String nobody = LoopbackServer.nobody().toString();

        Run run = Run.of("tunnel", "abc.dsql.us-east-1.on.aws", "--connect-to", nobody, "--listen", "127.0.0.1:0");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err())
                .contains("cannot connect to abc.dsql.us-east-1.on.aws:443 over WebSocket")
                .contains("doctor abc.dsql.us-east-1.on.aws --transport websocket");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void doesNotBeginWhereNobodyVouchesForTheServer() {
        long passwords = local.connections().passwordsReceived();

        Run run = Run.of("tunnel", endpoint().replaceFirst("&sslrootcert=[^&]*", ""), "--listen", "127.0.0.1:0");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).contains("unable to find valid certification path");
        assertThat(local.connections().passwordsReceived()).isEqualTo(passwords);
    }

    @Test
    void listensOnLoopbackOnly() {
        for (String address : new String[] {"0.0.0.0:5432", "10.0.0.1:5432", "example.com:5432", "[::]:5432"}) {
            Run run = Run.of("tunnel", "abc.dsql.us-east-1.on.aws", "--listen", address);

            assertThat(run.exit()).isEqualTo(64);
            assertThat(run.err()).contains("'" + address + "' is not a loopback address of this machine");
        }
    }

    @Test
    void saysThatThePortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            String address = "127.0.0.1:" + taken.getLocalPort();

            Run run = Run.of("tunnel", endpoint(), "--listen", address);

            assertThat(run.exit()).isEqualTo(64);
            assertThat(run.err()).contains("cannot listen on " + address, "--listen 127.0.0.1:15432");
        }
    }
}
