package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What came of the experiments, by name. One that is still running, or did not finish, says nothing; that a rule asked for
 * it is remembered, so that whoever waits knows which ones could still change the answer.
 */
final class Tries {
    /** Evidence of a further attempt: the phase at which it stopped. */
    static final String STOPPED_AT = "stoppedAt";

    private final Map<ExperimentName, Experiment> byName = new EnumMap<>(ExperimentName.class);
    private final Set<ExperimentName> pending;
    private final Set<ExperimentName> missed = EnumSet.noneOf(ExperimentName.class);

    Tries(List<Experiment> experiments, Set<ExperimentName> pending) {
        experiments.forEach(e -> ExperimentName.of(e.name()).ifPresent(name -> byName.putIfAbsent(name, e)));
        this.pending = pending;
    }

    /** What came of it; empty if it was not made, still runs or did not finish. */
    Optional<Experiment> of(ExperimentName name) {
        Optional<Experiment> made = Optional.ofNullable(byName.get(name));
        if (made.isEmpty() && pending.contains(name)
                || made.filter(Tries::isUnfinished).isPresent()) {
            missed.add(name);
            return Optional.empty();
        }
        return made;
    }

    /** The error of this machine that kept it from saying anything. */
    Optional<FailureKind> localError(ExperimentName name) {
        Optional<Experiment> made = Optional.ofNullable(byName.get(name));
        if (made.isEmpty() && pending.contains(name)) {
            missed.add(name);
        }
        return made.flatMap(Experiment::failure).map(Failure::kind).filter(FailureKind::isLocal);
    }

    /** How far it got in its time, if it did not finish. */
    Optional<Experiment> unfinished(ExperimentName name) {
        return Optional.ofNullable(byName.get(name)).filter(Tries::isUnfinished);
    }

    /** The experiments that a rule has asked for and that said nothing yet. */
    Set<ExperimentName> missed() {
        return missed;
    }

    boolean passed(ExperimentName name) {
        return of(name).filter(Experiment::passed).isPresent();
    }

    boolean failed(ExperimentName name) {
        return of(name).filter(e -> !e.passed()).isPresent();
    }

    boolean failed(ExperimentName name, FailureKind kind) {
        return of(name).filter(e -> e.failedWith(kind)).isPresent();
    }

    /** An attempt stopped behind that phase, which passed in it. */
    boolean gotBehind(Phase phase, ExperimentName attempt) {
        return of(attempt)
                .flatMap(e -> e.evidence().text(STOPPED_AT))
                .filter(at -> Phase.valueOf(at).compareTo(phase) > 0)
                .isPresent();
    }

    /** The experiment connected, and was then cut off in the way that a device on the way does it. */
    boolean cut(ExperimentName name) {
        return of(name).filter(Tries::connected).filter(Tries::isCut).isPresent();
    }

    // Of one of them

    static boolean isUnfinished(Experiment experiment) {
        return experiment
                .failure()
                .filter(failure -> failure.kind() == FailureKind.OUT_OF_TIME
                        || failure.kind().isLocal())
                .isPresent();
    }

    static boolean isCut(Experiment experiment) {
        return experiment.failedWith(FailureKind.RESET)
                || experiment.failedWith(FailureKind.TIMEOUT)
                || experiment.failedWith(FailureKind.CLOSED);
    }

    /** It got as far as a connection. */
    static boolean connected(Experiment experiment) {
        return experiment.passed() || experiment.evidence().has(Evidence.ROUND_TRIP_MILLIS);
    }

    /** TLS was up, whether or not an answer came to what was sent through it in time. */
    static boolean gotTlsUp(Experiment experiment) {
        return experiment.passed()
                || experiment.evidence().has(Evidence.PROTOCOL)
                        && (experiment.failedWith(FailureKind.TIMEOUT) || isUnfinished(experiment));
    }

    /** The cluster, by its proven name, answered a login over its WebSocket. */
    static boolean webSocketWorks(List<Experiment> experiments) {
        return experiments.stream()
                .filter(e -> e.name().equals(ExperimentName.WEB_SOCKET_443.id()))
                .anyMatch(e -> e.passed() && e.evidence().is(Evidence.VERIFIED));
    }

    /** Whether it is worth an attempt: it works, or there was no time to tell, or a packet got lost behind its TLS. */
    static boolean webSocketMayWork(List<Experiment> experiments) {
        return webSocketWorks(experiments)
                || experiments.stream()
                        .filter(e -> e.name().equals(ExperimentName.WEB_SOCKET_443.id()))
                        .anyMatch(e ->
                                isUnfinished(e) || gotTlsUp(e) && e.evidence().is(Evidence.VERIFIED));
    }
}
