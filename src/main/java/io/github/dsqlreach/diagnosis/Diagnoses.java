package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.DiagnosisDetails;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Remedy;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Verdict;
import java.util.List;
import java.util.Optional;

/**
 * Makes the diagnosis of an attempt and its experiments. This is a pure function, so a saved report can be diagnosed again.
 *
 * <pre>{@code
 * Diagnosis again = Diagnoses.of(saved.endpoint().get(), saved.attempt().get(), saved.followUp());
 * }</pre>
 */
public final class Diagnoses {
    private static final int LONGEST_LINE = 400;

    private Diagnoses() {}

    /** The diagnosis of an attempt and what was done besides. */
    public static Diagnosis of(Endpoint endpoint, Attempt attempt, FollowUp followUp) {
        if (attempt.passed()) {
            return reachable(endpoint, attempt, followUp);
        }
        Facts facts = Facts.of(endpoint, attempt, followUp);
        RuleMatch match = DiagnosisTable.TABLE.match(facts);
        Cause cause = match.cause();
        Phase layer = cause == Cause.DNS_SINKHOLED || cause == Cause.TLS_ALERT
                ? cause.layer().orElseThrow()
                : facts.phase();
        return Diagnosis.of(
                        cause.verdict(),
                        Optional.of(layer),
                        Optional.of(cause),
                        match.confidence(),
                        Summary.of(facts, layer, match))
                .explained(Explanation.of(facts, match), EvidenceSentences.of(facts), Remedies.of(facts, match))
                .byRule(match.rule())
                .detailed(new DiagnosisDetails(
                        match.trigger(),
                        facts.after(),
                        Conditions.ENDED_NEARBY.holds(facts)
                                ? DiagnosisDetails.Origin.NEARBY
                                : DiagnosisDetails.Origin.UNKNOWN,
                        Conditions.SLOW_LOGIN.holds(facts),
                        Conditions.UNSTEADY.holds(facts)));
    }

    /**
     * A report without an attempt: no endpoint is configured, or it is not valid.
     *
     * @param cause {@code ENDPOINT_NOT_CONFIGURED} or {@code ENDPOINT_INVALID}
     * @param what what is wrong, as a sentence without its full stop
     */
    public static Reachability notChecked(Cause cause, String what) {
        return notChecked(Optional.empty(), cause, what);
    }

    /** A report without an attempt, for an endpoint that cannot be used as it is configured. */
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
        return Reachability.of(endpoint, Optional.empty(), FollowUp.none(), diagnosis);
    }

    private static Diagnosis reachable(Endpoint endpoint, Attempt attempt, FollowUp followUp) {
        boolean unsteady = followUp.replaced().isPresent();
        List<String> evidence = EvidenceSentences.of(followUp, "passed");
        evidence.addAll(EvidenceSentences.unverified(endpoint, attempt));
        return Diagnosis.of(
                        Verdict.REACHABLE,
                        Optional.empty(),
                        Optional.empty(),
                        unsteady ? Confidence.LIKELY : Confidence.CONFIRMED,
                        Summary.reachable(endpoint, attempt, followUp))
                .explained(
                        followUp.overTcp().map(Diagnoses::explanation).orElse("")
                                + (unsteady
                                        ? "The cluster is reachable, but the connection is unsteady: one"
                                                + " attempt failed, and another attempt passed."
                                        : "The attempt passed each phase that it was asked for."),
                        evidence,
                        List.of());
    }

    private static String explanation(Reachability blocked) {
        return "The network blocks TCP to the cluster's own port ("
                + blocked.diagnosis().cause().map(Cause::name).orElse("")
                + "), so the transport auto uses the WebSocket on"
                + " port 443. ";
    }

    /**
     * The same result, said to be simulated. Its remedies are those for the real network: the address of the proxy that
     * simulates it is not taken for a tunnel of the user.
     */
    public static Reachability simulated(Reachability reachability, Reachability.Simulation by) {
        Reachability named = reachability.simulated(by);
        Optional<Endpoint> proxied =
                reachability.endpoint().filter(at -> at.connectTo().isPresent());
        Optional<Attempt> failed =
                reachability.attempt().filter(attempt -> attempt.failed().isPresent());
        if (proxied.isEmpty() || failed.isEmpty()) {
            return named;
        }
        Diagnosis diagnosis = reachability.diagnosis();
        FollowUp followUp = reachability.followUp();
        RuleMatch match = DiagnosisTable.TABLE.match(Facts.of(proxied.get(), failed.get(), followUp));
        if (!diagnosis.cause().equals(Optional.of(match.cause()))) {
            return named;
        }
        Endpoint real = proxied.get().toBuilder().connectTo(null).build();
        List<String> remedies = Remedies.of(Facts.of(real, failed.get(), followUp), match);
        return Reachability.of(
                        reachability.endpoint(),
                        reachability.attempt(),
                        followUp,
                        diagnosis.explained(diagnosis.explanation(), diagnosis.evidence(), remedies))
                .timed(reachability.startedAt(), reachability.took())
                .by(reachability.tool())
                .simulated(by);
    }
}
