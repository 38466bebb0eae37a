package io.github.dsqlreach.internal.probe;

import java.time.Duration;

/** A point in time, unaffected by changes of the clock. */
public final class Deadline {
    /** The shortest grace. A busy machine notices a deadline late; the grace is a tenth of the length, within limits. */
    static final Duration GRACE = Duration.ofMillis(50);

    private static final Duration LONGEST_GRACE = Duration.ofSeconds(1);

    private final long nanos;
    private final Duration length;

    private Deadline(long nanos, Duration length) {
        this.nanos = nanos;
        this.length = length;
    }

    /** A deadline that time from now. */
    public static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos(), duration);
    }

    /** The earlier of the two. */
    Deadline or(Deadline other) {
        return nanos - other.nanos <= 0 ? this : other;
    }

    /** The time from the start to the deadline. */
    Duration length() {
        return length;
    }

    /** A little later, to wait for a thread that keeps this deadline itself. */
    Deadline withGrace() {
        Duration tenth = length.dividedBy(10);
        Duration grace =
                tenth.compareTo(GRACE) < 0 ? GRACE : tenth.compareTo(LONGEST_GRACE) > 0 ? LONGEST_GRACE : tenth;
        return new Deadline(nanos + grace.toNanos(), length);
    }

    /** The remaining time; never negative. */
    public Duration left() {
        return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
    }

    /** The remaining time as a socket timeout, at least 1 ms, because 0 means no timeout. */
    int leftMillis() {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, (left().toNanos() + 999_999) / 1_000_000));
    }

    /** Whether it has passed. */
    public boolean isOver() {
        return nanos - System.nanoTime() <= 0;
    }
}
