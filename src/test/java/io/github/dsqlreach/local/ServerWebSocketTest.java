package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Trust;
import io.github.dsqlreach.internal.client.TrustStores;
import java.net.InetAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.java_websocket.client.WebSocketClient;
import org.java_websocket.handshake.ServerHandshake;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** What a client gets that looks at the messages of the WebSocket. */
class ServerWebSocketTest {
    @AutoClose
    private static final LocalDsql local = LocalDsql.start();

    @Test
    void sendsEachMessageOfThePostgresProtocolInAMessageOfItsOwn() throws Exception {
        try (Client client = new Client(local)) {
            client.logIn(local);

            client.send(Wire.query("SELECT repeat('x', n) FROM (VALUES (1), (100000), (2)) AS lengths (n)"));

            assertThat(client.messagesUntil('Z'))
                    .extracting(message -> (char) message.get(0))
                    .containsExactly('T', 'D', 'D', 'D', 'C', 'Z');
        }
    }

    @Test
    void sendsARefusalInAMessageOfItsOwn() throws Exception {
        try (Client client = new Client(local)) {
            client.startUp();
            client.send(Wire.message('p', new Wire.Body().text("no token").bytes()));

            assertThat(client.messagesUntil('E'))
                    .extracting(message -> (char) message.get(0))
                    .containsExactly('R', 'E');
        }
    }

    /** A client that knows nothing of PostgreSQL's protocol but what these tests send. */
    private static final class Client extends WebSocketClient implements AutoCloseable {
        private final BlockingQueue<ByteBuffer> received = new LinkedBlockingQueue<>();

        Client(LocalDsql local) throws Exception {
            super(URI.create("wss://" + local.endpoint().host() + ":"
                    + local.webSocketAddress().port()));
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    null, new TrustManager[] {TrustStores.of(Trust.rootCertificate(local.rootCertificate()))}, null);
            setSocketFactory(context.getSocketFactory());
            setDnsResolver(uri -> InetAddress.getByAddress(uri.getHost(), new byte[] {127, 0, 0, 1}));
            assertThat(connectBlocking(10, TimeUnit.SECONDS)).isTrue();
        }

        void startUp() {
            send(Wire.untyped(new Wire.Body()
                    .number(3 << 16)
                    .text("user")
                    .text("admin")
                    .text("database")
                    .text("postgres")
                    .zero()
                    .bytes()));
        }

        void logIn(LocalDsql local) throws InterruptedException {
            startUp();
            send(Wire.message('p', new Wire.Body().text(local.token("admin")).bytes()));
            messagesUntil('Z');
        }

        /** Those up to the first one of a type. Each must be as long as its own header says. */
        List<ByteBuffer> messagesUntil(char type) throws InterruptedException {
            List<ByteBuffer> messages = new ArrayList<>();
            while (messages.isEmpty() || messages.get(messages.size() - 1).get(0) != type) {
                ByteBuffer message = received.poll(10, TimeUnit.SECONDS);
                assertThat(message).as("a message after %s", messages).isNotNull();
                assertThat(message.getInt(1)).isEqualTo(message.remaining() - 1);
                messages.add(message);
            }
            return messages;
        }

        @Override
        public void onOpen(ServerHandshake handshake) {}

        @Override
        public void onMessage(ByteBuffer bytes) {
            received.add(bytes);
        }

        @Override
        public void onMessage(String text) {
            throw new AssertionError("a text message");
        }

        @Override
        public void onClose(int code, String reason, boolean remote) {}

        @Override
        public void onError(Exception e) {}

        @Override
        public void close() {
            super.close();
        }
    }
}
