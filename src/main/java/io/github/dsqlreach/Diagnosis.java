package io.github.dsqlreach;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What the facts of a check come to.
 */
public final class Diagnosis {
    private final Parts parts;

    private record Parts(
            Verdict verdict,
            Optional<Phase> layer,
            Optional<Cause> cause,
            Confidence confidence,
            String summary,
            String explanation,
            List<String> evidence,
            List<String> remedies,
            Findings findings) {
        Parts {
            Objects.requireNonNull(findings, "findings");
            Objects.requireNonNull(verdict, "verdict");
            Objects.requireNonNull(layer, "layer");
            Objects.requireNonNull(confidence, "confidence");
            if (cause.isPresent() == (verdict == Verdict.REACHABLE)) {
                throw new IllegalArgumentException("a verdict " + verdict + " with the cause "
                        + cause.map(Enum::name).orElse("none"));
            }
            summary = Scrubber.oneLine(summary);
            explanation = Scrubber.oneLine(explanation);
            evidence = evidence.stream().map(Scrubber::oneLine).toList();
            remedies = remedies.stream().map(Scrubber::scrub).toList();
        }
    }

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

    private Diagnosis(Parts parts) {
        this.parts = parts;
    }

    /**
     * A diagnosis without an explanation.
     *
     * @throws IllegalArgumentException if the verdict is {@code REACHABLE} and there is a cause, or neither
     */
    public static Diagnosis of(
            Verdict verdict, Optional<Phase> layer, Optional<Cause> cause, Confidence confidence, String summary) {
        return new Diagnosis(
                new Parts(verdict, layer, cause, confidence, summary, "", List.of(), List.of(), Findings.none()));
    }

    /** The same, explained so. */
    public Diagnosis explained(String explanation, List<String> evidence, List<String> remedies) {
        return with(explanation, evidence, remedies, parts.findings);
    }

    /** The same, from which that follows besides. */
    public Diagnosis finding(Findings findings) {
        return with(parts.explanation, parts.evidence, parts.remedies, findings);
    }

    private Diagnosis with(String explanation, List<String> evidence, List<String> remedies, Findings findings) {
        return new Diagnosis(new Parts(
                parts.verdict,
                parts.layer,
                parts.cause,
                parts.confidence,
                parts.summary,
                explanation,
                evidence,
                remedies,
                findings));
    }

    /** The verdict. */
    public Verdict verdict() {
        return parts.verdict;
    }

    /** The phase in which the obstacle shows; empty when the endpoint is reachable or there was none to attempt. */
    public Optional<Phase> layer() {
        return parts.layer;
    }

    /** The cause; empty when the endpoint is reachable. */
    public Optional<Cause> cause() {
        return parts.cause;
    }

    /** How sure this is. */
    public Confidence confidence() {
        return parts.confidence;
    }

    /** One line that stands alone: layer, what was seen, why, what to do. */
    public String summary() {
        return parts.summary;
    }

    /** What the cause means, in one or a few sentences. */
    public String explanation() {
        return parts.explanation;
    }

    /** The facts that decided, one sentence each, and those that contradict. */
    public List<String> evidence() {
        return parts.evidence;
    }

    /** What to do, the most promising first; commands and settings stand in backquotes. */
    public List<String> remedies() {
        return parts.remedies;
    }

    /** What follows from the facts besides, derived once, for whoever renders this. */
    public Findings findings() {
        return parts.findings;
    }

    /** The summary. */
    @Override
    public String toString() {
        return parts.summary;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Diagnosis that && parts.equals(that.parts);
    }

    @Override
    public int hashCode() {
        return parts.hashCode();
    }
}
