package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A row of the table: if a phase fails in this way and these conditions hold, this is the cause.
 *
 * @param id the stable identifier in reports and documentation
 * @param phases the phases that it is about
 * @param failures the ways of failing that it is about; empty for all
 * @param conditions what must hold besides
 * @param change the change that it blames; empty if it blames none
 * @param cause the cause; empty if only the context is known
 * @param confidence how sure this is if nothing lowers it
 * @param because why this is the cause, in one sentence; empty if the cause's own explanation says it
 * @param advice what to do, where the cause's own advice does not fit; else empty
 * @param stated whether the verified server said it itself: then experiments say nothing about it
 */
record Rule(
        String id,
        Set<Phase> phases,
        Set<FailureKind> failures,
        List<Condition> conditions,
        Optional<ExperimentName> change,
        Optional<Cause> cause,
        Confidence confidence,
        String because,
        String advice,
        boolean stated) {

    static Builder rule(String id, Phase phase, FailureKind... failures) {
        return new Builder(id, EnumSet.of(phase), failures.length == 0 ? Set.of() : EnumSet.copyOf(List.of(failures)));
    }

    static Builder rule(String id, Phase phase, Set<FailureKind> failures) {
        return new Builder(id, EnumSet.of(phase), failures);
    }

    static Builder rule(String id, Set<Phase> phases, FailureKind... failures) {
        return new Builder(id, phases, failures.length == 0 ? Set.of() : EnumSet.copyOf(List.of(failures)));
    }

    static final class Builder {
        private final String id;
        private final Set<Phase> phases;
        private final Set<FailureKind> failures;
        private List<Condition> conditions = List.of();
        private Optional<ExperimentName> change = Optional.empty();
        private boolean stated;

        private Builder(String id, Set<Phase> phases, Set<FailureKind> failures) {
            this.id = id;
            this.phases = phases;
            this.failures = failures;
        }

        Builder when(Condition... all) {
            conditions = List.of(all);
            return this;
        }

        /** The experiment with this change passed; the rule counts once control and variant were repeated. */
        Builder blames(ExperimentName name) {
            change = Optional.of(name);
            return this;
        }

        /** By the verified server. */
        Builder stated() {
            stated = true;
            return this;
        }

        /** The cause explains itself. */
        Rule means(Cause cause, Confidence confidence) {
            return means(cause, confidence, "");
        }

        Rule means(Cause cause, Confidence confidence, String because) {
            return means(cause, confidence, because, "");
        }

        Rule means(Cause cause, Confidence confidence, String because, String advice) {
            return new Rule(
                    id, phases, failures, conditions, change, Optional.of(cause), confidence, because, advice, stated);
        }

        /** The layer and how it failed, and no cause. */
        Rule showsOnlyTheSymptom(Confidence confidence, String because) {
            return showsOnlyTheSymptom(confidence, because, "");
        }

        Rule showsOnlyTheSymptom(Confidence confidence, String because, String advice) {
            return new Rule(
                    id, phases, failures, conditions, change, Optional.empty(), confidence, because, advice, stated);
        }
    }

    boolean isAbout(Facts facts) {
        return phases.contains(facts.phase()) && (failures.isEmpty() || failures.contains(facts.kind()));
    }

    Truth fits(Facts facts) {
        return isAbout(facts) ? Condition.all(conditions, facts) : Truth.FALSE;
    }

    /** It blames no change, or what it blames reproduces. */
    Truth isReproduced(Facts facts) {
        return change.isEmpty() ? Truth.TRUE : Conditions.REPEATED_BOTH_WAYS.in(facts.blaming(change));
    }

    Cause causeOf(FailureKind failure) {
        return cause.orElseGet(() -> switch (failure) {
            case RESET -> Cause.TLS_RESET;
            case TIMEOUT -> Cause.TLS_TIMEOUT;
            case CLOSED -> Cause.TLS_CLOSED;
            case TLS_ALERT -> Cause.TLS_ALERT;
            default -> throw new IllegalStateException(id + " shows only the context, and " + failure + " is none");
        });
    }
}
