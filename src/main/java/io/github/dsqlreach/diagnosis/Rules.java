package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;
import static io.github.dsqlreach.Confidence.POSSIBLE;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_CHAIN_INCOMPLETE;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_EXPIRED;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_UNACCEPTABLE;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_UNTRUSTED;
import static io.github.dsqlreach.FailureKind.CLOSED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_EXPIRED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_FAILED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_NOT_FOUND;
import static io.github.dsqlreach.FailureKind.HOSTNAME_MISMATCH;
import static io.github.dsqlreach.FailureKind.NAME_LOOKUP_FAILED;
import static io.github.dsqlreach.FailureKind.NAME_NOT_FOUND;
import static io.github.dsqlreach.FailureKind.NO_THREAD;
import static io.github.dsqlreach.FailureKind.OUT_OF_TIME;
import static io.github.dsqlreach.FailureKind.PROXY_FAILED;
import static io.github.dsqlreach.FailureKind.REFUSED;
import static io.github.dsqlreach.FailureKind.REGION_UNKNOWN;
import static io.github.dsqlreach.FailureKind.RESET;
import static io.github.dsqlreach.FailureKind.ROOTS_UNREADABLE;
import static io.github.dsqlreach.FailureKind.SERVER_ERROR;
import static io.github.dsqlreach.FailureKind.TIMEOUT;
import static io.github.dsqlreach.FailureKind.TLS_ALERT;
import static io.github.dsqlreach.FailureKind.TLS_REFUSED;
import static io.github.dsqlreach.FailureKind.UNEXPECTED_ANSWER;
import static io.github.dsqlreach.FailureKind.UNREACHABLE;
import static io.github.dsqlreach.Phase.AUTH;
import static io.github.dsqlreach.Phase.DNS;
import static io.github.dsqlreach.Phase.QUERY;
import static io.github.dsqlreach.Phase.TCP;
import static io.github.dsqlreach.Phase.TLS;
import static io.github.dsqlreach.Phase.TOKEN;
import static io.github.dsqlreach.diagnosis.ExperimentName.BEHIND_TLS;
import static io.github.dsqlreach.diagnosis.ExperimentName.CONFIRMATION;
import static io.github.dsqlreach.diagnosis.ExperimentName.CONTROL_443;
import static io.github.dsqlreach.diagnosis.ExperimentName.CONTROL_DNS;
import static io.github.dsqlreach.diagnosis.ExperimentName.CONTROL_NAME;
import static io.github.dsqlreach.diagnosis.ExperimentName.DIRECT_TLS;
import static io.github.dsqlreach.diagnosis.ExperimentName.DNS_A;
import static io.github.dsqlreach.diagnosis.ExperimentName.OTHER_ADDRESS;
import static io.github.dsqlreach.diagnosis.ExperimentName.OTHER_SNI;
import static io.github.dsqlreach.diagnosis.ExperimentName.PLAIN_START;
import static io.github.dsqlreach.diagnosis.ExperimentName.REFUSED_HELLO;
import static io.github.dsqlreach.diagnosis.ExperimentName.SMALL_SEGMENTS;
import static io.github.dsqlreach.diagnosis.ExperimentName.SSL_REQUEST_ONLY;
import static io.github.dsqlreach.diagnosis.ExperimentName.SSL_REQUEST_TLS;
import static io.github.dsqlreach.diagnosis.ExperimentName.TLS_1_2;
import static io.github.dsqlreach.diagnosis.ExperimentName.WALK_AGAIN;
import static io.github.dsqlreach.diagnosis.ExperimentName.WEB_REQUEST;
import static io.github.dsqlreach.diagnosis.ExperimentName.WEB_SOCKET_443;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.SentMessage;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The table of rules: from the facts of a failed attempt to its cause. The first row that fits wins, so what is more
 * precise stands before what is more general. A row asks for the ground of what it claims. Where it blames a change, it
 * names the experiment with that change, and counts only when both ways were repeated. The server's own refusals have a
 * table of their own, {@link Refusals}.
 */
