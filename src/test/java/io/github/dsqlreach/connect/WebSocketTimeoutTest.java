package io.github.dsqlreach.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.internal.client.ForwardingSocket;
import io.github.dsqlreach.internal.probe.TestChain;
import java.io.DataInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.DriverManager;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Timeouts of the whole stack, TLS included, with servers that always send a little. */
@Timeout(60)
class WebSocketTimeoutTest {
    private static final String HOST = "db.example";
    private static final TestChain.Authority ROOT = TestChain.authority("Timeout Test CA");
    private static final TestChain CHAIN = ROOT.issue(leaf -> leaf.names(HOST));

    @TempDir
    private static Path directory;

    private interface Script {
        void run(DataInputStream in, OutputStream out, Dripping wire) throws Exception;
    }

    /** Sends what TLS writes byte by byte, as long as it is slow. */
    private static final class Dripping extends ForwardingSocket {
        private final Socket socket;
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile boolean slow;

        Dripping(Socket socket) throws IOException {
            super(socket);
            this.socket = socket;
        }

        @Override
        public OutputStream getOutputStream() throws IOException {
            return new FilterOutputStream(socket.getOutputStream()) {
                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    int sent = 0;
                    try {
                        while (slow && sent < length && !over.await(20, TimeUnit.MILLISECONDS)) {
                            out.write(bytes[offset + sent++]);
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    out.write(bytes, offset + sent, length - sent);
                }
            };
        }
    }

    /** A server with TLS and a WebSocket that then does what the script says. */
    private static LoopbackServer server(Script script) throws Exception {
        SSLContext context = CHAIN.serverContext();
        return new LoopbackServer((client, connection) -> {
            Dripping wire = new Dripping(client);
            SSLSocket encrypted = (SSLSocket) context.getSocketFactory().createSocket(wire, null, true);
            encrypted.setHandshakeApplicationProtocolSelector((s, names) -> names.isEmpty() ? "" : names.get(0));
            DataInputStream in = new DataInputStream(encrypted.getInputStream());
            String key = "";
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                key = line.startsWith("Sec-WebSocket-Key: ") ? line.substring(19) : key;
            }
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            OutputStream out = encrypted.getOutputStream();
            out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            + "Sec-WebSocket-Accept: "
                            + Base64.getEncoder().encodeToString(digest) + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            script.run(in, out, wire);
        });
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
            line.append((char) next);
        }
        return line.toString().strip();
    }

    private static Properties properties(LoopbackServer server) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("PGHOST", HOST);
        properties.setProperty("PGPORT", "443");
        properties.setProperty("socketFactoryArg", server.address().toString());
        properties.setProperty("sslrootcert", ROOT.write(directory).toString());
        return properties;
    }

    /** A record of TLS that comes byte by byte: nothing is lost when its reading times out. */
    @Test
    void aReadTimesOutWhileARecordOfTlsDrips() throws Exception {
        CountDownLatch timedOut = new CountDownLatch(1);
        try (LoopbackServer server = server((in, out, wire) -> {
                    wire.slow = true;
                    byte[] frame = new byte[504];
                    System.arraycopy(HexFormat.of().parseHex("827e01f4"), 0, frame, 0, 4);
                    LoopbackServer.inThread(() -> {
                        try {
                            timedOut.await();
                            wire.over.countDown();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    });
                    out.write(frame);
                    in.read();
                });
                Socket socket = new WebSocketSocketFactory(properties(server)).createSocket()) {
            socket.setSoTimeout(500);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);

            timedOut.countDown();
            socket.setSoTimeout(20_000);
            assertThat(socket.getInputStream().readNBytes(500)).containsOnly(0);
        }
    }

    /** The driver's own setting, against a server that answers a query with pings for ever. */
    @Test
    void theDriversSocketTimeoutFiresWhilePingsArrive() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        try (LoopbackServer server = server((in, out, wire) -> {
            while (!over.await(100, TimeUnit.MILLISECONDS)) {
                out.write(HexFormat.of().parseHex("8900"));
            }
        })) {
            Properties properties = properties(server);
            properties.setProperty("user", "admin");
            properties.setProperty("password", "any");
            properties.setProperty("sslmode", "disable");
            properties.setProperty("socketTimeout", "1");
            properties.setProperty("loginTimeout", "50");
            properties.setProperty("socketFactory", WebSocketSocketFactory.class.getName());

            assertThatThrownBy(() ->
                            DriverManager.getConnection("jdbc:postgresql://" + HOST + ":443/postgres", properties))
                    .rootCause()
                    .isInstanceOf(SocketTimeoutException.class);
        } finally {
            over.countDown();
        }
    }

    /** The whole way to a usable connection has one deadline, however slowly TLS comes. */
    @Test
    void connectingTimesOutWhileTheHandshakeDrips() throws Exception {
        SSLContext context = CHAIN.serverContext();
        try (LoopbackServer server = new LoopbackServer((client, connection) -> {
            Dripping wire = new Dripping(client);
            wire.slow = true;
            ((SSLSocket) context.getSocketFactory().createSocket(wire, null, true)).startHandshake();
        })) {
            Properties properties = properties(server);
            properties.setProperty("connectTimeout", "1");

            assertThatThrownBy(() -> new WebSocketSocketFactory(properties).createSocket())
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessage("no answer to TLS from " + HOST + ":443 within 1 s");
        }
    }
}
