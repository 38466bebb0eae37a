package io.github.dsqlreach.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayTest {
    private ServerSocket server;
    private Relay relay;

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        relay = new Relay(
                InetAddress.getLoopbackAddress(),
                0,
                client -> new Socket(server.getInetAddress(), server.getLocalPort()));
    }

    @AfterEach
    void close() throws IOException {
        relay.close();
        server.close();
    }

    private Socket connect() throws IOException {
        return new Socket(relay.address().getAddress(), relay.address().getPort());
    }

    @Test
    void passesOnTheEndOfOneSideAndWhatTheOtherStillSays() throws IOException {
        try (Socket client = connect();
                Socket far = server.accept()) {
            client.getOutputStream().write("question".getBytes(StandardCharsets.US_ASCII));
            client.shutdownOutput();
            assertThat(far.getInputStream().readAllBytes()).asString().isEqualTo("question");

            far.getOutputStream().write("answer".getBytes(StandardCharsets.US_ASCII));
            far.shutdownOutput();

            assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("answer");
        }
    }

    @Test
    void carriesAHundredAtATime() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < Relay.MOST_CONNECTIONS; i++) {
                sockets.add(connect());
                sockets.add(server.accept());
            }
            try (Socket oneMore = connect()) {
                assertThat(oneMore.getInputStream().read()).isEqualTo(-1);
            }
            sockets.get(0).close();
            sockets.get(1).close();
            server.setSoTimeout(100);
            await().ignoreExceptions().until(() -> {
                sockets.add(connect());
                return sockets.add(server.accept());
            });
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void endsAllWithItself() throws IOException {
        try (Socket client = connect();
                Socket far = server.accept()) {
            relay.close();

            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(far.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void isForThisMachineOnly() throws IOException {
        InetAddress everywhere = InetAddress.getByName("0.0.0.0");

        assertThatIllegalArgumentException().isThrownBy(() -> new Relay(everywhere, 0, client -> null));
    }
}
