package io.github.dsqlreach.assertj;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Verdict;
import org.assertj.core.api.AbstractAssert;
import org.jspecify.annotations.Nullable;

/** Assertions on a {@link Reachability}; a failure shows the whole report. */
public final class ReachabilityAssert extends AbstractAssert<ReachabilityAssert, Reachability> {
    ReachabilityAssert(@Nullable Reachability actual) {
        super(actual, ReachabilityAssert.class);
    }

    /** The attempt got as far as it was asked to: {@code assertThat(reachability).isReachable()}. */
    public ReachabilityAssert isReachable() {
        return hasVerdict(Verdict.REACHABLE);
    }

    /** The network is in the way: {@code assertThat(reachability).isBlocked()}. */
    public ReachabilityAssert isBlocked() {
        return hasVerdict(Verdict.BLOCKED);
    }

    /** The cluster refuses the identity: {@code assertThat(reachability).isDenied()}. */
    public ReachabilityAssert isDenied() {
        return hasVerdict(Verdict.DENIED);
    }

    /** Any verdict: {@code assertThat(reachability).hasVerdict(Verdict.UNAVAILABLE)}. */
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

    /** The layer in which the obstacle shows: {@code assertThat(reachability).at(Phase.TLS)}. */
    public ReachabilityAssert at(Phase expected) {
        isNotNull();
        Phase layer = actual.diagnosis().layer().orElse(null);
        if (layer != expected) {
            throw failureWithActualExpected(
                    layer, expected, "Expected the layer %s, but it is %s:%n%s", expected, layer, actual);
        }
        return this;
    }

    /** The cause: {@code assertThat(reachability).because(Cause.CLOCK_SKEW)}. */
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
