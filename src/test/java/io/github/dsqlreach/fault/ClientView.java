package io.github.dsqlreach.fault;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * What a client sees of a fault: where a connection fails, how, and what a check of reachability comes to when nothing
 * but the fault is in the way.
 *
 * @param layer the phase in which the connection fails; empty when it works, though perhaps slowly
 * @param kind how it fails; empty when it works
 * @param cause what a {@code ReachabilityCheck} diagnoses; empty when it finds the endpoint reachable
 * @param always {@code false} when only some connections fail
 */
record ClientView(Optional<Phase> layer, Optional<FailureKind> kind, Optional<Cause> cause, boolean always) {
    ClientView {
        Objects.requireNonNull(cause, "cause");
        if (layer.isPresent() != kind.isPresent()) {
            throw new IllegalArgumentException("layer " + layer + " with kind " + kind);
        }
    }

    /** What a client sees of that fault that starts TLS this way. */
    static ClientView of(Fault fault, Negotiation negotiation) {
        boolean direct = negotiation == Negotiation.DIRECT;
        return switch (fault) {
            case DNS_NAME_NOT_FOUND -> fails(Phase.DNS, FailureKind.NAME_NOT_FOUND, Cause.DNS_NAME_NOT_FOUND);
            case TCP_REFUSED -> fails(Phase.TCP, FailureKind.REFUSED, Cause.TCP_REFUSED);
            case TCP_TIMEOUT -> fails(Phase.TCP, FailureKind.TIMEOUT, Cause.TCP_TIMEOUT);
            case PROXY_REQUIRED -> fails(Phase.TCP, FailureKind.REFUSED, Cause.TCP_REFUSED);
            case SILENCE -> fails(Phase.TLS, FailureKind.TIMEOUT, Cause.PORT_SILENT);
            case SSL_REQUEST_RESET, TLS_RESET -> fails(Phase.TLS, FailureKind.RESET, Cause.TLS_RESET);
            case TLS_SILENCE -> fails(Phase.TLS, FailureKind.TIMEOUT, Cause.TLS_TIMEOUT);
            case TLS_CLOSED -> fails(Phase.TLS, FailureKind.CLOSED, Cause.TLS_CLOSED);
            case TLS_ALERT -> fails(Phase.TLS, FailureKind.TLS_ALERT, Cause.TLS_ALERT);
            case BLOCK_PAGE -> fails(Phase.TLS, FailureKind.UNEXPECTED_ANSWER, Cause.NOT_POSTGRES);
            case INTERCEPTION -> fails(Phase.TLS, FailureKind.CERTIFICATE_UNTRUSTED, Cause.TLS_INTERCEPTED);
            case SNI_FILTER -> fails(Phase.TLS, FailureKind.RESET, Cause.SNI_BLOCKED);
            case POSTGRES_NEGOTIATION_FILTER ->
                direct ? works() : fails(Phase.TLS, FailureKind.RESET, Cause.POSTGRES_NEGOTIATION_BLOCKED);
            case DIRECT_TLS_FILTER -> direct ? fails(Phase.TLS, FailureKind.RESET, Cause.DIRECT_TLS_BLOCKED) : works();
            case WEBSOCKET_REFUSED -> works();
            case AUTH_RESET -> fails(Phase.AUTH, FailureKind.RESET, Cause.AUTH_RESET);
            case AUTH_SILENCE -> fails(Phase.AUTH, FailureKind.TIMEOUT, Cause.AUTH_TIMEOUT);
            case QUERY_RESET, CUT_AFTER ->
                fails(Phase.QUERY, FailureKind.RESET, Cause.QUERY_RESET).unseenByChecks();
            case LATENCY, JITTER, BANDWIDTH, SLOW_CLOSE, IDLE_TIMEOUT, LOST_CONNECTIONS, HALF_OPEN, MESSAGE_TOO_LARGE ->
                works();
            case OCC_CONFLICT,
                    OCC_SCHEMA_CONFLICT,
                    TRANSACTION_TOO_OLD,
                    TRANSACTION_TOO_LARGE,
                    QUERY_CANCELLED,
                    COMMIT_LOST,
                    COMMIT_UNSENT,
                    SESSION_EXPIRED,
                    SLOW_COMMIT -> throw new IllegalArgumentException(fault + " is about commits");
            case INTERMITTENT ->
                fails(Phase.TLS, FailureKind.RESET, Cause.TLS_RESET).sometimes();
        };
    }

    /** What a client sees of it over a WebSocket, which begins with TLS. */
    static ClientView overWebSocket(Fault fault) {
        return switch (fault) {
            case PROXY_REQUIRED -> fails(Phase.TCP, FailureKind.UNEXPECTED_ANSWER, Cause.PROXY_LOGIN_REQUIRED);
            // What tells these apart is what else PostgreSQL's port answers.
            case SILENCE -> fails(Phase.TLS, FailureKind.TIMEOUT, Cause.TLS_TIMEOUT);
            case DIRECT_TLS_FILTER -> fails(Phase.TLS, FailureKind.RESET, Cause.TLS_RESET);
            case WEBSOCKET_REFUSED -> fails(Phase.TLS, FailureKind.CLOSED, Cause.WEBSOCKET_REFUSED);
            default -> of(fault, Negotiation.DIRECT);
        };
    }

    /** Every connection works. */
    private static ClientView works() {
        return new ClientView(Optional.empty(), Optional.empty(), Optional.empty(), true);
    }

    /** Every connection fails there and so. */
    private static ClientView fails(Phase layer, FailureKind kind, Cause cause) {
        return new ClientView(Optional.of(layer), Optional.of(kind), Optional.of(cause), true);
    }

    /** Some connections fail there and so. */
    private ClientView sometimes() {
        return new ClientView(layer, kind, cause, false);
    }

    /** A check does not get as far as the failure. */
    private ClientView unseenByChecks() {
        return new ClientView(layer, kind, Optional.empty(), always);
    }

    /** Whether a connection is usable for every purpose. */
    boolean isWorking() {
        return layer.isEmpty();
    }

    /** For example {@code TLS: connection reset (TLS_RESET)}, or {@code works}. */
    @Override
    public String toString() {
        if (isWorking()) {
            return "works";
        }
        return String.format(
                Locale.ROOT,
                "%s%s: %s%s",
                always ? "" : "sometimes ",
                layer.orElseThrow().label(),
                kind.orElseThrow().label(),
                cause.map(known -> " (`" + known + "`)").orElse(""));
    }
}
