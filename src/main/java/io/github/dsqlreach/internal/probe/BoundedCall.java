package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.internal.Daemon;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A call that may hang, such as a name lookup, on a daemon thread of its own. At the deadline the thread is interrupted and
 * abandoned. It ends as soon as the call notices.
 */
final class BoundedCall<T> {
    /** Classes whose native methods wait for the network, a file or a process. Java reports such a thread as runnable. */
    private static final List<String> WAITING =
            List.of("java.io.", "java.net.", "sun.net.", "sun.nio.", "java.lang.Process");

    private final FutureTask<T> task;
    private final Deadline deadline;
    private final Thread thread;
    private @Nullable OutOfMemoryError failed;
    private Thread.State lastState = Thread.State.NEW;
    private StackTraceElement[] lastSeenAt = {};

    private BoundedCall(String name, Callable<T> call, Deadline deadline) {
        this.task = new FutureTask<>(call);
        this.deadline = deadline;
        this.thread = Daemon.thread("dsql-reach-" + name, task);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            failed = e;
        }
    }

    static <T> BoundedCall<T> start(String name, Callable<T> call, Deadline deadline) {
        return new BoundedCall<>(name, call, deadline);
    }

    /**
     * The call's result. Waits a little longer than the deadline, because a call that keeps the deadline itself reports
     * more than a timeout.
     *
     * @throws TimeoutException if the deadline passed first
     * @throws ExecutionException if the call ended with an error, or no thread could be started
     * @throws Exception the exception of the call
     */
    T join() throws Exception {
        if (failed != null) {
            throw new ExecutionException(failed);
        }
        Duration left = deadline.withGrace().left();
        try {
            return task.get(left.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception exception) {
                throw exception;
            }
            // Usually a missing class. A broken class path is reported like any failure.
            throw e;
        } catch (TimeoutException | InterruptedException e) {
            lastState = thread.getState();
            lastSeenAt = thread.getStackTrace();
            task.cancel(true);
            throw e;
        }
    }

    /** The stack at the deadline, which shows what the call waited for. Empty unless {@link #join()} timed out. */
    StackTraceElement[] lastSeenAt() {
        return lastSeenAt;
    }

    /** Whether the call was computing at the deadline, for example loading classes, and waited for nothing. */
    boolean wasComputing() {
        return lastState == Thread.State.RUNNABLE
                && lastSeenAt.length > 0
                && !(lastSeenAt[0].isNativeMethod()
                        && WAITING.stream().anyMatch(lastSeenAt[0].getClassName()::startsWith));
    }

    /** Interrupts the call if it is still running. */
    void cancel() {
        task.cancel(true);
    }
}