final class Rules {
    private record Row(
            Predicate<Facts> when,
            Function<Facts, Cause> cause,
            Confidence confidence,
            Optional<ExperimentName> trigger) {

        /** The change that the row blames: its experiment passed, so it must be repeated both ways. */
        Row blaming(ExperimentName change) {
            return new Row(when, cause, confidence, Optional.of(change));
        }

        /** Chance is excluded, or the failure is none that chance brings. */
        boolean isSure(Facts facts) {
            return trigger.isEmpty() || !facts.mayBeChance() || facts.isConfirmed(trigger.get());
        }
    }

    private static final List<Row> ROWS = List.of(
            // A name that leads nowhere shows as a failure behind DNS.
            row(Rules::sinkholed, Cause.DNS_SINKHOLED, LIKELY),

            // An error of this machine, whatever the phase. Of a lookup the C library does not tell why it failed.
            row(
                    at(DNS, NO_THREAD)
                            .negate()
                            .and(facts -> facts.at(DNS) && facts.localError().isPresent()),
                    Rules::localCause,
                    LIKELY),
            row(facts -> facts.localError().isPresent(), Rules::localCause, CONFIRMED),
            row(facts -> facts.failedWith(PROXY_FAILED), Cause.PROXY_FAILED, CONFIRMED),
            row(at(TCP, UNEXPECTED_ANSWER).and(Rules::wantsLogin), Cause.PROXY_LOGIN_REQUIRED, CONFIRMED),
            row(at(TCP, UNEXPECTED_ANSWER), Cause.PROXY_REFUSED, CONFIRMED),
            row(at(TCP, RESET, CLOSED, TIMEOUT).and(after(SentMessage.CONNECT)), Cause.PROXY_REFUSED, LIKELY),
            row(facts -> facts.failedWith(OUT_OF_TIME), Cause.TIMEOUT_TOO_SHORT, LIKELY),

            // DNS
            row(at(DNS, NAME_NOT_FOUND).and(passed(CONTROL_DNS)), Cause.DNS_FILTERED, CONFIRMED),
            row(
                    at(DNS, NAME_NOT_FOUND).and(failed(CONTROL_NAME, NAME_NOT_FOUND)),
                    Cause.DNS_NO_PUBLIC_NAMES,
                    CONFIRMED),
            row(at(DNS, NAME_NOT_FOUND).and(failed(CONTROL_NAME)), Cause.DNS_NO_PUBLIC_NAMES, LIKELY),
            // The C library says "no such name" of a malformed or circular answer as well.
            row(
                    at(DNS, NAME_NOT_FOUND)
                            .and(failed(DNS_A, NAME_LOOKUP_FAILED).or(passed(DNS_A))),
                    Cause.DNS_FAILURE,
                    LIKELY),
            row(at(DNS, NAME_NOT_FOUND).and(passed(CONTROL_NAME)), Cause.DNS_NAME_NOT_FOUND, CONFIRMED),
            row(at(DNS, NAME_NOT_FOUND), Cause.DNS_NAME_NOT_FOUND, LIKELY),
            row(at(DNS, NAME_LOOKUP_FAILED).and(Facts::lookupWaited), Cause.DNS_TIMEOUT, LIKELY),
            row(at(DNS, NAME_LOOKUP_FAILED), Cause.DNS_FAILURE, LIKELY),
            row(at(DNS, TIMEOUT), Cause.DNS_TIMEOUT, LIKELY),

            // Where packets get lost, any of them may be the one that is missing.
            row(Facts::isSilentHereAndThere, Cause.UNKNOWN, POSSIBLE),

            // TCP
            row(at(TCP, REFUSED), Cause.TCP_REFUSED, CONFIRMED),
            row(at(TCP, RESET), Cause.TCP_RESET, LIKELY),
            row(at(TCP, TIMEOUT), Cause.TCP_TIMEOUT, LIKELY),
            row(at(TCP, UNREACHABLE), Cause.NETWORK_UNREACHABLE, CONFIRMED),

            // TOKEN
            row(at(TOKEN, CREDENTIALS_FAILED).and(Facts::gotNoTimeForCredentials), Cause.TIMEOUT_TOO_SHORT, LIKELY),
            row(at(TOKEN, CREDENTIALS_NOT_FOUND), Cause.CREDENTIALS_NOT_FOUND, CONFIRMED),
            row(at(TOKEN, CREDENTIALS_EXPIRED), Cause.CREDENTIALS_EXPIRED, CONFIRMED),
            row(at(TOKEN, CREDENTIALS_FAILED), Cause.CREDENTIALS_PROVIDER_FAILED, CONFIRMED),
            row(at(TOKEN, REGION_UNKNOWN), Cause.REGION_UNKNOWN, CONFIRMED),
            row(at(TLS, ROOTS_UNREADABLE), Cause.ROOT_CERTIFICATE_UNREADABLE, CONFIRMED),

            // TLS: the server's certificate
            row(at(TLS, CERTIFICATE_EXPIRED), Cause.CERTIFICATE_EXPIRED, CONFIRMED),
            row(at(TLS, HOSTNAME_MISMATCH), Cause.HOSTNAME_MISMATCH, CONFIRMED),
            row(at(TLS, CERTIFICATE_CHAIN_INCOMPLETE), Cause.CERTIFICATE_CHAIN_INCOMPLETE, LIKELY),
            row(at(TLS, CERTIFICATE_UNACCEPTABLE), Cause.CERTIFICATE_UNACCEPTABLE, CONFIRMED),
            // A page behind a certificate that nobody made for this host: a web server's own.
            row(
                    at(TLS, CERTIFICATE_UNTRUSTED)
                            .and(failed(BEHIND_TLS, UNEXPECTED_ANSWER))
                            .and(facts -> !Rules.namesTheHost(facts)),
                    Cause.NOT_POSTGRES,
                    LIKELY),
            // Amazon's own chain, and yet not trusted: this machine's roots or a forgery, the facts do not tell.
            row(at(TLS, CERTIFICATE_UNTRUSTED).and(Rules::saysAmazon), Cause.UNKNOWN, POSSIBLE),
            row(
                    at(TLS, CERTIFICATE_UNTRUSTED).and(Rules::clusterName).and(facts -> !facts.certificateCameAlone()),
                    Cause.TLS_INTERCEPTED,
                    CONFIRMED),
            row(at(TLS, CERTIFICATE_UNTRUSTED), Cause.TLS_INTERCEPTED, LIKELY),

            // TLS: it is up, and the WebSocket is not
            row(at(TLS, UNEXPECTED_ANSWER).and(after(SentMessage.UPGRADE)), Cause.WEBSOCKET_REFUSED, CONFIRMED),
            row(stopped().and(after(SentMessage.UPGRADE)), Cause.WEBSOCKET_REFUSED, LIKELY),

            // TLS: what experiments say about changes counts for nothing
            row(stopped().and(Facts::triesAreAnswered), Rules::asSeen, LIKELY),
            row(stopped().and(Facts::byChance), Rules::asSeen, POSSIBLE),

            // TLS: one change lets it through, so that change is the trigger
            row(stopped().and(verified(OTHER_SNI)).and(facts -> !facts.nameGotThrough()), Cause.SNI_BLOCKED, CONFIRMED)
                    .blaming(OTHER_SNI),
            row(stopped().and(passed(OTHER_SNI)).and(facts -> !facts.nameGotThrough()), Cause.SNI_BLOCKED, LIKELY)
                    .blaming(OTHER_SNI),
            row(stopped().and(verified(DIRECT_TLS)), Cause.POSTGRES_NEGOTIATION_BLOCKED, CONFIRMED)
                    .blaming(DIRECT_TLS),
            // A server older than PostgreSQL 17 ends direct TLS by itself: only a cluster is known to accept it, and
            // roots of the user's own do not prove one.
            row(
                            stopped().and(Facts::isProvenCluster).and(verified(SSL_REQUEST_TLS)),
                            Cause.DIRECT_TLS_BLOCKED,
                            CONFIRMED)
                    .blaming(SSL_REQUEST_TLS),
            row(stopped().and(verified(SSL_REQUEST_TLS)), Cause.DIRECT_TLS_BLOCKED, LIKELY)
                    .blaming(SSL_REQUEST_TLS),
            row(at(TLS, TIMEOUT).and(verified(SMALL_SEGMENTS)), Cause.PATH_MTU_BLACK_HOLE, CONFIRMED)
                    .blaming(SMALL_SEGMENTS),
            // No cause says so, its explanation does.
            row(stopped().and(verified(TLS_1_2)), Rules::asSeen, CONFIRMED).blaming(TLS_1_2),
            row(stopped().and(verified(OTHER_ADDRESS)), Cause.ADDRESS_FAILS, CONFIRMED)
                    .blaming(OTHER_ADDRESS),

            // A pooler that knows no direct TLS says so in an error.
            row(at(TLS, SERVER_ERROR).and(verified(SSL_REQUEST_TLS)), Cause.DIRECT_TLS_BLOCKED, LIKELY)
                    .blaming(SSL_REQUEST_TLS),

            // TLS: what answers in clear text is anybody; where direct TLS proves the cluster, it is a device's answer
            row(
                            at(TLS, TLS_REFUSED, UNEXPECTED_ANSWER, SERVER_ERROR)
                                    .and(verified(DIRECT_TLS)),
                            Cause.POSTGRES_NEGOTIATION_BLOCKED,
                            CONFIRMED)
                    .blaming(DIRECT_TLS),
            row(at(TLS, TLS_REFUSED), Cause.TLS_REFUSED, CONFIRMED),
            // An error in clear text in the place of a yes or no, and TLS does not get through otherwise either.
            row(
                    at(TLS, SERVER_ERROR).and(refusesTls(DIRECT_TLS).or(refusesTls(SSL_REQUEST_TLS))),
                    Cause.TLS_REFUSED,
                    LIKELY),
            row(at(TLS, UNEXPECTED_ANSWER).and(Rules::protocolKnown), Cause.NOT_POSTGRES, CONFIRMED),
            row(at(TLS, UNEXPECTED_ANSWER), Cause.NOT_POSTGRES, LIKELY),
            row(stopped().and(failed(SSL_REQUEST_TLS, TLS_REFUSED)), Cause.TLS_REFUSED, LIKELY),
            row(stopped().and(failed(DIRECT_TLS, UNEXPECTED_ANSWER)), Cause.NOT_POSTGRES, LIKELY),
            row(stopped().and(failed(SSL_REQUEST_TLS, UNEXPECTED_ANSWER)), Cause.NOT_POSTGRES, LIKELY),
            row(stopped().and(failed(PLAIN_START, UNEXPECTED_ANSWER)), Cause.NOT_POSTGRES, LIKELY),
            row(
                    stopped()
                            .and(passed(WEB_REQUEST).or(failed(WEB_REQUEST, UNEXPECTED_ANSWER)))
                            .and(passed(SSL_REQUEST_ONLY).negate()),
                    Cause.NOT_POSTGRES,
                    LIKELY),

            // TLS: small packets come back, and large ones do not
            row(at(TLS, TIMEOUT).and(Facts::onlySmallAnswersPass), Cause.PATH_MTU_BLACK_HOLE, LIKELY),
            row(at(TLS, TIMEOUT).and(Facts::gotFurtherInSmallSegments), Cause.PATH_MTU_BLACK_HOLE, LIKELY),

            // TLS: it is not TLS that is stopped
            row(at(TLS, TIMEOUT).and(Facts::anyDataIsCut), Cause.PORT_SILENT, LIKELY),
            row(cut().and(Facts::anyDataIsCut), Rules::asSeen, LIKELY),
            row(cut().and(Facts::endsByItself), Rules::asSeen, LIKELY),

            // TLS: nothing lets it through, and something else is answered there; where else does TLS work?
            row(
                    cut().and(Rules::onlyTlsIsStopped)
                            .and(verified(WEB_SOCKET_443).or(verified(CONTROL_443))),
                    Cause.TLS_BLOCKED_ON_PORT,
                    LIKELY),
            row(cut().and(Rules::onlyTlsIsStopped).and(Rules::controlIsCut), Cause.TLS_BLOCKED_EVERYWHERE, LIKELY),
            row(stopped(), Rules::asSeen, LIKELY),

            // AUTH and QUERY, where the server did not refuse in words
            // With TLS 1.3 a server's alert about the handshake arrives when the client is past it.
            row(at(AUTH, TLS_ALERT), Cause.TLS_ALERT, LIKELY),
            row(at(AUTH, RESET, CLOSED).and(failed(WALK_AGAIN, TLS_ALERT)), Cause.TLS_ALERT, LIKELY),
            row(at(AUTH, UNEXPECTED_ANSWER), Cause.NOT_POSTGRES, CONFIRMED),
            // Every PostgreSQL that takes direct TLS selects its application protocol.
            row(at(AUTH, RESET, CLOSED, TIMEOUT).and(Facts::selectedNoProtocol), Cause.NOT_POSTGRES, LIKELY),
            row(at(AUTH, RESET, CLOSED), Cause.AUTH_RESET, LIKELY),
            // The token makes the first large packet that this machine sends. A slow way loses it as well, and then
            // the next attempt's small ones.
            row(
                    at(AUTH, TIMEOUT)
                            .and(facts -> largePacketIsLost(facts.evidence()))
                            .and(facts -> facts.tries()
                                    .of(WALK_AGAIN)
                                    .filter(again -> largePacketIsLost(again.evidence()))
                                    .isPresent()),
                    Cause.PATH_MTU_BLACK_HOLE,
                    LIKELY),
            row(
                    at(AUTH, TIMEOUT).or(at(QUERY, TIMEOUT)).and(Facts::slow).and(Facts::heldFewRoundTrips),
                    Cause.TIMEOUT_TOO_SHORT,
                    LIKELY),
            row(at(AUTH, TIMEOUT).and(Facts::slow), Cause.AUTH_TIMEOUT, POSSIBLE),
            row(at(AUTH, TIMEOUT), Cause.AUTH_TIMEOUT, LIKELY),
            row(at(QUERY, RESET, CLOSED), Cause.QUERY_RESET, LIKELY),
            row(at(QUERY, TIMEOUT).and(Facts::slow), Cause.QUERY_TIMEOUT, POSSIBLE),
            row(at(QUERY, TIMEOUT), Cause.QUERY_TIMEOUT, LIKELY),
            row(at(QUERY, SERVER_ERROR), Cause.QUERY_FAILED, CONFIRMED));

