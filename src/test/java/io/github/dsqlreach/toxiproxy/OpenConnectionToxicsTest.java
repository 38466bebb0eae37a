package io.github.dsqlreach.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.dsqlreach.toxiproxy.ToxicDefinition.MatchThen;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The toxics that end connections by their age, their idle time or their data: {@code cut}, {@code idle}, {@code lose}, {@code message_limit}. */
@Timeout(60)
class OpenConnectionToxicsTest {
    private static final Duration A_WHILE = Duration.ofMillis(150);

    @AutoClose
    private final ToxiproxyServer server = ToxiproxyServer.start();

    @AutoClose
    private final Upstream upstream = Upstream.manual();

    private final ToxiproxyServer.Proxy proxy = server.createProxy("p", "127.0.0.1:0", upstream.address());
    private final AtomicInteger struck = new AtomicInteger();

    /** A connection that has carried a byte each way. */
    private final class Open implements AutoCloseable {
        private final Wire client = Wire.to(proxy.listen());
        private final Socket accepted = upstream.accepted();
        private final Wire peer = Wire.of(accepted);

        Open() throws Exception {
            assertThat(client.send("a").socket().isConnected()).isTrue();
            assertThat(peer.receive(1)).isEqualTo("a");
            peer.send("b");
            assertThat(client.receive(1)).isEqualTo("b");
        }

        @Override
        public void close() throws IOException {
            client.close();
            peer.close();
        }
    }

    private void add(ToxicDefinition toxic) {
        proxy.add(toxic, struck::incrementAndGet);
    }

    @Test
    void aCutPassesItsBytesAndThenResetsBothSides() throws Exception {
        try (Open open = new Open()) {
            add(ToxicDefinition.cut(Direction.DOWNSTREAM, 4, MatchThen.RESET));
            open.peer.send("123456");
            assertThat(open.client.receive(4)).isEqualTo("1234");
            assertThat(open.client.next()).isEqualTo("RST");
            assertThat(open.peer.next()).isEqualTo("RST");
            assertThat(struck).hasValue(1);
        }
    }

    @Test
    void aCutThatWasNotReachedLeavesTheCloseAlone() throws Exception {
        add(ToxicDefinition.cut(Direction.DOWNSTREAM, 4, MatchThen.RESET));
        try (Open open = new Open()) {
            open.peer.send("12").close();
            assertThat(open.client.receive(2)).isEqualTo("12");
            assertThat(open.client.next()).isEqualTo("FIN");
            assertThat(struck).hasValue(0);
        }
    }

    @Test
    void aCutByTimeNeedsNoData() throws Exception {
        try (Open open = new Open()) {
            add(ToxicDefinition.cut(Direction.DOWNSTREAM, -1, MatchThen.CLOSE).with("time", 20L));
            assertThat(open.client.next()).isEqualTo("FIN");
            assertThat(struck).hasValue(1);
        }
    }

    @Test
    void aCutIntoSilenceSwallowsAndClosesWhenItIsRemoved() throws Exception {
        try (Open open = new Open();
                Open idle = new Open()) {
            add(ToxicDefinition.cut(Direction.UPSTREAM, 0, MatchThen.SILENCE).named("cut"));
            open.client.send("x");
            assertThat(open.peer.next(A_WHILE)).isEqualTo("silence");
            proxy.remove("cut");
            assertThat(open.client.next()).isEqualTo("FIN");
            assertThat(idle.client.send("y").socket().isClosed()).isFalse();
            assertThat(idle.peer.next()).as("it has lost nothing").isEqualTo("y");
        }
    }

    @Test
    void aConnectionThatIsIdleForTooLongIsResetByItsNextByte() throws Exception {
        addIdle(MatchThen.RESET);
        try (Open open = new Open()) {
            TimeUnit.MILLISECONDS.sleep(250); // The time without data that this toxic is about.
            assertThat(open.client.next(Duration.ofMillis(50))).isEqualTo("silence");
            open.peer.send("late");
            assertThat(open.client.next()).isEqualTo("RST");
            assertThat(struck).hasValue(1);
        }
    }

    @Test
    void dataOfEitherDirectionKeepsAConnectionFromBeingIdle() throws Exception {
        addIdle(MatchThen.RESET);
        try (Open open = new Open()) {
            long end = System.nanoTime() + Duration.ofMillis(600).toNanos();
            while (System.nanoTime() - end < 0) {
                open.client.send("k");
                assertThat(open.peer.receive(1)).isEqualTo("k");
                TimeUnit.MILLISECONDS.sleep(20);
            }
            open.peer.send("ok");
            assertThat(open.client.receive(2)).isEqualTo("ok");
            assertThat(struck).hasValue(0);
        }
    }

    @Test
    void whatIsSentAfterAnIdleTimeCanVanishInBothDirections() throws Exception {
        addIdle(MatchThen.SILENCE);
        try (Open open = new Open()) {
            TimeUnit.MILLISECONDS.sleep(250); // The time without data that this toxic is about.
            open.client.send("late");
            open.peer.send("late too");
            assertThat(open.client.next(A_WHILE)).isEqualTo("silence");
            assertThat(open.peer.next(A_WHILE)).isEqualTo("silence");
            assertThat(struck).hasValue(1);
        }
    }

