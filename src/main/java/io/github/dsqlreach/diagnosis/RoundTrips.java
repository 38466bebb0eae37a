package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Phase;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** How long connecting took, over and over: how far the cluster is, and whether packets get lost on the way. */
final class RoundTrips {
    /** Below this, a round trip is too short and too noisy to tell near from far. */
    private static final double SHORTEST_TELLING = 10;
    /** From here on it may be a second or third try of a lost packet. */
    private static final double LONGEST_TELLING = 900;
    /** One measurement, on a busy machine, is no yardstick. */
    private static final int TELLING = 2;

    /** Milliseconds after which systems send again what begins a connection, and how late they may be. */
    private static final double SECOND_TRY = 1_000;

    private static final double LATEST_SECOND_TRY = 100;
    private static final double ERROR = 150;
    /** One of so many. */
    private static final int MANY = 3;

    private final String address;
    /** To the attempt's address and port; what answers on the cluster's port 443 may be a proxy that nobody sees. */
    private final List<Double> toServer;
    /** To whatever address. */
    private final List<Double> all;

    RoundTrips(Attempt attempt, List<Experiment> experiments) {
        Evidence connected = attempt.result(Phase.TCP).evidence();
        address = connected
                .text(Evidence.ADDRESS)
                .map(text -> HostAndPort.parse(text, 0).host())
                .orElse("");
        toServer = millis(connected, experiments.stream().filter(this::isToServer));
        all = millis(connected, experiments.stream());
    }

    private static List<Double> millis(Evidence first, Stream<Experiment> experiments) {
        return Stream.concat(Stream.of(first), experiments.map(Experiment::evidence))
                .flatMapToDouble(evidence -> evidence.number(Evidence.ROUND_TRIP_MILLIS).stream())
                .boxed()
                .toList();
    }

    /** It went where the attempt went. */
    boolean isToServer(Experiment experiment) {
        return !experiment.name().equals(ExperimentName.WEB_SOCKET_443.id())
                && experiment.evidence().text(Evidence.ADDRESS).equals(Optional.of(address));
    }

    /**
     * The connection's round trip in milliseconds: the shortest that a connection to the same address took, because a
     * busy machine makes them look longer; 0 if unknown.
     */
    double shortest() {
        return toServer.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    }

    /** Less than half of the shortest round trip, which no answer of the server's can undercut. */
    boolean isTooSoonForServer(double millis) {
        return toServer.size() >= TELLING
                && shortest() >= SHORTEST_TELLING
                && shortest() <= LONGEST_TELLING
                && millis < shortest() / 2;
    }

    int connections() {
        return all.size();
    }

    /** Connections that took whole seconds longer than another one, after which a system sends its first packet again. */
    long late() {
        // The shortest known is none too short where a machine is busy.
        return all.stream()
                .mapToDouble(millis -> millis - shortest() + ERROR)
                .filter(more -> more >= SECOND_TRY && more % SECOND_TRY < ERROR + LATEST_SECOND_TRY)
                .count();
    }

    /** The way loses packets. */
    boolean showLoss() {
        return late() > 0;
    }

    /** It loses so many that a single try which got no answer tells nothing. */
    boolean showMuchLoss() {
        return late() > 1 && late() * MANY >= connections();
    }
}
