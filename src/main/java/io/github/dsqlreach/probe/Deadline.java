package io.github.dsqlreach.probe;

import java.time.Duration;

/** A moment by which something must be over; unaffected by changes of the clock. */
public final class Deadline {
    private final long nanos;

    private Deadline(long nanos) {
        this.nanos = nanos;
    }

    /** So long from now. */
    public static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    /** The earlier of the two. */
    Deadline or(Deadline other) {
        return nanos - other.nanos <= 0 ? this : other;
    }

    /** What is left; never negative. */
    public Duration left() {
        return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
    }

    /** What is left as a socket timeout: at least 1 ms, because 0 means "forever" there. */
    int leftMillis() {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, (left().toNanos() + 999_999) / 1_000_000));
    }

    boolean isOver() {
        return nanos - System.nanoTime() <= 0;
    }
}
