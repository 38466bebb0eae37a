package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.Walk;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What the rules look at: a walk that failed and its experiments, with the questions that rules ask. */
record Facts(Endpoint endpoint, Walk walk, List<Experiment> experiments) {

    PhaseResult failed() {
        return walk.failed().orElseThrow();
    }

    Phase layer() {
        return failed().phase();
    }

    FailureKind kind() {
        return failed().failure().orElseThrow().kind();
    }

    Evidence evidence() {
        return failed().evidence();
    }

    boolean at(Phase phase) {
        return layer() == phase;
    }

    boolean failedWith(FailureKind... kinds) {
        return List.of(kinds).contains(kind());
    }

    /** The connection broke or went silent, in whatever way: what a device on the way does. */
    boolean cut() {
        return failedWith(FailureKind.RESET, FailureKind.TIMEOUT, FailureKind.CLOSED);
    }

    Optional<Experiment> experiment(ExperimentName name) {
        return experiments.stream().filter(e -> e.name().equals(name.id())).findFirst();
    }

    boolean passed(ExperimentName name) {
        return experiment(name).filter(Experiment::passed).isPresent();
    }

    boolean failed(ExperimentName name) {
        return experiment(name).filter(e -> !e.passed()).isPresent();
    }

    /** What proves its name here is a cluster: by a cluster's name, against the JDK's roots and not the user's own. */
    boolean isProvenCluster() {
        return endpoint.isClusterName() && endpoint.trust().equals(Trust.jdk());
    }

    /** Time was up while the conversation still went on: the last message was sent late in the phase. */
    boolean slow() {
        return layer().compareTo(Phase.AUTH) >= 0
                && failedWith(FailureKind.TIMEOUT)
                && evidence().number(Evidence.AFTER_MILLIS).orElse(Double.MAX_VALUE) < failed().millis() / 2;
    }

    /** The experiment was cut off in the way that a device on the way does it. */
    boolean cut(ExperimentName name) {
        return experiment(name)
                .filter(e -> e.failedWith(FailureKind.RESET)
                        || e.failedWith(FailureKind.TIMEOUT)
                        || e.failedWith(FailureKind.CLOSED))
                .isPresent();
    }

    /** The experiment failed just as the walk did. */
    boolean alike(ExperimentName name) {
        return experiment(name).filter(e -> e.failedWith(kind())).isPresent();
    }

    /** The failure showed in another way when it was repeated. */
    boolean contradicted() {
        return Stream.of(ExperimentName.SAME_AGAIN, ExperimentName.WALK_AGAIN)
                .anyMatch(again -> experiment(again).isPresent() && !alike(again));
    }

    /**
     * It fails by chance: the same attempt passed when repeated, or another name passed and this one got through as
     * well, so that the name is not the reason, or repeating both ways gave other results.
     */
    boolean byChance() {
        return passed(ExperimentName.SAME_AGAIN)
                || failed(ExperimentName.CONFIRMATION)
                || passed(ExperimentName.OTHER_SNI)
                        && (answered(ExperimentName.TLS_1_2) || answered(ExperimentName.SAME_AGAIN));
    }

    /** The walk ended at its ClientHello, and that experiment's was answered. */
    private boolean answered(ExperimentName name) {
        return after("ClientHello")
                && experiment(name)
                        .filter(e -> e.passed()
                                || e.evidence()
                                        .text(Evidence.AFTER)
                                        .filter("handshake"::equals)
                                        .isPresent())
                        .isPresent();
    }

    boolean after(String message) {
        return evidence().text(Evidence.AFTER).filter(message::equals).isPresent();
    }

    Optional<String> text(String name) {
        return evidence().text(name);
    }

    /**
     * The connection's round trip in milliseconds: the shortest that a connection to the same address took, because a
     * busy machine makes them look longer; 0 if unknown.
     */
    double roundTrip() {
        Evidence tcp = walk.result(Phase.TCP).evidence();
        String address = tcp.text(Evidence.ADDRESS).orElse("").replaceFirst("^\\[?(.*?)]?:\\d+$", "$1");
        return Stream.concat(
                        Stream.of(tcp),
                        experiments.stream()
                                .map(Experiment::evidence)
                                .filter(evidence -> evidence.text(Evidence.ADDRESS)
                                        .filter(address::equals)
                                        .isPresent()))
                .flatMapToDouble(evidence -> evidence.number(Evidence.ROUND_TRIP_MILLIS).stream())
                .min()
                .orElse(0);
    }
}
