package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.internal.Numbers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The outcome of one step, and what it hands to the next one.
 *
 * @param product what the next step needs; empty if this one failed
 */
record Step<T>(Optional<T> product, Evidence evidence, Optional<Failure> failure, Duration duration) {
    static <T> Step<T> passed(T product, Evidence evidence, long startedNanos) {
        return new Step<>(Optional.of(product), evidence, Optional.empty(), since(startedNanos));
    }

    static <T> Step<T> failed(Failure failure, Evidence evidence, long startedNanos) {
        return new Step<>(Optional.empty(), evidence, Optional.of(failure), since(startedNanos));
    }

    /** This step and the next one as a single one. */
    <N> Step<N> then(Step<N> next) {
        return new Step<>(
                next.product(), evidence.and(next.evidence()), next.failure(), duration.plus(next.duration()));
    }

    /** This step with one more fact, if there is one. */
    Step<T> noting(Evidence.Key<List<String>> key, List<String> values) {
        return values.isEmpty()
                ? this
                : noting(Evidence.builder().put(key, values).build());
    }

    Step<T> noting(Evidence more) {
        return new Step<>(product, evidence.and(more), failure, duration);
    }

    /** This step as failed, although it passed: the driver waits less than it took. */
    Step<T> exceeding(DriverLimits.Limit limit, double millis, String what) {
        String effect = what + " took " + Numbers.millis(millis) + ", and the driver gives up after "
                + Numbers.print(limit.time()) + " (" + limit.parameter() + ")";
        Evidence more = Evidence.builder()
                .put(Evidence.SETTING, limit.parameter())
                .put(Evidence.SETTING_EFFECT, effect)
                .build();
        return new Step<>(
                Optional.empty(),
                evidence.and(more),
                Optional.of(new Failure(FailureKind.DRIVER_LIMIT, effect)),
                duration);
    }

    PhaseResult as(Phase phase) {
        return failure.map(f -> PhaseResult.failed(phase, duration, evidence, f))
                .orElseGet(() -> PhaseResult.passed(phase, duration, evidence));
    }

    static Duration since(long startedNanos) {
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }
}
