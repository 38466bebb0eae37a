package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Diagnosis.Origin;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.internal.probe.CredentialsProblem;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What the rules look at: a failed phase of an attempt and its experiments, with the questions that rules ask. What follows
 * from facts (near or far, slow, by chance) is derived here and nowhere else.
 */
final class Facts {
    /** So many tries that did not even connect, after an attempt that did, are an answer to the tries. */
    private static final int TELLING_REFUSALS = 2;

    /** From here on experiments may not get to their end in their share of the usual time. */
    private static final double LONG_ROUND_TRIP = 500;

    /** A login takes four, and a packet that is lost on the way as many again. */
    private static final double FEW_ROUND_TRIPS = 8;

    /** No machine that has a processor needs so many milliseconds to notice anything. */
    private static final double STARVED = 3_000;

    /** A C library waits 5 s for each try; what a resolver answers, even "not now", comes earlier. */
    private static final double SHORTEST_RESOLVER_TIMEOUT = 4_500;

    private final Endpoint endpoint;
    private final Attempt attempt;
    private final List<Experiment> experiments;
    private final Tries tries;
    private final PhaseResult failed;
    private final RoundTrips roundTrips;

    private Facts(Endpoint endpoint, Attempt attempt, List<Experiment> experiments, Tries tries, PhaseResult failed) {
        this.endpoint = endpoint;
        this.attempt = attempt;
        this.experiments = List.copyOf(experiments);
        this.tries = tries;
        this.failed = failed;
        this.roundTrips = new RoundTrips(attempt, experiments);
    }

    /** Of the first phase that failed, when all experiments are over. */
    static Facts of(Endpoint endpoint, Attempt attempt, List<Experiment> experiments) {
        return new Facts(
                endpoint,
                attempt,
                experiments,
                new Tries(experiments, Set.of()),
                attempt.failed().orElseThrow());
    }

    /** Of what stopped it on the network, while these experiments still run. */
    static Facts ofNetwork(
            Endpoint endpoint, Attempt attempt, List<Experiment> experiments, Set<ExperimentName> pending) {
        return new Facts(endpoint, attempt, experiments, new Tries(experiments, pending), obstacle(attempt));
    }

    /** The failure on the network; the first of all where there is none. */
    static PhaseResult obstacle(Attempt attempt) {
        return attempt.results().stream()
                .filter(result -> result.failed() && result.phase() != Phase.TOKEN)
                .findFirst()
                .orElseGet(() -> attempt.failed().orElseThrow());
    }

    /** The same of another phase that failed as well. */
    Facts about(PhaseResult other) {
        return new Facts(endpoint, attempt, experiments, tries, other);
    }

    Endpoint endpoint() {
        return endpoint;
    }

    Attempt attempt() {
        return attempt;
    }

    List<Experiment> experiments() {
        return experiments;
    }

    PhaseResult failed() {
        return failed;
    }

    Tries tries() {
        return tries;
    }

    RoundTrips roundTrips() {
        return roundTrips;
    }

    Phase layer() {
        return failed.phase();
    }

    FailureKind kind() {
        return failed.failure().orElseThrow().kind();
    }

    Evidence evidence() {
        return failed.evidence();
    }

