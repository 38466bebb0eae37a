package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.internal.Daemon;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads that all proxies of a server share. */
final class Loops implements AutoCloseable {
    private static final int COUNT = Math.min(4, Runtime.getRuntime().availableProcessors());

    private final EventLoop[] loops = new EventLoop[COUNT];
    private final AtomicInteger turns = new AtomicInteger();
    private final ThreadPoolExecutor resolver;

    Loops() {
        AtomicInteger count = new AtomicInteger();
        resolver = new ThreadPoolExecutor(
                4,
                4,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> Daemon.thread("dsql-reach-toxiproxy-resolver-" + count.incrementAndGet(), task));
        resolver.allowCoreThreadTimeOut(true);
    }

    /**
     * The loops take turns; each starts when it is first needed.
     *
     * @throws UncheckedIOException if none runs, and this machine has no thread or no handle for one
     */
    synchronized EventLoop next() {
        int turn = Math.floorMod(turns.getAndIncrement(), COUNT);
        if (loops[turn] == null) {
            try {
                loops[turn] = new EventLoop("dsql-reach-toxiproxy-" + (turn + 1));
            } catch (UncheckedIOException e) {
                // This machine has no thread or no handle for it now: those that run must do.
                return Arrays.stream(loops).filter(Objects::nonNull).findFirst().orElseThrow(() -> e);
            }
        }
        return loops[turn];
    }

    /** Looks up names, which may take long. */
    ExecutorService resolver() {
        return resolver;
    }

    @Override
    public synchronized void close() {
        resolver.shutdownNow();
        for (EventLoop loop : loops) {
            if (loop != null) {
                loop.close();
            }
        }
    }
}
