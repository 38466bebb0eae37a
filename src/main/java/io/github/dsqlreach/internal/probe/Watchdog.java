package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.internal.Daemon;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Ends what nothing else ends: a blocking write has no timeout, and a thread that waits for a lock cannot be
 * interrupted. One daemon thread for all, which ends by itself when nothing is watched any more.
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

    /** Runs the bite after that time unless it is cancelled. The bite must not block. */
    public static Future<?> in(Duration time, Runnable bite) {
        return TIMER.schedule(bite, time.toNanos(), TimeUnit.NANOSECONDS);
    }
}
