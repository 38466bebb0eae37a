package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Confirmation;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.SentMessage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Claims of a report that its own experiments contradict. It reads a report as a user does: cause, confidence, summary,
 * explanation and remedies on one side, attempt and experiments on the other. It uses none of the table's conditions.
 */
final class Contradictions {
    /** TLS to the address and port of the attempt. */
    private static final Set<ExperimentName> TLS_TO_SERVER = EnumSet.of(
            ExperimentName.SAME_AGAIN,
            ExperimentName.DIRECT_TLS,
            ExperimentName.SSL_REQUEST_TLS,
            ExperimentName.OTHER_SNI,
            ExperimentName.TLS_1_2,
            ExperimentName.SMALL_SEGMENTS);
    /** These also send something to the address and port of the attempt. */
    private static final Set<ExperimentName> OTHERS_TO_SERVER = EnumSet.of(
            ExperimentName.SSL_REQUEST_ONLY,
            ExperimentName.REFUSED_HELLO,
            ExperimentName.PLAIN_START,
            ExperimentName.WEB_REQUEST);
    /** What says that another server answers, or none. */
    private static final Set<Cause> ANOTHER_SERVER = EnumSet.of(
            Cause.DNS_SINKHOLED,
            Cause.NOT_POSTGRES,
            Cause.TLS_REFUSED,
            Cause.TLS_INTERCEPTED,
            Cause.HOSTNAME_MISMATCH,
            Cause.CERTIFICATE_EXPIRED,
            Cause.CERTIFICATE_CHAIN_INCOMPLETE,
            Cause.CERTIFICATE_UNACCEPTABLE,
            Cause.PORT_SILENT);
    /** What this machine knows of itself, without the network. */
    private static final Set<FailureKind> OF_THIS_MACHINE = EnumSet.of(
            FailureKind.ROOTS_UNREADABLE,
            FailureKind.JVM_SETTING,
            FailureKind.URL_PARAMETER,
            FailureKind.DRIVER_LIMIT,
            FailureKind.REGION_UNKNOWN,
            FailureKind.CREDENTIALS_NOT_FOUND,
            FailureKind.CREDENTIALS_EXPIRED,
            FailureKind.CREDENTIALS_FAILED);

    private final Endpoint endpoint;
    private final Attempt attempt;
    private final FollowUp followUp;
    private final Diagnosis diagnosis;
    private final PhaseResult failed;
    private final List<String> found = new ArrayList<>();

    private Contradictions(Endpoint endpoint, Attempt attempt, FollowUp followUp, Diagnosis diagnosis) {
        this.endpoint = endpoint;
        this.attempt = attempt;
        this.followUp = followUp;
        this.diagnosis = diagnosis;
        this.failed = attempt.failed().orElseThrow();
    }

    /** A sentence for each claim that is contradicted; none for a report about a passed attempt or about none. */
    static List<String> in(Reachability report) {
        return report.attempt().flatMap(Attempt::failed).isEmpty()
                ? List.of()
                : of(report.endpoint().orElseThrow(), report.attempt().get(), report.followUp(), report.diagnosis());
    }

    static List<String> of(Endpoint endpoint, Attempt attempt, FollowUp followUp, Diagnosis diagnosis) {
        Contradictions contradictions = new Contradictions(endpoint, attempt, followUp, diagnosis);
        contradictions.aboutWhere();
        contradictions.aboutTheServer();
        contradictions.aboutPayloads();
        contradictions.aboutTriggers();
        contradictions.aboutNames();
        contradictions.aboutRemedies();
        contradictions.aboutConfidence();
        return List.copyOf(contradictions.found);
    }

