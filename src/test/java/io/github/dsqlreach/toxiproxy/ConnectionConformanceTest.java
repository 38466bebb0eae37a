package io.github.dsqlreach.toxiproxy;

import static eu.rekawek.toxiproxy.model.ToxicDirection.DOWNSTREAM;
import static eu.rekawek.toxiproxy.model.ToxicDirection.UPSTREAM;
import static org.assertj.core.api.Assertions.assertThat;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import eu.rekawek.toxiproxy.model.toxic.Latency;
import eu.rekawek.toxiproxy.model.toxic.Timeout;
import io.github.dsqlreach.Background;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What connections see, whatever the toxics. */
class ConnectionConformanceTest extends ToxiproxyConformance {
    @Nested
    class Traffic {

        @Test
        void passesAllBytesBothWays() throws Exception {
            Wire wire = connect(proxyToEcho());
            byte[] bytes = noise(5_000_000);
            CompletableFuture<Void> sent = Background.run(() -> wire.send(bytes));
            assertThat(wire.socket().getInputStream().readNBytes(bytes.length)).isEqualTo(bytes);
            sent.join();
        }

        @Test
        void deliversAllBeforeTheClose() throws Exception {
            Upstream upstream = manual();
            Wire wire = connect(proxyTo(upstream));
            byte[] bytes = noise(3_000_000);
            try (Socket socket = upstream.accepted()) {
                CompletableFuture<byte[]> received = Background.call(() -> wire.receiveAll());
                socket.getOutputStream().write(bytes);
                socket.shutdownOutput();
                assertThat(received.join()).isEqualTo(bytes);
            }
        }

        @Test
        void tellsTheUpstreamThatTheClientHasClosed() throws Exception {
            Upstream upstream = manual();
            Wire wire = connect(proxyTo(upstream));
            Socket socket = closed(upstream.accepted());
            wire.send("bye").close();
            assertThat(socket.getInputStream().readAllBytes()).hasSize(3);
        }

        @Test
        void tellsTheUpstreamThatTheClientWasReset() throws Exception {
            Upstream upstream = manual();
            Wire wire = connect(proxyTo(upstream));
            Socket socket = closed(upstream.accepted());
            wire.reset();
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }

        @Test
        void closesBothSidesWhenOneIsHalfClosed() throws Exception {
            Upstream upstream = manual();
            Wire wire = connect(proxyTo(upstream));
            Socket socket = closed(upstream.accepted());
            wire.socket().shutdownOutput();
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
            assertThat(wire.next()).isEqualTo("FIN");
        }

        @Test
        void closesTheClientWhenTheUpstreamRefuses() throws Exception {
            int port;
            try (Upstream gone = Upstream.manual()) {
                port = gone.port();
            }
            Wire wire = connect(client().createProxy(newName(), "127.0.0.1:0", "127.0.0.1:" + port));
            assertThat(wire.next()).isIn("FIN", "RST");
        }