    /** More than the smallest link of the internet's protocols carries in one packet. */
    private static final int LARGE_PACKET = 1_000;

    private Rules() {}

    static Finding find(Facts facts) {
        if (facts.failedWith(SERVER_ERROR) && facts.serverIsProven()) {
            Finding refusal = Refusals.find(facts);
            if (refusal.cause() != Cause.UNKNOWN) {
                return refusal;
            }
        }
        Optional<Finding.Suspect> suspect = Optional.empty();
        for (Row row : ROWS) {
            if (!row.when.test(facts)) {
                continue;
            }
            if (row.isSure(facts)) {
                Confidence confidence = suspect.isPresent() ? POSSIBLE : steady(row, facts);
                return new Finding(row.cause.apply(facts), confidence, row.trigger, suspect);
            }
            if (suspect.isEmpty()) {
                suspect = row.trigger.map(change ->
                        new Finding.Suspect(change, Set.copyOf(facts.tries().missed())));
            }
        }
        return new Finding(Cause.UNKNOWN, POSSIBLE, Optional.empty(), suspect);
    }

    /**
     * A failure that shows in another way when it is repeated is less sure, and so is one with an open question, a change
     * that got TLS up and no answer behind it, and silence where packets get lost, unless a change was found that ends it.
     */
    private static Confidence steady(Row row, Facts facts) {
        boolean mayBeLoss = row.trigger.isEmpty()
                && facts.failedWith(TIMEOUT)
                && facts.roundTrips().showLoss();
        boolean passes = facts.at(TCP) && facts.byChance();
        boolean silentBehind =
                row.trigger.filter(change -> !facts.tries().passed(change)).isPresent();
        return !facts.contradicted() && facts.tries().missed().isEmpty() && !mayBeLoss && !silentBehind
                ? row.confidence
                : row.confidence == CONFIRMED && !passes ? LIKELY : POSSIBLE;
    }

