package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.ExperimentName;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What the table says about facts: the first rule that fits, as far as is known now.
 *
 * @param rule the identifier of the rule
 * @param trigger the change that is blamed; empty if none is
 * @param suspect a change that an earlier rule would blame if control and variant were repeated
 * @param doubts what lowers the confidence; empty if nothing does
 * @param waitsFor the experiments that can still change this; empty if none can
 * @param because why this is the cause, in one sentence; may be empty, see {@link Rule}
 * @param advice what to do, where the cause's own advice does not fit; else empty
 */
record RuleMatch(
        String rule,
        Cause cause,
        Confidence confidence,
        Optional<ExperimentName> trigger,
        Optional<Suspect> suspect,
        List<Doubt> doubts,
        Set<ExperimentName> waitsFor,
        String because,
        String advice) {

    private static final String CHANGE = "{change}";

    /** Why it is not surer, a sentence each. */
    List<String> reservations() {
        String change = suspect.map(Suspect::change)
                .or(() -> trigger)
                .map(ExperimentName::label)
                .orElse("");
        return doubts.stream()
                .map(doubt -> doubt.because().replace(CHANGE, change))
                .toList();
    }

    /**
     * A change that let the step pass once and was not repeated yet.
     *
     * @param before the experiments without a result whose rules come first
     */
    record Suspect(ExperimentName change, Set<ExperimentName> before) {}
}
