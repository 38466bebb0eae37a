package io.github.dsqlreach;

import io.github.dsqlreach.internal.Numbers;
import java.time.Duration;
import java.util.Objects;

/**
 * Waiting for a cluster that was temporarily unavailable.
 *
 * @param cause the cause that was waited for to end
 * @param attempts the number of attempts, the first one included
 * @param duration the time from the end of the first attempt
 */
public record Waiting(Cause cause, int attempts, Duration duration) {
    public Waiting {
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(duration, "duration");
    }

    /** For example {@code waited 3.2 s for CLUSTER_WAKING_UP to end, 3 attempts in all}. */
    @Override
    public String toString() {
        return "waited " + Numbers.print(duration) + " for " + cause + " to end, " + attempts + " attempts in all";
    }
}
