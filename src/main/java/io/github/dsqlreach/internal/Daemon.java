package io.github.dsqlreach.internal;

/** Threads that never keep a JVM alive. */
public final class Daemon {
    private Daemon() {}

    /** One that is not started yet. */
    public static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /** One that runs. */
    public static Thread start(String name, Runnable task) {
        Thread thread = thread(name, task);
        thread.start();
        return thread;
    }
}
