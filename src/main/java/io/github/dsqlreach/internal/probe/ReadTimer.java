package io.github.dsqlreach.internal.probe;

/** Measures the time spent waiting for the network. Not thread-safe. */
final class ReadTimer {
    /** A read of bytes that have arrived already takes less, in nanoseconds. */
    private static final long SHORTEST_WAIT = 20_000_000;

    /** Since the last byte in either direction, of finished waits. */
    private long sinceLastByte;
    /** Since the last byte sent. */
    private long sinceSending;
    /** The longest wait of this step. */
    private long longest;
    /** The last wait that is over. */
    private long last;
    /** How often bytes came after a wait since the last byte was sent. */
    private int parts;

    private long beganAt;
    private boolean waiting;

    void startStep() {
        longest = 0;
    }

    void begin() {
        beganAt = System.nanoTime();
        waiting = true;
    }

    void end() {
        if (waiting) {
            long waited = present();
            sinceLastByte += waited;
            sinceSending += waited;
            longest = Math.max(longest, waited);
            last = waited;
            waiting = false;
        }
    }

    boolean areGoingOn() {
        return waiting;
    }

    void received() {
        sinceLastByte = 0;
        if (last >= SHORTEST_WAIT) {
            parts++;
        }
    }

    void sent() {
        sinceLastByte = 0;
        sinceSending = 0;
        parts = 0;
    }

    /** The bytes since the last one sent were not part of the answer. */
    void receivedNothing() {
        sinceLastByte = sinceSending;
    }

    private long present() {
        return waiting ? System.nanoTime() - beganAt : 0;
    }

    /** Nanoseconds since the last byte in either direction, until now. */
    long sinceLastByte() {
        return sinceLastByte + present();
    }

    /** Nanoseconds since the last byte sent, until now. */
    long sinceSending() {
        return sinceSending + present();
    }

    /** How often bytes came after a wait since the last byte was sent. Bytes that had arrived before are no wait. */
    int parts() {
        return parts;
    }

    /** The longest wait of this step, in nanoseconds. */
    long longest() {
        return longest;
    }
}
