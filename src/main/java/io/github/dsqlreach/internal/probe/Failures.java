package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Numbers;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Locale;

/** Exceptions become kinds of failures, by type and state before text. */
final class Failures {
    private static final int LONGEST_MESSAGE = 300;
    /** A refusal needs a round trip; the kernel's own "timed out" has the same type and comes after a minute or two. */
    private static final Duration LONGEST_REFUSAL = Duration.ofSeconds(20);

    private Failures() {}

    /** Why an attempt to connect failed, which took so long. */
    static Failure ofConnect(IOException e, InetSocketAddress address, Duration elapsed, Deadline deadline) {
        return LocalErrors.ofConnect(e, address).orElseGet(() -> {
            FailureKind kind = kindOfConnect(e, address, elapsed, deadline);
            return kind == FailureKind.UNCLASSIFIED ? new Failure(kind, message(e)) : Failure.of(kind);
        });
    }

    private static FailureKind kindOfConnect(
            IOException e, InetSocketAddress address, Duration elapsed, Deadline deadline) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (e instanceof SocketTimeoutException) {
            return TimeoutAssessment.whenConnecting(elapsed.toNanos(), deadline).kind();
        }
        if (e instanceof NoRouteToHostException) {
            return FailureKind.UNREACHABLE;
        }
        if (e instanceof ConnectException) {
            return elapsed.compareTo(LONGEST_REFUSAL) > 0 || message.contains("timed out")
                    ? FailureKind.TIMEOUT
                    : FailureKind.REFUSED;
        }
        // The kernel's other errors have no type of their own.
        if (OsErrorMessages.RESET.is(e.getMessage())) {
            return FailureKind.RESET;
        }
        if (OsErrorMessages.UNREACHABLE.is(e.getMessage()) || message.contains("unreachable")) {
            return FailureKind.UNREACHABLE;
        }
        return LocalErrors.failsOnLoopback(e) || LocalErrors.hasRoute(address)
                ? FailureKind.UNCLASSIFIED
                : FailureKind.UNREACHABLE;
    }

    /** A connection that ended in this way, for example {@code connection reset 31 ms after ClientHello}. */
    static Failure cut(FailureKind kind, double millis, String after) {
        return new Failure(
                kind,
                kind.label() + (kind == FailureKind.TIMEOUT ? " in " : " ") + Numbers.millis(millis) + " after "
                        + after);
    }

    /** An error of this machine, or else one that fits no kind: the scrubbed original, types and messages of the whole chain. */
    static Failure of(Throwable e) {
        return LocalErrors.of(e).orElseGet(() -> new Failure(FailureKind.UNCLASSIFIED, message(e)));
    }

    private static String message(Throwable e) {
        StringBuilder text = new StringBuilder();
        Throwable cause = e;
        for (int depth = 0; cause != null && depth < 4; depth++) {
            text.append(text.isEmpty() ? "" : "; caused by ")
                    .append(cause.getClass().getSimpleName())
                    .append(": ")
                    .append(cause.getMessage());
            cause = cause.getCause() == cause ? null : cause.getCause();
        }
        return Scrubber.line(text.toString(), LONGEST_MESSAGE);
    }
}
