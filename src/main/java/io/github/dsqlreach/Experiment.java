package io.github.dsqlreach;

import io.github.dsqlreach.internal.Numbers;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The failed step with one thing changed, tried after an attempt failed.
 *
 * @param name what was changed
 * @param attempt what became of it
 */
public record Experiment(ExperimentName name, Attempt attempt) {
    public Experiment {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(attempt, "attempt");
    }

    /** Whether the step passed with this change. */
    public boolean passed() {
        return attempt.passed();
    }

    /** How it failed; empty if the step passed this time. */
    public Optional<Failure> failure() {
        return attempt.failed().flatMap(PhaseResult::failure);
    }

    /** Whether it failed in this way. */
    public boolean failedWith(FailureKind kind) {
        return attempt.failed().filter(result -> result.failedWith(kind)).isPresent();
    }

    /** What that phase observed. */
    public Evidence evidence(Phase phase) {
        return attempt.evidence(phase);
    }

    /** How long it took. */
    public Duration duration() {
        return attempt.duration();
    }

    /** For example {@code direct-tls: passed in 90 ms}. */
    @Override
    public String toString() {
        String time = Numbers.print(duration());
        return name + ": "
                + failure().map(f -> f.message() + " (" + time + " in all)").orElse("passed in " + time);
    }
}
