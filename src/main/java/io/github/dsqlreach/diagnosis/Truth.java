package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.ExperimentName;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The answer of a {@link Condition}: TRUE, FALSE, or OPEN, which depends on experiments without a result. OPEN also
 * carries what it becomes if these experiments never have a result.
 *
 * @param value the answer; of OPEN, the answer if nothing more is observed
 * @param open the experiments that can still change the answer; empty for TRUE and FALSE
 */
record Truth(boolean value, Set<ExperimentName> open) {
    static final Truth TRUE = new Truth(true, Set.of());
    static final Truth FALSE = new Truth(false, Set.of());

    static Truth of(boolean value) {
        return value ? TRUE : FALSE;
    }

    static Truth open(boolean value, ExperimentName on) {
        return new Truth(value, EnumSet.of(on));
    }

    boolean isOpen() {
        return !open.isEmpty();
    }

    Truth not() {
        return isOpen() ? new Truth(!value, open) : of(!value);
    }

    /** Kleene's conjunction: one FALSE decides, whichever side it is on and whatever the other side waits for. */
    Truth and(Supplier<Truth> other) {
        if (!value && !isOpen()) {
            return FALSE;
        }
        Truth second = other.get();
        return !second.value && !second.isOpen() ? FALSE : new Truth(value && second.value, union(open, second.open));
    }

    /** Kleene's disjunction: one TRUE decides. */
    Truth or(Supplier<Truth> other) {
        return not().and(() -> other.get().not()).not();
    }

    static Set<ExperimentName> union(Set<ExperimentName> one, Set<ExperimentName> other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() ? other : one;
        }
        Set<ExperimentName> all = EnumSet.copyOf(one);
        all.addAll(other);
        return all;
    }
}
