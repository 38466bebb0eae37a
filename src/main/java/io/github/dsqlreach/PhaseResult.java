package io.github.dsqlreach;

import io.github.dsqlreach.internal.Numbers;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What became of one phase of an attempt.
 *
 * @param phase the phase
 * @param status whether it passed, failed or was not reached
 * @param duration how long it took; zero if it was not reached
 * @param evidence what was observed
 * @param failure why it failed; present exactly when {@code status} is {@code FAILED}
 */
public record PhaseResult(Phase phase, Status status, Duration duration, Evidence evidence, Optional<Failure> failure) {

    /** Whether a phase passed. */
    public enum Status {
        /** It did what it should. */
        PASSED,
        /** It was tried and failed. */
        FAILED,
        /** It was not tried, because an earlier phase failed or the attempt was not asked to go so far. */
        NOT_REACHED
    }

    public PhaseResult {
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(duration, "duration");
        Objects.requireNonNull(evidence, "evidence");
        if (failure.isPresent() != (status == Status.FAILED)) {
            throw new IllegalArgumentException("a phase that " + status + " with failure " + failure);
        }
    }

    /** A phase that passed. */
    public static PhaseResult passed(Phase phase, Duration duration, Evidence evidence) {
        return new PhaseResult(phase, Status.PASSED, duration, evidence, Optional.empty());
    }

    /** A phase that failed. */
    public static PhaseResult failed(Phase phase, Duration duration, Evidence evidence, Failure failure) {
        return new PhaseResult(phase, Status.FAILED, duration, evidence, Optional.of(failure));
    }

    /** A phase that was not tried. */
    public static PhaseResult notReached(Phase phase) {
        return new PhaseResult(phase, Status.NOT_REACHED, Duration.ZERO, Evidence.none(), Optional.empty());
    }

    /** Whether it passed. */
    public boolean passed() {
        return status == Status.PASSED;
    }

    /** Whether it failed. */
    public boolean failed() {
        return status == Status.FAILED;
    }

    /** Whether it failed in this way. */
    public boolean failedWith(FailureKind kind) {
        return failure.filter(f -> f.kind() == kind).isPresent();
    }

    /** The duration in milliseconds, to the microsecond. */
    public double millis() {
        return Math.round(duration.toNanos() / 1e3) / 1e3;
    }

    /** For example {@code TCP passed in 83 ms}. */
    @Override
    public String toString() {
        return switch (status) {
            case PASSED -> phase.label() + " passed in " + Numbers.print(duration);
            case FAILED ->
                phase.label() + " failed after " + Numbers.print(duration) + ": "
                        + failure.orElseThrow().message();
            case NOT_REACHED -> phase.label() + " not reached";
        };
    }
}
