package io.github.dsqlreach.internal;

/** Daemon threads, which do not keep a JVM alive. */
public final class Daemon {
    private Daemon() {}

    /** A new thread, not started. */
    public static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** A new thread, started. */
    public static Thread start(String name, Runnable task) {
        Thread thread = thread(name, task);
        thread.start();
        return thread;
    }
}
