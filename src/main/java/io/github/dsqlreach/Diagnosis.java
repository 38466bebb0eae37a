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
 * @param findings what follows from the facts besides, derived once, for whoever renders this
 */
public record Diagnosis(
        Verdict verdict,
        Optional<Phase> layer,
        Optional<Cause> cause,
        Confidence confidence,
        String summary,
        String explanation,
        List<String> evidence,
        List<String> remedies,
        Findings findings) {

    /** Who ended the connection. */
    public enum Origin {
        /** Something near this machine: the answer came sooner than one from the server can. */
        NEARBY,
        /** The facts do not tell. */
        UNKNOWN
    }

    /**
     * What follows from the facts.
     *
     * @param trigger the experiment whose change lets the failed step through, repeated both ways, such as
     *     {@code direct-tls}; empty if no change is blamed
     * @param after what was sent last before the failure; empty if nothing was, or it is not known
     * @param origin who ended the connection
     * @param slow whether time was up while answers still came
     * @param unsteady whether the failure comes and goes
     */
    public record Findings(
            Optional<String> trigger, Optional<SentMessage> after, Origin origin, boolean slow, boolean unsteady) {
        public Findings {
            Objects.requireNonNull(trigger, "trigger");
            Objects.requireNonNull(after, "after");
            Objects.requireNonNull(origin, "origin");
        }

        /** Nothing. */
        public static Findings none() {
            return new Findings(Optional.empty(), Optional.empty(), Origin.UNKNOWN, false, false);
        }
    }

    /** A diagnosis from which nothing follows besides. */
    public Diagnosis(
            Verdict verdict,
            Optional<Phase> layer,
            Optional<Cause> cause,
            Confidence confidence,
            String summary,
            String explanation,
            List<String> evidence,
            List<String> remedies) {
        this(verdict, layer, cause, confidence, summary, explanation, evidence, remedies, Findings.none());
    }

    public Diagnosis {
        Objects.requireNonNull(findings, "findings");
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
