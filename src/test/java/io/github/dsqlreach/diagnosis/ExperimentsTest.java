package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.diagnosis.Middlebox.CLOSE;
import static io.github.dsqlreach.diagnosis.Middlebox.Event.CLIENT_HELLO;
import static io.github.dsqlreach.diagnosis.Middlebox.FORWARD;
import static io.github.dsqlreach.diagnosis.Middlebox.RESET;
import static io.github.dsqlreach.diagnosis.Middlebox.SILENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.internal.results.CiAnnotations;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import io.github.dsqlreach.report.Report;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What experiments cost, what they give away, and that they end. */
class ExperimentsTest {
    private static final int MOST_CONNECTIONS = 24;
    /** The promise is a timeout and 15 %; the rest is for a busy machine. */
    private static final Duration LONGEST = Stage.TIMEOUT.multipliedBy(3).dividedBy(2);

    private static final ExecutorService BESIDE = Executors.newCachedThreadPool();

    private static Stage stage;
    private Stage.Scene scene;

    @BeforeAll
    static void start() throws Exception {
        stage = new Stage();
        // The first check in a JVM loads the SDK and the driver.
        try (Stage.Scene warming = stage.scene()) {
            warming.check(stage.cluster.address())
                    .timeout(Duration.ofSeconds(30))
                    .run();
        }
    }

    @AfterAll
    static void stop() {
        stage.close();
        BESIDE.shutdownNow();
    }

    @BeforeEach
    void open() {
        scene = stage.scene();
    }

    @AfterEach
    void nothingOutlivesTheCheck() {
        scene.close();
        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet().stream()
                        .filter(Thread::isAlive)
                        .map(Thread::getName)
                        .filter(name -> name.startsWith("dsql-reach-experiment") || name.equals("dsql-reach-check")))
                .isEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void aHealthyClusterCostsOneConnection(Negotiation negotiation) throws IOException {
        LoopbackServer way = scene.keep(Middlebox.before(stage.cluster.address(), sight -> FORWARD));

        assertThat(check(way, negotiation).isReachable()).isTrue();
        assertThat(way.accepted()).isOne();
        await().until(() -> way.open() == 0);
    }

    static Stream<Middlebox.Deed> cuts() {
        return Stream.of(RESET, CLOSE, SILENCE);
    }

    @ParameterizedTest
    @MethodSource("cuts")
    void aFailureCostsFewConnections(Middlebox.Deed cut) throws IOException {
        Map<LoopbackServer, CompletableFuture<Reachability>> checks = new HashMap<>();
        for (Negotiation negotiation : Negotiation.values()) {
            LoopbackServer way = scene.keep(
                    Middlebox.before(stage.cluster.address(), sight -> sight.is(CLIENT_HELLO) ? cut : FORWARD));
            checks.put(way, CompletableFuture.supplyAsync(() -> check(way, negotiation), BESIDE));
        }
        checks.forEach((way, check) -> {
            assertThat(check.join().isReachable()).isFalse();
            assertThat(way.accepted()).isBetween(2, MOST_CONNECTIONS);
            await().until(() -> way.open() == 0);
        });
    }

