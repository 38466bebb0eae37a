package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;
import static io.github.dsqlreach.Confidence.POSSIBLE;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_EXPIRED;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_UNTRUSTED;
import static io.github.dsqlreach.FailureKind.CLOSED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_EXPIRED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_FAILED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_NOT_FOUND;
import static io.github.dsqlreach.FailureKind.HOSTNAME_MISMATCH;
import static io.github.dsqlreach.FailureKind.NAME_LOOKUP_FAILED;
import static io.github.dsqlreach.FailureKind.NAME_NOT_FOUND;
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

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The table of rules: from the facts of a failed walk to its cause. The first row that fits wins, so what is more
 * precise stands before what is more general. The server's own refusals have a table of their own, {@link Refusals}.
 */
final class Rules {
    record Finding(Cause cause, Confidence confidence) {}

    private record Row(Predicate<Facts> when, Cause cause, Confidence confidence) {}

    private static final List<Row> ROWS = List.of(
            // A name that leads nowhere shows as a failure behind DNS.
            row(Rules::sinkholed, Cause.DNS_SINKHOLED, LIKELY),

            // DNS
            row(at(DNS, NAME_NOT_FOUND), Cause.DNS_NAME_NOT_FOUND, CONFIRMED),
            row(at(DNS, NAME_LOOKUP_FAILED), Cause.DNS_FAILURE, LIKELY),
            row(at(DNS, TIMEOUT), Cause.DNS_TIMEOUT, LIKELY),

            // TCP
            row(at(TCP, REFUSED), Cause.TCP_REFUSED, CONFIRMED),
            row(at(TCP, RESET), Cause.TCP_RESET, LIKELY),
            row(at(TCP, TIMEOUT), Cause.TCP_TIMEOUT, LIKELY),
            row(at(TCP, UNREACHABLE), Cause.NETWORK_UNREACHABLE, CONFIRMED),

            // TOKEN
            row(at(TOKEN, CREDENTIALS_NOT_FOUND), Cause.CREDENTIALS_NOT_FOUND, CONFIRMED),
            row(at(TOKEN, CREDENTIALS_EXPIRED), Cause.CREDENTIALS_EXPIRED, CONFIRMED),
            row(at(TOKEN, CREDENTIALS_FAILED), Cause.CREDENTIALS_PROVIDER_FAILED, CONFIRMED),
            row(at(TOKEN, REGION_UNKNOWN), Cause.REGION_UNKNOWN, CONFIRMED),
            row(at(TLS, ROOTS_UNREADABLE), Cause.ROOT_CERTIFICATE_UNREADABLE, CONFIRMED),

            // TLS: the server's certificate
            row(at(TLS, CERTIFICATE_EXPIRED), Cause.CERTIFICATE_EXPIRED, CONFIRMED),
            row(at(TLS, HOSTNAME_MISMATCH), Cause.HOSTNAME_MISMATCH, CONFIRMED),
            // Amazon's own chain, and yet not trusted: this machine's roots or a forgery, the facts do not tell.
            // A page behind a certificate that nobody made for this host: a web server's own.
            row(
                    at(TLS, CERTIFICATE_UNTRUSTED)
                            .and(answeredOtherwise(ExperimentName.BEHIND_TLS))
                            .and(facts -> !Rules.namesTheHost(facts)),
                    Cause.NOT_POSTGRES,
                    LIKELY),
            row(at(TLS, CERTIFICATE_UNTRUSTED).and(Rules::saysAmazon), Cause.UNKNOWN, POSSIBLE),
            row(at(TLS, CERTIFICATE_UNTRUSTED).and(Rules::clusterName), Cause.TLS_INTERCEPTED, CONFIRMED),
            row(at(TLS, CERTIFICATE_UNTRUSTED), Cause.TLS_INTERCEPTED, LIKELY),

            // TLS: it fails by chance, so what an experiment changed is not the reason why it passed
            row(at(TLS, RESET).and(Facts::byChance), Cause.TLS_RESET, POSSIBLE),
            row(at(TLS, TIMEOUT).and(Facts::byChance), Cause.TLS_TIMEOUT, POSSIBLE),
            row(at(TLS, CLOSED).and(Facts::byChance), Cause.TLS_CLOSED, POSSIBLE),
            row(at(TLS, TLS_ALERT).and(Facts::byChance), Cause.TLS_ALERT, POSSIBLE),

            // TLS: one change lets it through, so that change is the trigger
            row(stopped().and(verified(ExperimentName.OTHER_SNI)), Cause.SNI_BLOCKED, CONFIRMED),
            row(stopped().and(passed(ExperimentName.OTHER_SNI)), Cause.SNI_BLOCKED, LIKELY),
            row(stopped().and(verified(ExperimentName.DIRECT_TLS)), Cause.POSTGRES_NEGOTIATION_BLOCKED, CONFIRMED),
            // A server older than PostgreSQL 17 ends direct TLS by itself: only a cluster is known to accept it, and
            // roots of the user's own do not prove one.
            row(
                    stopped().and(Facts::isProvenCluster).and(verified(ExperimentName.SSL_REQUEST_TLS)),
                    Cause.DIRECT_TLS_BLOCKED,
                    CONFIRMED),
            row(stopped().and(verified(ExperimentName.SSL_REQUEST_TLS)), Cause.DIRECT_TLS_BLOCKED, LIKELY),

            // A pooler that knows no direct TLS says so in an error.
            row(at(TLS, SERVER_ERROR).and(verified(ExperimentName.SSL_REQUEST_TLS)), Cause.DIRECT_TLS_BLOCKED, LIKELY),

            // TLS: an older version lets it through; no cause says so, its explanation does
            row(at(TLS, RESET).and(verified(ExperimentName.TLS_1_2)), Cause.TLS_RESET, CONFIRMED),
            row(at(TLS, TIMEOUT).and(verified(ExperimentName.TLS_1_2)), Cause.TLS_TIMEOUT, CONFIRMED),
            row(at(TLS, CLOSED).and(verified(ExperimentName.TLS_1_2)), Cause.TLS_CLOSED, CONFIRMED),
            row(at(TLS, TLS_ALERT).and(verified(ExperimentName.TLS_1_2)), Cause.TLS_ALERT, CONFIRMED),

            // TLS: another protocol answers
            row(
                    at(TLS, TLS_REFUSED, UNEXPECTED_ANSWER).and(verified(ExperimentName.DIRECT_TLS)),
                    Cause.POSTGRES_NEGOTIATION_BLOCKED,
                    CONFIRMED),
            row(at(TLS, TLS_REFUSED), Cause.TLS_REFUSED, CONFIRMED),
            row(at(TLS, UNEXPECTED_ANSWER).and(Rules::protocolKnown), Cause.NOT_POSTGRES, CONFIRMED),
            row(at(TLS, UNEXPECTED_ANSWER), Cause.NOT_POSTGRES, LIKELY),
            row(stopped().and(failed(ExperimentName.SSL_REQUEST_TLS, TLS_REFUSED)), Cause.TLS_REFUSED, LIKELY),
            row(stopped().and(answeredOtherwise(ExperimentName.DIRECT_TLS)), Cause.NOT_POSTGRES, LIKELY),
            row(stopped().and(answeredOtherwise(ExperimentName.SSL_REQUEST_TLS)), Cause.NOT_POSTGRES, LIKELY),
            row(stopped().and(answeredOtherwise(ExperimentName.PLAIN_START)), Cause.NOT_POSTGRES, LIKELY),
            row(
                    stopped()
                            .and(passed(ExperimentName.WEB_REQUEST))
                            .and(passed(ExperimentName.SSL_REQUEST_ONLY).negate()),
                    Cause.NOT_POSTGRES,
                    LIKELY),

            // TLS: nothing lets it through; where else does TLS work?
            row(
                    cut().and(Rules::onlyTlsIsStopped).and(verified(ExperimentName.CONTROL_443)),
                    Cause.TLS_BLOCKED_ON_PORT,
                    LIKELY),
            row(
                    cut().and(Rules::onlyTlsIsStopped).and(facts -> facts.cut(ExperimentName.CONTROL_443)),
                    Cause.TLS_BLOCKED_EVERYWHERE,
                    LIKELY),
            row(at(TLS, TLS_ALERT), Cause.TLS_ALERT, LIKELY),
            row(at(TLS, RESET), Cause.TLS_RESET, LIKELY),
            row(at(TLS, TIMEOUT), Cause.TLS_TIMEOUT, LIKELY),
            row(at(TLS, CLOSED), Cause.TLS_CLOSED, LIKELY),

            // AUTH and QUERY, where the server did not refuse in words
            // With TLS 1.3 a server's alert about the handshake arrives when the client is past it.
            row(at(AUTH, TLS_ALERT), Cause.TLS_ALERT, LIKELY),
            row(at(AUTH, RESET, CLOSED).and(failed(ExperimentName.WALK_AGAIN, TLS_ALERT)), Cause.TLS_ALERT, LIKELY),
            row(at(AUTH, UNEXPECTED_ANSWER), Cause.NOT_POSTGRES, CONFIRMED),
            // Every PostgreSQL that takes direct TLS selects its application protocol.
            row(at(AUTH, RESET, CLOSED, TIMEOUT).and(Rules::selectedNoProtocol), Cause.NOT_POSTGRES, LIKELY),
            row(at(AUTH, RESET, CLOSED), Cause.AUTH_RESET, LIKELY),
            row(at(AUTH, TIMEOUT).and(Facts::slow), Cause.AUTH_TIMEOUT, POSSIBLE),
            row(at(AUTH, TIMEOUT), Cause.AUTH_TIMEOUT, LIKELY),
            row(at(QUERY, RESET, CLOSED), Cause.QUERY_RESET, LIKELY),
            row(at(QUERY, TIMEOUT).and(Facts::slow), Cause.QUERY_TIMEOUT, POSSIBLE),
            row(at(QUERY, TIMEOUT), Cause.QUERY_TIMEOUT, LIKELY),
            row(at(QUERY, SERVER_ERROR), Cause.QUERY_FAILED, CONFIRMED));