    private static Row row(Predicate<Facts> when, Cause cause, Confidence confidence) {
        return row(when, facts -> cause, confidence);
    }

    private static Row row(Predicate<Facts> when, Function<Facts, Cause> cause, Confidence confidence) {
        return new Row(when, cause, confidence, Optional.empty());
    }

    private static Predicate<Facts> at(Phase phase, FailureKind... kinds) {
        return facts -> facts.at(phase) && facts.failedWith(kinds);
    }

    /** TLS broke off or went silent. */
    private static Predicate<Facts> cut() {
        return facts -> facts.at(TLS) && facts.cut();
    }

    /** TLS broke off, went silent, or ended with an alert. */
    private static Predicate<Facts> stopped() {
        return cut().or(at(TLS, TLS_ALERT));
    }

    private static Predicate<Facts> after(SentMessage message) {
        return facts -> facts.after().filter(message::equals).isPresent();
    }

    private static Predicate<Facts> passed(ExperimentName name) {
        return facts -> facts.tries().passed(name);
    }

    private static Predicate<Facts> verified(ExperimentName name) {
        return facts -> facts.verified(name);
    }

    private static Predicate<Facts> failed(ExperimentName name) {
        return facts -> facts.tries().failed(name);
    }

    private static Predicate<Facts> failed(ExperimentName name, FailureKind kind) {
        return facts -> facts.tries().failed(name, kind);
    }

