package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Confidence;
import java.util.Optional;

/**
 * Facts, and what the table must say about them.
 *
 * @param what the facts, in words
 * @param rule the rule that applies
 * @param retry whether another attempt is made; empty if the case is not about that
 */
record DiagnosisCase(String what, HandMade facts, String rule, Confidence confidence, Optional<Boolean> retry) {
    static DiagnosisCase of(String what, HandMade facts, String rule, Confidence confidence) {
        return new DiagnosisCase(what, facts, rule, confidence, Optional.empty());
    }

    DiagnosisCase retried(boolean yes) {
        return new DiagnosisCase(what, facts, rule, confidence, Optional.of(yes));
    }

    /** Whether that table says so. */
    boolean holds(DiagnosisTable table) {
        Facts all = facts.facts();
        RuleMatch match = table.match(all);
        return match.rule().equals(rule)
                && match.confidence() == confidence
                && retry.map(yes -> yes == table.needsAnotherAttempt(all, match).value())
                        .orElse(true);
    }

    @Override
    public String toString() {
        return rule + ": " + what;
    }
}
