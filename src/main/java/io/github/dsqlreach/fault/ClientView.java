package io.github.dsqlreach.fault;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.FailureKind;
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
public record ClientView(Optional<Phase> layer, Optional<FailureKind> kind, Optional<Cause> cause, boolean always) {
    public ClientView {
        Objects.requireNonNull(cause, "cause");
        if (layer.isPresent() != kind.isPresent()) {
            throw new IllegalArgumentException("layer " + layer + " with kind " + kind);
        }
    }

    /** Every connection works. */
    static ClientView works() {
        return new ClientView(Optional.empty(), Optional.empty(), Optional.empty(), true);
    }

    /** Every connection fails there and so. */
    static ClientView fails(Phase layer, FailureKind kind, Cause cause) {
        return new ClientView(Optional.of(layer), Optional.of(kind), Optional.of(cause), true);
    }

    /** Some connections fail there and so. */
    ClientView sometimes() {
        return new ClientView(layer, kind, cause, false);
    }

    /** A check does not get as far as the failure. */
    ClientView unseenByChecks() {
        return new ClientView(layer, kind, Optional.empty(), always);
    }

    /** Whether a connection is usable for every purpose. */
    public boolean isWorking() {
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
