package io.github.dsqlreach.internal.probe;

import java.time.Duration;

/** A moment by which something must be over; unaffected by changes of the clock. */
public final class Deadline {
    /** What a machine that is busy may need to notice that time is up: a tenth, between these. */
    static final Duration GRACE = Duration.ofMillis(50);

    private static final Duration LONGEST_GRACE = Duration.ofSeconds(1);

    private final long nanos;
    private final Duration length;

    private Deadline(long nanos, Duration length) {
        this.nanos = nanos;
        this.length = length;
    }

    /** So long from now. */
    public static Deadline in(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos(), duration);
    }

    /** The earlier of the two. */
    Deadline or(Deadline other) {
        return nanos - other.nanos <= 0 ? this : other;
    }

    /** How much time there was in the beginning. */
    Duration length() {
        return length;
    }

    /** A little later: for whoever waits for somebody who keeps this deadline. */
    Deadline withGrace() {
        Duration tenth = length.dividedBy(10);
        Duration grace =
                tenth.compareTo(GRACE) < 0 ? GRACE : tenth.compareTo(LONGEST_GRACE) > 0 ? LONGEST_GRACE : tenth;
        return new Deadline(nanos + grace.toNanos(), length);
    }

    /** What is left; never negative. */
    public Duration left() {
        return Duration.ofNanos(Math.max(0, nanos - System.nanoTime()));
    }

    /** What is left as a socket timeout: at least 1 ms, because 0 means "forever" there. */
    int leftMillis() {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, (left().toNanos() + 999_999) / 1_000_000));
    }

    /** Whether it has passed. */
    public boolean isOver() {
        return nanos - System.nanoTime() <= 0;
    }
}
