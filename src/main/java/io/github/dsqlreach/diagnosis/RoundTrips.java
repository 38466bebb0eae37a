package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Phase;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** How long each connection took to be established: the distance to the server, and whether packets get lost. */
final class RoundTrips {
    /** A shorter round trip, in milliseconds, is too noisy to tell near from far. */
    private static final double SHORTEST_RELIABLE = 10;
    /** A longer one may be that of a SYN that was sent again. */
    private static final double LONGEST_RELIABLE = 900;
    /** One measurement is not enough on a busy machine. */
    private static final int RELIABLE = 2;

    /** Milliseconds after which systems send a SYN again, and how late they may be. */
    private static final double RETRANSMISSION = 1_000;

    private static final double LATEST_RETRANSMISSION = 100;
    private static final double ERROR = 150;
    /** Many packets get lost if at least one of this many connections is late. */
    private static final int MANY = 3;

    /** The experiments that connect to the address that the attempt connected to. */
    private static final Set<ExperimentName> TO_SERVER = EnumSet.of(
            ExperimentName.SAME_AGAIN,
            ExperimentName.DIRECT_TLS,
            ExperimentName.SSL_REQUEST_TLS,
            ExperimentName.SSL_REQUEST_ONLY,
            ExperimentName.OTHER_SNI,
            ExperimentName.TLS_1_2,
            ExperimentName.SMALL_SEGMENTS,
            ExperimentName.REFUSED_HELLO,
            ExperimentName.IDLE,
            ExperimentName.PLAIN_START,
            ExperimentName.BEHIND_TLS,
            ExperimentName.WEB_REQUEST);

    private static final Set<ExperimentName> ELSEWHERE =
            EnumSet.of(ExperimentName.OTHER_ADDRESS, ExperimentName.CONTROL_443, ExperimentName.WEB_SOCKET_443);

    private final String address;
    /** To the attempt's address and port: a transparent proxy may answer on port 443. */
    private final List<Double> toServer;
    /** To any address. */
    private final List<Double> all;
    /** Of experiments that are connected and still run. */
    private final List<Double> running;
    /** Experiments that still run and are not connected. */
    private final Set<ExperimentName> unconnected = EnumSet.noneOf(ExperimentName.class);
    /** Experiments that still run, and connected so late that a packet was lost. */
    private final Set<ExperimentName> connectedLate = EnumSet.noneOf(ExperimentName.class);

    private final Set<ExperimentName> connected = EnumSet.noneOf(ExperimentName.class);

    /**
     * Of an attempt, of another one after it, and of its experiments.
     *
     * @param pending the experiments that still run, with what they have observed so far
     */
    RoundTrips(Attempt attempt, FollowUp followUp, Map<ExperimentName, Evidence> pending) {
        List<Experiment> experiments = followUp.experiments();
        Evidence tcp = attempt.evidence(Phase.TCP);
        Optional<Evidence> repeated = followUp.repeated().map(again -> again.evidence(Phase.TCP));
        address = tcp.get(Evidence.ADDRESS)
                .map(text -> HostAndPort.parse(text, 0).host())
                .orElse("");
        toServer = millis(
                tcp,
                repeated.filter(again -> again.get(Evidence.ADDRESS).equals(tcp.get(Evidence.ADDRESS))),
                experiments.stream().filter(this::isToServer));
        all = millis(tcp, repeated, experiments.stream());
        running = new ArrayList<>();
        pending.forEach((name, observed) -> note(name, observed.get(Evidence.ROUND_TRIP_MILLIS)));
    }

    private void note(ExperimentName name, Optional<Double> millis) {
        if (millis.isPresent()) {
            running.add(millis.get());
            connected.add(name);
            if (isLate(millis.get())) {
                connectedLate.add(name);
            }
        } else if (TO_SERVER.contains(name) || ELSEWHERE.contains(name)) {
            unconnected.add(name);
        }
    }

    private static List<Double> millis(Evidence first, Optional<Evidence> repeated, Stream<Experiment> experiments) {
        return Stream.concat(
                        Stream.concat(Stream.of(first), repeated.stream()), experiments.map(e -> e.evidence(Phase.TCP)))
                .flatMap(evidence -> evidence.get(Evidence.ROUND_TRIP_MILLIS).stream())
                .toList();
    }

    /** It connected to the address of the attempt. */
    boolean isToServer(Experiment experiment) {
        return experiment.name() != ExperimentName.WEB_SOCKET_443
                && experiment.evidence(Phase.TCP).get(Evidence.ADDRESS).equals(Optional.of(address));
    }

    /**
     * The round trip in milliseconds: the shortest of all connections to the same address, because a busy machine makes
     * them look longer; 0 if unknown.
     */
    double shortest() {
        return toServer.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    }

    /** Less than half of the shortest round trip: no answer of the server can be so fast. */
    boolean isTooSoonForServer(double millis) {
        return toServer.size() >= RELIABLE
                && shortest() >= SHORTEST_RELIABLE
                && shortest() <= LONGEST_RELIABLE
                && millis < shortest() / 2;
    }

    int connections() {
        return all.size();
    }

    /** The number of connections that took whole seconds longer than another one, as after a lost SYN. */
    long late() {
        return all.stream().filter(this::isLate).count();
    }

    private boolean isLate(double millis) {
        // The shortest one known may be too long on a busy machine, hence the error.
        double more = millis - shortest() + ERROR;
        return more >= RETRANSMISSION && more % RETRANSMISSION < ERROR + LATEST_RETRANSMISSION;
    }

    /** The experiments to the attempt's address that still run and are not connected. */
    Set<ExperimentName> unconnectedToServer() {
        Set<ExperimentName> names = EnumSet.copyOf(TO_SERVER);
        names.retainAll(unconnected);
        return names;
    }

    /** Packets get lost; open while an experiment that is not connected, or was late, may still show it. */
    Truth loss() {
        if (late() > 0) {
            return Truth.TRUE;
        }
        return new Truth(false, Truth.union(unconnected, connectedLate));
    }

    /** So many get lost that a single timeout tells nothing; open while connections can still change the share. */
    Truth muchLoss() {
        int open = unconnected.size();
        int timely = running.size() - connectedLate.size();
        boolean atBest = isMuch(late() + connectedLate.size() + open, connections() + connectedLate.size() + open);
        boolean atWorst = isMuch(late(), connections() + timely + open);
        return atBest == atWorst
                ? Truth.of(atBest)
                : new Truth(isMuch(late(), connections()), Truth.union(unconnected, connected));
    }

    private static boolean isMuch(long late, long connections) {
        return late > 1 && late * MANY >= connections;
    }
}
