package io.github.dsqlreach.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.Scarce;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RelayTest {
    private ServerSocket server;
    private Relay relay;
    private final List<String> reported = new CopyOnWriteArrayList<>();

    @BeforeEach
    void open() throws IOException {
        server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        relay = new Relay(
                InetAddress.getLoopbackAddress(),
                0,
                client -> new Socket(server.getInetAddress(), server.getLocalPort()),
                reported::add);
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

        assertThatIllegalArgumentException().isThrownBy(() -> new Relay(everywhere, 0, client -> null, reported::add));
    }

    /** A moment without threads or handles: connections in it end, and those after it are served. */
    static final class Survivor {
        public static void main(String[] arguments) throws Exception {
            Scarce scarce = Scarce.valueOf(arguments[0]);
            try (ServerSocket server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
                    Relay relay = new Relay(
                            InetAddress.getLoopbackAddress(),
                            0,
                            client -> new Socket(server.getInetAddress(), server.getLocalPort()),
                            message -> System.out.println("reported: " + message))) {
                Daemon.start("greeting", () -> greet(server));
                System.out.println("served: " + isServed(relay));
                // What the first connection had is free again.
                await().until(() -> Thread.getAllStackTraces().keySet().stream()
                                .filter(thread -> thread.getName().equals("dsql-reach-relay"))
                                .count()
                        == 1);
                scarce.takeAll();
                if (scarce == Scarce.FILE_HANDLES) {
                    scarce.giveOneBack(); // for the client's own socket
                }
                for (int i = 0; i < 3; i++) {
                    System.out.println("then served: " + isServed(relay));
                }
                scarce.giveAllBack();
                await().until(() -> isServed(relay));
                System.out.println("at last served");
            }
        }

        private static void greet(ServerSocket server) {
            while (!server.isClosed()) {
                try (Socket client = server.accept()) {
                    client.getOutputStream().write('x');
                } catch (IOException e) {
                    // Without a handle: the next one.
                }
            }
        }

        private static boolean isServed(Relay relay) {
            try (Socket client = new Socket()) {
                client.connect(relay.address(), 1_000);
                client.setSoTimeout(1_000);
                return client.getInputStream().read() == 'x';
            } catch (IOException e) {
                return false;
            }
        }
    }

    @TempDir
    private static Path directory;

    @ParameterizedTest
    @EnumSource
    @EnabledOnOs(value = OS.LINUX, disabledReason = "takes away what Linux gives, by ulimit")
    void survivesAMomentInWhichItCannotServe(Scarce scarce) throws Exception {
        ProcessBuilder builder = Jvm.running(Survivor.class, Jvm.inJars(directory), scarce.options(), scarce.name());
        builder.command().addAll(0, scarce.wrapper());

        String said = Jvm.outputOf(builder);

        assertThat(said)
                .startsWith("served: true\n")
                .contains("then served: false")
                .endsWith("at last served\n");
        assertThat(said.lines().filter(line -> line.startsWith("reported: ")))
                .as(said)
                .hasSize(1);
    }

    @Test
    void aConnectionTooManyIsRefusedByTheTarget() throws Exception {
        try (Relay refusing = new Relay(
                InetAddress.getLoopbackAddress(),
                0,
                new Relay.Target() {
                    @Override
                    public Socket connectFor(Socket client) throws IOException {
                        return new Socket(server.getInetAddress(), server.getLocalPort());
                    }

                    @Override
                    public void refuse(Socket client) throws IOException {
                        client.getOutputStream().write("too many".getBytes(StandardCharsets.US_ASCII));
                    }
                },
                reported::add)) {
            List<Socket> clients = new ArrayList<>();
            for (int i = 0; i < Relay.MOST_CONNECTIONS; i++) {
                clients.add(new Socket(
                        refusing.address().getAddress(), refusing.address().getPort()));
            }
            try (Socket oneMore = new Socket(
                    refusing.address().getAddress(), refusing.address().getPort())) {
                assertThat(oneMore.getInputStream().readAllBytes()).asString().isEqualTo("too many");
            }
            for (Socket client : clients) {
                client.close();
            }
        }
    }
}
