package io.github.dsqlreach.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is asked of a loop happens, whatever it is doing when it is asked. */
@Timeout(30)
class EventLoopTest {
    @AutoClose
    private final EventLoop loop = new EventLoop("event-loop-test");

    private final CompletableFuture<Void> done = new CompletableFuture<>();

    @Test
    void runs_what_a_timer_asks_for() throws Exception {
        loop.execute(() -> loop.after(0, () -> loop.execute(() -> done.complete(null))));

        assertThat(done.get(20, TimeUnit.SECONDS)).isNull();
    }

    @Test
    void runs_what_another_thread_asks_for_while_channels_are_closed() throws Exception {
        ServerSocketChannel channel = registered();
        loop.execute(() -> loop.after(0, () -> {
            loop.close(channel);
            elsewhere(() -> loop.execute(() -> done.complete(null)));
        }));

        assertThat(done.get(20, TimeUnit.SECONDS)).isNull();
        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void ends_when_it_is_told_to_while_channels_are_closed() throws Exception {
        ServerSocketChannel channel = registered();
        Thread closing = new Thread(loop::close);
        loop.execute(() -> loop.after(0, () -> {
            loop.close(channel);
            closing.start();
            while (closing.getState() != Thread.State.TIMED_WAITING) { // for the loop to end
                Thread.onSpinWait();
            }
            done.complete(null);
        }));
        done.get(20, TimeUnit.SECONDS);

        closing.join(20_000);
        assertThat(closing.isAlive()).isFalse();
    }

    private ServerSocketChannel registered() throws IOException {
        ServerSocketChannel channel = ServerSocketChannel.open();
        channel.configureBlocking(false);
        loop.call(() -> {
            try {
                loop.register(channel, SelectionKey.OP_ACCEPT, () -> {});
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return channel;
    }

    /** On another thread, and waits for it. */
    private static void elsewhere(Runnable task) {
        Thread thread = new Thread(task);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