    private static Cause localCause(Facts facts) {
        return switch (facts.localError().orElseThrow()) {
            case NO_FILE_HANDLE -> Cause.FILE_HANDLES_EXHAUSTED;
            case NO_LOCAL_PORT -> Cause.LOCAL_PORTS_EXHAUSTED;
            case NO_MEMORY -> Cause.MEMORY_EXHAUSTED;
            case NO_THREAD -> Cause.THREADS_EXHAUSTED;
            case LOOPBACK_DOWN -> Cause.LOOPBACK_INTERFACE_DOWN;
            default -> Cause.CONNECTION_NOT_PERMITTED;
        };
    }

    /** The layer only, and how it showed. */
    private static Cause asSeen(Facts facts) {
        return switch (facts.kind()) {
            case RESET -> Cause.TLS_RESET;
            case TIMEOUT -> Cause.TLS_TIMEOUT;
            case CLOSED -> Cause.TLS_CLOSED;
            case TLS_ALERT -> Cause.TLS_ALERT;
            default -> Cause.UNKNOWN;
        };
    }

    /** It was answered, by something that is not TLS. */
    private static Predicate<Facts> refusesTls(ExperimentName name) {
        return facts -> Stream.of(SERVER_ERROR, UNEXPECTED_ANSWER, TLS_REFUSED, RESET, CLOSED)
                .anyMatch(kind -> facts.tries().failed(name, kind));
    }

