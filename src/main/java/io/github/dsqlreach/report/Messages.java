package io.github.dsqlreach.report;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.DiagnosisDetails;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.internal.HostNames;
import io.github.dsqlreach.internal.Numbers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The messages between this machine, the network and the cluster, up to the failure. It says that something in the network caused
 * the failure only if the evidence shows it.
 */
final class Messages {
    /** The direction of a message. */
    enum Direction {
        OUT,
        BACK,
        /** Nothing is sent. */
        NONE
    }

    /** The destination of a message that is sent, the origin of one that is received. */
    enum Place {
        HERE,
        NETWORK,
        CLUSTER,
        /** Beyond this machine; no more is known. */
        SOMEWHERE
    }

    /** One message. The one that {@code broke} is the last, and {@code note} says what is known about it. */
    record Message(String label, Direction direction, Place place, PhaseResult.Status status, String note) {
        boolean broke() {
            return status == PhaseResult.Status.FAILED;
        }
    }

    private final List<Message> messages = new ArrayList<>();
    private final Optional<Duration> roundTrip;
    /** The address of the tunnel or the proxy. */
    private final Optional<HostAndPort> tunnel;

    private final boolean literal;
    private final DiagnosisDetails.Origin origin;
    private final @Nullable PhaseResult failed;

    private Messages(Reachability reachability) {
        List<PhaseResult> results = Phrases.results(reachability);
        origin = reachability.diagnosis().details().origin();
        failed = reachability.attempt().flatMap(Attempt::failed).orElse(null);
        tunnel = tunnel(reachability).or(() -> proxy(results));
        // The round trip to a tunnel's end says nothing about the one to the cluster.
        roundTrip = tunnel.isPresent() ? Optional.empty() : roundTrip(results);
        literal = reachability
                .endpoint()
                .map(e -> e.target().host())
                .filter(HostNames::isAddress)
                .isPresent();
        boolean direct = reachability
                .endpoint()
                .filter(e -> e.negotiation() == Negotiation.DIRECT || e.transport() == Transport.WEBSOCKET)
                .isPresent();
        results.forEach(result -> add(result, direct));
        List<String> missing = results.stream()
                .filter(r -> r.status() == PhaseResult.Status.NOT_REACHED)
                .filter(r -> r.phase().compareTo(Phrases.through(reachability)) <= 0)
                .map(r -> r.phase().name())
                .toList();
        if (!missing.isEmpty()) {
            message(
                    String.join(", ", missing) + " not reached",
                    Direction.NONE,
                    Place.SOMEWHERE,
                    PhaseResult.Status.NOT_REACHED,
                    "");
        }
    }

    /** All of them, in their order; none if nothing was attempted. */
    static List<Message> of(Reachability reachability) {
        return List.copyOf(new Messages(reachability).messages);
    }

    /** The titles of the columns, from left to right. */
    static List<String> places(Reachability reachability) {
        String between = tunnel(reachability).isPresent()
                ? "tunnel"
                : proxy(Phrases.results(reachability)).isPresent() ? "proxy" : "network";
        return List.of("this machine", between, "cluster");
    }

    /** A simulated fault is at such an address too; it stands for the network. */
    private static Optional<HostAndPort> tunnel(Reachability reachability) {
        return reachability.simulation().isPresent()
                ? Optional.empty()
                : reachability.endpoint().flatMap(Endpoint::connectTo);
    }

    private static Optional<HostAndPort> proxy(List<PhaseResult> results) {
        return results.stream()
                .flatMap(result -> result.evidence().get(Evidence.PROXY).stream())
                .findFirst();
    }

    private static Optional<Duration> roundTrip(List<PhaseResult> results) {
        for (PhaseResult result : results) {
            Optional<Double> millis = result.evidence().get(Evidence.ROUND_TRIP_MILLIS);
            if (millis.isPresent()) {
                return Optional.of(Duration.ofNanos(Math.round(millis.get() * 1e6)));
            }
        }
        return Optional.empty();
    }

    private void add(PhaseResult result, boolean direct) {
        if (result.status() == PhaseResult.Status.NOT_REACHED) {
            return;
        }
        Evidence evidence = result.evidence();
        switch (result.phase()) {
            case DNS -> dns(result);
            case TCP ->
                exchange(
                        result,
                        "TCP SYN" + tunnel.map(t -> " to " + t).orElse(""),
                        "SYN-ACK after " + Numbers.print(result.duration()),
                        tunnel.isPresent() ? Place.NETWORK : Place.CLUSTER);
            case TOKEN -> token(result);
            case TLS ->
                tls(
                        result,
                        evidence.get(Evidence.NEGOTIATION)
                                .map(Negotiation.DIRECT::equals)
                                .orElse(direct));
            case AUTH -> login(result);
            case QUERY -> exchange(result, "SELECT 1", "1", Place.CLUSTER);
        }
    }

