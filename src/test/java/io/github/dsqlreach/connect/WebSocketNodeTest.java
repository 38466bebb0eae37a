package io.github.dsqlreach.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.TestCertificateAuthority;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The WebSocket with a server that knows nothing of ours: Node's ws. Needs {@code node}, and
 * {@code -Dwebsocket.node-modules=DIRECTORY} to say where {@code npm install ws} has put it.
 */
class WebSocketNodeTest {
    private static final String MODULES = System.getProperty("websocket.node-modules");

    @TempDir
    private static Path directory;

    private static LocalDsql local;
    private static Process node;
    private static String port;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(MODULES != null, "needs node, and -Dwebsocket.node-modules=DIRECTORY with Node's ws in it");
        local = LocalDsql.builder().withoutTls().plainPostgres().start();
        TestCertificateAuthority authority = TestCertificateAuthority.create("Node Test CA");
        TestCertificateAuthority.Leaf leaf = authority.issue(local.endpoint().host());
        authority.writePem(directory.resolve("root.pem"));
        pem("certificate.pem", "CERTIFICATE", leaf.certificate().getEncoded());
        pem("key.pem", "PRIVATE KEY", leaf.key().getEncoded());
        ProcessBuilder command = new ProcessBuilder(
                        "node",
                        Path.of("src/test/js/web-socket-peer.js")
                                .toAbsolutePath()
                                .toString())
                .directory(directory.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        command.environment().put("MODULES", Path.of(MODULES).toAbsolutePath().toString());
        command.environment().put("PORT", String.valueOf(local.address().port()));
        node = command.start();
        port = new BufferedReader(new InputStreamReader(node.getInputStream(), StandardCharsets.UTF_8)).readLine();
        assertThat(port).as("the port of Node's server").isNotNull();
    }

    private static void pem(String file, String what, byte[] bytes) throws Exception {
        Files.writeString(
                directory.resolve(file),
                "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder().encodeToString(bytes) + "\n-----END " + what
                        + "-----\n");
    }

    @AfterAll
    static void stop() throws Exception {
        if (node != null) {
            node.getOutputStream().close();
            assertThat(node.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        if (local != null) {
            local.close();
        }
    }

    private static Connection connect() throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://" + local.endpoint().host() + ":443/postgres?sslmode=disable"
                        + "&socketFactory=io.github.dsqlreach.connect.WebSocketSocketFactory&socketFactoryArg=127.0.0.1:"
                        + port + "&sslrootcert="
                        + URLEncoder.encode(directory.resolve("root.pem").toString(), StandardCharsets.UTF_8),
                "admin",
                local.token("admin"));
    }

    @Test
    void hearsTheSameThroughAForeignServerAsWithoutOne() throws Exception {
        List<String> direct;
        List<String> webSocket;
        try (Connection connection = DriverManager.getConnection(
                "jdbc:postgresql://" + local.address() + "/postgres?sslmode=disable", "admin", local.token("admin"))) {
            direct = Conversation.over(connection);
        }
        try (Connection connection = connect()) {
            webSocket = Conversation.over(connection);
        }

        assertThat(direct).hasSizeGreaterThan(190);
        assertThat(webSocket).isEqualTo(direct);
    }

    @Test
    void opensAndClosesManyConnections() throws Exception {
        for (int i = 0; i < 50; i++) {
            try (Connection connection = connect()) {
                assertThat(connection.isValid(20)).isTrue();
            }
        }
    }
}
