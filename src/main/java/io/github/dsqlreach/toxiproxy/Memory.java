package io.github.dsqlreach.toxiproxy;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the connections of all servers of this JVM may hold together: a quarter of the heap. One queue may hold as much as
 * is left, so that a single one never has it all, and the more there are the less each has.
 */
final class Memory {
    private static final long LIMIT = Runtime.getRuntime().maxMemory() / 4;
    private static final AtomicLong HELD = new AtomicLong();

    private Memory() {}

    static long left() {
        return LIMIT - HELD.get();
    }

    static void hold(long bytes) {
        if (bytes != 0) {
            HELD.addAndGet(bytes);
        }
    }
}
