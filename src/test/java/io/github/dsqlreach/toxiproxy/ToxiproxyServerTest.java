package io.github.dsqlreach.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.UnixOperatingSystemMXBean;
import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import io.github.dsqlreach.Background;
import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.internal.Daemon;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What only this server promises: loopback, counts, load, and that nothing is left behind. */
@Isolated("counts the threads and files of the whole JVM")
class ToxiproxyServerTest {
    /** Files that the JVM itself opens meanwhile, such as jars. */
    private static final int OTHER_FILES = 40;

    @AutoClose
    private final ToxiproxyServer server = ToxiproxyServer.start();

    @AutoClose
    private final Upstream upstream = Upstream.echo();

    private Proxy proxy;

    @BeforeEach
    void start() throws Exception {
        proxy = new ToxiproxyClient(server.host(), server.port()).createProxy("p", "127.0.0.1:0", upstream.address());
    }

    private RawApi api() {
        return new RawApi(server.uri());
    }

    private static long openFiles() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("dsql-reach-toxiproxy"))
                .toList();
    }

    private void awaitNoConnection() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(15))
                .untilAsserted(() -> assertThat(server.connections("p").open()).isZero());
    }

    @Test
    void countsConnections() throws Exception {
        assertThat(server.connections("p")).isEqualTo(new ToxiproxyServer.Connections(0, 0, 0));
        try (Wire one = Wire.to(proxy);
                Wire two = Wire.to(proxy)) {
            assertThat(one.echo("one")).isEqualTo("one");
            assertThat(two.echo("two")).isEqualTo("two");
            assertThat(server.connections("p")).isEqualTo(new ToxiproxyServer.Connections(2, 2, 0));
        }
        awaitNoConnection();
        assertThat(server.connections("p").accepted()).isEqualTo(2);
        assertThatThrownBy(() -> server.connections("nobody"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nobody");
    }

    @Test
    void refusesAPortThatIsTaken() {
        assertThatThrownBy(() -> ToxiproxyServer.start(server.port()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("" + server.port());
        assertThatThrownBy(() -> ToxiproxyServer.start(70_000)).hasMessageContaining("70000");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"192.0.2.1:0", "8.8.8.8:80", "[2001:db8::1]:0", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536"})
    void refusesToListenElsewhereThanOnLoopback(String listen) throws Exception {
        RawApi.Answer answer = api().post(
                        "/proxies", "{\"name\": \"q\", \"listen\": \"%s\", \"upstream\": \"a:1\"}".formatted(listen));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.string("error")).contains(listen);
        assertThat(api().get("/proxies/q").status()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0:0", "[::]:0", ":0", "localhost:0", ""})
    void comesDownToLoopbackFromEverywhere(String listen) throws Exception {
        RawApi.Answer answer = api().post(
                        "/proxies", "{\"name\": \"q\", \"listen\": \"%s\", \"upstream\": \"a:1\"}".formatted(listen));
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.string("listen")).startsWith("127.0.0.1:");
    }

    @Test
    void servesAThousandConnectionsAtOnceAndLosesNone() throws Exception {
        List<Wire> wires = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            wires.add(Wire.to(proxy));
        }
        for (int i = 0; i < wires.size(); i++) {
            wires.get(i).send("hello " + i);
        }
        for (int i = 0; i < wires.size(); i++) {
            String sent = "hello " + i;
            assertThat(wires.get(i).receive(sent.length())).isEqualTo(sent);
        }
        assertThat(server.connections("p")).isEqualTo(new ToxiproxyServer.Connections(1000, 1000, 0));
        assertThat(threads().size()).as("threads do not grow with connections").isLessThan(20);
        for (Wire wire : wires) {
            wire.close();
        }
        awaitNoConnection();
    }

    @Test
    void doesNotGrowWithConnectionsThatCameAndWent() throws Exception {
        cycle(100);
        long before = openFiles();
        cycle(2_000);
        assertThat(openFiles()).isLessThan(before + OTHER_FILES);
    }

    private void cycle(int times) throws IOException {
        for (int i = 0; i < times; i++) {
            try (Wire wire = Wire.to(proxy)) {
                assertThat(wire.echo("x")).isEqualTo("x");
            }
        }
        awaitNoConnection();
        Awaitility.await().until(() -> upstream.forgetClosed() == 0);
    }

    @Test
    void leavesNothingBehindWhoeverDiesAndWhenever() throws Exception {
        proxy.toxics().latency("slow", ToxicDirection.DOWNSTREAM, 20).setToxicity(0.5f);
        proxy.toxics().bandwidth("narrow", ToxicDirection.UPSTREAM, 50).setToxicity(0.5f);
        proxy.toxics().slicer("slices", ToxicDirection.UPSTREAM, 100, 100).setToxicity(0.5f);
        proxy.toxics().slowClose("late", ToxicDirection.UPSTREAM, 50).setToxicity(0.5f);
        long before = openFiles();
        Random random = new Random(42);
        List<Wire> wires = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            Wire wire = Wire.to(proxy);
            wires.add(wire);
            if (random.nextBoolean()) {
                wire.send(new byte[random.nextInt(20_000)]);
            }
            Socket served = random.nextInt(3) == 0 ? upstream.accepted() : wire.socket();
            die(served, random.nextBoolean());
        }
        for (Wire wire : wires) {
            wire.close();
        }
        awaitNoConnection();
        Awaitility.await().until(() -> upstream.forgetClosed() == 0);
        Awaitility.await().untilAsserted(() -> assertThat(openFiles()).isLessThan(before + OTHER_FILES));
        proxy.toxics().getAll().forEach(toxic -> {
            try {
                toxic.remove();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try (Wire wire = Wire.to(proxy)) {
            assertThat(wire.echo("still here")).isEqualTo("still here");
        }
    }

    private static void die(Socket socket, boolean byReset) throws IOException {
        try {
            socket.setSoLinger(byReset, 0);
        } catch (java.net.SocketException e) {
            // The other side was faster.
        }
        socket.close();
    }

    @Test
    void closesPortsConnectionsAndThreads() throws Exception {
        List<Wire> wires = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            wires.add(Wire.to(proxy));
            assertThat(wires.get(i).echo("x")).isEqualTo("x");
        }
        int apiPort = server.port();
        int others = threads().size();
        assertThat(others).isPositive();
        server.close();
        server.close();
        for (Wire wire : wires) {
            assertThat(wire.next()).isEqualTo("FIN");
            wire.close();
        }
        for (String address : List.of(proxy.getListen(), "127.0.0.1:" + apiPort)) {
            assertThatThrownBy(() -> Wire.to(address).close()).isInstanceOf(ConnectException.class);
        }
        Awaitility.await().untilAsserted(() -> assertThat(threads()).isEmpty());
    }

    @Test
    void closesWhateverAnInterceptorWaitsFor() throws Exception {
        InterceptCertificates.make(
                ToxicDefinition.Certificate.OTHER_CA, "a.test"); // Loads what takes long the first time.
        try (Upstream silent = Upstream.manual()) {
            String address =
                    api().post("/proxies", """
                        {"name": "q", "listen": "127.0.0.1:0", "upstream": "%s"}\
                        """.formatted(silent.address())).string("listen");
            assertThat(api().post("/proxies/q/toxics", "{\"type\": \"intercept\", \"stream\": \"upstream\"}")
                            .status())
                    .isEqualTo(200);
            try (Wire waitsForHello = Wire.to(address);
                    Wire waitsForUpstream = Wire.to(address)) {
                assertThat(List.of(silent.accepted(), silent.accepted())).hasSize(2); // Given up when TLS begins.
                waitsForHello.send(PostgresRequest.SSL_REQUEST.bytes());
                assertThat(waitsForHello.receive(1)).isEqualTo("S");
                CompletableFuture<Void> trusting = Background.run(() -> trustBlindly(waitsForUpstream.socket()));
                Wire intercepted = Wire.of(silent.accepted(6 * Upstream.PATIENCE_MILLIS));
                assertThat(intercepted.receive(1)).isEqualTo("\u0016");

                server.close();

                assertThat(waitsForHello.end()).startsWith("0 bytes").doesNotContain("silence");
                assertThat(intercepted.end()).doesNotContain("silence");
                assertThat(trusting).failsWithin(Duration.ofSeconds(5));
                Awaitility.await()
                        .atMost(Duration.ofSeconds(5))
                        .untilAsserted(() -> assertThat(threads()).isEmpty());
            }
        }
    }

    private static void trustBlindly(Socket socket) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Interceptor.TrustAll()}, null);
            SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, "a.test", 1, true);
            tls.startHandshake();
            throw new AssertionError("read " + tls.getInputStream().read() + " through an upstream that says nothing");
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void survivesBulkClientsThatWouldFillItsHeap() throws Exception {
        try (ServerInAChild child = new ServerInAChild("-Xmx64m")) {
            RawApi remote = new RawApi(child.uri);
            String address =
                    remote.post("/proxies", """
                        {"name": "q", "listen": "127.0.0.1:0", "upstream": "%s"}\
                        """.formatted(upstream.address())).string("listen");
            String toxic = "{\"type\": \"latency\", \"stream\": \"upstream\", \"attributes\": {\"latency\": 600000}}";
            assertThat(remote.post("/proxies/q/toxics", toxic).status()).isEqualTo(200);

            AtomicLong sent = new AtomicLong();
            List<Wire> wires = new ArrayList<>();
            for (int i = 0; i < 70; i++) {
                Wire wire = Wire.to(address);
                wires.add(wire);
                wire.socket().setSendBufferSize(16 << 10);
                daemon(() -> flood(wire, sent));
            }
            long[] last = {-1};
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(500))
                    .until(() -> last[0] == (last[0] = sent.get()) && sent.get() > 16 << 20);
            assertThat(remote.get("/proxies/q").status())
                    .as("while all is full")
                    .isEqualTo(200);

            for (Wire wire : wires) {
                wire.close();
            }
            assertThat(remote.post("/reset", "").status()).isEqualTo(204);
            byte[] bytes = new byte[1 << 20];
            new Random(1).nextBytes(bytes);
            try (Wire wire = Wire.to(address)) {
                daemon(() -> wire.sendUnlessClosed(bytes));
                assertThat(wire.socket().getInputStream().readNBytes(bytes.length))
                        .isEqualTo(bytes);
            }
            assertThat(child.output()).doesNotContain("OutOfMemoryError", "Exception");
        }
    }

    private static void flood(Wire wire, AtomicLong sent) {
        byte[] bytes = new byte[32 << 10];
        while (wire.sendUnlessClosed(bytes).isEmpty()) {
            sent.addAndGet(bytes.length);
        }
    }

    private static void daemon(Runnable task) {
        Daemon.start("test-client", task);
    }

    /** A server in a JVM with options of its own; ends with its standard input. */
    private static final class ServerInAChild implements AutoCloseable {
        private final Process process;
        private final Path errors;
        final URI uri;

        ServerInAChild(String option) throws IOException {
            errors = Files.createTempFile("toxiproxy", ".log");
            process = Jvm.running(ServerInAChild.class, List.of(option))
                    .redirectError(errors.toFile())
                    .start();
            String line = process.inputReader().readLine();
            uri = URI.create(java.util.Objects.requireNonNull(line, () -> "the child ended: " + output()));
        }

        public static void main(String... none) throws IOException {
            try (ToxiproxyServer server = ToxiproxyServer.start()) {
                System.out.println(server.uri());
                while (System.in.read() >= 0) {
                    // Until the parent is done.
                }
            }
        }

        String output() {
            try {
                return Files.readString(errors);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            process.destroyForcibly();
            process.onExit().join();
            Files.delete(errors);
        }
    }

    @Test
    void holdsTheSenderBackWhenTheReceiverDoesNotRead() throws Exception {
        try (Upstream deaf = Upstream.manual()) {
            Proxy toDeaf = new ToxiproxyClient(server.host(), server.port())
                    .createProxy("deaf", "127.0.0.1:0", deaf.address());
            toDeaf.toxics().slicer("slices", ToxicDirection.UPSTREAM, 10_000, 0);
            try (Wire wire = Wire.to(toDeaf)) {
                long[] sent = {0};
                daemon(() -> {
                    try {
                        while (true) {
                            wire.send(new byte[64 << 10]);
                            sent[0] += 64 << 10;
                        }
                    } catch (IOException e) {
                        // Closed by the test.
                    }
                });
                long[] last = {-1};
                Awaitility.await()
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> last[0] == (last[0] = sent[0]) && sent[0] > 0);
                assertThat(sent[0]).as("only the kernel's buffers are full").isLessThan(64 << 20);
            }
        }
    }

    @Test
    void letsManyClientsChangeProxiesAtOnce() {
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String name = "q" + i;
            clients.add(Background.run(() -> createUseDelete(name, 60)));
        }
        assertThat(clients).allSatisfy(client -> assertThat(client).succeedsWithin(Duration.ofSeconds(9)));
    }

    private void createUseDelete(String name, int times) {
        ToxiproxyClient client = new ToxiproxyClient(server.host(), server.port());
        try {
            for (int i = 0; i < times; i++) {
                Proxy mine = client.createProxy(name, "127.0.0.1:0", upstream.address());
                try (Wire wire = Wire.to(mine)) {
                    mine.toxics().latency("slow", ToxicDirection.DOWNSTREAM, 0);
                    assertThat(wire.echo("hello")).isEqualTo("hello");
                    mine.delete();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void answersGarbageWith4xxAndGoesOn() throws Exception {
        String toxics = "/proxies/p/toxics";
        for (String body : List.of(
                "[".repeat(200_000),
                "{\"a\":".repeat(10_000),
                "\u0000\u0001\u0002",
                "{\"type\": \"latency\", \"attributes\": {\"latency\": 99999999999999999999}}",
                "{\"type\": \"../../x\"}",
                "{\"type\": \"Toxic\"}",
                "{\"type\": \"\"}",
                "{\"type\": \"latency\", \"toxicity\": 1e999}",
                "{\"type\": {}, \"name\": []}")) {
            RawApi.Answer answer = api().post(toxics, body);
            assertThat(answer.status()).isBetween(400, 499);
            assertThat(answer.body()).doesNotContain("Exception", "\tat ");
            assertThat(answer.string("error")).isNotEmpty();
        }
        assertThat(api().post("/proxies", "\"" + "x".repeat(2_000_000) + "\"").status())
                .isEqualTo(413);
        assertThat(api().get("/proxies/%00%ff").status()).isEqualTo(404);
        try (Wire stalled = Wire.to("127.0.0.1:" + server.port());
                Wire garbage = Wire.to("127.0.0.1:" + server.port())) {
            stalled.send("POST /proxies HTTP/1.1\r\nContent-Length: 100\r\n\r\n{");
            garbage.send("\u0016\u0003\u0001garbage\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            assertThat(garbage.next()).containsAnyOf("400", "FIN", "RST");
            assertThat(api().get("/version").status()).isEqualTo(200);
        }
    }

    /** A page that resolves its own name to loopback, and one that asks across origins, are both refused. */
    @ParameterizedTest
    @CsvSource({
        "Host: evil.test, 403",
        "Host: evil.test:8474, 403",
        "Host: localhost.evil.test, 403",
        "Host: localhost\\r\\nOrigin: http://localhost, 403",
        "Host: localhost\\r\\nOrigin: null, 403",
        "Host: localhost, 200",
        "Host: toxiproxy.localhost:8474, 200",
        "Host: host.testcontainers.internal:8474, 200",
        "Host: 127.0.0.1, 200",
        "Host: [::1]:8474, 200"
    })
    void answersNoWebPage(String headers, int status) throws Exception {
        try (Wire wire = Wire.to("127.0.0.1:" + server.port())) {
            String lines = headers.replace("\\r\\n", "\r\n");
            wire.send("GET /version HTTP/1.1\r\n" + lines + "\r\nConnection: close\r\n\r\n");
            assertThat(new String(wire.receiveAll(), StandardCharsets.ISO_8859_1))
                    .startsWith("HTTP/1.1 " + status);
        }
    }

    @Test
    void takesNumbersThatMakeNoSense() throws Exception {
        for (String toxic : List.of(
                "\"latency\", \"attributes\": {\"latency\": -5, \"jitter\": 9223372036854775807}",
                "\"bandwidth\", \"attributes\": {\"rate\": 9223372036854775807}",
                "\"slicer\", \"attributes\": {\"average_size\": 0, \"size_variation\": 100, \"delay\": -1}",
                "\"limit_data\", \"attributes\": {\"bytes\": 9223372036854775807}",
                "\"slow_close\", \"attributes\": {\"delay\": -1}")) {
            RawApi.Answer answer = api().post("/proxies/p/toxics", "{\"toxicity\": 0, \"type\": " + toxic + "}");
            assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        }
        api().delete("/proxies/p/toxics/latency_downstream");
        for (String toxic : List.of("bandwidth", "slicer", "limit_data", "slow_close")) {
            api().patch("/proxies/p/toxics/" + toxic + "_downstream", "{\"toxicity\": 1}");
        }
        try (Wire wire = Wire.to(proxy)) {
            assertThat(wire.echo("hello")).isEqualTo("hello");
        }
    }
}
