package io.github.dsqlreach.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.dsqlreach.Background;
import io.github.dsqlreach.HostAndPort;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The protocol against servers that break it, and the bytes through one that keeps it in its own odd way. */
class WebSocketSocketTest {
    private static final String UPGRADED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            + "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n";

    private ServerSocket listener;

    @BeforeEach
    void listen() throws IOException {
        listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    private interface Script {
        void run(DataInputStream in, DataOutputStream out) throws Exception;
    }

    /** Answers the upgrade with that text, and goes on by the script. */
    private CompletableFuture<Void> serve(String answer, Script script) {
        return Background.run(() -> {
            try (Socket socket = listener.accept()) {
                DataInputStream in = new DataInputStream(socket.getInputStream());
                DataOutputStream out = new DataOutputStream(socket.getOutputStream());
                String key = "";
                for (String line = line(in); !line.isEmpty(); line = line(in)) {
                    key = line.startsWith("Sec-WebSocket-Key: ") ? line.substring(19) : key;
                }
                byte[] digest = MessageDigest.getInstance("SHA-1")
                        .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
                out.write(answer.replace("ACCEPT", Base64.getEncoder().encodeToString(digest))
                        .getBytes(StandardCharsets.ISO_8859_1));
                script.run(in, out);
            }
        });
    }

    private static String line(DataInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            line.append((char) next);
        }
        return line.toString().strip();
    }

