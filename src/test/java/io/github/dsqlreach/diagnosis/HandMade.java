package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Experiments.experiment;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Confirmation;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Experiments;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Facts written down by hand: what cannot be had on loopback. */
final class HandMade {
    static final Endpoint CLUSTER = Endpoint.parse("abc123def456ghi789jkl012mn.dsql.us-east-1.on.aws");

    /** They go to other names, which have other addresses. */
    private static final Set<ExperimentName> ELSEWHERE =
            Set.of(ExperimentName.CONTROL_443, ExperimentName.WEB_SOCKET_443);

    private Endpoint endpoint = CLUSTER;
    private final Map<Phase, PhaseResult> results = new EnumMap<>(Phase.class);
    private final List<Experiment> experiments = new ArrayList<>();
    private Optional<Confirmation> confirmation = Optional.empty();
    private Optional<Attempt> repeated = Optional.empty();

    private HandMade() {
        pass(Phase.DNS, 4, e -> e.put(Evidence.ADDRESSES, List.of("203.0.113.7")));
        pass(Phase.TCP, 83, e -> e.put(Evidence.ADDRESS, "203.0.113.7:5432").put(Evidence.ROUND_TRIP_MILLIS, 83.0));
        pass(Phase.TOKEN, 2, e -> {});
        pass(Phase.TLS, 166, e -> e.put(Evidence.VERIFIED, true));
        pass(Phase.AUTH, 170, e -> {});
        pass(Phase.QUERY, 83, e -> {});
    }

    /** An attempt in which everything passes, until told otherwise. */
    static HandMade attempt() {
        return new HandMade();
    }

    HandMade to(Endpoint other) {
        endpoint = other;
        return this;
    }

    HandMade resolvingTo(String... addresses) {
        return pass(Phase.DNS, 4, e -> e.put(Evidence.ADDRESSES, List.of(addresses)));
    }

    HandMade pass(Phase phase, int millis, Consumer<Evidence.Builder> evidence) {
        results.put(phase, PhaseResult.passed(phase, Duration.ofMillis(millis), of(evidence)));
        return this;
    }

    HandMade fail(Phase phase, FailureKind kind, String message) {
        return fail(phase, kind, message, e -> {});
    }

    /** Fails there; what needs that phase is not reached. */
    HandMade fail(Phase phase, FailureKind kind, String message, Consumer<Evidence.Builder> evidence) {
        results.put(phase, PhaseResult.failed(phase, Duration.ofMillis(90), of(evidence), new Failure(kind, message)));
        for (Phase later : Phase.values()) {
            boolean needs = later.compareTo(phase) > 0
                    && later != Phase.TOKEN
                    && (phase != Phase.TOKEN || later.compareTo(Phase.TLS) > 0);
            if (needs) {
                results.put(later, PhaseResult.notReached(later));
            }
        }
        return this;
    }

    /** The phase, which failed, took so long. */
    HandMade took(Phase phase, int millis) {
        PhaseResult result = results.get(phase);
        results.put(
                phase,
                PhaseResult.failed(
                        phase,
                        Duration.ofMillis(millis),
                        result.evidence(),
                        result.failure().orElseThrow()));
        return this;
    }

    /** It failed so, and that is what it saw. */
    HandMade tried(ExperimentName name, FailureKind kind, Consumer<Evidence.Builder> evidence) {
        experiments.add(experiment(name, Duration.ofMillis(95), of(evidence), Optional.of(Failure.of(kind))));
        return this;
    }

    HandMade tried(ExperimentName name, Consumer<Evidence.Builder> evidence) {
        experiments.add(experiment(name, Duration.ofMillis(95), of(evidence), Optional.empty()));
        return this;
    }

    HandMade tried(ExperimentName name, FailureKind kind) {
        experiments.add(experiment(
                name,
                Duration.ofMillis(95),
                of(e -> e.put(Evidence.ROUND_TRIP_MILLIS, 83.0)),
                Optional.of(Failure.of(kind))));
        return this;
    }

    /** It did not even connect. */
    HandMade triedWithoutConnecting(ExperimentName name, FailureKind kind) {
        experiments.add(experiment(
                name,
                Duration.ofMillis(95),
                of(e -> e.put(Evidence.ADDRESS, ELSEWHERE.contains(name) ? "203.0.113.8" : "203.0.113.7")),
                Optional.of(Failure.of(kind))));
        return this;
    }

    /** A copy, in which the failure was repeated in the same way. */
    HandMade repeatedAlike() {
        HandMade copy = new HandMade();
        copy.endpoint = endpoint;
        copy.results.putAll(results);
        copy.experiments.addAll(experiments);
        PhaseResult failed = results.values().stream()
                .filter(PhaseResult::failed)
                .findFirst()
                .orElseThrow();
        FailureKind kind = failed.failure().orElseThrow().kind();
        copy.confirmation = confirmation;
        copy.repeated = repeated;
        return failed.phase().compareTo(Phase.TLS) > 0
                ? copy.repeatedIn(failed.phase(), kind)
                : copy.tried(
                        kind == FailureKind.NAME_NOT_FOUND ? ExperimentName.DNS_A : ExperimentName.SAME_AGAIN, kind);
    }

    /** Another attempt failed there. */
    HandMade repeatedIn(Phase phase, FailureKind kind) {
        return repeatedIn(phase, kind, e -> {});
    }

    HandMade repeatedIn(Phase phase, FailureKind kind, Consumer<Evidence.Builder> evidence) {
        repeated = Optional.of(Experiments.failedAttempt(phase, Duration.ofMillis(95), of(evidence), Failure.of(kind)));
        return this;
    }

    /** Both ways repeated: the unchanged step failed so often, and with the change it passed so often. */
    HandMade repeated(ExperimentName change, int failed, int passed) {
        List<Experiment> tries = new ArrayList<>();
        for (int i = 0; i < Repetitions.EACH; i++) {
            tries.add(repetition(ExperimentName.SAME_AGAIN, i >= failed));
            tries.add(repetition(change, i < passed));
        }
        confirmation = Optional.of(Repetitions.confirmation(change, tries));
        return this;
    }

    private static Experiment repetition(ExperimentName name, boolean passed) {
        return experiment(
                name,
                Duration.ofMillis(95),
                of(e -> e.put(Evidence.ROUND_TRIP_MILLIS, 83.0)),
                passed ? Optional.empty() : Optional.of(Failure.of(FailureKind.RESET)));
    }

    /** The change passed, the server proved its name, and repeating both ways confirmed it. */
    HandMade triggeredBy(ExperimentName change) {
        return tried(change, e -> e.put(Evidence.VERIFIED, true)).repeated(change, 5, 5);
    }

    /** Of the failed phase that a diagnosis is about. */
    Facts facts() {
        return Facts.of(endpoint, new Attempt(Phase.QUERY, List.copyOf(results.values())), followUp());
    }

    private FollowUp followUp() {
        FollowUp all = FollowUp.of(experiments);
        all = confirmation.map(all::with).orElse(all);
        return repeated.map(all::repeatedBy).orElse(all);
    }

    Reachability diagnosed() {
        Attempt attempt = new Attempt(Phase.QUERY, List.copyOf(results.values()));
        return Reachability.of(
                        Optional.of(endpoint),
                        Optional.of(attempt),
                        followUp(),
                        Diagnoses.of(endpoint, attempt, followUp()))
                .timed(Instant.parse("2026-11-23T12:00:00Z"), Duration.ofMillis(500));
    }

    private static Evidence of(Consumer<Evidence.Builder> filler) {
        Evidence.Builder builder = Evidence.builder();
        filler.accept(builder);
        return builder.build();
    }
}