    @ParameterizedTest
    @MethodSource("cuts")
    void anUnsteadyConnectionCostsFewConnections(Middlebox.Deed cut) throws IOException {
        LoopbackServer way = scene.keep(Middlebox.before(
                stage.cluster.address(), sight -> sight.is(CLIENT_HELLO) && sight.connection() == 0 ? cut : FORWARD));

        assertThat(check(way, Negotiation.POSTGRES).summary()).startsWith("DSQL reachable, but unsteady");
        assertThat(way.accepted()).isBetween(2, MOST_CONNECTIONS);
        await().until(() -> way.open() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void nothingSecretGoesToAServerThatDidNotProveItsName(Negotiation negotiation) throws IOException {
        for (SSLContext certificate : List.of(
                stage.stranger.issue(Stage.HOST).serverContext(),
                stage.authority.issue("www.example.com").serverContext())) {
            Talks.Login login = new Talks.Login(Talks.Login.Until.PASSWORD, Talks.Login.SILENCE);
            LoopbackServer server = scene.keep(new LoopbackServer(Talks.postgres(certificate, login)));

            Reachability got = check(server, negotiation);

            assertThat(got.isReachable()).isFalse();
            assertThat(login.received())
                    .isNotEmpty()
                    .allSatisfy(message ->
                            assertThat(message).contains("user", "admin").doesNotContain("X-Amz", "Signature"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingSecretGoesOverAnUnencryptedWire(Negotiation negotiation) throws IOException {
        List<ByteArrayOutputStream> received = Collections.synchronizedList(new ArrayList<>());
        LoopbackServer server = scene.keep(new LoopbackServer((client, n) -> {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            received.add(all);
            client.getInputStream().transferTo(all);
        }));

        check(server, negotiation);

        assertThat(received)
                .hasSizeBetween(2, MOST_CONNECTIONS)
                .allSatisfy(bytes -> assertThat(bytes.toString(StandardCharsets.ISO_8859_1))
                        .doesNotContain("X-Amz", "Signature", "AKIA"));
    }

    @ParameterizedTest
    @EnumSource
    void silenceEndsSoonAfterTheTimeout(Negotiation negotiation) throws IOException {
        LoopbackServer server = scene.keep(new LoopbackServer(Talks.silent()));

        assertThat(check(server, negotiation).took()).isLessThan(LONGEST);
        await().until(() -> server.open() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void aServerThatDripsOrFloodsDoesNotHoldTheCheck(Negotiation negotiation) throws IOException {
        byte[] flood = new byte[8192];
        LoopbackServer flooding = scene.keep(new LoopbackServer((client, n) -> {
            while (true) {
                client.getOutputStream().write(flood);
            }
        }));
        LoopbackServer dripping = scene.keep(new LoopbackServer((client, n) -> {
            for (byte b : Talks.page(200).getBytes(StandardCharsets.US_ASCII)) {
                client.getOutputStream().write(b);
                LoopbackServer.hearOut(client, Duration.ofMillis(50));
            }
        }));
        byte[] records = {22, 3, 3, 0, 1, 2};
        LoopbackServer drippingTls = scene.keep(new LoopbackServer((client, n) -> {
            client.getOutputStream().write('S');
            while (true) {
                client.getOutputStream().write(records);
                LoopbackServer.hearOut(client, Duration.ofMillis(50));
            }
        }));
        List<LoopbackServer> servers = List.of(flooding, dripping, drippingTls);
        List<CompletableFuture<Reachability>> checks = servers.stream()
                .map(server -> CompletableFuture.supplyAsync(() -> check(server, negotiation), BESIDE))
                .toList();
        for (CompletableFuture<Reachability> check : checks) {
            assertThat(check.join().took()).isLessThan(LONGEST);
        }
        await().until(() -> servers.stream().allMatch(server -> server.open() == 0));
    }

    @Test
    void withoutExperimentsThereIsOneConnectionAndNoExperiment() throws IOException {
        LoopbackServer way = scene.keep(
                Middlebox.before(stage.cluster.address(), sight -> sight.is(CLIENT_HELLO) ? RESET : FORWARD));

        Reachability got = scene.check(way.address()).experiments(false).run();

        assertThat(got.experiments()).isEmpty();
        assertThat(got.diagnosis().explanation()).doesNotContain("experiment");
        assertThat(way.accepted()).isOne();
    }

    @ParameterizedTest
    @MethodSource("cuts")
    void aWayOverTheWebSocketIsFoundWhereItGetsThrough(Middlebox.Deed cut) throws IOException {
        LoopbackServer way =
                scene.keep(Middlebox.before(stage.cluster.address(), sight -> sight.is(CLIENT_HELLO) ? cut : FORWARD));
        long passwords = stage.cluster.connections().passwordsReceived();

        Reachability got = scene.check(way.address())
                .timeout(Duration.ofSeconds(10))
                .webSocket(stage.cluster.webSocketAddress())
                .run();

        assertThat(got.experiments())
                .filteredOn(experiment -> experiment.name() == ExperimentName.WEB_SOCKET_443)
                .singleElement()
                .satisfies(experiment -> assertThat(experiment.passed()).isTrue());
        assertThat(got.diagnosis().remedies().get(0)).contains("Port 443 works here", "`dsql.reach.transport=auto`");
        assertThat(got.diagnosis().remedies().get(1))
                .contains("`jdbc:postgresql://" + Stage.HOST + ":443/postgres?user=admin&");
        assertThat(got.diagnosis().evidence())
                .anyMatch(sentence -> sentence.startsWith("With the cluster's WebSocket on port 443: passed in"));
        assertThat(stage.cluster.connections().passwordsReceived()).isEqualTo(passwords);
    }

    /** Behind a device that resets TLS on the cluster's own port. */
    private ReachabilityCheck auto(HostAndPort webSocket) throws IOException {
        LoopbackServer way = scene.keep(
                Middlebox.before(stage.cluster.address(), sight -> sight.is(CLIENT_HELLO) ? RESET : FORWARD));
        return scene.check(scene.over(way.address()).transport(Transport.AUTO).webSocketConnectTo(webSocket))
                .timeout(Duration.ofSeconds(10));
    }

    @Test
    void theTransportAutoTakesTheWebSocketAndSaysWhy() throws IOException {
        HostAndPort webSocket = stage.cluster.webSocketAddress();

        Reachability got = auto(webSocket).run();

        assertThat(got.isReachable()).as(got.toString()).isTrue();
        assertThat(got.usedWebSocketFallback()).isTrue();
        Endpoint endpoint = got.endpoint().orElseThrow();
        assertThat(endpoint.transport()).isEqualTo(Transport.WEBSOCKET);
        assertThat(endpoint.target()).isEqualTo(webSocket);
        assertThat(got.attempt().orElseThrow().result(Phase.AUTH).passed()).isTrue();
        assertThat(got.summary())
                .startsWith("DSQL reachable over WebSocket on 443, because TCP to the cluster's own port is blocked"
                        + " (connection reset ")
                .contains("a firewall blocks TLS on port 5432): " + Stage.HOST + ":443 over WebSocket")
                .hasSizeLessThan(400);
        assertThat(got.diagnosis().explanation()).startsWith("The network blocks TCP to the cluster's own port (TLS_");
        assertThat(got.diagnosis().evidence())
                .anyMatch(sentence -> sentence.startsWith("The attempt over TCP: connection reset "));
        Reachability saved = Report.parse(Report.of(got).json()).reachability();
        assertThat(saved).isEqualTo(got);
        assertThat(Diagnoses.of(saved.endpoint().orElseThrow(), saved.attempt().orElseThrow(), saved.followUp()))
                .isEqualTo(got.diagnosis());
        assertThat(CiAnnotations.of(Map.of("GITHUB_ACTIONS", "true")).lines(Report.of(got)))
                .isEqualTo("::warning title=DSQL over WebSocket::" + got.summary() + "\n");
    }

    @Test
    void theTransportAutoTakesTheWebSocketWherePort5432IsIntercepted() throws IOException {
        HostAndPort inspected = scene.toxics("{'type':'intercept','stream':'upstream','attributes':{}}");

        Reachability got = scene.check(scene.over(inspected)
                        .transport(Transport.AUTO)
                        .webSocketConnectTo(stage.cluster.webSocketAddress()))
                .timeout(Duration.ofSeconds(10))
                .run();

        assertThat(got.isReachable()).as(got.toString()).isTrue();
        assertThat(got.usedWebSocketFallback()).isTrue();
        assertThat(got.summary()).contains("because TCP to the cluster's own port is blocked");
    }

    @Test
    void theTransportAutoStaysWithTcpWhereTheWebSocketLeadsNoFarther() throws IOException {
        try (LocalDsql refusing = scene.door().start()) {
            refusing.refuseWebSocketWith(403);

            Reachability got = auto(refusing.webSocketAddress()).run();

            assertThat(got.verdict()).as(got.toString()).isEqualTo(Verdict.BLOCKED);
            assertThat(got.endpoint().orElseThrow().transport()).isEqualTo(Transport.AUTO);
            assertThat(got.usedWebSocketFallback()).isFalse();
        }
    }

    @Test
    void theTransportAutoTellsTheClustersRefusalFromTheNetworks() throws IOException {
        try (LocalDsql refusing = scene.door().start()) {
            refusing.refuseWith(Refusal.WAKING_UP);

            Reachability got = auto(refusing.webSocketAddress()).run();

            assertThat(got.diagnosis().cause()).as(got.toString()).contains(Cause.CLUSTER_WAKING_UP);
            assertThat(got.usedWebSocketFallback()).isFalse();
            assertThat(got.diagnosis().evidence())
                    .anyMatch(sentence -> sentence.startsWith("The attempt over TCP: connection reset "));
        }
    }

    @Test
    void noWayIsClaimedWhereTheUpgradeIsRefusedOrTheNameNotProven() throws Exception {
        LoopbackServer way = scene.keep(
                Middlebox.before(stage.cluster.address(), sight -> sight.is(CLIENT_HELLO) ? RESET : FORWARD));
        try (LocalDsql refusing = scene.door().start();
                LocalDsql inspected = scene.door()
                        .certificate(stage.stranger.issue(Stage.HOST))
                        .start()) {
            refusing.refuseWebSocketWith(403);
            for (LocalDsql other : List.of(refusing, inspected)) {
                Reachability got = scene.check(way.address())
                        .timeout(Duration.ofSeconds(10))
                        .webSocket(other.webSocketAddress())
                        .run();

                assertThat(got.diagnosis().remedies()).noneMatch(remedy -> remedy.contains("443"));
                assertThat(got.diagnosis().evidence())
                        .anyMatch(sentence -> sentence.startsWith("With the cluster's WebSocket on port 443: ")
                                && sentence.contains(
                                        other == refusing ? "HTTP 403 Refused" : "an unverified certificate"));
            }
        }
    }

    private Reachability check(LoopbackServer server, Negotiation negotiation) {
        return scene.check(scene.over(server.address()).negotiation(negotiation))
                .run();
    }
}