    private Rules() {}

    static Finding find(Facts facts) {
        if (facts.failedWith(SERVER_ERROR)) {
            Finding refusal = Refusals.find(facts);
            if (refusal.cause() != Cause.UNKNOWN) {
                return refusal;
            }
        }
        return ROWS.stream()
                .filter(row -> row.when.test(facts))
                .findFirst()
                .map(row -> new Finding(row.cause, steady(row.confidence, facts)))
                .orElse(new Finding(Cause.UNKNOWN, POSSIBLE));
    }

    /** The change that these facts blame for letting it through; empty if they blame none. */
    static Optional<ExperimentName> trigger(Facts facts) {
        if (!facts.at(TLS)) {
            return Optional.empty();
        }
        return switch (find(facts).cause()) {
            case SNI_BLOCKED -> Optional.of(ExperimentName.OTHER_SNI);
            case POSTGRES_NEGOTIATION_BLOCKED -> Optional.of(ExperimentName.DIRECT_TLS);
            case DIRECT_TLS_BLOCKED -> Optional.of(ExperimentName.SSL_REQUEST_TLS);
            case TLS_RESET, TLS_CLOSED, TLS_ALERT ->
                Optional.of(ExperimentName.TLS_1_2).filter(facts::passed);
            default -> Optional.empty();
        };
    }

