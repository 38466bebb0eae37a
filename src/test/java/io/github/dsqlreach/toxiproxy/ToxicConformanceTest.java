package io.github.dsqlreach.toxiproxy;

import static eu.rekawek.toxiproxy.model.ToxicDirection.DOWNSTREAM;
import static eu.rekawek.toxiproxy.model.ToxicDirection.UPSTREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import eu.rekawek.toxiproxy.model.toxic.Bandwidth;
import eu.rekawek.toxiproxy.model.toxic.LimitData;
import eu.rekawek.toxiproxy.model.toxic.Timeout;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each toxic of Toxiproxy. */
class ToxicConformanceTest extends ToxiproxyConformance {

    @Nested
    class OfLatency {
        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void delays(ToxicDirection direction) throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().latency("slow", direction, 150);
            Wire wire = connect(proxy);
            assertThat(millisOf(() -> wire.echo("hello"))).isBetween(145L, 2_000L);
            assertThat(millisOf(() -> wire.echo("hello"))).isBetween(145L, 2_000L);
        }

        @Test
        void ofBothDirectionsAddsUp() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().latency("there", UPSTREAM, 100);
            proxy.toxics().latency("back", DOWNSTREAM, 100);
            Wire wire = connect(proxy);
            assertThat(millisOf(() -> wire.echo("hello"))).isBetween(195L, 2_000L);
        }

        @Test
        void countsFromWhenAChunkCameAndKeepsTheOrder() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().latency("slow", UPSTREAM, 100).setJitter(50);
            Wire wire = connect(proxy);
            Socket socket = closed(upstream.accepted());
            String sent = "0123456789".repeat(5);
            long millis = millisOf(() -> {
                for (char digit : sent.toCharArray()) {
                    wire.send(String.valueOf(digit));
                }
                assertThat(new String(socket.getInputStream().readNBytes(sent.length())))
                        .isEqualTo(sent);
            });
            assertThat(millis).as("one after the other it would be 5 s").isBetween(45L, 2_500L);
        }

        @Test
        void delaysNoCloseButKeepsItBehindTheData() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().latency("slow", DOWNSTREAM, 200);
            Wire wire = connect(proxy);
            long millis = millisOf(() -> {
                try (Socket socket = upstream.accepted()) {
                    socket.getOutputStream().write("last words".getBytes());
                }
                assertThat(wire.receiveAll()).asString().isEqualTo("last words");
            });
            assertThat(millis).isBetween(195L, 2_000L);
        }
    }

    @Nested
    class OfBandwidth {
        @Test
        void limitsTheRate() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().bandwidth("narrow", DOWNSTREAM, 100);
            Wire wire = connect(proxy);
            byte[] bytes = noise(50_000);
            long millis = millisOf(() -> {
                wire.send(bytes);
                assertThat(wire.socket().getInputStream().readNBytes(bytes.length))
                        .isEqualTo(bytes);
            });
            assertThat(millis).isBetween(400L, 2_000L);
        }

        @Test
        void zeroStopsUntilItIsChanged() throws Exception {
            Proxy proxy = proxyToEcho();
            Bandwidth narrow = proxy.toxics().bandwidth("narrow", DOWNSTREAM, 0);
            Wire wire = connect(proxy);
            wire.send("hello");
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            narrow.setRate(1000);
            assertThat(wire.receive(5)).isEqualTo("hello");
        }
    }

    @Nested
    class OfSlowClose {
        @Test
        void delaysTheCloseOnly() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().slowClose("slow", DOWNSTREAM, 300);
            Wire wire = connect(proxy);
            try (Socket socket = upstream.accepted()) {
                socket.getOutputStream().write("bye".getBytes());
            }
            assertThat(wire.receive(3)).isEqualTo("bye");
            assertThat(millisOf(() -> assertThat(wire.next()).isEqualTo("FIN"))).isBetween(200L, 2_000L);
        }

        @Test
        void removedClosesAtOnce() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().slowClose("slow", DOWNSTREAM, 60_000);
            Wire wire = connect(proxy);
            upstream.accepted().close();
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            proxy.toxics().get("slow").remove();
            assertThat(wire.next()).isEqualTo("FIN");
        }
    }

    @Nested
    class OfTimeout {
        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void swallowsAndCloses(ToxicDirection direction) throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().timeout("dead", direction, 300);
            Wire wire = connect(proxy);
            wire.send("hello");
            assertThat(millisOf(() -> assertThat(wire.next()).isEqualTo("FIN"))).isBetween(200L, 2_000L);
        }

        @Test
        void countsFromTheConnectionWithoutData() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().timeout("dead", DOWNSTREAM, 200);
            Wire wire = connect(proxy);
            assertThat(millisOf(() -> assertThat(wire.next()).isEqualTo("FIN"))).isBetween(100L, 2_000L);
        }

        @Test
        void zeroIsSilentUntilItIsRemovedWhichCloses() throws Exception {
            Proxy proxy = proxyToEcho();
            Timeout dead = proxy.toxics().timeout("dead", UPSTREAM, 0);
            Wire wire = connect(proxy);
            wire.send("hello");
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            dead.remove();
            assertThat(wire.next()).isEqualTo("FIN");
            assertThat(connect(proxy).echo("hello")).isEqualTo("hello");
        }

        @Test
        void stillPassesOnTheClose() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().timeout("dead", UPSTREAM, 0);
            Wire wire = connect(proxy);
            Socket socket = closed(upstream.accepted());
            wire.send("swallowed").close();
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
    }

    @Nested
    class OfResetPeer {
        @ParameterizedTest
        @EnumSource(ToxicDirection.class)
        void resetsInsteadOfTheFirstChunk(ToxicDirection direction) throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().resetPeer("reset", direction, 0);
            Wire wire = connect(proxy);
            assertThat(wire.next(A_WHILE)).as("before any data").isEqualTo("silence");
            wire.send("hello");
            assertThat(wire.next()).isEqualTo("RST");
        }

        @Test
        void resetsTheUpstreamToo() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().resetPeer("reset", UPSTREAM, 0);
            Wire wire = connect(proxy);
            Socket socket = closed(upstream.accepted());
            wire.send("hello");
            assertThat(wire.next()).isEqualTo("RST");
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(java.net.SocketException.class);
        }

        @Test
        void waits() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().resetPeer("reset", UPSTREAM, 300);
            Wire wire = connect(proxy);
            wire.send("hello");
            assertThat(millisOf(() -> assertThat(wire.next()).isEqualTo("RST"))).isBetween(250L, 2_000L);
        }

        @Test
        void ofToxicityZeroTurnsTheCloseIntoAReset() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().limitData("nine", UPSTREAM, 9);
            Wire finished = connect(proxy);
            assertThat(finished.echo("12345678")).isEqualTo("12345678");
            assertThat(finished.send("90").next()).isIn("9", "FIN");

            proxy.toxics().resetPeer("reset", UPSTREAM, 0).setToxicity(0);
            Wire reset = connect(proxy);
            assertThat(reset.echo("12345678")).isEqualTo("12345678");
            assertThat(reset.send("90").next()).isIn("9", "RST");
            assertThat(reset.next()).isEqualTo("RST");
        }
    }

    @Nested
    class OfSlicer {
        @Test
        void keepsTheBytesAndTakesItsTime() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().slicer("slices", UPSTREAM, 10, 10_000).setSizeVariation(3);
            Wire wire = connect(proxy);
            Socket socket = closed(upstream.accepted());
            byte[] bytes = noise(200);
            List<Integer> pieces = new ArrayList<>();
            long millis = millisOf(() -> {
                wire.send(bytes);
                byte[] buffer = new byte[1000];
                int total = 0;
                while (total < bytes.length) {
                    int count = socket.getInputStream().read(buffer, total, buffer.length - total);
                    pieces.add(count);
                    total += count;
                }
                assertThat(java.util.Arrays.copyOf(buffer, total)).isEqualTo(bytes);
            });
            assertThat(pieces).hasSizeGreaterThan(5);
            assertThat(pieces.get(0)).isLessThanOrEqualTo(30);
            assertThat(millis).isBetween(80L, 3_000L);
        }
    }

    @Nested
    class OfLimitData {
        @Test
        void passesSoManyBytesThenCloses() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().limitData("short", DOWNSTREAM, 10);
            Wire wire = connect(proxy);
            upstream.accepted().getOutputStream().write("0123456789abc".getBytes());
            assertThat(wire.receiveAll()).asString().isEqualTo("0123456789");
        }

        @Test
        void zeroClosesOnTheFirstByte() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().limitData("short", UPSTREAM, 0);
            Wire wire = connect(proxy);
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
            assertThat(wire.send("a").next()).isEqualTo("FIN");
        }

        @Test
        void remembersWhatItPassedWhenItIsChanged() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            LimitData limit = proxy.toxics().limitData("short", UPSTREAM, 100);
            Wire wire = connect(proxy);
            Socket socket = closed(upstream.accepted());
            wire.send("01234");
            assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("01234");
            limit.setBytes(8);
            wire.send("56789");
            assertThat(socket.getInputStream().readAllBytes()).asString().isEqualTo("567");
        }
    }

    @Nested
    class OfAChain {
        @Test
        void orderOfCreationIsTheOrderOfTheChain() throws Exception {
            Proxy proxy = proxyToEcho();
            proxy.toxics().limitData("first", UPSTREAM, 5);
            proxy.toxics().timeout("second", UPSTREAM, 0);
            assertThat(connect(proxy).send("0123456789").next())
                    .as("the limit sees the data, and closes")
                    .isEqualTo("FIN");

            Proxy other = proxyToEcho();
            other.toxics().timeout("first", UPSTREAM, 0);
            other.toxics().limitData("second", UPSTREAM, 5);
            assertThat(connect(other).send("0123456789").next(A_WHILE))
                    .as("the limit sees nothing")
                    .isEqualTo("silence");
        }

        @Test
        void directionsAreIndependent() throws Exception {
            Upstream upstream = manual();
            Proxy proxy = proxyTo(upstream);
            proxy.toxics().timeout("dead", DOWNSTREAM, 0);
            Wire wire = connect(proxy);
            Socket socket = closed(upstream.accepted());
            wire.send("hello");
            assertThat(socket.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
            socket.getOutputStream().write("lost".getBytes());
            assertThat(wire.next(A_WHILE)).isEqualTo("silence");
        }
    }
}