    private void addIdle(MatchThen then) {
        for (Direction direction : Direction.values()) {
            ToxicDefinition toxic = ToxicDefinition.idle(direction, Duration.ofMillis(200), then);
            proxy.add(toxic, counter);
        }
    }

    /** One object for both toxics, so that a connection counts once. */
    private final Runnable counter = struck::incrementAndGet;

    @Test
    void openConnectionsAreResetWhenTheCallReturnsAndLaterOnesWork() throws Exception {
        try (Open open = new Open();
                Wire unused = Wire.to(proxy.listen())) {
            add(ToxicDefinition.lose(Direction.UPSTREAM, MatchThen.RESET));
            assertThat(struck).hasValue(2);
            assertThat(open.client.next()).isEqualTo("RST");
            assertThat(unused.next()).isEqualTo("RST");
            assertThat(open.peer.next()).isEqualTo("RST");
            upstream.accepted();
            try (Open later = new Open()) {
                assertThat(later.client.send("x").socket().isConnected()).isTrue();
                assertThat(later.peer.next()).isEqualTo("x");
            }
            await().untilAsserted(() -> assertThat(proxy.connections().open()).isZero());
        }
    }

    @Test
    void aLostConnectionCanBeSilentInBothDirections() throws Exception {
        try (Open open = new Open()) {
            add(ToxicDefinition.lose(Direction.UPSTREAM, MatchThen.SILENCE));
            add(ToxicDefinition.lose(Direction.DOWNSTREAM, MatchThen.SILENCE));
            open.client.send("x");
            open.peer.send("y");
            assertThat(open.client.next(A_WHILE)).isEqualTo("silence");
            assertThat(open.peer.next(A_WHILE)).isEqualTo("silence");
            open.peer.close();
            assertThat(open.client.next(A_WHILE)).as("the close is lost too").isEqualTo("silence");
            open.client.close();
            await().untilAsserted(() -> assertThat(proxy.connections().open()).isZero());
        }
    }

    @Test
    void theServersSideOfAHalfOpenConnectionIsGoneAndTheClientIsNotTold() throws Exception {
        try (Open open = new Open()) {
            add(ToxicDefinition.halfOpen());
            assertThat(open.peer.next()).isEqualTo("FIN");
            open.client.send("is anybody there?");
            assertThat(open.client.next(A_WHILE)).isEqualTo("silence");
            assertThat(proxy.connections().open()).isEqualTo(1);
            open.client.close();
            await().untilAsserted(() -> assertThat(proxy.connections().open()).isZero());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SILENCE", "HALF_OPEN"})
    void removingTheToxicClosesTheConnectionsThatItHeld(LoseToxic.Then then) throws Exception {
        try (Open open = new Open()) {
            add(ToxicDefinition.of("lose", Direction.UPSTREAM)
                    .named("lost")
                    .with("then", then.name().toLowerCase()));
            proxy.remove("lost");
            assertThat(open.client.next()).isEqualTo("FIN");
            await().untilAsserted(() -> assertThat(proxy.connections().open()).isZero());
        }
    }

    @Test
    void aMessageThatIsTooLongGetsACloseInOrderAndIsReadToItsEnd() throws Exception {
        add(ToxicDefinition.messageLimit(1_000_000));
        try (Open open = new Open()) {
            CompletableFuture<Void> reading = CompletableFuture.runAsync(open.peer::end);
            assertThat(open.client.sendUnlessClosed(new byte[5_000_000])).isEmpty();
            assertThat(open.client.next()).isEqualTo("FIN");
            reading.get(10, TimeUnit.SECONDS);
            assertThat(struck).hasValue(1);
        }
        await().untilAsserted(() -> assertThat(proxy.connections().open()).isZero());
    }

    @Test
    void messagesUpToTheLimitPassHoweverMany() throws Exception {
        add(ToxicDefinition.messageLimit(100_000));
        try (Open open = new Open()) {
            for (int i = 0; i < 20; i++) {
                CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> {
                    try {
                        return open.peer.receive(90_000);
                    } catch (IOException e) {
                        return e.toString();
                    }
                });
                open.client.send(new byte[90_000]);
                assertThat(received.get(10, TimeUnit.SECONDS)).hasSize(90_000);
                open.peer.send("k");
                assertThat(open.client.receive(1)).isEqualTo("k");
            }
            assertThat(struck).hasValue(0);
        }
    }

    @Test
    void refusesAttributesThatMakeNoSense() {
        assertThatThrownBy(() -> proxy.add(ToxicDefinition.of("cut", Direction.UPSTREAM)))
                .hasMessageContaining("bytes or time must be 0 or more");
        assertThatThrownBy(() -> proxy.add(ToxicDefinition.of("idle", Direction.UPSTREAM)))
                .hasMessageContaining("idle must be 1 or more");
        assertThatThrownBy(() -> proxy.add(ToxicDefinition.halfOpen().on(Direction.DOWNSTREAM)))
                .hasMessageContaining("its stream must be upstream");
        assertThatThrownBy(() -> proxy.add(ToxicDefinition.messageLimit(5).on(Direction.DOWNSTREAM)))
                .hasMessageContaining("its stream must be upstream");
    }
}
