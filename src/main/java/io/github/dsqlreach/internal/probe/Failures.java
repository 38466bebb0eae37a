package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Numbers;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.DatagramSocket;
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

    /** Of an attempt to connect that took so long. */
    static FailureKind ofConnect(IOException e, InetSocketAddress address, Duration elapsed, Deadline deadline) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (e instanceof SocketTimeoutException) {
            return TimeoutAssessment.whenConnecting(elapsed.toNanos(), deadline).kind();
        }
        if (e instanceof NoRouteToHostException || e instanceof BindException) {
            return FailureKind.UNREACHABLE;
        }
        if (e instanceof ConnectException) {
            return elapsed.compareTo(LONGEST_REFUSAL) > 0 || message.contains("timed out")
                    ? FailureKind.TIMEOUT
                    : FailureKind.REFUSED;
        }
        // The kernel's other errors have no type of their own.
        if (OsErrorMessages.RESET.is(e.getMessage()) || message.startsWith("connection reset")) {
            return FailureKind.RESET;
        }
        return OsErrorMessages.UNREACHABLE.is(e.getMessage()) || message.contains("unreachable") || !hasRoute(address)
                ? FailureKind.UNREACHABLE
                : FailureKind.UNCLASSIFIED;
    }

    /** A connection that ended in this way, for example {@code connection reset 31 ms after ClientHello}. */
    static Failure cut(FailureKind kind, double millis, String after) {
        return new Failure(
                kind,
                kind.label() + (kind == FailureKind.TIMEOUT ? " in " : " ") + Numbers.millis(millis) + " after "
                        + after);
    }

    /** Whether the kernel knows a route: connecting a datagram socket asks it, and sends nothing. */
    private static boolean hasRoute(InetSocketAddress address) {
        try (DatagramSocket socket = new DatagramSocket()) {
            try {
                socket.connect(address);
                return true;
            } catch (IOException | RuntimeException e) {
                return false;
            }
        } catch (IOException e) {
            // Not even a socket: that says nothing about routes.
            return true;
        }
    }

    /** What fits no kind: the scrubbed original, types and messages of the whole chain of causes. */
    static Failure unclassified(Throwable e) {
        StringBuilder text = new StringBuilder();
        Throwable cause = e;
        for (int depth = 0; cause != null && depth < 4; depth++) {
            text.append(text.isEmpty() ? "" : "; caused by ")
                    .append(cause.getClass().getSimpleName())
                    .append(": ")
                    .append(cause.getMessage());
            cause = cause.getCause() == cause ? null : cause.getCause();
        }
        return new Failure(FailureKind.UNCLASSIFIED, Scrubber.line(text.toString(), LONGEST_MESSAGE));
    }
}
