package io.github.dsqlreach.report;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.PhaseResult.Status;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The texts that all formats share: about a phase, an experiment, an endpoint. */
final class Phrases {
    /** Longer text of a server is cut. */
    static final int LONGEST = 600;

    private static final int LONGEST_HEADLINE = 100;

    private Phrases() {}

    /** One line of limited length, without terminal sequences and CI commands. */
    static String line(String text) {
        return Scrubber.line(text, LONGEST);
    }

    static String mark(Status status) {
        return switch (status) {
            case PASSED -> "✓";
            case FAILED -> "✗";
            case NOT_REACHED -> "–";
        };
    }

    static String mark(Reachability reachability) {
        return reachability.isReachable() ? "✓" : "✗";
    }

    /** The most important about a phase, in one line. */
    static String note(PhaseResult result, Phase through) {
        return line(
                switch (result.status()) {
                    case PASSED -> withNotes(passed(result), result.evidence());
                    case FAILED ->
                        withNotes(failed(result.failure().orElseThrow(), result.evidence()), result.evidence());
                    case NOT_REACHED -> result.phase().compareTo(through) > 0 ? "not checked" : "not reached";
                });
    }

    /** Something that was done besides the attempt. */
    record Tried(String what, boolean passed, Duration duration, String note) {
        private static Tried failed(String what, Attempt attempt) {
            return new Tried(
                    what,
                    false,
                    attempt.duration(),
                    attempt.failed()
                            .flatMap(PhaseResult::failure)
                            .map(failure -> line(failure.message()))
                            .orElse(""));
        }

        String mark() {
            return Phrases.mark(status());
        }

        Status status() {
            return passed ? Status.PASSED : Status.FAILED;
        }
    }

    /** What was done besides the attempt, in the order in which it tells most. */
    static List<Tried> tried(Reachability reachability) {
        FollowUp followUp = reachability.followUp();
        List<Tried> all = new ArrayList<>();
        followUp.overTcp()
                .flatMap(Reachability::attempt)
                .ifPresent(attempt -> all.add(Tried.failed("the attempt over TCP", attempt)));
        followUp.experiments().forEach(e -> all.add(new Tried(e.name().label(), e.passed(), e.duration(), note(e))));
        followUp.confirmation()
                .ifPresent(c ->
                        all.add(new Tried(ExperimentName.CONFIRMATION.label(), c.holds(), c.duration(), c.toString())));
        followUp.replaced().ifPresent(attempt -> all.add(Tried.failed("the first attempt", attempt)));
        followUp.repeated().ifPresent(attempt -> all.add(Tried.failed("the whole attempt again", attempt)));
        followUp.waiting()
                .ifPresent(waiting -> all.add(
                        new Tried("waiting", reachability.isReachable(), waiting.duration(), waiting.toString())));
        return all;
    }

    static String note(Experiment experiment) {
        return line(
                experiment.failure().isPresent()
                        ? failed(
                                experiment.failure().get(),
                                experiment.attempt().failed().orElseThrow().evidence())
                        : experiment
                                .evidence(Phase.TLS)
                                .get(Evidence.PROTOCOL)
                                .map(protocol -> "passed, " + protocol + unverified(experiment.evidence(Phase.TLS)))
                                .orElse("passed"));
    }

    /** A handshake with an interceptor passes too. */
    private static String unverified(Evidence evidence) {
        return evidence.get(Evidence.VERIFIED).filter(verified -> !verified).isPresent()
                ? ", certificate NOT verified: perhaps another server"
                : "";
    }

    /** For example {@code blocked at TLS}. */
    static String verdict(Reachability reachability) {
        return reachability.verdict().label()
                + reachability
                        .diagnosis()
                        .layer()
                        .map(layer -> " at " + layer.label())
                        .orElse("")
                + reachability.simulation().map(simulation -> " (SIMULATED)").orElse("");
    }

    /** One line of at most 100 characters: the verdict, and how the attempt failed. */
    static String headline(Reachability reachability) {
        String how = reachability
                .attempt()
                .flatMap(attempt -> attempt.failed())
                .flatMap(PhaseResult::failure)
                .map(failure -> ": " + failure.kind().label())
                .orElse("");
        return Wrap.cut("DSQL " + verdict(reachability) + how, LONGEST_HEADLINE);
    }

