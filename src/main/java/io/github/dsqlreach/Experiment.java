package io.github.dsqlreach;

import io.github.dsqlreach.internal.Numbers;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * One differential probe, run after an attempt failed: the failed step with one thing changed.
 *
 * @param name what was changed, a stable identifier such as {@code direct-tls}
 * @param duration how long it took
 * @param evidence what was observed
 * @param failure how it failed; empty if the step passed this time
 */
public record Experiment(String name, Duration duration, Evidence evidence, Optional<Failure> failure) {
    /** The name of what became of the way over TCP, where {@link Transport#AUTO} left it. */
    public static final String OVER_TCP = "over-tcp";

    public Experiment {
        name = Scrubber.oneLine(name);
        Objects.requireNonNull(duration, "duration");
        Objects.requireNonNull(evidence, "evidence");
        Objects.requireNonNull(failure, "failure");
    }

    /** Whether the step passed with this change. */
    public boolean passed() {
        return failure.isEmpty();
    }

    /** Whether it failed in this way. */
    public boolean failedWith(FailureKind kind) {
        return failure.filter(f -> f.kind() == kind).isPresent();
    }

    /** The duration in milliseconds, to the microsecond. */
    public double millis() {
        return Math.round(duration.toNanos() / 1e3) / 1e3;
    }

    /** For example {@code direct-tls: passed in 90 ms}. */
    @Override
    public String toString() {
        String time = Numbers.print(duration);
        return name + ": "
                + failure.map(f -> f.message() + " (" + time + " in all)").orElse("passed in " + time);
    }
}
