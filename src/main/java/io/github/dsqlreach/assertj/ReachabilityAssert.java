package io.github.dsqlreach.assertj;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Verdict;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/**
 * Assertions on a {@link Reachability}, by {@link DsqlAssertions#assertThat}; a failure shows the whole result.
 *
 * <pre>{@code
 * assertThat(reachability).isBlocked().at(Phase.TLS).because(Cause.TLS_RESET);
 * }</pre>
 */
public final class ReachabilityAssert extends AbstractAssert<ReachabilityAssert, Reachability> {
    ReachabilityAssert(@Nullable Reachability actual) {
        super(actual, ReachabilityAssert.class);
    }

    /** The attempt passed its last phase. */
    public ReachabilityAssert isReachable() {
        return hasVerdict(Verdict.REACHABLE);
    }

    /** The network blocks the connection. */
    public ReachabilityAssert isBlocked() {
        return hasVerdict(Verdict.BLOCKED);
    }

    /** The cluster denies access to the identity. */
    public ReachabilityAssert isDenied() {
        return hasVerdict(Verdict.DENIED);
    }

    /** The verdict is that one. */
    public ReachabilityAssert hasVerdict(Verdict expected) {
        isNotNull();
        if (actual.verdict() != expected) {
            throw failureWithActualExpected(
                    actual.verdict(),
                    expected,
                    "Expected the verdict %s, but it is %s:%n%s",
                    expected,
                    actual.verdict(),
                    actual);
        }
        return this;
    }

    /** That phase failed. */
    public ReachabilityAssert at(Phase expected) {
        isNotNull();
        Phase layer = actual.diagnosis().layer().orElse(null);
        if (layer != expected) {
            throw failureWithActualExpected(
                    layer, expected, "Expected the layer %s, but it is %s:%n%s", expected, layer, actual);
        }
        return this;
    }

    /** The cause is that one. */
    public ReachabilityAssert because(Cause expected) {
        isNotNull();
        Cause cause = actual.diagnosis().cause().orElse(null);
        if (cause != expected) {
            throw failureWithActualExpected(
                    cause, expected, "Expected the cause %s, but it is %s:%n%s", expected, cause, actual);
        }
        return this;
    }
}