    private static String passed(PhaseResult result) {
        Evidence evidence = result.evidence();
        return switch (result.phase()) {
            case DNS -> addresses(evidence);
            case TCP -> evidence.get(Evidence.ADDRESS).orElse("");
            case TOKEN ->
                join(
                        evidence.get(Evidence.ACTION),
                        evidence.get(Evidence.EXPIRES_SECONDS).map(seconds -> "valid for " + seconds + " s"));
            case TLS ->
                join(
                        evidence.get(Evidence.PROTOCOL),
                        evidence.get(Evidence.VERIFIED)
                                .map(verified -> verified ? "certificate verified" : "certificate NOT verified"));
            case AUTH ->
                evidence.get(Evidence.SERVER_VERSION)
                        .map(v -> "PostgreSQL " + v)
                        .orElse("");
            case QUERY -> "SELECT 1";
        };
    }

    static String addresses(Evidence evidence) {
        List<String> addresses = evidence.list(Evidence.ADDRESSES);
        String first = String.join(", ", addresses.subList(0, Math.min(3, addresses.size())));
        return addresses.size() > 3 ? first + " and " + (addresses.size() - 3) + " more" : first;
    }

    private static String failed(Failure failure, Evidence evidence) {
        String hint = evidence.get(Evidence.HINT).orElse("");
        return failure.message().contains(hint) ? failure.message() : failure.message() + " (" + hint + ")";
    }

    private static String withNotes(String text, Evidence evidence) {
        List<String> parts = new ArrayList<>();
        parts.add(text);
        parts.addAll(evidence.list(Evidence.NOTES));
        parts.removeIf(String::isBlank);
        return String.join("; ", parts);
    }

    private static String join(Optional<String> first, Optional<String> second) {
        return Stream.of(first, second).flatMap(Optional::stream).collect(Collectors.joining(", "));
    }

    /** Endpoint, user and settings, in one line. */
    static String endpoint(Endpoint endpoint) {
        List<String> parts = new ArrayList<>();
        parts.add(endpoint.toString());
        parts.add("user " + endpoint.user());
        endpoint.region().ifPresent(region -> parts.add("region " + region));
        if (endpoint.negotiation() == Negotiation.DIRECT && endpoint.transport() != Transport.WEBSOCKET) {
            parts.add("direct TLS");
        }
        if (!endpoint.trust().equals(Trust.jdk())) {
            parts.add("trust " + endpoint.trust());
        }
        return line(String.join(", ", parts));
    }

    /** For example {@code TLS_BLOCKED_ON_PORT, likely, rule tls-port}; empty when the endpoint is reachable. */
    static String cause(Reachability reachability) {
        Diagnosis diagnosis = reachability.diagnosis();
        return diagnosis
                .cause()
                .map(cause -> line(cause + ", " + diagnosis.confidence().name().toLowerCase(Locale.ROOT)
                        + diagnosis.rule().map(rule -> ", rule " + rule).orElse("")))
                .orElse("");
    }

    /** A warning that the report is about a simulated fault; empty for the real network. */
    static Optional<String> simulation(Reachability reachability) {
        return reachability
                .simulation()
                .map(simulation -> line("Simulated: the fault " + simulation.fault() + parameters(simulation)
                        + " is active. This report says nothing about the real network; do not send it to anyone."
                        + (reachability.isReachable()
                                ? " The check passed although the fault is active: it delays, or it concerns some connections,"
                                        + " the other way to start TLS, or what comes after the check; see docs/faults.md."
                                : "")));
    }

    private static String parameters(Reachability.Simulation simulation) {
        return simulation.parameters().isEmpty()
                ? ""
                : simulation.parameters().entrySet().stream()
                        .map(parameter -> parameter.getKey() + "="
                                + new BigDecimal(parameter.getValue().toString())
                                        .stripTrailingZeros()
                                        .toPlainString())
                        .collect(Collectors.joining(", ", " (", ")"));
    }

    /** The heading of the remedies. */
    static String whatToDo(Reachability reachability) {
        return reachability.simulation().isPresent() ? "What to do (simulated failure)" : "What to do";
    }

    static Phase through(Reachability reachability) {
        return reachability.attempt().map(attempt -> attempt.through()).orElse(Phase.QUERY);
    }

    static List<PhaseResult> results(Reachability reachability) {
        return reachability.attempt().map(attempt -> attempt.phases()).orElse(List.of());
    }
}
