package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.internal.Daemon;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that answer requests to the API. A request that gets none, because all are busy or this machine starts no
 * more, waits for the spare thread, which runs from the beginning. An {@link Executor} that threw an error instead would
 * end the JDK's HTTP server, whose port would go on listening and never answer.
 */
final class ApiThreads implements Executor, AutoCloseable {
    private static final int MOST = 64;
    private static final long IDLE_SECONDS = 60;

    private final AtomicInteger count = new AtomicInteger();
    private final ThreadPoolExecutor pool =
            new ThreadPoolExecutor(0, MOST, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), this::thread);
    private final ThreadPoolExecutor spare =
            new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), this::thread);

    ApiThreads() {
        spare.prestartCoreThread();
    }

    private Thread thread(Runnable task) {
        return Daemon.thread("dsql-reach-toxiproxy-api-" + count.incrementAndGet(), task);
    }

    @Override
    public void execute(Runnable task) {
        try {
            pool.execute(task);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            if (!pool.isShutdown()) {
                spare.execute(task);
            }
        }
    }

    @Override
    public void close() {
        pool.shutdownNow();
        spare.shutdownNow();
    }
}
