package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.internal.Troubles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One thread that serves many connections: their sockets, their timers, and what other threads ask of them. */
final class EventLoop implements AutoCloseable {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Duration CALL_TIME = Duration.ofSeconds(10);
    private static final long CLOSE_MILLIS = 10_000;
    /** Without a pause a loop that fails each time would take the processor from those that free memory. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Selector selector;
    private final Thread thread;
    private final Troubles troubles;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final List<SelectableChannel> leaving = new ArrayList<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);
    private volatile boolean closing;

    /**
     * Starts the thread.
     *
     * @throws UncheckedIOException if this machine has no file handle or no thread for it
     */
    EventLoop(String name) {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        troubles = new Troubles("Toxiproxy's thread " + name, Troubles::log);
        thread = Daemon.thread(name, this::run);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            Quietly.close(selector);
            throw new UncheckedIOException(new IOException(e.getMessage(), e));
        }
    }

    /** Room to read into, emptied for each who asks. */
    ByteBuffer buffer() {
        return buffer.clear();
    }

    void execute(Runnable task) {
        tasks.add(task);
        if (Thread.currentThread() != thread) {
            selector.wakeup();
        }
    }

    /**
     * Runs the task on the loop, and returns when it is done and what it closed is closed.
     *
     * @throws IllegalStateException if it failed, or is not done after 10 s
     */
    void call(Runnable task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        execute(() -> {
            try {
                task.run();
                closeLeaving();
                selector.selectNow(); // Only this gives the ports of closed channels back.
                done.complete(null);
            } catch (IOException | RuntimeException | Error e) {
                done.completeExceptionally(e);
            }
        });
        if (closing) {
            return;
        }
        try {
            done.get(CALL_TIME.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + thread.getName(), e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(String.valueOf(e.getCause()), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    thread.getName() + " did not finish a task within " + Numbers.print(CALL_TIME), e);
        }
    }

    SelectionKey register(SelectableChannel channel, int interest, Runnable whenReady) throws IOException {
        return channel.register(selector, interest, whenReady);
    }

    /**
     * Closes it before anything waits again. The JDK ends the output of a channel that is registered before it closes it,
     * which would send a FIN where bytes were left unread and the kernel owes the peer an RST; so it leaves the selector
     * first.
     */
    void close(SelectableChannel channel) {
        SelectionKey key = channel.keyFor(selector);
        if (key == null) {
            Quietly.close(channel);
        } else {
            key.cancel();
            leaving.add(channel);
        }
    }

    private void closeLeaving() throws IOException {
        if (!leaving.isEmpty()) {
            selector.selectNow();
            leaving.forEach(Quietly::close);
            leaving.clear();
        }
    }

    /** No new events for a while, for example because the process has run out of file handles. */
    void pause(SelectableChannel channel, long nanos) {
        SelectionKey key = channel.keyFor(selector);
        if (key != null && key.isValid()) {
            int interest = key.interestOps();
            key.interestOps(0);
            after(nanos, () -> {
                if (key.isValid()) {
                    key.interestOps(interest);
                }
            });
        }
    }

    Timer after(long nanos, Runnable then) {
        Timer timer = new Timer(System.nanoTime() + nanos, then);
        timers.add(timer);
        return timer;
    }

    /** Ends the thread, and waits at most 10 s for it; what it served must be closed before. */
    @Override
    public void close() {
        closing = true;
        selector.wakeup();
        boolean interrupted = false;
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CLOSE_MILLIS);
        while (thread.isAlive() && Thread.currentThread() != thread && System.nanoTime() - end < 0) {
            try {
                thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime())));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (selector) {
            while (!closing) {
                try {
                    runTasks();
                    runTimers();
                    closeLeaving();
                    select();
                } catch (ClosedSelectorException e) {
                    return;
                } catch (IOException | RuntimeException | Error e) {
                    // Of a moment without memory or handles: the connections of this loop go on.
                    troubles.report(e);
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
            runTasks();
            closeLeaving();
            selector.selectNow();
        } catch (IOException | ClosedSelectorException e) {
            // All that was served is closed already.
        }
    }

    private void select() throws IOException {
        if (closing || !tasks.isEmpty()) { // Closing channels, a moment ago, may have used up the call to wake up.
            selector.selectNow(this::serve);
            return;
        }
        Timer next = timers.peek();
        if (next == null) {
            selector.select(this::serve);
            return;
        }
        long nanos = next.due - System.nanoTime();
        if (nanos >= MILLI) {
            selector.select(this::serve, nanos / MILLI);
        } else {
            // Finer than a selector's clock: a slicer's microseconds, and the rest of any time.
            if (selector.selectNow(this::serve) == 0 && tasks.isEmpty()) {
                LockSupport.parkNanos(Math.min(nanos, MILLI / 10));
            }
        }
    }

    private void serve(SelectionKey key) {
        if (key.isValid()) {
            guarded((Runnable) key.attachment());
        }
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            guarded(task);
        }
    }

    private void runTimers() {
        for (Timer next = timers.peek();
                next != null && (next.then == null || next.due - System.nanoTime() <= 0);
                next = timers.peek()) {
            timers.remove();
            if (next.then != null) {
                guarded(next.then);
            }
        }
    }

    /** One connection's failure must not end the others. */
    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            troubles.report(e);
        }
    }

    final class Timer implements Comparable<Timer> {
        private final long due;
        /** {@code null} once it is cancelled. */
        private @Nullable Runnable then;

        private Timer(long due, Runnable then) {
            this.due = due;
            this.then = then;
        }

        /** Lets go of what it would have run; far timers stay queued, so they are taken out. */
        void cancel() {
            if (then != null) {
                timers.remove(this);
                then = null;
            }
        }

        @Override
        public int compareTo(Timer other) {
            return Long.compare(due - other.due, 0);
        }
    }
}
