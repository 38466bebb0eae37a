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

/** Maps exceptions to failures: by type and state first, and by message last. */
final class Failures {
    private static final int LONGEST_MESSAGE = 300;
    /** "Connection refused" takes one round trip. The kernel's own timeout, after minutes, has the same type. */
    private static final Duration LONGEST_REFUSAL = Duration.ofSeconds(20);

    private Failures() {}

    /** The failure of an attempt to connect that took that long. */
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
        // The other errors of the kernel have no type of their own.
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

    /** The failure of a connection that ended, for example {@code connection reset 31 ms after ClientHello}. */
    static Failure cut(FailureKind kind, double millis, String after) {
        return new Failure(
                kind,
                kind.label() + (kind == FailureKind.TIMEOUT ? " in " : " ") + Numbers.millis(millis) + " after "
                        + after);
    }

    /** An error of this machine, or else an unclassified failure with the types and messages of the chain, scrubbed. */
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