    /** A failure that shows in another way when it is repeated is less sure. */
    private static Confidence steady(Confidence confidence, Facts facts) {
        return !facts.contradicted() ? confidence : confidence == CONFIRMED ? LIKELY : POSSIBLE;
    }

    private static Row row(Predicate<Facts> when, Cause cause, Confidence confidence) {
        return new Row(when, cause, confidence);
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

    private static Predicate<Facts> passed(ExperimentName name) {
        return facts -> facts.passed(name);
    }

    /** The experiment passed, and the server proved its name, unless the user does not ask for proof. */
    private static Predicate<Facts> verified(ExperimentName name) {
        return facts -> facts.experiment(name)
                .filter(experiment -> experiment.passed()
                        && (experiment.evidence().is(Evidence.VERIFIED)
                                || facts.endpoint().trust().mode() != io.github.dsqlreach.Trust.Mode.VERIFY_FULL))
                .isPresent();
    }

    private static Predicate<Facts> failed(ExperimentName name, FailureKind kind) {
        return facts -> facts.experiment(name)
                .filter(experiment -> experiment.failedWith(kind))
                .isPresent();
    }

    private static Predicate<Facts> answeredOtherwise(ExperimentName name) {
        return failed(name, UNEXPECTED_ANSWER);
    }

    private static boolean namesTheHost(Facts facts) {
        String host = facts.endpoint().host().toLowerCase(Locale.ROOT);
        return facts.evidence().list(Evidence.CERTIFICATE_NAMES).stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .anyMatch(name -> name.equals(host)
                        || name.equals("cn=" + host)
                        || name.startsWith("*.") && host.endsWith(name.substring(1)));
    }

    private static boolean selectedNoProtocol(Facts facts) {
        Evidence tls = facts.walk().result(TLS).evidence();
        boolean answered = facts.evidence().number(Evidence.BYTES_RECEIVED).orElse(0) > 0;
        return !answered
                && tls.text(Evidence.NEGOTIATION)
                        .filter(Negotiation.DIRECT.parameter()::equals)
                        .isPresent()
                && !tls.has(Evidence.ALPN);
    }

    /**
     * TLS got no answer on the cluster's port, however it was started, and a connection without data is left alone. Else
     * another server is there, or nobody behind a load balancer or tunnel.
     */
    private static boolean onlyTlsIsStopped(Facts facts) {
        boolean tlsAnswered = Stream.of(
                        ExperimentName.DIRECT_TLS,
                        ExperimentName.SSL_REQUEST_TLS,
                        ExperimentName.OTHER_SNI,
                        ExperimentName.TLS_1_2)
                .flatMap(name -> facts.experiment(name).stream())
                .anyMatch(experiment -> experiment.passed()
                        || experiment.failedWith(TLS_ALERT)
                        || experiment.evidence().has(Evidence.PROTOCOL));
        return !tlsAnswered && !facts.cut(ExperimentName.IDLE);
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
        List<String> addresses = facts.walk().result(DNS).evidence().list(Evidence.ADDRESSES);
        return (facts.at(TCP) || facts.at(TLS))
                && clusterName(facts)
                && facts.endpoint().connectTo().isEmpty()
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