    private void aboutWhere() {
        claim(
                is(Cause.TLS_BLOCKED_ON_PORT) && !tlsUp(ExperimentName.WEB_SOCKET_443),
                "it blames the port, but the cluster's name did not pass on another port");
        claim(
                is(Cause.TLS_BLOCKED_EVERYWHERE)
                        && (tlsUp(ExperimentName.WEB_SOCKET_443)
                                || tlsUp(ExperimentName.CONTROL_443)
                                || TLS_TO_SERVER.stream()
                                        .filter(name -> name != ExperimentName.SAME_AGAIN)
                                        .anyMatch(this::tlsUp)),
                "it says that TLS is blocked everywhere, but TLS passed somewhere");
        claim(
                is(Cause.PORT_SILENT) && silent(ExperimentName.WEB_SOCKET_443) && silent(ExperimentName.CONTROL_443),
                "it sees the fault behind this port, but two other servers are silent, too");
        claim(
                is(Cause.TCP_TIMEOUT)
                        && diagnosis.summary().contains("drops port")
                        && noConnection(ExperimentName.WEB_SOCKET_443)
                        && noConnection(ExperimentName.CONTROL_443),
                "it says that a firewall drops this port, but no port of two other servers connects");
    }

    private void aboutTheServer() {
        boolean provenHere = TLS_TO_SERVER.stream().anyMatch(this::proven);
        claim(
                diagnosis.layer().filter(layer -> layer == Phase.TLS).isPresent()
                        && diagnosis.cause().filter(ANOTHER_SERVER::contains).isPresent()
                        && provenHere,
                "it says that another server or none answers, but the cluster was verified there");
        boolean provenAddress = provenHere
                || proven(ExperimentName.OTHER_ADDRESS)
                || proven(ExperimentName.WEB_SOCKET_443)
                        && experiment(ExperimentName.WEB_SOCKET_443)
                                .flatMap(e -> e.evidence(Phase.TCP).get(Evidence.ADDRESS))
                                .filter(attempt.result(Phase.DNS).evidence().list(Evidence.ADDRESSES)::contains)
                                .isPresent();
        claim(is(Cause.DNS_SINKHOLED) && provenAddress, "it doubts the address, but the cluster was verified there");
        claim(
                provenAddress && text().anyMatch(text -> text.contains("remove its line")),
                "it advises to remove an address at which the cluster was verified");
        claim(
                is(Cause.WEBSOCKET_REFUSED) && passed(ExperimentName.SAME_AGAIN),
                "it says that the WebSocket is refused, but it passed unchanged");
        claim(
                is(Cause.ADDRESS_FAILS) && passed(ExperimentName.SAME_AGAIN),
                "it says that the address fails, but it passed unchanged");
        claim(
                is(Cause.ADDRESS_FAILS) && !tlsUp(ExperimentName.OTHER_ADDRESS),
                "it says that one address fails, but TLS came up at no other one");
        claim(
                diagnosis.explanation().contains("AWS's API has the same address")
                        && experiment(ExperimentName.CONTROL_443)
                                .flatMap(e -> e.evidence(Phase.TCP).get(Evidence.ADDRESS))
                                .filter(attempt.result(Phase.DNS).evidence().list(Evidence.ADDRESSES)::contains)
                                .isEmpty(),
                "it says that AWS's API has the same address, but it has another one");
        claim(
                is(Cause.PORT_SILENT) && unacknowledged(),
                "it sees the fault behind this port, but what was sent was never acknowledged");
        claim(is(Cause.PORT_OF_WEBSOCKET) && endpoint.port() != 443, "it blames port 443, but the port is another one");
    }

    private void aboutPayloads() {
        boolean anyPayload = is(Cause.PORT_SILENT)
                || text().anyMatch(text -> text.contains("Any payload") || text.contains("any payload"));
        boolean answered = answered(failed.evidence())
                || Stream.concat(TLS_TO_SERVER.stream(), OTHERS_TO_SERVER.stream())
                        .flatMap(name -> experiment(name).stream())
                        .anyMatch(e -> e.passed() || answered(e.evidence(Phase.TLS)));
        claim(anyPayload && answered, "it says that any payload fails, but something was answered");
        claim(
                text().anyMatch(text -> text.contains("dle connection fails")) && passed(ExperimentName.IDLE),
                "it says that an idle connection fails, but it stayed open");
    }