    Optional<String> text(String name) {
        return evidence().text(name);
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

    /** What was sent last before the failure. */
    Optional<SentMessage> after() {
        return after(evidence());
    }

    private static Optional<SentMessage> after(Evidence evidence) {
        return evidence.text(Evidence.AFTER).flatMap(SentMessage::of);
    }

    /**
     * TLS got up in the experiment, and the server proved its name, unless the user does not ask for proof. What got lost
     * behind that is another matter.
     */
    boolean verified(ExperimentName name) {
        return tries.of(name)
                .or(() -> tries.unfinished(name))
                .filter(Tries::gotTlsUp)
                .filter(e ->
                        e.evidence().is(Evidence.VERIFIED) || endpoint.trust().mode() != Trust.Mode.VERIFY_FULL)
                .isPresent();
    }

    /** The experiment failed just as the attempt did. */
    boolean alike(ExperimentName name) {
        return tries.of(name).filter(e -> e.failedWith(kind())).isPresent();
    }

    // What follows

    /** TCP goes to the cluster itself, through no tunnel and no proxy. */
    boolean isDirect() {
        return endpoint.connectTo().isEmpty() && !isThroughProxy();
    }

    /** TCP goes to an HTTP proxy. */
    boolean isThroughProxy() {
        return attempt.result(Phase.DNS).evidence().has(Evidence.PROXY);
    }

    /** What proves its name here is a cluster: by a cluster's name, against the JDK's roots and not the user's own. */
    boolean isProvenCluster() {
        return endpoint.isClusterName() && endpoint.trust().equals(Trust.jdk());
    }

    /**
     * The server that spoke had proven to be the cluster as far as the user asks for proof, and showed no certificate that
     * the trusted roots refuse. Before that, words are anybody's.
     */
    boolean serverIsProven() {
        PhaseResult tls = attempt.result(Phase.TLS);
        return tls.passed() && !tls.evidence().has(Evidence.CERTIFICATE_PROBLEM);
    }

    /** Time was up while the conversation still went on: the last message was sent late in the phase. */
    boolean slow() {
        return layer().compareTo(Phase.AUTH) >= 0
                && failedWith(FailureKind.TIMEOUT)
                && evidence().number(Evidence.AFTER_MILLIS).orElse(Double.MAX_VALUE) < failed.millis() / 2;
    }

    /** The time allowed held so few round trips that no login could be sure to end in it. */
    boolean heldFewRoundTrips() {
        return failed.millis() < FEW_ROUND_TRIPS * roundTrips.shortest();
    }

    /** The credentials' source did not answer while this machine had no time for the network either. */
    boolean gotNoTimeForCredentials() {
        return CredentialsProblem.in(evidence())
                        .filter(CredentialsProblem.NO_ANSWER::equals)
                        .isPresent()
                && (isStarved()
                        || attempt.results().stream().anyMatch(result -> result.failedWith(FailureKind.OUT_OF_TIME)));
    }

    /** A single connection stood, and this machine took seconds more to notice it. */
    private boolean isStarved() {
        PhaseResult tcp = attempt.result(Phase.TCP);
        return isDirect()
                && tcp.passed()
                && tcp.evidence().list(Evidence.ATTEMPTS).size() == 1
                && tcp.millis()
                                - tcp.evidence()
                                        .number(Evidence.ROUND_TRIP_MILLIS)
                                        .orElse(tcp.millis())
                        >= STARVED;
    }

    /** What was sent behind TLS is not confirmed by the other side, however often it is sent again: lost, or late. */
    boolean isNotArriving() {
        return layer().compareTo(Phase.AUTH) >= 0
                && failedWith(FailureKind.TIMEOUT)
                && evidence().number(Evidence.UNACKNOWLEDGED_BYTES).orElse(0) > 0
                && evidence().number(Evidence.RETRANSMISSIONS).orElse(0) > 0;
    }

    /** The error of this machine that the attempt met; for a lookup also one that the same question met again. */
    Optional<FailureKind> localError() {
        if (kind().isLocal()) {
            return Optional.of(kind());
        }
        return at(Phase.DNS) && failedWith(FailureKind.NAME_LOOKUP_FAILED)
                ? tries.localError(ExperimentName.DNS_A)
                : Optional.empty();
    }

    /** The lookup failed only after the system had waited for a resolver that did not answer. */
    boolean lookupWaited() {
        return failed.millis() >= SHORTEST_RESOLVER_TIMEOUT;
    }

    /** The failure showed in another way when it was repeated. */
    boolean contradicted() {
        return !at(Phase.TOKEN)
                && Stream.of(ExperimentName.SAME_AGAIN, ExperimentName.WALK_AGAIN)
                        .anyMatch(again -> tries.of(again).isPresent() && !alike(again));
    }

    /** Packets get lost, and another attempt was silent too, but behind this phase: neither tells where. */
    boolean isSilentHereAndThere() {
        return failedWith(FailureKind.TIMEOUT)
                && roundTrips.showLoss()
                && tries.gotBehind(layer(), ExperimentName.WALK_AGAIN);
    }

    /**
     * Where packets get lost, two connections that were ended in the same way say more than one that fell silent at the
     * same place.
     */
    boolean isPlainerThanSilence(PhaseResult other) {
        return failedWith(FailureKind.TIMEOUT)
                && roundTrips.showLoss()
                && at(other.phase())
                && Stream.of(FailureKind.RESET, FailureKind.CLOSED, FailureKind.TLS_ALERT)
                        .anyMatch(end -> other.failedWith(end) && tries.failed(ExperimentName.SAME_AGAIN, end));
    }

    /** It comes and goes: unchanged it passed as well. */
    boolean byChance() {
        if (at(Phase.DNS)) {
            return (failedWith(FailureKind.TIMEOUT) || failedWith(FailureKind.NAME_LOOKUP_FAILED) && lookupWaited())
                    && (tries.passed(ExperimentName.DNS_A) || tries.passed(ExperimentName.DNS_AAAA));
        }
        return tries.passed(ExperimentName.SAME_AGAIN)
                || at(Phase.TLS)
                        && after().filter(SentMessage.SSL_REQUEST::equals).isPresent()
                        && sslRequestWasAnswered()
                || tries.of(ExperimentName.CONFIRMATION)
                        .filter(Confirmation::passedUnchanged)
                        .isPresent();
    }

    /** The failure is no single event: it was repeated, and where packets get lost, once does not count for silence. */
    boolean isRepeated() {
        if (triesAreAnswered()) {
            return true;
        }
        return failedWith(FailureKind.TIMEOUT)
                ? !isTooFar() && !roundTrips.showLoss()
                : tries.of(ExperimentName.SAME_AGAIN).isPresent()
                        || tries.unfinished(ExperimentName.SAME_AGAIN).isPresent();
    }

    /** The round trip is so long, or unknown, that another try did not come to its end. */
    boolean isTooFar() {
        return tries.of(ExperimentName.SAME_AGAIN).isEmpty()
                && tries.unfinished(ExperimentName.SAME_AGAIN).isPresent()
                && (at(Phase.TCP) || roundTrips.shortest() >= LONG_ROUND_TRIP);
    }

    /** The failure and that change, both repeated, came out as they must if the change is the reason. */
    boolean isConfirmed(ExperimentName change) {
        return tries.of(ExperimentName.CONFIRMATION)
                .filter(confirmation -> Confirmation.blames(confirmation, change))
                .isPresent();
    }

    /** A failure of these kinds can be chance; others say what they are. */
    boolean mayBeChance() {
        return cut() || failedWith(FailureKind.TLS_ALERT);
    }

    /**
     * The server's name got through in the ClientHello, in another try or in this one: something answered it, be it with
     * a refusal. Then the name is not the reason.
     */
    boolean nameGotThrough() {
        return after().filter(SentMessage.HANDSHAKE::equals).isPresent()
                // Where the failure is an alert, the refusal may be the same device's.
                || !failedWith(FailureKind.TLS_ALERT) && tries.passed(ExperimentName.REFUSED_HELLO)
                || Stream.of(ExperimentName.TLS_1_2, ExperimentName.SMALL_SEGMENTS, ExperimentName.SAME_AGAIN)
                        .anyMatch(this::answeredTheHello);
    }

    private boolean answeredTheHello(ExperimentName name) {
        return tries.of(name)
                .filter(e -> e.passed()
                        || after(e.evidence())
                                .filter(SentMessage.HANDSHAKE::equals)
                                .isPresent())
                .isPresent();
    }

    /** Not even the small packets came any more that confirm what this machine sent, however often it was sent again. */
    private boolean nothingComesBack() {
        return evidence().number(Evidence.UNACKNOWLEDGED_BYTES).orElse(0) > 0
                && evidence().number(Evidence.RETRANSMISSIONS).orElse(0) > 1;
    }

    /** Small answers come back, and the handshake, which needs large packets, is silent unchanged and with another name. */
    boolean onlySmallAnswersPass() {
        return tries.passed(ExperimentName.REFUSED_HELLO)
                && tries.failed(ExperimentName.OTHER_SNI, FailureKind.TIMEOUT)
                && tries.failed(ExperimentName.SAME_AGAIN, FailureKind.TIMEOUT)
                && !tries.failed(ExperimentName.SMALL_SEGMENTS, FailureKind.TIMEOUT)
                && !nothingComesBack();
    }

    /** More of the server's answer came in small packets than ever came otherwise. */
    boolean gotFurtherInSmallSegments() {
        double otherwise = Stream.concat(
                        Stream.of(evidence()), tries.of(ExperimentName.SAME_AGAIN).map(Experiment::evidence).stream())
                .mapToDouble(Facts::received)
                .max()
                .orElseThrow();
        return otherwise > 0
                && !nothingComesBack()
                && tries.failed(ExperimentName.SAME_AGAIN, FailureKind.TIMEOUT)
                && tries.of(ExperimentName.SMALL_SEGMENTS)
                        .or(() -> tries.unfinished(ExperimentName.SMALL_SEGMENTS))
                        .filter(small -> received(small.evidence()) > otherwise)
                        .isPresent();
    }

    private static double received(Evidence evidence) {
        return evidence.number(Evidence.BYTES_RECEIVED).orElse(0);
    }

    /** Something that is not TLS was answered on that port, or a part of the server's TLS came back. */
    boolean somethingElseAnswered() {
        return saidYes(evidence())
                || after().filter(SentMessage.HANDSHAKE::equals).isPresent()
                || tries.passed(ExperimentName.PLAIN_START)
                || tries.passed(ExperimentName.SSL_REQUEST_ONLY)
                || tries.passed(ExperimentName.WEB_REQUEST)
                || tries.failed(ExperimentName.WEB_REQUEST, FailureKind.UNEXPECTED_ANSWER)
                || Stream.of(ExperimentName.SSL_REQUEST_TLS, ExperimentName.SAME_AGAIN)
                        .flatMap(name -> tries.of(name).stream())
                        .anyMatch(e -> saidYes(e.evidence()));
    }

    /** In a try that began as the attempt did. */
    private boolean sslRequestWasAnswered() {
        return tries.passed(ExperimentName.SSL_REQUEST_ONLY)
                || tries.of(ExperimentName.SAME_AGAIN)
                        .filter(again -> saidYes(again.evidence()))
                        .isPresent();
    }

    private static boolean saidYes(Evidence evidence) {
        return evidence.text(Evidence.SSL_REQUEST_ANSWER).filter("S"::equals).isPresent();
    }

    /** Whatever was sent, TLS or not, met the same end, and nothing was ever answered. */
    boolean anyDataIsCut() {
        return cut()
                && tries.cut(ExperimentName.PLAIN_START)
                // To be closed is an answer, where all else meets silence.
                && tries.of(ExperimentName.WEB_REQUEST)
                        .filter(e -> Tries.connected(e) && !e.failedWith(kind()))
                        .isEmpty()
                && !somethingElseAnswered()
                // Where there is another address, it must have had its chance.
                && tries.unfinished(ExperimentName.OTHER_ADDRESS).isEmpty()
                && !tries.passed(ExperimentName.OTHER_ADDRESS)
                && tries.of(ExperimentName.DIRECT_TLS)
                        .or(() -> tries.of(ExperimentName.SSL_REQUEST_TLS))
                        .filter(Tries::isCut)
                        .isPresent();
    }

    /** TLS is not what ends the connection. */
    boolean endsByItself() {
        return at(Phase.TLS) && tries.cut(ExperimentName.IDLE) && !byChance();
    }

    /**
     * After an attempt that got further, the experiments do not even connect to that address any more, or their SSLRequest is
     * not answered any more: the network answers the tries themselves, by a ban or a limit, and what they say about
     * changes counts for nothing.
     */
    boolean triesAreAnswered() {
        if (layer().compareTo(Phase.TLS) < 0) {
            return false;
        }
        if (saidYes(evidence())
                && Stream.of(ExperimentName.SSL_REQUEST_ONLY, ExperimentName.SAME_AGAIN)
                        .allMatch(name -> tries.of(name)
                                .filter(e -> Tries.isCut(e)
                                        && after(e.evidence())
                                                .filter(SentMessage.SSL_REQUEST::equals)
                                                .isPresent())
                                .isPresent())) {
            return true;
        }
        return experiments.stream()
                        .filter(roundTrips::isToServer)
                        .filter(e -> !Tries.connected(e) && !Tries.isUnfinished(e))
                        .count()
                >= TELLING_REFUSALS;
    }

    /** Who ended the connection: an answer that came sooner than the server's could is not the server's. */
    Origin origin() {
        // Behind TLS the answer may belong to an earlier message than the last one.
        return at(Phase.TLS)
                        && isDirect()
                        && failedWith(FailureKind.RESET, FailureKind.TLS_ALERT, FailureKind.CLOSED)
                        && roundTrips.isTooSoonForServer(
                                evidence().number(Evidence.AFTER_MILLIS).orElse(Double.MAX_VALUE))
                ? Origin.NEARBY
                : Origin.UNKNOWN;
    }

    /** Direct TLS to a server that selected no application protocol, as no PostgreSQL does, and then said nothing. */
    boolean selectedNoProtocol() {
        Evidence tls = attempt.result(Phase.TLS).evidence();
        return evidence().number(Evidence.BYTES_RECEIVED).orElse(0) == 0
                && tls.text(Evidence.NEGOTIATION)
                        .filter(Negotiation.DIRECT.parameter()::equals)
                        .isPresent()
                && !tls.has(Evidence.ALPN);
    }

    /**
     * Roots of the user's own, and a certificate that came without the one that signed it: an interceptor's, or that of a
     * server that keeps its intermediate one back.
     */
    boolean certificateCameAlone() {
        return !endpoint.trust().equals(Trust.jdk())
                && evidence().number(Evidence.CHAIN_LENGTH).orElse(0) == 1;
    }

    /** The hosts file that leads to these addresses in the place of DNS. */
    Optional<String> hostsFile() {
        return attempt.result(Phase.DNS).evidence().text(Evidence.HOSTS_FILE);
    }

    /** The network that leads to these addresses is a private one: a VPC's, as with PrivateLink. */
    boolean isPrivate() {
        List<String> addresses = attempt.result(Phase.DNS).evidence().list(Evidence.ADDRESSES);
        return isDirect()
                && !addresses.isEmpty()
                && addresses.stream()
                        .allMatch(address -> address.matches(
                                "10\\..*|192\\.168\\..*|172\\.(1[6-9]|2\\d|3[01])\\..*|f[cd][0-9a-f]{2}:.*"));
    }
}