    private WebSocketSocket connect() throws IOException {
        Socket socket = new Socket(listener.getInetAddress(), listener.getLocalPort());
        socket.setSoTimeout(20_000);
        try {
            return WebSocketSocket.upgradeForUse(socket, socket, new HostAndPort("db.example", 443));
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    static Stream<Arguments> answers() {
        String end = "\r\n";
        return Stream.of(
                arguments("HTTP/1.1 404 Not Found\r\n\r\n", "HTTP 404 Not Found"),
                arguments("HTTP/1.1 403 Forbidden\r\n\r\n", "HTTP 403 Forbidden"),
                arguments("HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\n<html>", "HTTP 200 OK"),
                arguments(UPGRADED.replace("ACCEPT", "d3Jvbmc=") + end, "Sec-WebSocket-Accept is wrong"),
                arguments(UPGRADED.replace("Upgrade: websocket\r\n", "") + end, "does not say"),
                arguments(UPGRADED + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", "was not offered"),
                arguments(UPGRADED + "Sec-WebSocket-Protocol: chat\r\n\r\n", "was not offered"),
                arguments("SSH-2.0-OpenSSH_9.6\r\n", "is not HTTP: \"SSH-2.0"),
                arguments("HTTP/9 what\r\n\r\n", "is not HTTP/1.1"),
                arguments("HTTP/1.1 101 X\r\n" + "A: b\r\n".repeat(5_000), "more than 16384 bytes of headers"));
    }

    @ParameterizedTest
    @MethodSource("answers")
    void saysWhatIsWrongWithAnAnswer(String answer, String message) {
        serve(answer, (in, out) -> in.read());

        assertThatThrownBy(this::connect)
                .isInstanceOf(HttpRefusedException.class)
                .hasMessageContaining(message);
    }

    static Stream<Arguments> frames() {
        return Stream.of(
                arguments("828100000000aa", "is masked"),
                arguments("810161", "is text"),
                arguments("c20161", "an extension"),
                arguments("8301aa", "unknown type 3"),
                arguments("8b00", "unknown type 11"),
                arguments("0900", "a fragmented control frame"),
                arguments("897e0080", "more than 125 bytes"),
                arguments("8001aa", "did not begin"),
                arguments("0200" + "8200", "within another"),
                arguments("827fffffffffffffffff", "negative length"),
                arguments("880103", "a closing code of one byte"));
    }

    @ParameterizedTest
    @MethodSource("frames")
    void saysWhatIsWrongWithAFrame(String frames, String message) throws Exception {
        serve(UPGRADED + "\r\n", (in, out) -> {
            out.write(HexFormat.of().parseHex(frames));
            in.read();
        });
        try (WebSocketSocket socket = connect()) {
            assertThatThrownBy(() -> socket.getInputStream().read())
                    .isInstanceOf(ProtocolException.class)
                    .hasMessageContaining(message);
        }
    }

    @Test
    void allocatesNothingForAnAnnouncedLength() throws Exception {
        serve(UPGRADED + "\r\n", (in, out) -> out.write(HexFormat.of().parseHex("827f7fffffffffffffff2a")));
        try (WebSocketSocket socket = connect()) {
            assertThat(socket.getInputStream().read()).isEqualTo(42);
            assertThatThrownBy(() -> socket.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("in the middle of a WebSocket frame");
        }
    }

    @Test
    void tellsWhyTheServerCloses() throws Exception {
        serve(UPGRADED + "\r\n", (in, out) -> {
            out.write(HexFormat.of().parseHex("880503f3"));
            out.writeBytes("bad");
            in.read();
        });
        try (WebSocketSocket socket = connect()) {
            assertThatThrownBy(() -> socket.getInputStream().read())
                    .isInstanceOf(SocketException.class)
                    .hasMessageEndingWith("code 1011: bad");
        }
    }

    @Test
    void losesNothingWhenAReadTimesOutWithinAHeader() throws Exception {
        CountDownLatch timedOut = new CountDownLatch(1);
        serve(UPGRADED + "\r\n", (in, out) -> {
            out.write(HexFormat.of().parseHex("827e00"));
            timedOut.await();
            out.write(HexFormat.of().parseHex("0261"));
            out.write(HexFormat.of().parseHex("62" + "8800"));
            in.read();
        });
        try (WebSocketSocket socket = connect()) {
            socket.setSoTimeout(50);
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            timedOut.countDown();
            socket.setSoTimeout(20_000);
            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("ab");
        }
    }

    /** What a server can send that is no data. */
    enum NoData {
        PING("8900"),
        PING_WITH_PAYLOAD("890461626364"),
        PONG("8a00"),
        EMPTY_MESSAGE("8200"),
        EMPTY_PART("0200" + "8000"),
        HALF_A_HEADER("82");

        private final byte[] bytes;

        NoData(String hex) {
            this.bytes = HexFormat.of().parseHex(hex);
        }
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(30)
    void aReadTimesOutWhateverArrivesThatIsNoData(NoData noData) throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        serve(UPGRADED + "\r\n", (in, out) -> {
            if (noData == NoData.HALF_A_HEADER) {
                out.write(noData.bytes);
                over.await();
            }
            while (!over.await(50, TimeUnit.MILLISECONDS)) {
                out.write(noData.bytes);
            }
        });
        try (WebSocketSocket socket = connect()) {
            socket.setSoTimeout(500);

            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        } finally {
            over.countDown();
        }
    }

    /** The pongs fill all buffers, and are waited for by no reader and no close. */
    @Test
    @Timeout(30)
    void aServerThatPingsAndDoesNotReadMakesNoReaderWait() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        listener.close();
        listener = new ServerSocket();
        listener.setReceiveBufferSize(4096);
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        byte[] ping = new byte[127];
        ping[0] = (byte) 0x89;
        ping[1] = 125;
        serve(UPGRADED + "\r\n", (in, out) -> {
            while (over.getCount() > 0) {
                out.write(ping);
            }
        });
        Socket plain = new Socket();
        plain.setSendBufferSize(4096);
        plain.connect(listener.getLocalSocketAddress());
        try (WebSocketSocket socket = WebSocketSocket.upgradeForUse(plain, plain, new HostAndPort("db.example", 443))) {
            for (int i = 0; i < 3; i++) {
                socket.setSoTimeout(500);
                assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            }
        } finally {
            over.countDown();
        }
    }

    @Test
    @Timeout(30)
    void aCloseWaitsForNoWriteThatIsStuck() throws Exception {
        CountDownLatch over = new CountDownLatch(1);
        serve(UPGRADED + "\r\n", (in, out) -> over.await());
        WebSocketSocket socket = connect();
        CompletableFuture<Void> writing = Background.run(() -> {
            OutputStream out = socket.getOutputStream();
            while (true) {
                out.write(new byte[1 << 20]);
                out.flush();
            }
        });
        await().until(() -> Thread.getAllStackTraces().entrySet().stream()
                .anyMatch(thread -> thread.getKey().getName().equals("background")
                        && Stream.of(thread.getValue())
                                .anyMatch(frame -> frame.getClassName().equals(FrameOutput.class.getName()))
                        && thread.getValue()[0].isNativeMethod()));

        socket.close();

        assertThatThrownBy(() -> writing.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(SocketException.class);
        over.countDown();
    }

    @Test
    @Timeout(30)
    void endsReadingForAThreadThatReadsWhenAnotherShutsInputDown() throws Exception {
        CountDownLatch shut = new CountDownLatch(1);
        serve(UPGRADED + "\r\n", (in, out) -> {
            shut.await();
            out.write(HexFormat.of().parseHex("820161"));
            in.read();
        });
        try (WebSocketSocket socket = connect()) {
            CompletableFuture<Integer> reading =
                    Background.call(() -> socket.getInputStream().read());
            socket.shutdownInput();
            shut.countDown();

            assertThat(reading.get(20, TimeUnit.SECONDS)).isEqualTo(-1);
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    /** Echoes in frames cut at random, with pings between them. */
    private static void echo(DataInputStream in, DataOutputStream out) throws IOException {
        Random random = new Random(1);
        for (int opcode = in.read() & 0x0f; opcode != 8; opcode = in.read() & 0x0f) {
            int length = in.read() & 0x7f;
            length = length == 126 ? in.readUnsignedShort() : length;
            byte[] mask = in.readNBytes(4);
            byte[] payload = in.readNBytes(length);
            for (int i = 0; i < length; i++) {
                payload[i] ^= mask[i & 3];
            }
            if (opcode != 2) {
                continue;
            }
            for (int at = 0; at < length; ) {
                int part = Math.min(length - at, 1 + random.nextInt(1 << random.nextInt(17)));
                out.write((at == 0 ? 2 : 0) | (at + part == length ? 0x80 : 0));
                if (part < 126) {
                    out.write(part);
                } else {
                    out.write(127);
                    out.writeLong(part);
                }
                out.write(payload, at, part);
                out.write(HexFormat.of().parseHex("89013f"));
                at += part;
            }
        }
        out.write(HexFormat.of().parseHex("880203e8"));
    }

    @Test
    void carriesEveryByteInOrderThroughRandomFramesAndEndsAsTheServerEnds() throws Exception {
        int total = 24 << 20;
        CompletableFuture<Void> server = serve(UPGRADED + "\r\n", WebSocketSocketTest::echo);
        try (WebSocketSocket socket = connect()) {
            CompletableFuture<Void> writing = Background.run(() -> {
                Random sizes = new Random(2);
                Random content = new Random(3);
                OutputStream out = socket.getOutputStream();
                for (int left = total; left > 0; ) {
                    byte[] bytes = new byte[Math.min(left, 1 + sizes.nextInt(1 << sizes.nextInt(18)))];
                    for (int i = 0; i < bytes.length; i++) {
                        bytes[i] = (byte) content.nextInt(256);
                    }
                    out.write(bytes);
                    if (sizes.nextBoolean()) {
                        out.flush();
                    }
                    left -= bytes.length;
                }
                socket.shutdownOutput();
            });
            byte[] received = socket.getInputStream().readAllBytes();
            writing.join();

            Random content = new Random(3);
            byte[] sent = new byte[total];
            for (int i = 0; i < total; i++) {
                sent[i] = (byte) content.nextInt(256);
            }
            assertThat(MessageDigest.isEqual(received, sent)).isTrue();
        }
        server.join();
    }
}