    private void aboutTriggers() {
        claim(
                is(Cause.SNI_BLOCKED)
                        && Stream.of(ExperimentName.SAME_AGAIN, ExperimentName.TLS_1_2, ExperimentName.SMALL_SEGMENTS)
                                .anyMatch(this::tlsUp),
                "it blames the name, but TLS came up with the name");
        claim(
                diagnosis.explanation().contains("no ClientHello with the cluster's name was answered")
                        && (tlsUp(ExperimentName.DIRECT_TLS) || tlsUp(ExperimentName.SSL_REQUEST_TLS)),
                "it says that no ClientHello with the name was answered, but one was");
        claim(
                triggeredBy(ExperimentName.TLS_1_2)
                        && diagnosis.confidence() == Confidence.CONFIRMED
                        && passed(ExperimentName.OTHER_SNI),
                "it blames TLS 1.3 alone, but another change passed as well");
        claim(
                triggeredBy(ExperimentName.TLS_1_2)
                        && diagnosis.explanation().contains("does not handle TLS 1.3")
                        && failed.failedWith(FailureKind.TIMEOUT)
                        && unacknowledged()
                        && !diagnosis.explanation().contains("packets"),
                "it blames TLS 1.3, but the longer ClientHello was never acknowledged");
    }

    private void aboutNames() {
        claim(
                (is(Cause.DNS_NO_PUBLIC_NAMES) || is(Cause.DNS_NAME_NOT_FOUND) || is(Cause.DNS_FILTERED))
                        && (passed(ExperimentName.DNS_A) || passed(ExperimentName.DNS_AAAA)),
                "it says that the resolver does not know the name, but the resolver answered a query for it");
        claim(
                is(Cause.DNS_NO_PUBLIC_NAMES) && passed(ExperimentName.CONTROL_NAME),
                "it says that the resolver knows no public name, but it knows one");
    }

    private void aboutRemedies() {
        needs("Use TLS 1.2, which works here", tlsUp(ExperimentName.TLS_1_2));
        needs("Use direct TLS, which works here", passed(ExperimentName.DIRECT_TLS));
        needs("Use the SSLRequest, which works here", passed(ExperimentName.SSL_REQUEST_TLS));
        needs("Port 443 works here", proven(ExperimentName.WEB_SOCKET_443));
        needs("Another address of the cluster works", passed(ExperimentName.OTHER_ADDRESS));
        claim(
                diagnosis.summary().contains("set sslNegotiation=direct") && !tlsUp(ExperimentName.DIRECT_TLS),
                "it advises direct TLS, but direct TLS did not come up");
        claim(
                diagnosis.summary().contains("set sslNegotiation=postgres") && !tlsUp(ExperimentName.SSL_REQUEST_TLS),
                "it advises the SSLRequest, but TLS did not come up after it");
        claim(
                diagnosis.summary().contains("protocols=TLSv1.2") && !tlsUp(ExperimentName.TLS_1_2),
                "it advises TLS 1.2, but TLS 1.2 did not come up");
    }

    private void needs(String remedy, boolean proof) {
        claim(
                !proof && diagnosis.remedies().stream().anyMatch(text -> text.contains(remedy)),
                "it says \"" + remedy + "\", but the experiment did not show it");
    }

    /** CONFIRMED: known to this machine, told by the verified server, or repeated in the same way. */
    private void aboutConfidence() {
        if (diagnosis.confidence() != Confidence.CONFIRMED) {
            return;
        }
        PhaseResult about = diagnosis
                .layer()
                .map(attempt::result)
                .filter(PhaseResult::failed)
                .orElse(failed);
        FailureKind kind = about.failure().orElseThrow().kind();
        if (kind.isLocal() || OF_THIS_MACHINE.contains(kind)) {
            return;
        }
        boolean told = kind == FailureKind.SERVER_ERROR
                && about.phase().compareTo(Phase.TLS) > 0
                && !attempt.result(Phase.TLS).evidence().has(Evidence.CERTIFICATE_PROBLEM);
        Predicate<Experiment> alike = e -> e.failedWith(kind);
        boolean repeated = experiment(ExperimentName.SAME_AGAIN).filter(alike).isPresent()
                || repeated().filter(other -> other.failedWith(kind)).isPresent()
                || about.phase() == Phase.DNS
                        && (experiment(ExperimentName.DNS_A).filter(alike).isPresent()
                                || experiment(ExperimentName.DNS_AAAA)
                                        .filter(alike)
                                        .isPresent());
        boolean bothWays = followUp.confirmation().filter(Confirmation::holds).isPresent();
        boolean blames = diagnosis.details().trigger().isPresent();
        claim(!told && (blames ? !bothWays : !repeated), "it is confirmed, but nothing was repeated");
        claim(
                !told
                        && (experiment(ExperimentName.SAME_AGAIN)
                                        .filter(e -> !unfinished(e.failure()) && !e.failedWith(kind))
                                        .isPresent()
                                || repeated()
                                        .filter(other -> !unfinished(other.failure()) && !other.failedWith(kind))
                                        .isPresent()),
                "it is confirmed, but a repetition ended in another way");
    }

