package io.github.dsqlreach.assertj;

import io.github.dsqlreach.Reachability;
import org.jspecify.annotations.Nullable;

/**
 * AssertJ assertions on a {@link Reachability}.
 *
 * <pre>{@code
 * assertThat(reachability).isBlocked().at(Phase.TLS).because(Cause.TLS_RESET);
 * }</pre>
 */
public final class DsqlAssertions {
    private DsqlAssertions() {}

    /** Assertions on that result; {@code null} fails the first of them. */
    public static ReachabilityAssert assertThat(@Nullable Reachability actual) {
        return new ReachabilityAssert(actual);
    }
}
