package io.github.dsqlreach;

import java.time.Duration;
import java.util.Objects;

/**
 * The unchanged step (control) and the step with a suspected change (variant), each repeated. The change is blamed if every
 * control failed and every variant passed, except for one. Repetitions that did not finish or did not connect are not
 * counted.
 *
 * @param change the change of the variant
 * @param duration the time of the longest repetition
 * @param control the repetitions without the change
 * @param variant the repetitions with it
 */
public record Confirmation(ExperimentName change, Duration duration, Repetitions control, Repetitions variant) {
    private static final int FEWEST_FAILURES = 4;
    private static final int FEWEST_PASSES = 4;

    /**
     * Repetitions of one step.
     *
     * @param ended how many ended
     * @param passed how many of them passed
     */
    public record Repetitions(int ended, int passed) {
        public Repetitions {
            if (passed < 0 || passed > ended) {
                throw new IllegalArgumentException(passed + " of " + ended + " passed");
            }
        }

        /** How many of them failed. */
        public int failed() {
            return ended - passed;
        }
    }

    public Confirmation {
        Objects.requireNonNull(change, "change");
        Objects.requireNonNull(duration, "duration");
        Objects.requireNonNull(control, "control");
        Objects.requireNonNull(variant, "variant");
    }

    /** Whether the change is the reason. */
    public boolean holds() {
        return control.passed == 0
                && control.ended >= FEWEST_FAILURES
                && variant.passed >= FEWEST_PASSES
                && variant.failed() <= 1;
    }

    /**
     * For example {@code without the change it failed 5 of 5 times, with direct TLS it passed 5 of 5 times}.
     */
    @Override
    public String toString() {
        return "without the change it failed " + control.failed() + " of " + control.ended + " times, with "
                + change.label() + " it passed " + variant.passed + " of " + variant.ended + " times";
    }
}
