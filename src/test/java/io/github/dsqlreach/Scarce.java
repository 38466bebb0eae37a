package io.github.dsqlreach;

import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** What a JVM can run out of. It takes all there is for itself, and gives it back piece by piece. Linux only. */
public enum Scarce {
    FILE_HANDLES("ulimit -n 120", "-Xss1m") {
        @Override
        AutoCloseable takeOne() throws IOException {
            return new FileInputStream("/dev/null");
        }
    },
    /** Few fit into the address space, because each takes much of it. */
    THREADS("ulimit -v 30000000", "-Xss512m") {
        @Override
        AutoCloseable takeOne() throws IOException {
            CountDownLatch end = new CountDownLatch(1);
            Thread thread = new Thread(() -> {
                try {
                    end.await();
                } catch (InterruptedException e) {
                    // The end as well.
                }
            });
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (OutOfMemoryError e) {
                throw new IOException(e);
            }
            return () -> {
                end.countDown();
                thread.join();
            };
        }
    };

    private final String limit;
    private final String stack;
    private final Deque<AutoCloseable> taken = new ArrayDeque<>();

    Scarce(String limit, String stack) {
        this.limit = limit;
        this.stack = stack;
    }

    abstract AutoCloseable takeOne() throws IOException;

    /** Goes before the command of the JVM, and limits it. */
    public List<String> wrapper() {
        return List.of("/bin/sh", "-c", limit + " && exec \"$@\"", "sh");
    }

    /** The options of that JVM. */
    public List<String> options() {
        return List.of("-XX:TieredStopAtLevel=1", "-Xmx256m", stack);
    }

    /** In that JVM: takes all there is. */
    public void takeAll() {
        try {
            while (true) {
                taken.push(takeOne());
            }
        } catch (IOException e) {
            // That was the last one.
        }
    }

    /** Gives one back; whether there was one. */
    public boolean giveOneBack() throws Exception {
        AutoCloseable last = taken.poll();
        if (last != null) {
            last.close();
        }
        return last != null;
    }

    /** Gives all back. */
    public void giveAllBack() throws Exception {
        while (giveOneBack()) {
            // The next one.
        }
    }
}
