package io.github.dsqlreach.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.CiCommands;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.ConnectProxy;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The attempt over the cluster's other door, with and without a proxy. */
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class WebSocketAttemptTest {
    @AutoClose
    private static final LocalDsql local = LocalDsql.start();

    @BeforeAll
    static void start() {
        local.webSocketAddress();
    }

    @AfterEach
    void takeBack() {
        local.accept();
        List.of("https.proxyHost", "https.proxyPort", "https.proxyUser", "https.proxyPassword")
                .forEach(System::clearProperty);
    }

    private static Endpoint endpoint() {
        return local.endpoint().over(Transport.WEBSOCKET);
    }

    private static Attempt attempt(Endpoint endpoint) throws InterruptedException {
        return Given.attempt(endpoint, Given.AMPLE, local.credentialsProvider());
    }

    /** As on a network that only the proxy leads out of. */
    private static Attempt attemptThroughProxy(int port) throws InterruptedException {
        System.setProperty("https.proxyHost", "127.0.0.1");
        System.setProperty("https.proxyPort", String.valueOf(port));
        return attempt(endpoint().toBuilder().connectTo(null).build());
    }

    @Test
    void passesEveryPhaseOnOneConnectionWithOneToken() throws Exception {
        long accepted = local.connections().accepted();
        long passwords = local.connections().passwordsReceived();

        Attempt attempt = attempt(endpoint());

        assertThat(attempt.phases()).as(attempt.toString()).allMatch(PhaseResult::passed);
        assertThat(attempt.result(Phase.TCP).evidence().text(Evidence.ADDRESS))
                .contains(local.webSocketAddress().toString());
        Evidence tls = attempt.result(Phase.TLS).evidence();
        assertThat(tls.get(Evidence.HTTP_STATUS)).contains(101L);
        assertThat(tls.is(Evidence.VERIFIED)).isTrue();
        assertThat(tls.text(Evidence.ALPN)).contains("http/1.1");
        assertThat(tls.has(Evidence.NEGOTIATION)).isFalse();
        assertThat(local.connections().accepted()).isEqualTo(accepted + 1);
        assertThat(local.connections().passwordsReceived()).isEqualTo(passwords + 1);
    }

    @Test
    void isToldTheClustersRefusalInItsWords() throws Exception {
        local.refuseWith(Refusal.WAKING_UP);

        PhaseResult auth = attempt(endpoint()).result(Phase.AUTH);

        assertThat(auth.failedWith(FailureKind.SERVER_ERROR))
                .as(auth.toString())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 301, 403, 404, 503})
    void seesAtTlsThatTheServerDoesNotUpgrade(int status) throws Exception {
        local.refuseWebSocketWith(status);

        PhaseResult tls = attempt(endpoint()).result(Phase.TLS);

        assertThat(tls.failedWith(FailureKind.UNEXPECTED_ANSWER))
                .as(tls.toString())
                .isTrue();
        assertThat(tls.failure().orElseThrow().message()).contains("does not upgrade to WebSocket: HTTP " + status);
        assertThat(tls.evidence().get(Evidence.HTTP_STATUS)).contains((long) status);
        assertThat(tls.evidence().text(Evidence.AFTER)).contains(SentMessage.UPGRADE.label());
        assertThat(tls.evidence().is(Evidence.VERIFIED)).isTrue();
    }

    @Test
    void goesThroughTheProxyAndSaysSo() throws Exception {
        try (ConnectProxy proxy = new ConnectProxy(local.webSocketAddress(), null)) {
            Attempt attempt = attemptThroughProxy(proxy.port());

            assertThat(attempt.phases()).as(attempt.toString()).allMatch(PhaseResult::passed);
            assertThat(attempt.result(Phase.TCP).evidence().text(Evidence.PROXY))
                    .contains("127.0.0.1:" + proxy.port());
            assertThat(proxy.requests())
                    .containsExactly("CONNECT " + local.endpoint().host() + ":443 HTTP/1.1");
        }
    }

    @Test
    void seesAtTcpThatTheProxyWantsALogin() throws Exception {
        try (ConnectProxy proxy = new ConnectProxy(local.webSocketAddress(), "me:open-sesame")) {
            System.setProperty("https.proxyUser", "me");
            System.setProperty("https.proxyPassword", "open-barley");

            Attempt attempt = attemptThroughProxy(proxy.port());

            PhaseResult tcp = attempt.result(Phase.TCP);
            assertThat(tcp.failedWith(FailureKind.UNEXPECTED_ANSWER))
                    .as(tcp.toString())
                    .isTrue();
            assertThat(tcp.evidence().get(Evidence.HTTP_STATUS)).contains(407L);
            assertThat(tcp.evidence().text(Evidence.AFTER)).contains(SentMessage.CONNECT.label());
            assertThat(attempt.result(Phase.TLS).status()).isEqualTo(PhaseResult.Status.NOT_REACHED);
            assertThat(attempt.toString()).doesNotContain("open-barley");
        }
    }

    @Test
    void blamesTheProxyThatNobodyRuns() throws Exception {
        int port = LoopbackServer.nobody().port();

        PhaseResult tcp = attemptThroughProxy(port).result(Phase.TCP);

        assertThat(tcp.failedWith(FailureKind.PROXY_FAILED)).as(tcp.toString()).isTrue();
        assertThat(tcp.failure().orElseThrow().message())
                .startsWith("proxy 127.0.0.1:" + port + " cannot be reached: connection refused");
    }

    @Test
    void endsInTimeWhereTheProxyIsSilent() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            System.setProperty("https.proxyHost", "127.0.0.1");
            System.setProperty("https.proxyPort", String.valueOf(silent.getLocalPort()));

            Attempt attempt = Given.attempt(
                    endpoint().toBuilder().connectTo(null).build(), Duration.ofSeconds(1), local.credentialsProvider());

            PhaseResult tcp = attempt.result(Phase.TCP);
            assertThat(tcp.failedWith(FailureKind.TIMEOUT) || tcp.failedWith(FailureKind.OUT_OF_TIME))
                    .as(tcp.toString())
                    .isTrue();
            assertThat(tcp.evidence().text(Evidence.AFTER)).contains("CONNECT");
        }
    }

    @Test
    void seesAtTcpThatTheProxyHangsUp() throws Exception {
        LoopbackServer.Talk hangsUp = (client, connection) -> {
            client.getInputStream().readNBytes(20);
            client.shutdownOutput();
            client.getInputStream().readAllBytes();
        };
        try (LoopbackServer rude = new LoopbackServer(hangsUp)) {
            PhaseResult tcp = attemptThroughProxy(rude.address().port()).result(Phase.TCP);

            assertThat(tcp.failedWith(FailureKind.CLOSED)).as(tcp.toString()).isTrue();
            assertThat(tcp.failure().orElseThrow().message()).endsWith("after CONNECT to proxy " + rude.address());
        }
    }

    /** What comes over verified TLS comes from the server: nobody on the way reset anything. */
    @Test
    void isToldWhyTheServerClosesItsWebSocket() throws Exception {
        String reason = "\r##vso[task.complete]try again";

        PhaseResult auth = attemptTo(visitor -> visitor.say(0x88, 2 + reason.length(), 0x03, 0xf5)
                        .say(reason)
                        .listen())
                .result(Phase.AUTH);

        assertThat(auth.failure()).as(auth.toString()).hasValueSatisfying(failure -> {
            assertThat(failure.kind()).isEqualTo(FailureKind.SERVER_ERROR);
            assertThat(failure.message())
                    .startsWith("closed with WebSocket code 1013: ")
                    .contains("try again");
            CiCommands.assertHarmless(failure.message());
        });
        assertThat(auth.evidence().text(Evidence.SERVER_MESSAGE))
                .contains(auth.failure().orElseThrow().message());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\210\2\3\350", "\202\12R", "\2\1R", "\202"})
    void seesThatTheConnectionWasClosedAndNotReset(String last) throws Exception {
        PhaseResult auth = attemptTo(visitor -> {
                    visitor.say(last).closeOutput();
                    visitor.listen();
                })
                .result(Phase.AUTH);

        assertThat(auth.failedWith(FailureKind.CLOSED)).as(auth.toString()).isTrue();
    }

    /** The client's messages have waited for an answer all the time: it was not this machine that took it. */
    @Test
    void takesPingsForNoAnswer() throws Exception {
        Duration timeout = Duration.ofSeconds(2);

        PhaseResult auth = attemptTo(
                        visitor -> {
                            while (true) {
                                visitor.say(0x89, 0).pause(5);
                            }
                        },
                        timeout)
                .result(Phase.AUTH);

        assertThat(auth.failedWith(FailureKind.TIMEOUT)).as(auth.toString()).isTrue();
    }

    private static Attempt attemptTo(ScriptedServer.Script script) throws Exception {
        return attemptTo(script, Given.AMPLE);
    }

    /** To a server that upgrades, hears the StartupMessage in a frame, and does that. */
    private static Attempt attemptTo(ScriptedServer.Script script, Duration timeout) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> {
            visitor.beginTls(Negotiation.DIRECT, Given.CERTIFICATE);
            StringBuilder request = new StringBuilder();
            while (!request.toString().endsWith("\r\n\r\n")) {
                request.append((char) visitor.hearByte());
            }
            String key = request.toString().replaceFirst("(?s).*Sec-WebSocket-Key: (\\S+).*", "$1");
            byte[] accept = MessageDigest.getInstance("SHA-1")
                    .digest((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(StandardCharsets.US_ASCII));
            visitor.say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: " + Base64.getEncoder().encodeToString(accept) + "\r\n\r\n");
            visitor.hear(2);
            script.run(visitor);
        })) {
            return Given.attempt(
                    Given.endpoint(server.address()).over(Transport.WEBSOCKET).toBuilder()
                            .connectTo(server.address())
                            .build(),
                    timeout);
        }
    }
}
