package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Remedy;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * From facts to a diagnosis: a pure function, so that a saved report can be diagnosed again.
 *
 * <pre>{@code
 * Diagnosis again = Diagnoses.of(saved.endpoint().get(), saved.attempt().get(), saved.experiments());
 * }</pre>
 */
public final class Diagnoses {
    private static final int LONGEST_LINE = 400;

    /** Evidence of the way over TCP: the cause that blocks it, and what is likely. */
    static final String CAUSE = "cause";

    static final String ADVICE = "advice";

    private Diagnoses() {}

    /** What the attempt and its experiments come to. */
    public static Diagnosis of(Endpoint endpoint, Attempt attempt, List<Experiment> experiments) {
        if (attempt.passed()) {
            return reachable(endpoint, attempt, experiments);
        }
        Facts facts = Facts.of(endpoint, attempt, experiments);
        Finding finding = Rules.find(facts);
        Cause cause = finding.cause();
        Phase layer = cause == Cause.DNS_SINKHOLED || cause == Cause.TLS_ALERT
                ? cause.layer().orElseThrow()
                : facts.layer();
        return Diagnosis.of(
                        cause.verdict(),
                        Optional.of(layer),
                        Optional.of(cause),
                        finding.confidence(),
                        Summary.of(facts, layer, finding))
                .explained(Explanation.of(facts, finding), EvidenceSentences.of(facts), Remedies.of(facts, finding))
                .finding(new Diagnosis.Findings(
                        finding.trigger().map(ExperimentName::id),
                        facts.after(),
                        facts.origin(),
                        facts.slow(),
                        facts.mayBeChance() && facts.byChance()));
    }

    /**
     * A report where there is nothing to attempt: no endpoint is configured, or it cannot be understood.
     *
     * @param cause {@code ENDPOINT_NOT_CONFIGURED} or {@code ENDPOINT_INVALID}
     * @param what what is wrong, as a sentence without its end
     */
    public static Reachability notChecked(Cause cause, String what) {
        return notChecked(Optional.empty(), cause, what);
    }

    /** The same where there is an endpoint, and attempting it would tell nothing. */
    static Reachability notChecked(Optional<Endpoint> endpoint, Cause cause, String what) {
        Diagnosis diagnosis = Diagnosis.of(
                        cause.verdict(),
                        Optional.empty(),
                        Optional.of(cause),
                        Confidence.CONFIRMED,
                        "DSQL " + cause.verdict().label() + ": " + Scrubber.line(what, LONGEST_LINE) + " - "
                                + cause.advice())
                .explained(
                        cause.explanation(),
                        cause == Cause.ENDPOINT_NOT_CONFIGURED ? List.of() : List.of(what + "."),
                        cause.remedies().stream().map(Remedy::text).toList());
        return Reachability.of(endpoint, Optional.empty(), List.of(), diagnosis);
    }

    /** What became of the way over TCP, for a report about the way over the WebSocket. */
    static Experiment overTcp(Reachability blocked) {
        Cause cause = blocked.diagnosis().cause().orElseThrow();
        PhaseResult failed = blocked.attempt()
                .map(attempt -> attempt.result(blocked.diagnosis().layer().orElseThrow()))
                .filter(PhaseResult::failed)
                .or(() -> blocked.attempt().flatMap(Attempt::failed))
                .orElseThrow();
        Evidence evidence = Evidence.builder()
                .put(CAUSE, cause.name())
                .put(
                        ADVICE,
                        Remedies.fill(
                                cause.advice(),
                                Facts.of(
                                        blocked.endpoint().orElseThrow(),
                                        blocked.attempt().orElseThrow(),
                                        blocked.experiments())))
                .putAll(failed.evidence())
                .build();
        return new Experiment(ExperimentName.OVER_TCP.id(), blocked.took(), evidence, failed.failure());
    }

    /** Why it is not TCP; empty where it is. */
    private static Optional<Experiment> blocked(List<Experiment> experiments) {
        return experiments.stream()
                .filter(experiment -> experiment.name().equals(ExperimentName.OVER_TCP.id()))
                .findFirst();
    }

    private static Diagnosis reachable(Endpoint endpoint, Attempt attempt, List<Experiment> experiments) {
        List<String> evidence = new ArrayList<>();
        Optional<Experiment> blocked = blocked(experiments);
        blocked.ifPresent(experiment -> evidence.add(EvidenceSentences.of(experiment)));
        Optional<Experiment> first = experiments.stream()
                .filter(experiment -> experiment.name().equals(ExperimentName.FIRST_WALK.id()))
                .findFirst();
        first.ifPresent(experiment -> evidence.add("The first attempt failed: "
                + experiment.failure().map(Object::toString).orElse("")
                + "; the second passed."));
        experiments.stream()
                .filter(experiment -> experiment.name().equals(ExperimentName.WAIT.id()))
                .findFirst()
                .ifPresent(experiment -> evidence.add(EvidenceSentences.of(experiment)));
        evidence.addAll(EvidenceSentences.unverified(endpoint, attempt));
        return Diagnosis.of(
                        Verdict.REACHABLE,
                        Optional.empty(),
                        Optional.empty(),
                        first.isPresent() ? Confidence.LIKELY : Confidence.CONFIRMED,
                        Summary.reachable(endpoint, attempt, first, blocked))
                .explained(
                        blocked.map(Diagnoses::explanation).orElse("")
                                + (first.isPresent()
                                        ? "The cluster is reachable, but the connection is unsteady: one attempt failed and the next"
                                                + " passed."
                                        : "The attempt got as far as it was asked to."),
                        evidence,
                        List.of());
    }

    private static String explanation(Experiment blocked) {
        return "The network blocks the way over TCP ("
                + blocked.evidence().text(CAUSE).orElse("") + "), and the transport auto takes the WebSocket"
                + " on port 443 instead. ";
    }
}
