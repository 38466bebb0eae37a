package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.internal.Numbers;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Assesses a timeout. Only time spent waiting for the network counts: at least twice the shortest known round trip, and at
 * least half a second or half of the timeout, whichever is less. A server that sends without end is neither a network
 * timeout nor a delay of this machine. Unread bytes are a delay of this machine, unless it has waited for many parts of the
 * answer before.
 *
 * @param listened time spent waiting since the last byte in either direction, in nanoseconds
 * @param listenedSinceSending the same since the last byte sent
 * @param roundTrip the shortest known round trip in nanoseconds, or {@code Long.MAX_VALUE}
 * @param allowed the timeout of the step in nanoseconds
 * @param received bytes received in this step
 * @param parts how often bytes came after a wait since the last byte sent
 * @param kernel what the kernel knows about the connection
 */
record TimeoutAssessment(
        long listened,
        long listenedSinceSending,
        long roundTrip,
        long allowed,
        long received,
        int parts,
        Optional<SocketTable> kernel) {
    /** Several times the longest answer to a step of a login. */
    private static final long ENDLESS_BYTES = 64 << 10;

    /** A step's answer comes in fewer parts, unless it trickles in. */
    private static final int MANY_PARTS = 8;

    private static final long LONG_ENOUGH = TimeUnit.MILLISECONDS.toNanos(500);

    /** Of an attempt to connect. */
    static TimeoutAssessment whenConnecting(long listened, Deadline deadline) {
        return new TimeoutAssessment(
                listened, listened, Long.MAX_VALUE, deadline.length().toNanos(), 0, 0, Optional.empty());
    }

    /** TIMEOUT for a network timeout, UNCLASSIFIED for a server that sends without end, else OUT_OF_TIME. */
    FailureKind kind() {
        if (received > ENDLESS_BYTES) {
            return FailureKind.UNCLASSIFIED;
        }
        return listenedSinceSending >= needed() && !isBehind() ? FailureKind.TIMEOUT : FailureKind.OUT_OF_TIME;
    }

    /** This machine did not read what has arrived. Where an answer trickles in, some bytes always have just arrived. */
    private boolean isBehind() {
        return unread() > 0 && parts < MANY_PARTS;
    }

    private long needed() {
        long patient = Math.min(allowed / 2, LONG_ENOUGH);
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

    /** The failure with its message. */
    Failure failure(String after, double millisAfterSending) {
        if (kind() == FailureKind.UNCLASSIFIED) {
            return new Failure(
                    FailureKind.UNCLASSIFIED,
                    "the answer to " + after + " did not end: " + received + " bytes came in "
                            + Numbers.millis(allowed / 1e6));
        }
        if (kind() == FailureKind.TIMEOUT) {
            if (listened == listenedSinceSending) {
                return Failures.cut(FailureKind.TIMEOUT, millisAfterSending, after);
            }
            return listened >= needed()
                    ? new Failure(
                            FailureKind.TIMEOUT,
                            "the answer to " + after + " did not end: nothing more in "
                                    + Numbers.millis(listened / 1e6))
                    : new Failure(
                            FailureKind.TIMEOUT,
                            "not finished in " + Numbers.millis(allowed / 1e6) + ": answers to " + after
                                    + " still came");
        }
        String why = isBehind()
                ? unread() + " bytes of an answer had arrived after " + after + " and were not read yet"
                : "listened for " + Numbers.millis(listened / 1e6) + " after " + after
                        + (roundTrip == Long.MAX_VALUE ? "" : ", the round trip is " + Numbers.millis(roundTrip / 1e6));
        return new Failure(FailureKind.OUT_OF_TIME, "out of time on this machine: " + why);
    }
}