    private static boolean namesTheHost(Facts facts) {
        String host = facts.endpoint().host().toLowerCase(Locale.ROOT);
        return facts.evidence().list(Evidence.CERTIFICATE_NAMES).stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .anyMatch(name -> name.equals(host)
                        || name.equals("cn=" + host)
                        || name.startsWith("*.") && host.endsWith(name.substring(1)));
    }

    /**
     * TLS got no answer on the cluster's port, however it was started and whatever address it went to; something else is
     * answered there, and a connection without data is left alone. Where a part of the server's TLS arrived before the
     * silence, it may as well be large packets that are lost.
     */
    private static boolean onlyTlsIsStopped(Facts facts) {
        return !(facts.failedWith(TIMEOUT) && after(SentMessage.HANDSHAKE).test(facts))
                && Stream.of(DIRECT_TLS, SSL_REQUEST_TLS, OTHER_SNI, TLS_1_2, SMALL_SEGMENTS, OTHER_ADDRESS)
                        .noneMatch(name -> mayHavePassed(name, facts))
                && facts.tries()
                        .of(CONFIRMATION)
                        .filter(Confirmation::passedChanged)
                        .isEmpty()
                && !facts.tries().passed(REFUSED_HELLO)
                && facts.somethingElseAnswered();
    }

