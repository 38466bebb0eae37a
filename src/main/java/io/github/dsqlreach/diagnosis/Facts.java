package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Confirmation;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.SentMessage;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The facts that {@link Conditions} ask for: a failed phase of an attempt, its experiments, and which of them still run.
 * Conclusions are drawn there and not here.
 */
final class Facts {
    private final Endpoint endpoint;
    private final Attempt attempt;
    private final FollowUp followUp;
    private final Map<ExperimentName, Evidence> pending;
    private final PhaseResult failed;
    private final Optional<ExperimentName> blamed;
    private final Map<ExperimentName, Experiment> byName;
    private final RoundTrips roundTrips;

    private Facts(
            Endpoint endpoint,
            Attempt attempt,
            FollowUp followUp,
            Map<ExperimentName, Evidence> pending,
            PhaseResult failed) {
        this.endpoint = endpoint;
        this.attempt = attempt;
        this.followUp = followUp;
        this.pending = pending;
        this.failed = failed;
        this.blamed = Optional.empty();
        this.byName = new EnumMap<>(ExperimentName.class);
        followUp.experiments().forEach(e -> byName.putIfAbsent(e.name(), e));
        this.roundTrips = new RoundTrips(attempt, followUp, pending);
    }

    private Facts(Facts same, PhaseResult failed, Optional<ExperimentName> blamed) {
        this.endpoint = same.endpoint;
        this.attempt = same.attempt;
        this.followUp = same.followUp;
        this.pending = same.pending;
        this.failed = failed;
        this.blamed = blamed;
        this.byName = same.byName;
        this.roundTrips = same.roundTrips;
    }

    /** Of the first phase that failed, when all experiments are over. */
    static Facts of(Endpoint endpoint, Attempt attempt, FollowUp followUp) {
        return new Facts(endpoint, attempt, followUp, Map.of(), attempt.failed().orElseThrow());
    }

    /**
     * Of the phase that failed on the network.
     *
     * @param pending the experiments that still run, with what they have observed so far
     */
    static Facts ofNetwork(
            Endpoint endpoint, Attempt attempt, FollowUp followUp, Map<ExperimentName, Evidence> pending) {
        return new Facts(endpoint, attempt, followUp, pending, networkFailure(attempt));
    }

    /** The first phase that failed on the network; the first one at all if only the token failed. */
    static PhaseResult networkFailure(Attempt attempt) {
        return attempt.phases().stream()
                .filter(result -> result.failed() && result.phase() != Phase.TOKEN)
                .findFirst()
                .orElseGet(() -> attempt.failed().orElseThrow());
    }

    /** The same of another phase that failed as well. */
    Facts about(PhaseResult other) {
        return new Facts(this, other, blamed);
    }

    /** The same, for what is said about a rule that blames this change. */
    Facts blaming(Optional<ExperimentName> change) {
        return new Facts(this, failed, change);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    Attempt attempt() {
        return attempt;
    }

    FollowUp followUp() {
        return followUp;
    }

    List<Experiment> experiments() {
        return followUp.experiments();
    }

    /** How another attempt failed, which was made because this failure may be a single event. */
    Optional<PhaseResult> repeated() {
        return followUp.repeated()
                .map(Facts::networkFailure)
                .filter(other -> !ExperimentResults.isUnfinished(other.failure()));
    }

    boolean isRepeatedWith(FailureKind kind) {
        return repeated().filter(other -> other.failedWith(kind)).isPresent();
    }

    PhaseResult failed() {
        return failed;
    }

    /** The change that the rule in question blames; empty if it blames none. */
    Optional<ExperimentName> blamed() {
        return blamed;
    }

    RoundTrips roundTrips() {
        return roundTrips;
    }

    Phase phase() {
        return failed.phase();
    }

    boolean at(Phase phase) {
        return phase() == phase;
    }

    FailureKind kind() {
        return failed.failure().orElseThrow().kind();
    }

    boolean failedWith(FailureKind kind) {
        return kind() == kind;
    }

    /** What the failed phase observed. */
    Evidence evidence() {
        return failed.evidence();
    }

    /** What another phase of the attempt observed. */
    Evidence evidence(Phase phase) {
        return attempt.result(phase).evidence();
    }

    /** A text of the failed phase. */
    Optional<String> text(Evidence.Key<String> key) {
        return evidence().get(key);
    }

    /** The message that was sent last before the failure. */
    Optional<SentMessage> after() {
        return evidence().get(Evidence.AFTER);
    }

    static boolean isAfter(Evidence evidence, SentMessage message) {
        return evidence.get(Evidence.AFTER).filter(message::equals).isPresent();
    }

    /** The hosts file that names the addresses instead of DNS. */
    Optional<String> hostsFile() {
        return evidence(Phase.DNS).text(Evidence.HOSTS_FILE);
    }

    /** The experiment, if it has a result. */
    Optional<Experiment> experiment(ExperimentName name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** Asks an experiment; OPEN, and false for now, if it has no result. An experiment that was not made says no. */
    Truth ask(ExperimentName name, Predicate<Experiment> question) {
        return ask(name, question, unfinished -> false);
    }

    /** Asks the repetitions of control and variant; OPEN while they run. */
    Truth askConfirmation(Predicate<Confirmation> question) {
        return followUp.confirmation().isEmpty() && pending.containsKey(ExperimentName.CONFIRMATION)
                ? Truth.open(false, ExperimentName.CONFIRMATION)
                : Truth.of(followUp.confirmation().filter(question).isPresent());
    }

    /** Asks how an experiment ended, unfinished ones included; OPEN while it runs. */
    Truth askEnd(ExperimentName name, FailureKind kind) {
        Experiment made = byName.get(name);
        return made == null && pending.containsKey(name)
                ? Truth.open(false, name)
                : Truth.of(made != null && made.failedWith(kind));
    }

    /** The same, where an unfinished experiment says something, too. */
    Truth ask(ExperimentName name, Predicate<Experiment> question, Predicate<Experiment> unfinished) {
        Experiment made = byName.get(name);
        if (made == null) {
            return pending.containsKey(name) ? Truth.open(false, name) : Truth.FALSE;
        }
        return ExperimentResults.isUnfinished(made)
                ? Truth.open(unfinished.test(made), name)
                : Truth.of(question.test(made));
    }
}