        @Test
        void servesManyAtOnce() throws Exception {
            Proxy proxy = proxyToEcho();
            List<Wire> wires = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                wires.add(connect(proxy));
            }
            for (int i = 0; i < wires.size(); i++) {
                wires.get(i).send("hello " + i);
            }
            for (int i = 0; i < wires.size(); i++) {
                assertThat(wires.get(i).receive(("hello " + i).length())).isEqualTo("hello " + i);
            }
        }
    }

    /**
     * A close while bytes of the sender wait unread: the kernel owes the sender a reset, and the other side an orderly end.
     * Chance decides about the moment, so each is done often: {@code -Dconformance.runs} says how often.
     */
    @Nested
    class CloseWithUnreadBytes {
        private static final int RUNS = Integer.getInteger("conformance.runs", 200);
        /** More than a proxy takes in, less than the kernel holds. */
        private static final byte[] UNREAD = noise(300_000);

        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void resetsTheSenderWhenTheLimitIsReached(ToxicDirection direction) throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().limitData("short", direction, 10);
            assertThat(ends(upstream, () -> proxy, direction, () -> {}))
                    .containsOnly(Map.entry("RST, 10 bytes FIN", RUNS));
        }

        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void resetsTheSenderOfADisabledProxy(ToxicDirection direction) throws Exception {
            Upstream upstream = manual();
            Proxy proxy = stalled(upstream, direction);
            assertThat(ends(
                            upstream,
                            () -> {
                                proxy.enable();
                                return proxy;
                            },
                            direction,
                            proxy::disable))
                    .containsOnly(Map.entry("RST, 0 bytes FIN", RUNS));
        }

        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void resetsTheSenderOfADeletedProxy(ToxicDirection direction) throws Exception {
            Upstream upstream = manual();
            Proxy[] proxy = {null};
            assertThat(ends(
                            upstream,
                            () -> proxy[0] = stalled(upstream, direction),
                            direction,
                            () -> proxy[0].delete()))
                    .containsOnly(Map.entry("RST, 0 bytes FIN", RUNS));
        }

        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void resetsTheSenderWhenTheUpstreamIsChanged(ToxicDirection direction) throws Exception {
            Upstream upstream = manual();
            Proxy proxy = stalled(upstream, direction);
            assertThat(ends(
                            upstream,
                            () -> {
                                proxy.setUpstream(upstream.address());
                                return proxy;
                            },
                            direction,
                            () -> proxy.setUpstream("127.0.0.1:1")))
                    .containsOnly(Map.entry("RST, 0 bytes FIN", RUNS));
        }

        /** A proxy through which nothing gets in that direction. */
        private Proxy stalled(Upstream upstream, ToxicDirection direction) throws IOException {
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().bandwidth("narrow", direction, 0);
            return proxy;
        }

        /** How often the sender and the receiver saw what. */
        private Map<String, Integer> ends(
                Upstream upstream, Callable<Proxy> proxy, ToxicDirection direction, Action close) throws Exception {
            Map<String, Integer> seen = new TreeMap<>();
            for (int run = 0; run < RUNS; run++) {
                try (Wire client = Wire.to(proxy.call());
                        Wire server = Wire.of(upstream.accepted())) {
                    Wire sender = direction == UPSTREAM ? client : server;
                    String sent = sender.sendUnlessClosed(UNREAD);
                    close.run();
                    String end = sent.isEmpty() ? sender.next() : sent;
                    Wire receiver = direction == UPSTREAM ? server : client;
                    seen.merge(end + ", " + receiver.end(), 1, Integer::sum);
                }
            }
            return seen;
        }

        /**
         * Whoever is blocked in a write, or whoever is blocked in a read, hears of the reset; but for the few times when
         * the sender had just paused, and nothing was left unread.
         */
        @Test
        void nearlyAlwaysResetsASenderThatNeverStops() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().limitData("short", UPSTREAM, 1_000_000);
            Map<Boolean, Integer> seen = new TreeMap<>();
            for (int run = 0; run < RUNS; run++) {
                try (Wire client = Wire.to(proxy);
                        Wire server = Wire.of(upstream.accepted())) {
                    CompletableFuture<String> read = Background.call(() -> client.next());
                    CompletableFuture<String> received = Background.call(server::end);
                    String written = "";
                    while (written.isEmpty()) {
                        written = client.sendUnlessClosed(UNREAD);
                    }
                    assertThat(received.get()).isEqualTo("1000000 bytes FIN");
                    seen.merge(List.of(written, read.get()).contains("RST"), 1, Integer::sum);
                }
            }
            assertThat(seen.get(true)).as("of %d", RUNS).isGreaterThan(RUNS / 2);
        }
    }

    @Nested
    class Toxicity {

        @Test
        void zeroNeverStrikes() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().timeout("dead", UPSTREAM, 0).setToxicity(0);
            for (int i = 0; i < 20; i++) {
                assertThat(connect(proxy).echo("hello")).isEqualTo("hello");
            }
        }

        @Test
        void halfStrikesSomeConnectionsEachAsAWhole() throws Exception {
            Proxy proxy = proxyToEcho();
            toxic(proxy, """
                {"type": "limit_data", "stream": "upstream", "toxicity": 0.5, "attributes": {"bytes": 0}}\
                """);
            List<Boolean> passed = IntStream.range(0, 60)
                    .mapToObj(i -> {
                        try {
                            Wire wire = connect(proxy);
                            String first = wire.send("a").next();
                            return first.equals("a") && wire.echo("still").equals("still");
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    })
                    .toList();
            assertThat(passed).contains(true, false);
        }

        @Test
        void changedToOneStrikesLivingConnections() throws Exception {
            Proxy proxy = proxyToEcho();
            Latency slow = proxy.toxics().latency("slow", DOWNSTREAM, 200);
            slow.setToxicity(0);
            Wire wire = connect(proxy);
            assertThat(millisOf(() -> wire.echo("hello"))).isLessThan(195);
            slow.setToxicity(1);
            assertThat(millisOf(() -> wire.echo("hello"))).isBetween(195L, 2_000L);
        }
    }

    @Nested
    class LivingConnections {

        @Test
        void feelToxicsAddedChangedAndRemoved() throws Exception {
            Proxy proxy = proxyToEcho();
            Wire wire = connect(proxy);
            assertThat(wire.echo("hello")).isEqualTo("hello");
            Latency slow = proxy.toxics().latency("slow", DOWNSTREAM, 150);
            assertThat(millisOf(() -> wire.echo("hello"))).isBetween(145L, 2_000L);
            slow.setLatency(300);
            assertThat(millisOf(() -> wire.echo("hello"))).isBetween(295L, 2_000L);
            slow.remove();
            assertThat(millisOf(() -> assertThat(wire.echo("hello")).isEqualTo("hello")))
                    .isLessThan(140);
        }

        @Test
        void getWhatIsHeldWhenTheToxicIsRemoved() throws Exception {
            Proxy proxy = proxyToEcho();
            Latency slow = proxy.toxics().latency("slow", DOWNSTREAM, 60_000);
            Wire wire = connect(proxy);
            wire.send("hello");
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            slow.remove();
            assertThat(wire.receive(5)).isEqualTo("hello");
            assertThat(wire.echo("again")).isEqualTo("again");
        }

        @Test
        void fallSilentAndDie() throws Exception {
            Proxy proxy = proxyToEcho();
            Wire wire = connect(proxy);
            assertThat(wire.echo("hello")).isEqualTo("hello");
            Timeout dead = proxy.toxics().timeout("dead", DOWNSTREAM, 0);
            wire.send("hello");
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            dead.setTimeout(100);
            assertThat(wire.next()).isEqualTo("FIN");
        }

        @Test
        void dieByAResetPeerAdded() throws Exception {
            Proxy proxy = proxyToEcho();
            Wire wire = connect(proxy);
            assertThat(wire.echo("hello")).isEqualTo("hello");
            proxy.toxics().resetPeer("reset", UPSTREAM, 0);
            // Toxiproxy sets SO_LINGER when a connection begins, so there it is a FIN.
            assertThat(wire.send("hello").next()).isIn("RST", "FIN");
        }

        @Test
        void liveOnWhenOneToxicOfAChainGoes() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().latency("one", UPSTREAM, 10);
            proxy.toxics().slicer("two", UPSTREAM, 3, 0);
            proxy.toxics().latency("three", UPSTREAM, 10);
            Wire wire = connect(proxy);
            assertThat(wire.echo("hello world")).isEqualTo("hello world");
            proxy.toxics().get("two").remove();
            assertThat(wire.echo("hello world")).isEqualTo("hello world");
            proxy.toxics().get("one").remove();
            proxy.toxics().get("three").remove();
            assertThat(wire.echo("hello world")).isEqualTo("hello world");
        }

        @Test
        void areHealedByReset() throws Exception {
            Proxy proxy = proxyToEcho();
            Wire wire = connect(proxy);
            proxy.toxics().latency("slow", DOWNSTREAM, 60_000);
            wire.send("hello");
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            client().reset();
            assertThat(wire.receive(5)).isEqualTo("hello");
        }
    }
}
