package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import java.util.Optional;
import java.util.Set;

/**
 * What the facts come to.
 *
 * @param trigger the change that is blamed
 * @param suspect a change that a row would blame if both ways were repeated; empty if that was done
 */
record Finding(Cause cause, Confidence confidence, Optional<ExperimentName> trigger, Optional<Suspect> suspect) {
    Finding(Cause cause, Confidence confidence) {
        this(cause, confidence, Optional.empty(), Optional.empty());
    }

    /**
     * A change that was seen to let the step through, and not yet repeated.
     *
     * @param before the experiments that said nothing yet and whose rows come first
     */
    record Suspect(ExperimentName change, Set<ExperimentName> before) {}
}