    private void claim(boolean contradicted, String how) {
        if (contradicted) {
            found.add(how + " (" + diagnosis.cause().map(Enum::name).orElse("") + ", rule "
                    + diagnosis.rule().orElse("") + ", " + diagnosis.confidence() + ")");
        }
    }

    private boolean is(Cause cause) {
        return diagnosis.cause().filter(cause::equals).isPresent();
    }

    private boolean triggeredBy(ExperimentName name) {
        return diagnosis.details().trigger().filter(name::equals).isPresent();
    }

    /** All that a user reads as a claim or an advice. */
    private Stream<String> text() {
        return Stream.concat(Stream.of(diagnosis.summary(), diagnosis.explanation()), diagnosis.remedies().stream());
    }

    private Optional<Experiment> experiment(ExperimentName name) {
        return followUp.experiment(name);
    }

    private boolean passed(ExperimentName name) {
        return experiment(name).filter(Experiment::passed).isPresent();
    }

    private boolean tlsUp(ExperimentName name) {
        return experiment(name)
                .filter(e -> e.passed() || e.evidence(Phase.TLS).has(Evidence.PROTOCOL))
                .isPresent();
    }

    /** A web server may have the cluster's certificate, too. */
    private boolean proven(ExperimentName name) {
        return tlsUp(name)
                && (name == ExperimentName.WEB_SOCKET_443
                        || !experiment(name).orElseThrow().failedWith(FailureKind.UNEXPECTED_ANSWER))
                && experiment(name)
                        .filter(e -> e.evidence(Phase.TLS).is(Evidence.VERIFIED))
                        .isPresent();
    }

    private boolean silent(ExperimentName name) {
        return experiment(name)
                .filter(e -> e.failedWith(FailureKind.TIMEOUT)
                        && e.evidence(Phase.TCP).has(Evidence.ROUND_TRIP_MILLIS)
                        && !e.evidence(Phase.TLS).has(Evidence.PROTOCOL)
                        && !answered(e.evidence(Phase.TLS)))
                .isPresent();
    }

    private boolean noConnection(ExperimentName name) {
        return experiment(name)
                .filter(e -> e.failedWith(FailureKind.TIMEOUT)
                        && !e.evidence(Phase.TCP).has(Evidence.ROUND_TRIP_MILLIS))
                .isPresent();
    }

    private static boolean answered(Evidence evidence) {
        return evidence.isOver(0, Evidence.BYTES_RECEIVED)
                || evidence.has(Evidence.SSL_REQUEST_ANSWER)
                || evidence.has(Evidence.PROTOCOL)
                || evidence.get(Evidence.AFTER)
                        .filter(SentMessage.HANDSHAKE::equals)
                        .isPresent();
    }

    private Optional<PhaseResult> repeated() {
        return followUp.repeated().map(Facts::networkFailure);
    }

    private static boolean unfinished(Optional<Failure> end) {
        return end.filter(failure -> failure.kind() == FailureKind.OUT_OF_TIME
                        || failure.kind().isLocal())
                .isPresent();
    }

    private boolean unacknowledged() {
        return failed.evidence().isOver(0, Evidence.UNACKNOWLEDGED_BYTES)
                && failed.evidence().isOver(0, Evidence.RETRANSMISSIONS);
    }
}
