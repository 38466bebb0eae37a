package io.github.dsqlreach.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A wait that brought nothing. It says something about the network only if this machine listened long enough: twice the
 * shortest round trip known, twice the longest wait that an answer ended on this connection, and half a second, though
 * never longer than half of the time allowed where only the last two ask for it. A round trip must fit in whatever the
 * time allowed is.
 *
 * @param listened how long the socket was listened to after the last byte in either direction, in nanoseconds
 * @param roundTrip the shortest known, or {@code Long.MAX_VALUE}
 * @param longestAnswered the longest wait of this step that an answer ended
 * @param answering whether anything was received in this step
 * @param allowed the step's timeout
 * @param kernel what the system knows of the connection
 */
record Silence(
        long listened,
        long roundTrip,
        long longestAnswered,
        boolean answering,
        long allowed,
        Optional<SocketTable> kernel) {
    private static final long LONG_ENOUGH = TimeUnit.MILLISECONDS.toNanos(500);

    /** Of a step that no socket was part of yet. */
    static Silence of(long listened, Deadline deadline) {
        return new Silence(listened, Long.MAX_VALUE, 0, false, deadline.length().toNanos(), Optional.empty());
    }

    /** Whether the network was silent, as opposed to this machine short of time. */
    boolean counts() {
        return listened >= needed() && unread() == 0;
    }

    private long needed() {
        long patient = Math.min(allowed / 2, Math.max(LONG_ENOUGH, 2 * longestAnswered));
        return roundTrip == Long.MAX_VALUE ? patient : Math.max(patient, 2 * roundTrip);
    }

    private long unread() {
        return kernel.map(SocketTable::unread).orElse(0L);
    }

    void note(Evidence.Builder evidence) {
        evidence.put(Evidence.LISTENED_MILLIS, listened / 1e6);
        kernel.ifPresent(table -> evidence.put(Evidence.UNACKNOWLEDGED_BYTES, table.unacknowledged())
                .put(Evidence.UNREAD_BYTES, table.unread())
                .put(Evidence.RETRANSMISSIONS, table.retransmissions()));
    }

    /** TIMEOUT if it counts, else OUT_OF_TIME. */
    Failure failure(String after, double millisAfterSending) {
        if (counts()) {
            return Failures.cut(FailureKind.TIMEOUT, millisAfterSending, after);
        }
        if (unread() > 0) {
            return new Failure(
                    FailureKind.OUT_OF_TIME,
                    "out of time on this machine: " + unread() + " bytes of an answer had arrived after " + after
                            + " and were not read yet");
        }
        String heard = "listened for " + Failures.time(listened / 1e6) + " after " + after;
        if (answering && listened < 2 * longestAnswered) {
            return new Failure(
                    FailureKind.OUT_OF_TIME,
                    "not finished in " + Failures.time(allowed / 1e6) + ": answers still came, the last one "
                            + Failures.time(listened / 1e6) + " before the end");
        }
        return new Failure(
                FailureKind.OUT_OF_TIME,
                "out of time on this machine: " + heard
                        + (roundTrip == Long.MAX_VALUE ? "" : ", the round trip is " + Failures.time(roundTrip / 1e6)));
    }
}
