package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.dsqlreach.Background;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.WebSocketSocketFactory;
import io.github.dsqlreach.internal.Relay;
import io.github.dsqlreach.local.LocalDsql;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client of the tunnel that does not log in does not keep its place, and one too many is told so. */
@Timeout(60)
class TunnelTargetTest {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofSeconds(50);

    @AutoClose
    private static final LocalDsql local = LocalDsql.start();

    @BeforeAll
    static void start() {
        local.webSocketAddress();
    }

    private static Relay relay(Duration startup, Duration login) throws IOException {
        WebSocketSocketFactory sockets =
                WebSocketSocketFactory.to(local.endpoint().over(Transport.WEBSOCKET));
        return new Relay(
                InetAddress.getLoopbackAddress(),
                0,
                new TunnelTarget(sockets, message -> {}, startup, login),
                message -> {});
    }

    private static Socket connect(Relay relay) throws IOException {
        return new Socket(relay.address().getAddress(), relay.address().getPort());
    }

    private static Connection logIn(Relay relay) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + relay.address().getPort() + "/postgres?sslmode=disable",
                "admin",
                local.token("admin"));
    }

    private static byte[] startup() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] body = "user\0admin\0database\0postgres\0\0".getBytes(StandardCharsets.US_ASCII);
        DataOutputStream data = new DataOutputStream(bytes);
        data.writeInt(8 + body.length);
        data.writeInt(196_608);
        data.write(body);
        return bytes.toByteArray();
    }

    @Test
    void aClientThatDripsItsStartupMessageEndsInTime() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (Relay relay = relay(SHORT, LONG);
                Socket client = connect(relay)) {
            Background.run(() -> drip(client.getOutputStream(), ended));

            assertThat(client.getInputStream().readAllBytes())
                    .asString(StandardCharsets.UTF_8)
                    .contains("C08P01", "no startup message within 300 ms");
        } finally {
            ended.countDown();
        }
    }

    /** A byte each 100 ms, of requests for encryption. */
    private static void drip(OutputStream out, CountDownLatch ended) throws Exception {
        byte[] request = {0, 0, 0, 8, 4, (byte) 210, 22, 47};
        for (int i = 0; !ended.await(100, TimeUnit.MILLISECONDS); i++) {
            out.write(request[i % request.length]);
        }
    }

    @Test
    void aClientThatSendsNoPasswordEndsInTime() throws Exception {
        try (Relay relay = relay(LONG, SHORT);
                Socket client = connect(relay)) {
            client.getOutputStream().write(startup());

            assertThat(client.getInputStream().readAllBytes())
                    .asString(StandardCharsets.UTF_8)
                    .startsWith("R")
                    .contains("C57014", "no login within 300 ms");
        }
        await().until(() -> local.connections().open() == 0);
    }

    @Test
    void aClientThatLoggedInMayTakeItsTime() throws Exception {
        try (Relay relay = relay(LONG, Duration.ofSeconds(2));
                Connection connection = logIn(relay);
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_sleep(2.5)");

            assertThat(connection.isValid(10)).isTrue();
        }
    }

    @Test
    void aConnectionTooManyIsToldSoInTheProtocol() throws Exception {
        List<Socket> others = new ArrayList<>();
        try (Relay relay = relay(LONG, LONG)) {
            for (int i = 0; i < Relay.MOST_CONNECTIONS; i++) {
                others.add(connect(relay));
            }

            assertThatThrownBy(() -> logIn(relay))
                    .hasMessageContaining("too many connections: the tunnel carries 100 at a time")
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("53300"));

            for (Socket other : others) {
                other.close();
            }
            await().ignoreExceptions().until(() -> {
                logIn(relay).close();
                return true;
            });
        }
    }

    /** A hundred that drip, as long as they like: after the deadline there is room for others. */
    @Test
    void aHundredThatDripDoNotKeepTheTunnelForThemselves() throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        List<Socket> dripping = new ArrayList<>();
        try (Relay relay = relay(Duration.ofSeconds(1), LONG)) {
            for (int i = 0; i < Relay.MOST_CONNECTIONS; i++) {
                Socket client = connect(relay);
                dripping.add(client);
                Background.run(() -> drip(client.getOutputStream(), ended));
            }

            await().ignoreExceptions().until(() -> {
                logIn(relay).close();
                return true;
            });
        } finally {
            ended.countDown();
            for (Socket client : dripping) {
                client.close();
            }
        }
    }
}