    /** TLS got an answer there, or would have: what did not finish, or lost its packets, tells nothing. */
    private static boolean mayHavePassed(ExperimentName name, Facts facts) {
        return facts.tries().passed(name)
                || facts.tries().failed(name, TLS_ALERT)
                || facts.tries()
                        .of(name)
                        .filter(experiment -> experiment.evidence().has(Evidence.PROTOCOL))
                        .isPresent()
                || facts.tries().unfinished(name).isPresent()
                || facts.tries().failed(name, TIMEOUT) && facts.roundTrips().showMuchLoss();
    }

    /** Silence elsewhere may be a lost packet: where many get lost, or where it is not the same that was seen here. */
    private static boolean silenceMayBeLoss(Facts facts) {
        return facts.roundTrips().showMuchLoss() || facts.roundTrips().showLoss() && !facts.failedWith(TIMEOUT);
    }

    /** TLS to AWS was cut off as well, not by the loss of packets, and TLS to the cluster's own port 443 did not get up. */
    private static boolean controlIsCut(Facts facts) {
        return facts.tries().cut(CONTROL_443)
                && !(facts.tries().failed(CONTROL_443, TIMEOUT) && silenceMayBeLoss(facts))
                && !mayHavePassed(WEB_SOCKET_443, facts);
    }

    /** The other side never confirmed a large packet, however often it was sent. */
    private static boolean largePacketIsLost(Evidence evidence) {
        return evidence.number(Evidence.UNACKNOWLEDGED_BYTES).orElse(0) >= LARGE_PACKET
                && evidence.number(Evidence.RETRANSMISSIONS).orElse(0) > 1;
    }

    /** A server's word for it, 401, is one that some proxies take for their own. */
    private static boolean wantsLogin(Facts facts) {
        return facts.evidence().number(Evidence.HTTP_STATUS).stream()
                .anyMatch(status -> status == 407 || status == 401);
    }

    private static boolean protocolKnown(Facts facts) {
        return facts.evidence().has(Evidence.ANSWER_PROTOCOL);
    }

    private static boolean clusterName(Facts facts) {
        return facts.endpoint().isClusterName();
    }

    private static boolean saysAmazon(Facts facts) {
        return clusterName(facts) && facts.text(Evidence.CHAIN_ROOT).orElse("").contains("Amazon");
    }

    /** A public cluster's name that leads to addresses no cluster can have. */
    private static boolean sinkholed(Facts facts) {
        List<String> addresses = facts.attempt().result(DNS).evidence().list(Evidence.ADDRESSES);
        return (facts.at(TCP) || facts.at(TLS))
                && clusterName(facts)
                && facts.isDirect()
                && !addresses.isEmpty()
                && addresses.stream().allMatch(Rules::isNobodys);
    }

    private static boolean isNobodys(String address) {
        return address.startsWith("127.")
                || address.startsWith("0.")
                || address.equals("255.255.255.255")
                || address.matches("[0:]+[01]?");
    }
}
