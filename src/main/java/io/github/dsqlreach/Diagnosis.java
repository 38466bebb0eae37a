package io.github.dsqlreach;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the facts of a check come to.
 *
 * @param verdict the verdict
 * @param layer the phase in which the obstacle shows; empty when the endpoint is reachable or there was none to walk
 * @param cause the cause; empty when the endpoint is reachable
 * @param confidence how sure this is
 * @param summary one line that stands alone: layer, what was seen, why, what to do
 * @param explanation what the cause means, in one or a few sentences
 * @param evidence the facts that decided, one sentence each, and those that contradict
 * @param remedies what to do, the most promising first; commands and settings stand in backquotes
 */
public record Diagnosis(
        Verdict verdict,
        Optional<Phase> layer,
        Optional<Cause> cause,
        Confidence confidence,
        String summary,
        String explanation,
        List<String> evidence,
        List<String> remedies) {
    public Diagnosis {
        Objects.requireNonNull(verdict, "verdict");
        Objects.requireNonNull(layer, "layer");
        Objects.requireNonNull(confidence, "confidence");
        if (cause.isPresent() == (verdict == Verdict.REACHABLE)) {
            throw new IllegalArgumentException("a verdict " + verdict + " with the cause " + cause);
        }
        summary = Scrubber.oneLine(summary);
        explanation = Scrubber.oneLine(explanation);
        evidence = evidence.stream().map(Scrubber::oneLine).toList();
        remedies = remedies.stream().map(Scrubber::scrub).toList();
    }

    /** The summary. */
    @Override
    public String toString() {
        return summary;
    }
}