    private void dns(PhaseResult result) {
        if (literal && result.passed()) {
            message("an address, no DNS needed", Direction.NONE, Place.HERE, result.status(), "");
        } else {
            exchange(result, "DNS query", shortAddresses(result.evidence()), Place.NETWORK);
        }
    }

    private static String shortAddresses(Evidence evidence) {
        List<String> addresses = evidence.list(Evidence.ADDRESSES);
        return switch (addresses.size()) {
            case 0 -> "addresses";
            case 1 -> addresses.get(0);
            default -> addresses.get(0) + " and " + (addresses.size() - 1) + " more";
        };
    }

    private void token(PhaseResult result) {
        String label = result.passed()
                ? "token made here"
                : "no token: " + kind(result).label();
        String note = result.failure().map(Failure::message).orElse("");
        message(label, Direction.NONE, Place.HERE, result.status(), note);
    }

    private void tls(PhaseResult result, boolean direct) {
        Evidence evidence = result.evidence();
        SentMessage after = evidence.get(Evidence.AFTER).orElse(null);
        String answer = evidence.get(Evidence.SSL_REQUEST_ANSWER).orElse("");
        if (evidence.has(Evidence.HTTP_STATUS) || after == SentMessage.UPGRADE) {
            passed("ClientHello", "certificate, TLS is up", Place.CLUSTER);
            exchange(result, "WebSocket upgrade", "101, the WebSocket is up", Place.CLUSTER);
            return;
        }
        boolean answered = result.passed() || answer.equals("S") || after != null && after != SentMessage.SSL_REQUEST;
        if (!direct && answered) {
            passed("SSLRequest", "S", Place.CLUSTER);
        }
        if (!result.passed() && after == SentMessage.HANDSHAKE) {
            // Who sent the certificate is not proven before the handshake is complete.
            passed("ClientHello", "ServerHello", Place.SOMEWHERE);
        }
        String sent = direct || answered ? "ClientHello" : "TLS handshake";
        exchange(
                result,
                result.passed() || after == null ? sent : after.label(),
                "certificate, TLS is up",
                Place.CLUSTER);
    }

    private void login(PhaseResult result) {
        boolean asked = result.evidence()
                .get(Evidence.AFTER)
                .filter(SentMessage.PASSWORD::equals)
                .isPresent();
        if (!result.passed() && asked) {
            passed("StartupMessage", "password request", Place.CLUSTER);
        }
        exchange(result, asked ? "token as password" : "StartupMessage, token", "AuthenticationOk", Place.CLUSTER);
    }

    private void passed(String sent, String answer, Place place) {
        message(sent, Direction.OUT, place, PhaseResult.Status.PASSED, "");
        message(answer, Direction.BACK, place, PhaseResult.Status.PASSED, "");
    }

    private void exchange(PhaseResult result, String sent, String answer, Place place) {
        if (result.passed()) {
            passed(sent, answer, place);
        } else {
            broken(result, sent, place);
        }
    }

    private void broken(PhaseResult result, String sent, Place place) {
        String note = result.failure().orElseThrow().message();
        switch (kind(result)) {
            case NAME_NOT_FOUND, SERVER_ERROR -> answered(sent, kind(result).label(), place, place, note);
            case RESET, CLOSED -> {
                Place breaker = isNearby(result) ? Place.NETWORK : Place.SOMEWHERE;
                answered(sent, kind(result).label(), breaker, breaker, note + who(result));
            }
            case REFUSED,
                    TLS_REFUSED,
                    TLS_ALERT,
                    UNEXPECTED_ANSWER,
                    HOSTNAME_MISMATCH,
                    CERTIFICATE_UNTRUSTED,
                    CERTIFICATE_EXPIRED -> answered(sent, kind(result).label(), Place.SOMEWHERE, Place.SOMEWHERE, note);
            default -> message(sent, Direction.OUT, Place.SOMEWHERE, PhaseResult.Status.FAILED, note);
        }
    }

    private void answered(String sent, String answer, Place to, Place from, String note) {
        message(sent, Direction.OUT, to, PhaseResult.Status.PASSED, "");
        message(answer, Direction.BACK, from, PhaseResult.Status.FAILED, note);
    }

    private static FailureKind kind(PhaseResult result) {
        return result.failure().map(Failure::kind).orElse(FailureKind.UNCLASSIFIED);
    }

    private boolean isNearby(PhaseResult result) {
        return result == failed && origin == DiagnosisDetails.Origin.NEARBY;
    }

    private String who(PhaseResult result) {
        return isNearby(result)
                ? "; a round trip to the cluster takes " + Numbers.print(roundTrip.orElseThrow())
                        + ", so something nearer sent it"
                : "; the evidence does not show who sent it";
    }

    private void message(String label, Direction direction, Place place, PhaseResult.Status status, String note) {
        String what = Phrases.line(label);
        String known = Phrases.line(note);
        messages.add(new Message(what, direction, place, status, what.contains(known) ? "" : known));
    }
}
