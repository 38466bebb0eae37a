package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.internal.Daemon;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs a task at a deadline, for what has no timeout of its own: a blocking write, or a thread that waits for a lock and
 * cannot be interrupted. One daemon thread serves all, and ends when there is no task.
 */
public final class Watchdog {
    private static final Duration IDLE = Duration.ofMillis(200);
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private Watchdog() {}

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer =
                new ScheduledThreadPoolExecutor(1, task -> Daemon.thread("dsql-reach-watchdog", task));
        timer.setKeepAliveTime(IDLE.toNanos(), TimeUnit.NANOSECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    /**
     * Runs the task after that time unless it is cancelled. The task must not block. If this machine has no thread now, the
     * task runs as soon as a later task gets one.
     */
    public static Future<?> in(Duration time, Runnable task) {
        FutureTask<?> once = new FutureTask<>(task, null);
        try {
            return TIMER.schedule(once, time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (OutOfMemoryError e) {
            // The task is in the queue. A cancelled task does nothing when it runs.
            return once;
        }
    }
}
