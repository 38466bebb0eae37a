package io.github.dsqlreach;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The result of a check: verdict, cause, confidence, and what to do.
 */
public final class Diagnosis {
    private final Parts parts;

    private record Parts(
            Verdict verdict,
            Optional<Phase> layer,
            Optional<Cause> cause,
            Confidence confidence,
            Optional<String> rule,
            String summary,
            String explanation,
            List<String> evidence,
            List<String> remedies,
            DiagnosisDetails details) {
        Parts {
            Objects.requireNonNull(details, "details");
            Objects.requireNonNull(verdict, "verdict");
            Objects.requireNonNull(layer, "layer");
            Objects.requireNonNull(confidence, "confidence");
            if (cause.isPresent() == (verdict == Verdict.REACHABLE)) {
                throw new IllegalArgumentException("a verdict " + verdict + " with the cause "
                        + cause.map(Enum::name).orElse("none"));
            }
            rule = rule.map(Scrubber::oneLine);
            summary = Scrubber.oneLine(summary);
            explanation = Scrubber.oneLine(explanation);
            evidence = evidence.stream().map(Scrubber::oneLine).toList();
            remedies = remedies.stream().map(Scrubber::scrub).toList();
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
        return new Diagnosis(new Parts(
                verdict,
                layer,
                cause,
                confidence,
                Optional.empty(),
                summary,
                "",
                List.of(),
                List.of(),
                DiagnosisDetails.none()));
    }

    /** The same diagnosis with these texts. */
    public Diagnosis explained(String explanation, List<String> evidence, List<String> remedies) {
        return with(parts.rule, explanation, evidence, remedies, parts.details);
    }

    /** The same diagnosis, made by that rule of the table. */
    public Diagnosis byRule(String rule) {
        return with(Optional.of(rule), parts.explanation, parts.evidence, parts.remedies, parts.details);
    }

    /** The same diagnosis with these details. */
    public Diagnosis detailed(DiagnosisDetails details) {
        return with(parts.rule, parts.explanation, parts.evidence, parts.remedies, details);
    }

    private Diagnosis with(
            Optional<String> rule,
            String explanation,
            List<String> evidence,
            List<String> remedies,
            DiagnosisDetails details) {
        return new Diagnosis(new Parts(
                parts.verdict,
                parts.layer,
                parts.cause,
                parts.confidence,
                rule,
                parts.summary,
                explanation,
                evidence,
                remedies,
                details));
    }

    /** The verdict. */
    public Verdict verdict() {
        return parts.verdict;
    }

    /** The phase in which the cause shows; empty if the endpoint is reachable or no attempt was made. */
    public Optional<Phase> layer() {
        return parts.layer;
    }

    /** The cause; empty if the endpoint is reachable. */
    public Optional<Cause> cause() {
        return parts.cause;
    }

    /** How sure the cause is. */
    public Confidence confidence() {
        return parts.confidence;
    }

    /**
     * The rule of the diagnosis table that applies, such as {@code tls-port}: {@code docs/diagnosis.md} prints each rule
     * with its conditions. Empty if no attempt failed.
     */
    public Optional<String> rule() {
        return parts.rule;
    }

    /** One line that can stand alone: the phase, what was observed, why, and what to do. */
    public String summary() {
        return parts.summary;
    }

    /** What the cause means, why it is this cause, and why it is not surer, in a few sentences. */
    public String explanation() {
        return parts.explanation;
    }

    /** The facts, one sentence each. */
    public List<String> evidence() {
        return parts.evidence;
    }

    /** What to do, the most promising first; commands and settings stand in backquotes. */
    public List<String> remedies() {
        return parts.remedies;
    }

    /** What the evidence shows besides the cause. */
    public DiagnosisDetails details() {
        return parts.details;
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
