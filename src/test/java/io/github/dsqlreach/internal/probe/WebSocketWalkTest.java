package io.github.dsqlreach.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Walk;
import io.github.dsqlreach.connect.ConnectProxy;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The walk over the cluster's other door, with and without a proxy. */
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class WebSocketWalkTest {
    private static LocalDsql local;

    @BeforeAll
    static void start() {
        local = LocalDsql.start();
        local.webSocketAddress();
    }

    @AfterAll
    static void stop() {
        local.close();
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

    private static Walk walk(Endpoint endpoint) throws InterruptedException {
        return Given.walk(endpoint, Given.AMPLE, local.credentialsProvider());
    }

    /** As on a network that only the proxy leads out of. */
    private static Walk walkThroughProxy(int port) throws InterruptedException {
        System.setProperty("https.proxyHost", "127.0.0.1");
        System.setProperty("https.proxyPort", String.valueOf(port));
        return walk(endpoint().toBuilder().connectTo(null).build());
    }

    @Test
    void passesEveryPhaseOnOneConnectionWithOneToken() throws Exception {
        long accepted = local.connections().accepted();
        long passwords = local.connections().passwordsReceived();

        Walk walk = walk(endpoint());

        assertThat(walk.results()).as(walk.toString()).allMatch(PhaseResult::passed);
        assertThat(walk.result(Phase.TCP).evidence().text(Evidence.ADDRESS))
                .contains(local.webSocketAddress().toString());
        Evidence tls = walk.result(Phase.TLS).evidence();
        assertThat(tls.number(Evidence.HTTP_STATUS)).hasValue(101);
        assertThat(tls.is(Evidence.VERIFIED)).isTrue();
        assertThat(tls.text(Evidence.ALPN)).contains("http/1.1");
        assertThat(tls.has(Evidence.NEGOTIATION)).isFalse();
        assertThat(local.connections().accepted()).isEqualTo(accepted + 1);
        assertThat(local.connections().passwordsReceived()).isEqualTo(passwords + 1);
    }

    @Test
    void isToldTheClustersRefusalInItsWords() throws Exception {
        local.refuseWith(Refusal.WAKING_UP);

        PhaseResult auth = walk(endpoint()).result(Phase.AUTH);

        assertThat(auth.failedWith(FailureKind.SERVER_ERROR))
                .as(auth.toString())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 301, 403, 404, 503})
    void seesAtTlsThatTheServerDoesNotUpgrade(int status) throws Exception {
        local.refuseWebSocketWith(status);

        PhaseResult tls = walk(endpoint()).result(Phase.TLS);

        assertThat(tls.failedWith(FailureKind.UNEXPECTED_ANSWER))
                .as(tls.toString())
                .isTrue();
        assertThat(tls.failure().orElseThrow().message()).contains("does not upgrade to WebSocket: HTTP " + status);
        assertThat(tls.evidence().number(Evidence.HTTP_STATUS)).hasValue(status);
        assertThat(tls.evidence().text(Evidence.AFTER)).contains(SentMessage.UPGRADE.label());
        assertThat(tls.evidence().is(Evidence.VERIFIED)).isTrue();
    }

    @Test
    void goesThroughTheProxyAndSaysSo() throws Exception {
        try (ConnectProxy proxy = new ConnectProxy(local.webSocketAddress(), null)) {
            Walk walk = walkThroughProxy(proxy.port());

            assertThat(walk.results()).as(walk.toString()).allMatch(PhaseResult::passed);
            assertThat(walk.result(Phase.TCP).evidence().text(Evidence.PROXY)).contains("127.0.0.1:" + proxy.port());
            assertThat(proxy.requests())
                    .containsExactly("CONNECT " + local.endpoint().host() + ":443 HTTP/1.1");
        }
    }

    @Test
    void seesAtTcpThatTheProxyWantsALogin() throws Exception {
        try (ConnectProxy proxy = new ConnectProxy(local.webSocketAddress(), "me:open-sesame")) {
            System.setProperty("https.proxyUser", "me");
            System.setProperty("https.proxyPassword", "open-barley");

            Walk walk = walkThroughProxy(proxy.port());

            PhaseResult tcp = walk.result(Phase.TCP);
            assertThat(tcp.failedWith(FailureKind.UNEXPECTED_ANSWER))
                    .as(tcp.toString())
                    .isTrue();
            assertThat(tcp.evidence().number(Evidence.HTTP_STATUS)).hasValue(407);
            assertThat(tcp.evidence().text(Evidence.AFTER)).contains(SentMessage.CONNECT.label());
            assertThat(walk.result(Phase.TLS).status()).isEqualTo(PhaseResult.Status.NOT_REACHED);
            assertThat(walk.toString()).doesNotContain("open-barley");
        }
    }

    @Test
    void blamesTheProxyThatNobodyRuns() throws Exception {
        int port;
        try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = nobody.getLocalPort();
        }

        PhaseResult tcp = walkThroughProxy(port).result(Phase.TCP);

        assertThat(tcp.failedWith(FailureKind.PROXY_FAILED)).as(tcp.toString()).isTrue();
        assertThat(tcp.failure().orElseThrow().message())
                .startsWith("proxy 127.0.0.1:" + port + " cannot be reached: connection refused");
    }

    @Test
    void endsInTimeWhereTheProxyIsSilent() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            System.setProperty("https.proxyHost", "127.0.0.1");
            System.setProperty("https.proxyPort", String.valueOf(silent.getLocalPort()));

            Walk walk = Given.walk(
                    endpoint().toBuilder().connectTo(null).build(), Duration.ofSeconds(1), local.credentialsProvider());

            PhaseResult tcp = walk.result(Phase.TCP);
            assertThat(tcp.failedWith(FailureKind.TIMEOUT) || tcp.failedWith(FailureKind.OUT_OF_TIME))
                    .as(tcp.toString())
                    .isTrue();
            assertThat(tcp.evidence().text(Evidence.AFTER)).contains("CONNECT");
        }
    }

    @Test
    void seesAtTcpThatTheProxyHangsUp() throws Exception {
        try (ServerSocket rude = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            Thread server = new Thread(() -> {
                try (Socket client = rude.accept()) {
                    new String(client.getInputStream().readNBytes(20), StandardCharsets.US_ASCII);
                    client.shutdownOutput();
                    client.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // The walk is over.
                }
            });
            server.setDaemon(true);
            server.start();

            PhaseResult tcp = walkThroughProxy(rude.getLocalPort()).result(Phase.TCP);

            assertThat(tcp.failedWith(FailureKind.CLOSED)).as(tcp.toString()).isTrue();
            assertThat(tcp.failure().orElseThrow().message())
                    .endsWith("after CONNECT to proxy 127.0.0.1:" + rude.getLocalPort());
        }
    }
}
