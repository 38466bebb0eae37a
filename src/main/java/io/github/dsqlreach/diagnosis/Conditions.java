package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.ExperimentName.CONTROL_443;
import static io.github.dsqlreach.ExperimentName.DIRECT_TLS;
import static io.github.dsqlreach.ExperimentName.DNS_A;
import static io.github.dsqlreach.ExperimentName.DNS_AAAA;
import static io.github.dsqlreach.ExperimentName.OTHER_ADDRESS;
import static io.github.dsqlreach.ExperimentName.OTHER_SNI;
import static io.github.dsqlreach.ExperimentName.PLAIN_START;
import static io.github.dsqlreach.ExperimentName.REFUSED_HELLO;
import static io.github.dsqlreach.ExperimentName.SAME_AGAIN;
import static io.github.dsqlreach.ExperimentName.SMALL_SEGMENTS;
import static io.github.dsqlreach.ExperimentName.SSL_REQUEST_ONLY;
import static io.github.dsqlreach.ExperimentName.SSL_REQUEST_TLS;
import static io.github.dsqlreach.ExperimentName.TLS_1_2;
import static io.github.dsqlreach.ExperimentName.WEB_REQUEST;
import static io.github.dsqlreach.ExperimentName.WEB_SOCKET_443;
import static io.github.dsqlreach.FailureKind.CLOSED;
import static io.github.dsqlreach.FailureKind.NAME_LOOKUP_FAILED;
import static io.github.dsqlreach.FailureKind.OUT_OF_TIME;
import static io.github.dsqlreach.FailureKind.RESET;
import static io.github.dsqlreach.FailureKind.SERVER_ERROR;
import static io.github.dsqlreach.FailureKind.TIMEOUT;
import static io.github.dsqlreach.FailureKind.TLS_ALERT;
import static io.github.dsqlreach.FailureKind.TLS_REFUSED;
import static io.github.dsqlreach.FailureKind.UNEXPECTED_ANSWER;
import static io.github.dsqlreach.diagnosis.Condition.all;
import static io.github.dsqlreach.diagnosis.Condition.any;
import static io.github.dsqlreach.diagnosis.Condition.asking;
import static io.github.dsqlreach.diagnosis.Condition.fact;
import static io.github.dsqlreach.diagnosis.Condition.not;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.internal.client.WebSocketSocket;
import io.github.dsqlreach.internal.probe.CredentialsProblem;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The questions that the rules ask. What can be concluded from facts is concluded here and nowhere else: first from the
 * attempt alone, then from one experiment, then from several.
 */
final class Conditions {
    /** The connection ended or timed out, as a device on the path makes it. */
    static final Set<FailureKind> CONNECTION_LOST = EnumSet.of(RESET, TIMEOUT, CLOSED);
    /** The same, and TLS that ended with an alert. */
    static final Set<FailureKind> HANDSHAKE_FAILED = EnumSet.of(RESET, TIMEOUT, CLOSED, TLS_ALERT);

    /** What a server can answer to a ClientHello that offers nothing it accepts, or no server name. */
    static final Set<FailureKind> ANSWERS_TO_HELLO =
            EnumSet.of(RESET, CLOSED, TLS_ALERT, FailureKind.HOSTNAME_MISMATCH, FailureKind.CERTIFICATE_UNTRUSTED);

    private static final Set<FailureKind> REFUSALS =
            EnumSet.of(SERVER_ERROR, UNEXPECTED_ANSWER, TLS_REFUSED, RESET, CLOSED);

    /** What this machine knows without the network. */
    private static final Set<FailureKind> OF_THIS_MACHINE = EnumSet.of(
            FailureKind.ROOTS_UNREADABLE,
            FailureKind.JVM_SETTING,
            FailureKind.URL_PARAMETER,
            FailureKind.DRIVER_LIMIT,
            FailureKind.REGION_UNKNOWN,
            FailureKind.CREDENTIALS_NOT_FOUND,
            FailureKind.CREDENTIALS_EXPIRED,
            FailureKind.CREDENTIALS_FAILED);

    /** What an HTTP proxy answers that wants a login. */
    static final Set<Long> LOGIN_WANTED = Set.of(407L, 401L);

    /** A packet of this size is larger than the smallest link of IPv6 carries at once. */
    private static final long LARGE_PACKET = 1_000;
    /** This many experiments that do not connect, after an attempt that did, are a reaction to the experiments. */
    private static final int BLOCKED_EXPERIMENTS = 2;
    /** From this round trip on, experiments may not finish in their share of the default timeout. */
    private static final double LONG_ROUND_TRIP = 500;
    /** A login takes four round trips, and a lost packet costs as many again. */
    private static final double FEW_ROUND_TRIPS = 8;
    /** A machine with processor time notices a connection sooner than this. */
    private static final double STARVED = 3_000;
    /** A C library waits 5 s for each query; a resolver's answer, be it a failure, comes earlier. */
    private static final double SHORTEST_RESOLVER_TIMEOUT = 4_500;

    private Conditions() {}

    // From the attempt alone

    static final Condition TIMED_OUT = fact("it timed out", "it did not time out", facts -> facts.failedWith(TIMEOUT));

    private static final Condition ALERTED =
            fact("a TLS alert ended it", "no TLS alert ended it", facts -> facts.failedWith(TLS_ALERT));

    static final Condition AT_DNS = at(Phase.DNS);

    static final Condition AT_TCP = at(Phase.TCP);

    static Condition at(Phase phase) {
        return fact("the phase is " + phase, "the phase is not " + phase, facts -> facts.at(phase));
    }

    private static final Condition AFTER_TLS = fact(
            "TLS passed in the attempt",
            "TLS did not pass in the attempt",
            facts -> facts.phase().compareTo(Phase.TLS) > 0);

    static Condition after(SentMessage message) {
        return fact(
                message + " was sent last",
                message + " was not sent last",
                facts -> Facts.isAfter(facts.evidence(), message));
    }

    private static final Condition SERVER_ANSWERED = fact(
                    "a part of the server's TLS answer came",
                    "no part of the server's TLS answer came",
                    facts -> Facts.isAfter(facts.evidence(), SentMessage.HANDSHAKE))
            .meaning("bytes of the server's handshake arrived after the ClientHello");

    static final Condition PUBLIC_NAME = fact(
                    "the host has a cluster name",
                    "the host has no cluster name",
                    facts -> facts.endpoint().isClusterName())
            .meaning("the name has the form of a DSQL cluster's: public or PrivateLink");

    static final Condition DIRECT_PATH = fact(
                    "TCP goes to the cluster itself",
                    "TCP goes to a tunnel or proxy",
                    facts -> facts.endpoint().connectTo().isEmpty()
                            && !facts.evidence(Phase.DNS).has(Evidence.PROXY))
            .meaning("neither `connectTo` nor an HTTP proxy is set");

    static final Condition IMPOSSIBLE_ADDRESS = fact(
                    "no cluster can have these addresses", "a cluster can have one of these addresses", facts -> {
                        List<String> addresses = facts.evidence(Phase.DNS).list(Evidence.ADDRESSES);
                        return !addresses.isEmpty() && addresses.stream().allMatch(Conditions::isImpossible);
                    })
            .meaning("each address is 127.*, 0.*, 255.255.255.255, :: or ::1");

    /** RFC 2544 reserves it for benchmarks; proxy software uses it to send connections through itself. */
    static final Condition FAKE_ADDRESS = fact(
                    "the addresses are fake ones of proxy software",
                    "the addresses are no fake ones of proxy software",
                    facts -> areAll(facts, "198\\.1[89]\\..*"))
            .meaning("each address is of 198.18.0.0/15");

    static final Condition ONLY_IPV6 =
            fact("the name has only IPv6 addresses", "the name has an IPv4 address", facts -> areAll(facts, ".*:.*"));

    static final Condition PORT_OF_WEB_SOCKET = fact(
                    "TCP goes to the port of the cluster's WebSocket",
                    "TCP does not go to the port of the cluster's WebSocket",
                    facts -> facts.endpoint().isClusterName()
                            && facts.endpoint().connectTo().isEmpty()
                            && facts.endpoint().transport() != Transport.WEBSOCKET
                            && facts.endpoint().port() == WebSocketSocket.DEFAULT_PORT)
            .meaning("the endpoint's port is 443, and its transport is not `websocket`");

    static final Condition JVM_OFFERS_NOTHING = fact(
                    "this JVM's ClientHello lacks what a cluster needs",
                    "this JVM's ClientHello has what a cluster needs",
                    facts -> facts.evidence(Phase.TLS).has(Evidence.SETTING_EFFECT))
            .meaning("settings of this JVM take the server name, or each version, cipher suite, group or signature"
                    + " that a cluster accepts, out of the ClientHello");

    static final Condition CERTIFICATE_NAMES_CLUSTER = fact(
            "the certificate names a cluster",
            "the certificate names no cluster",
            facts -> ServerName.ofCluster(facts.evidence()).isPresent());

    static final Condition PROXY_WANTS_LOGIN = fact(
            "the proxy answered 407 or 401",
            "the proxy did not answer 407 or 401",
            facts -> facts.evidence()
                    .get(Evidence.HTTP_STATUS)
                    .filter(LOGIN_WANTED::contains)
                    .isPresent());

    static final Condition LOOKUP_WAITED = fact(
                    "the lookup took 4.5 s or longer",
                    "the lookup took less than 4.5 s",
                    facts -> facts.failed().millis() >= SHORTEST_RESOLVER_TIMEOUT)
            .meaning("the operating system waited for a DNS server that did not answer");

    static final Condition PACKETS_LOST = asking(
                    "packets get lost",
                    "no packets get lost",
                    facts -> facts.roundTrips().loss())
            .meaning("a connection took whole seconds longer than another one, as after a lost SYN");

    private static final Condition MANY_PACKETS_LOST = asking(
                    "many packets get lost",
                    "not many packets get lost",
                    facts -> facts.roundTrips().muchLoss())
            .meaning("two connections or more took whole seconds longer, a third of all");

    static final Condition NO_TIME_FOR_CREDENTIALS = fact(
                    "this machine had no processor time",
                    "this machine had processor time",
                    Conditions::gotNoTimeForCredentials)
            .meaning("the credentials provider did not answer, and a connection that was established was noticed"
                    + " seconds later, or another phase ran out of time");

    static final Condition NAMES_THE_HOST =
            fact("the certificate names the host", "the certificate does not name the host", Conditions::namesTheHost);

    /** A device that inspects TLS issues its certificate for the host. */
    static final Condition NAMES_OTHER_HOSTS = fact(
            "the certificate names other hosts only",
            "the certificate names the host, or no names are known",
            facts -> !facts.evidence().list(Evidence.CERTIFICATE_NAMES).isEmpty() && !namesTheHost(facts));

    static final Condition NAME_IN_COMMON_NAME_ONLY = fact(
                    "the host is only the certificate's common name",
                    "the host is not only the certificate's common name",
                    facts -> facts.evidence().list(Evidence.CERTIFICATE_NAMES).stream()
                            .anyMatch(
                                    name -> isCommonName(name, facts.endpoint().host())))
            .meaning("the certificate has no subject alternative name, which RFC 9525 demands");

    static final Condition ASKED_FOR_CLIENT_CERTIFICATE = fact(
            "the server asked for a client certificate",
            "the server asked for no client certificate",
            facts -> facts.evidence(Phase.TLS).is(Evidence.CLIENT_CERTIFICATE_WANTED));

    static final Condition CHAIN_SAYS_AMAZON = fact(
                    "the chain names Amazon",
                    "the chain does not name Amazon",
                    facts -> facts.text(Evidence.CHAIN_ROOT).orElse("").contains("Amazon"))
            .meaning("the last certificate that the server sent names Amazon as its issuer");

    static final Condition LONE_CERTIFICATE = fact(
                    "a lone certificate, and roots of the user's own",
                    "no lone certificate, or the JDK's roots",
                    facts -> !facts.endpoint().trust().equals(Trust.jdk())
                            && facts.evidence().get(Evidence.CHAIN_LENGTH).equals(Optional.of(1L)))
            .meaning("a server of the user's own that does not send its intermediate certificate looks the same");

    static final Condition VERIFIED_MEANS_CLUSTER = fact(
                    "a verified server is a cluster",
                    "a verified server may be another server",
                    facts -> facts.endpoint().isClusterName()
                            && facts.endpoint().trust().equals(Trust.jdk()))
            .meaning("the host has a cluster name, and the trusted roots are the JDK's");

    static final Condition SERVER_IS_VERIFIED = fact(
                    "the server was verified",
                    "the server was not verified",
                    facts -> facts.attempt().result(Phase.TLS).passed()
                            && !facts.evidence(Phase.TLS).has(Evidence.CERTIFICATE_PROBLEM))
            .meaning("TLS passed, and nothing is wrong with the certificate that the server showed");

    static final Condition KNOWN_PROTOCOL = fact(
                    "the answer belongs to a known protocol",
                    "the answer belongs to no known protocol",
                    facts -> facts.evidence().has(Evidence.ANSWER_PROTOCOL))
            .meaning("for example HTTP or SSH");

    private static final Condition ACCEPTED_TLS = fact(
                    "the SSLRequest was answered with S",
                    "the SSLRequest was not answered with S",
                    facts -> acceptedTls(facts.evidence()))
            .meaning("a PostgreSQL server, or a device in its place, agreed to TLS");

    /** The system of a server that is silent acknowledges what arrives. */
    static final Condition NOT_ACKNOWLEDGED = fact(
            "bytes were sent again and not acknowledged",
            "all bytes were acknowledged",
            facts -> facts.evidence().isOver(0, Evidence.UNACKNOWLEDGED_BYTES)
                    && facts.evidence().isOver(0, Evidence.RETRANSMISSIONS));

    static final Condition NOTHING_COMES_BACK = fact(
                    "not even TCP acknowledgements come back",
                    "TCP acknowledgements come back",
                    facts -> facts.evidence().isOver(0, Evidence.UNACKNOWLEDGED_BYTES)
                            && facts.evidence().isOver(1, Evidence.RETRANSMISSIONS))
            .meaning("this machine sent bytes again more than once, and they were never acknowledged");

    static final Condition LARGE_PACKET_LOST = fact(
                    "a large packet was never acknowledged",
                    "no large packet was left unacknowledged",
                    facts -> isLargePacketLost(facts.evidence()))
            .meaning("1,000 bytes or more were sent again more than once");

    static final Condition NO_ALPN = fact(
                    "direct TLS selected no ALPN protocol, and nothing came after it",
                    "direct TLS selected an ALPN protocol, or something came after it",
                    facts -> !receivedBytes(facts.evidence())
                            && facts.evidence(Phase.TLS)
                                    .get(Evidence.NEGOTIATION)
                                    .equals(Optional.of(Negotiation.DIRECT))
                            && !facts.evidence(Phase.TLS).has(Evidence.ALPN))
            .meaning("each PostgreSQL server that supports direct TLS selects `postgresql`");

    static final Condition ANSWER_IN_PROGRESS = fact(
                    "bytes of an answer still arrived when time was up",
                    "no bytes arrived when time was up",
                    facts -> receivedBytes(facts.evidence())
                            && facts.evidence().get(Evidence.LISTENED_MILLIS).orElse(Double.MAX_VALUE)
                                    < facts.failed().millis() / 4)
            .meaning("the last byte arrived in the last quarter of the phase's time");

    static final Condition SLOW = any(
            "answers still came when time was up",
            "no answers came when time was up",
            ANSWER_IN_PROGRESS,
            fact(
                            "the last message was sent late",
                            "the last message was not sent late",
                            facts -> facts.evidence().get(Evidence.AFTER_MILLIS).orElse(Double.MAX_VALUE)
                                    < facts.failed().millis() / 2)
                    .meaning("in the second half of the phase's time"));

    static final Condition FEW_ROUND_TRIPS_FIT = fact(
                    "the timeout is shorter than 8 round trips",
                    "the timeout is 8 round trips or longer",
                    facts -> facts.failed().millis()
                            < FEW_ROUND_TRIPS * facts.roundTrips().shortest())
            .meaning("a login takes four round trips, and a lost packet costs as many again");

    // From one experiment

    static Condition passed(ExperimentName name) {
        return asking(
                code(name) + " passed", code(name) + " did not pass", facts -> facts.ask(name, Experiment::passed));
    }

    static Condition failed(ExperimentName name) {
        return asking(code(name) + " failed", code(name) + " did not fail", facts -> facts.ask(name, e -> !e.passed()));
    }

    static Condition failed(ExperimentName name, FailureKind... kinds) {
        String how = Arrays.stream(kinds).map(FailureKind::label).collect(Collectors.joining(" or "));
        return asking(
                code(name) + " failed with " + how,
                code(name) + " did not fail with " + how,
                facts -> facts.ask(name, e -> Arrays.stream(kinds).anyMatch(e::failedWith)));
    }

    /** The lookup or a DNS query met this error of this machine. A C library does not say why a lookup failed. */
    static Condition lookupMet(FailureKind localError) {
        return any(
                "the lookup or a DNS query met it: " + localError.label(),
                "neither the lookup nor a DNS query met it: " + localError.label(),
                fact(
                        "the lookup failed with " + localError.label(),
                        "the lookup did not fail with " + localError.label(),
                        facts -> facts.failedWith(localError)),
                queryMet(localError));
    }

    /** The DNS query met this error of this machine. */
    static Condition queryMet(FailureKind localError) {
        return asking(
                code(DNS_A) + " failed with " + localError.label(),
                code(DNS_A) + " did not fail with " + localError.label(),
                facts -> facts.askEnd(DNS_A, localError));
    }

    /** What came after TLS does not matter here. */
    static Condition verified(ExperimentName name) {
        return asking(code(name) + " got TLS up", code(name) + " did not get TLS up", facts -> askVerified(name, facts))
                .meaning("the TLS handshake was completed, and the server was verified as far as the user asks"
                        + " for it");
    }

    private static Truth askVerified(ExperimentName name, Facts facts) {
        Predicate<Experiment> up = e -> ExperimentResults.gotTlsUp(e)
                && (tls(e).is(Evidence.VERIFIED) || facts.endpoint().trust().mode() != Trust.Mode.VERIFY_FULL);
        return facts.ask(name, up, up);
    }

    /** Whatever came after TLS, and however much the user's settings trust. */
    static Condition proven(ExperimentName name) {
        return asking(
                        code(name) + " verified the cluster",
                        code(name) + " did not verify the cluster",
                        facts -> askProven(name, facts)
                                .and(() -> facts.ask(name, e -> !e.failedWith(UNEXPECTED_ANSWER), unfinished -> true)))
                .meaning("TLS came up, with a trusted certificate for the host, and no other protocol after it");
    }

    private static Truth askProven(ExperimentName name, Facts facts) {
        Predicate<Experiment> proven = e -> tls(e).is(Evidence.VERIFIED) && completedTls(e);
        return facts.ask(name, proven, proven);
    }

    private static Condition failedAlike(ExperimentName name) {
        return asking(
                code(name) + " failed in the same way",
                code(name) + " did not fail in the same way",
                facts -> facts.ask(name, e -> e.failedWith(facts.kind())));
    }

    /** It connected, and what it sent got no answer at all. */
    private static Condition silent(ExperimentName name) {
        return asking(
                        code(name) + " connected and got no answer",
                        code(name) + " did not connect or got an answer",
                        facts -> facts.ask(
                                name,
                                e -> ExperimentResults.connected(e)
                                        && e.failedWith(TIMEOUT)
                                        && !receivedBytes(tls(e))
                                        && !tls(e).has(Evidence.PROTOCOL)))
                .meaning("it timed out and received nothing");
    }

    private static Condition noConnection(ExperimentName name) {
        return asking(
                code(name) + " timed out before it connected",
                code(name) + " connected, or did not time out",
                facts -> facts.ask(name, e -> e.failedWith(TIMEOUT) && !ExperimentResults.connected(e)));
    }

    static Condition connectionLost(ExperimentName name) {
        return asking(
                        code(name) + " lost its connection",
                        code(name) + " did not lose its connection",
                        facts -> facts.ask(
                                name, e -> ExperimentResults.connected(e) && ExperimentResults.lostConnection(e)))
                .meaning("it connected, and the connection was reset, closed or timed out");
    }

    private static Condition lostBeforeTls(ExperimentName name) {
        return asking(
                        code(name) + " lost its connection before TLS was up",
                        code(name) + " got TLS up or did not lose its connection",
                        facts -> facts.ask(
                                name,
                                e -> ExperimentResults.connected(e)
                                        && ExperimentResults.lostConnection(e)
                                        && !tls(e).has(Evidence.PROTOCOL)))
                .meaning("it connected, and the connection was reset, closed or timed out in the handshake");
    }

    /** An experiment that did not finish, or may have lost its packets, excludes nothing. */
    private static Condition mayHaveReachedTls(ExperimentName name) {
        return any(
                code(name) + " may have reached TLS",
                code(name) + " did not reach TLS",
                asking(
                                code(name) + " got an answer to TLS",
                                code(name) + " got no answer to TLS",
                                facts -> facts.ask(
                                        name,
                                        e -> e.passed() || e.failedWith(TLS_ALERT) || tls(e).has(Evidence.PROTOCOL),
                                        unfinished -> true))
                        .meaning("it passed, got an alert, completed the handshake or did not finish"),
                all(
                        code(name) + " may have lost packets",
                        code(name) + " did not lose packets",
                        failed(name, TIMEOUT),
                        MANY_PACKETS_LOST));
    }

    private static Condition answeredTheHello(ExperimentName name) {
        return asking(
                code(name) + " got an answer to its ClientHello",
                code(name) + " got no answer to its ClientHello",
                facts -> facts.ask(
                        name,
                        e -> e.passed()
                                || tls(e).has(Evidence.PROTOCOL)
                                || Facts.isAfter(tls(e), SentMessage.HANDSHAKE),
                        unfinished -> tls(unfinished).has(Evidence.PROTOCOL)));
    }

    private static Condition acceptedTls(ExperimentName name) {
        return asking(
                code(name) + " was answered with S",
                code(name) + " was not answered with S",
                facts -> facts.ask(name, e -> acceptedTls(tls(e))));
    }

    private static Condition lostAfterSslRequest(ExperimentName name) {
        return asking(
                code(name) + " lost the connection after its SSLRequest",
                code(name) + " did not lose the connection after its SSLRequest",
                facts -> facts.ask(
                        name,
                        e -> ExperimentResults.lostConnection(e) && Facts.isAfter(tls(e), SentMessage.SSL_REQUEST)));
    }

    private static Condition endedOtherwise(ExperimentName name) {
        return asking(
                code(name) + " ended in another way",
                code(name) + " did not end in another way",
                facts -> facts.ask(name, e -> !e.failedWith(facts.kind())));
    }

    static final Condition REPEATED_BOTH_WAYS = asking(
                    "control and variant were repeated",
                    "control and variant were not repeated",
                    facts -> facts.askConfirmation(confirmation ->
                            confirmation.holds() && facts.blamed().equals(Optional.of(confirmation.change()))))
            .meaning("without the change all of 5 attempts failed, and with it at least 4 of 5 passed");

    private static final Condition REPEATED_UNCHANGED_PASSED = asking(
            "a repetition passed without the change",
            "no repetition passed without the change",
            facts ->
                    facts.askConfirmation(confirmation -> confirmation.control().passed() > 0));

    private static final Condition REPEATED_CHANGED_PASSED = asking(
            "a repetition passed with a change",
            "no repetition passed with a change",
            facts ->
                    facts.askConfirmation(confirmation -> confirmation.variant().passed() > 0));

    static final Condition BLAMED_PASSED = asking(
                    "the blamed change passed",
                    "the blamed change did not pass",
                    facts -> facts.blamed()
                            .map(change -> facts.ask(change, Experiment::passed))
                            .orElse(Truth.FALSE))
            .meaning("the server also answered after TLS");

    static final Condition BLAMED_VERIFIED = asking(
            "the blamed change verified the server",
            "the blamed change did not verify the server",
            facts -> facts.blamed().map(change -> askVerified(change, facts)).orElse(Truth.FALSE));

    static final Condition BLAMES_A_CHANGE = fact(
            "a change is blamed", "no change is blamed", facts -> facts.blamed().isPresent());

    static final Condition ATTEMPT_STOPPED_LATER = fact(
                    "another attempt got further",
                    "no other attempt got further",
                    facts -> facts.repeated()
                            .filter(other -> other.phase().compareTo(facts.phase()) > 0)
                            .isPresent())
            .meaning("it passed this phase and failed in a later one");

    static final Condition LARGE_PACKET_LOST_AGAIN = fact(
            "another attempt lost its large packet, too",
            "no other attempt lost its large packet",
            facts -> facts.repeated()
                    .filter(other -> isLargePacketLost(other.evidence()))
                    .isPresent());

    static final Condition ALERTED_AGAIN = fact(
            "a TLS alert ended another attempt, too",
            "no TLS alert ended another attempt",
            facts -> facts.isRepeatedWith(TLS_ALERT));

    private static final Condition ATTEMPT_FAILED_ALIKE = fact(
            "another attempt failed in the same way",
            "no other attempt failed in the same way",
            facts -> facts.isRepeatedWith(facts.kind()));

    private static final Condition ATTEMPT_ENDED_OTHERWISE = fact(
            "another attempt failed in another way",
            "no other attempt failed in another way",
            facts -> facts.repeated().isPresent() && !facts.isRepeatedWith(facts.kind()));

    // From several

    private static final Condition LOOKUP_GOT_NO_ANSWER = any(
            "the lookup got no answer",
            "the lookup got an answer",
            TIMED_OUT,
            all(
                    "the lookup failed after waiting",
                    "the lookup did not fail after waiting",
                    fact("the lookup failed", "the lookup did not fail", facts -> facts.failedWith(NAME_LOOKUP_FAILED)),
                    LOOKUP_WAITED));

    /** Then this server is the cluster, at least for some connections. */
    static final Condition PROVEN_THERE = any(
            "an experiment verified the cluster at that address and port",
            "no experiment verified the cluster at that address and port",
            proven(SAME_AGAIN),
            proven(DIRECT_TLS),
            proven(SSL_REQUEST_TLS),
            proven(OTHER_SNI),
            proven(TLS_1_2),
            proven(SMALL_SEGMENTS));

    /** Then the address is right, whatever it looks like and wherever it comes from. */
    static final Condition ADDRESS_PROVEN = any(
            "an experiment verified the cluster at an address of the name",
            "no experiment verified the cluster at an address of the name",
            PROVEN_THERE,
            proven(OTHER_ADDRESS),
            asking(
                            "`websocket-443` verified the cluster at one of these addresses",
                            "`websocket-443` did not verify the cluster at one of these addresses",
                            facts -> askProven(WEB_SOCKET_443, facts)
                                    .and(() -> facts.ask(
                                            WEB_SOCKET_443,
                                            e -> isAddressOfTheName(e, facts),
                                            e -> isAddressOfTheName(e, facts))))
                    .meaning("an HTTP proxy looks the name up itself, so its address is not one of them"));

    static final Condition DNS_QUERY_PASSED =
            any("a DNS query was answered", "no DNS query was answered", passed(DNS_A), passed(DNS_AAAA));

    private static final Condition SSL_REQUEST_PASSED_ONCE = all(
            "the SSLRequest was answered another time",
            "the SSLRequest was never answered",
            after(SentMessage.SSL_REQUEST),
            any(
                    "an experiment's SSLRequest was answered",
                    "no experiment's SSLRequest was answered",
                    passed(SSL_REQUEST_ONLY),
                    acceptedTls(SAME_AGAIN)));

    private static final Condition LOOKUP_IS_INTERMITTENT = all(
            "the lookup got no answer, and a DNS query was answered",
            "the lookup got an answer, or no DNS query was answered",
            AT_DNS,
            LOOKUP_GOT_NO_ANSWER,
            DNS_QUERY_PASSED);

    /** A single event, such as a lost packet or an overloaded server. */
    static final Condition INTERMITTENT = any(
            "the failure is intermittent",
            "the failure is not intermittent",
            LOOKUP_IS_INTERMITTENT,
            passed(SAME_AGAIN),
            SSL_REQUEST_PASSED_ONCE,
            REPEATED_UNCHANGED_PASSED);

    /** What needs no repetition, because no network can change it. */
    private static final Condition KNOWN_WITHOUT_REPETITION = any(
            "no repetition can change it",
            "a repetition could change it",
            fact(
                            "it is a fact of this machine",
                            "it is a fact of the network or a server",
                            facts -> facts.kind().isLocal() || OF_THIS_MACHINE.contains(facts.kind()))
                    .meaning("an error or a setting of this machine, its credentials or its trusted roots"),
            all(
                    "the verified server said it",
                    "no verified server said it",
                    fact("it is a server's error", "it is no server's error", facts -> facts.failedWith(SERVER_ERROR)),
                    SERVER_IS_VERIFIED));

    static final Condition NOT_REPEATED = all(
            "no repetition failed in the same way",
            "a repetition failed in the same way, or none is needed",
            not(KNOWN_WITHOUT_REPETITION),
            not(BLAMES_A_CHANGE),
            not(any(
                    "a repetition failed alike",
                    "no repetition failed alike",
                    failedAlike(SAME_AGAIN),
                    ATTEMPT_FAILED_ALIKE,
                    all(
                            "a DNS query failed alike",
                            "no DNS query failed alike",
                            AT_DNS,
                            any(
                                    "the query for A or AAAA records failed in the same way",
                                    "neither query failed in the same way",
                                    failedAlike(DNS_A),
                                    failedAlike(DNS_AAAA))))));

    static final Condition CONTRADICTED = all(
            "a repetition ended in another way",
            "no repetition ended in another way",
            not(at(Phase.TOKEN)),
            any(
                    "the repeated step or attempt ended in another way",
                    "neither the repeated step nor attempt ended in another way",
                    endedOtherwise(SAME_AGAIN),
                    ATTEMPT_ENDED_OTHERWISE));

    private static final Condition EXPERIMENTS_DID_NOT_CONNECT = asking(
                    "two experiments did not connect", "fewer than two experiments did not connect", facts -> {
                        long failed = facts.experiments().stream()
                                .filter(facts.roundTrips()::isToServer)
                                .filter(e -> !ExperimentResults.connected(e) && !ExperimentResults.isUnfinished(e))
                                .count();
                        Set<ExperimentName> open = facts.roundTrips().unconnectedToServer();
                        return failed >= BLOCKED_EXPERIMENTS || failed + open.size() < BLOCKED_EXPERIMENTS
                                ? Truth.of(failed >= BLOCKED_EXPERIMENTS)
                                : new Truth(false, open);
                    })
            .meaning("to the address that the attempt connected to");

    /** What the experiments say about changes counts for nothing then. */
    static final Condition EXPERIMENTS_BLOCKED = any(
            "the network blocks the experiments",
            "the network does not block the experiments",
            all(
                    "only the attempt's SSLRequest was answered",
                    "the attempt's SSLRequest was not the only one answered",
                    ACCEPTED_TLS,
                    lostAfterSslRequest(SSL_REQUEST_ONLY),
                    lostAfterSslRequest(SAME_AGAIN)),
            EXPERIMENTS_DID_NOT_CONNECT);

    /** Then the name is not the reason. */
    static final Condition NAME_GOT_THROUGH = any(
            "a ClientHello with the cluster's name was answered",
            "no ClientHello with the cluster's name was answered",
            SERVER_ANSWERED,
            // Where an alert is the failure, the device that sent it may also have sent this refusal.
            all(
                    "`refused-hello` passed, and no TLS alert ended the attempt",
                    "`refused-hello` did not pass, or a TLS alert ended the attempt",
                    not(ALERTED),
                    passed(REFUSED_HELLO)),
            answeredTheHello(TLS_1_2),
            answeredTheHello(SMALL_SEGMENTS),
            answeredTheHello(SAME_AGAIN));

    /** A device on the path that reacts late: part of the answer is faster than its reset. */
    static final Condition ENDED_WITHIN_ANSWER = any(
            "a connection with the cluster's name ended within the server's TLS answer",
            "no connection with the cluster's name ended within the server's TLS answer",
            SERVER_ANSWERED,
            endedWithinAnswer(TLS_1_2),
            endedWithinAnswer(SAME_AGAIN));

    /** Part of an answer is no proof, because a device on the path may react late. */
    static final Condition NAME_COMPLETED_TLS = any(
            "TLS came up with the cluster's name",
            "TLS did not come up with the cluster's name",
            cameUp(TLS_1_2),
            cameUp(SMALL_SEGMENTS),
            cameUp(SAME_AGAIN));

    private static Condition endedWithinAnswer(ExperimentName name) {
        return asking(
                code(name) + " ended within the server's TLS answer",
                code(name) + " did not end within the server's TLS answer",
                facts -> facts.ask(
                        name,
                        e -> (e.failedWith(RESET) || e.failedWith(CLOSED))
                                && Facts.isAfter(tls(e), SentMessage.HANDSHAKE)));
    }

    private static Condition cameUp(ExperimentName name) {
        return asking(
                code(name) + " completed the TLS handshake",
                code(name) + " did not complete the TLS handshake",
                facts -> facts.ask(
                        name,
                        e -> completedTls(e),
                        unfinished -> tls(unfinished).has(Evidence.PROTOCOL)));
    }

    static final Condition OTHERS_ANSWERED = any(
                    "the port answers other messages",
                    "the port answers no other message",
                    ACCEPTED_TLS,
                    SERVER_ANSWERED,
                    passed(PLAIN_START),
                    passed(SSL_REQUEST_ONLY),
                    acceptedTls(SSL_REQUEST_TLS),
                    acceptedTls(SAME_AGAIN))
            .meaning("web requests have rules of their own");

    static final Condition ONLY_SMALL_ANSWERS_PASS = all(
            "only small answers come back",
            "not only small answers come back",
            passed(REFUSED_HELLO),
            failed(OTHER_SNI, TIMEOUT),
            failed(SAME_AGAIN, TIMEOUT),
            not(failed(SMALL_SEGMENTS, TIMEOUT)),
            not(NOTHING_COMES_BACK));

    static final Condition FURTHER_IN_SMALL_SEGMENTS = all(
            "more bytes come back in small packets",
            "no more bytes come back in small packets",
            failed(SAME_AGAIN, TIMEOUT),
            not(NOTHING_COMES_BACK),
            asking("`small-segments` received more", "`small-segments` did not receive more", facts -> {
                        Truth same = facts.ask(SAME_AGAIN, e -> true);
                        if (same.isOpen()) {
                            return same;
                        }
                        long otherwise = Math.max(
                                received(facts.evidence()),
                                facts.experiment(SAME_AGAIN)
                                        .map(again -> received(tls(again)))
                                        .orElse(0L));
                        Predicate<Experiment> more = small -> tls(small).isOver(otherwise, Evidence.BYTES_RECEIVED);
                        return otherwise > 0 ? facts.ask(SMALL_SEGMENTS, more, more) : Truth.FALSE;
                    })
                    .meaning("more bytes of the server's answer than the attempt and `same-again`, which got some"));

    /** A part of an answer is enough. */
    private static Condition answered(ExperimentName name) {
        return asking(
                        code(name) + " was answered",
                        code(name) + " was not answered",
                        facts -> facts.ask(
                                name,
                                e -> e.passed()
                                        || e.attempt().phases().stream()
                                                .anyMatch(phase -> receivedBytes(phase.evidence()))
                                        || tls(e).has(Evidence.PROTOCOL)
                                        || acceptedTls(tls(e))
                                        || Facts.isAfter(tls(e), SentMessage.HANDSHAKE)))
                .meaning("it passed or received at least one byte");
    }

    private static final Condition ANYTHING_ANSWERED = any(
            "anything was answered",
            "nothing was answered",
            OTHERS_ANSWERED,
            fact(
                    "the attempt received something",
                    "the attempt received nothing",
                    facts -> receivedBytes(facts.evidence())),
            answered(PLAIN_START),
            answered(SAME_AGAIN),
            answered(DIRECT_TLS),
            answered(SSL_REQUEST_TLS),
            answered(SSL_REQUEST_ONLY),
            answered(OTHER_SNI),
            answered(TLS_1_2),
            answered(SMALL_SEGMENTS),
            answered(REFUSED_HELLO),
            answered(WEB_REQUEST));

    static final Condition ANY_PAYLOAD_FAILS = all(
                    "any payload fails in the same way",
                    "not every payload fails in the same way",
                    connectionLost(PLAIN_START),
                    // To be closed is an answer where everything else times out.
                    not(asking(
                            "`web-request` connected and ended in another way",
                            "`web-request` did not connect or ended in the same way",
                            facts -> facts.ask(
                                    WEB_REQUEST, e -> ExperimentResults.connected(e) && !e.failedWith(facts.kind())))),
                    not(ANYTHING_ANSWERED),
                    // Where there is another address, it must have had its chance.
                    not(asking(
                                    "another address may work",
                                    "no other address works",
                                    facts -> facts.ask(OTHER_ADDRESS, Experiment::passed, unfinished -> true))
                            .meaning("`other-address` passed or did not finish")),
                    any(
                            "the other way to start TLS fails, too",
                            "the other way to start TLS does not fail in this way",
                            connectionLost(DIRECT_TLS),
                            connectionLost(SSL_REQUEST_TLS)))
            .meaning("TLS or not, and nothing was ever answered");

    static final Condition ONLY_TLS_FAILS = all(
                    "only TLS fails on this port",
                    "not only TLS fails on this port",
                    // Then large packets may be what gets lost.
                    not(all(
                            "it timed out within the server's TLS answer",
                            "it did not time out within the server's TLS answer",
                            TIMED_OUT,
                            SERVER_ANSWERED)),
                    not(any(
                            "an experiment may have reached TLS",
                            "no experiment reached TLS",
                            mayHaveReachedTls(DIRECT_TLS),
                            mayHaveReachedTls(SSL_REQUEST_TLS),
                            mayHaveReachedTls(OTHER_SNI),
                            mayHaveReachedTls(TLS_1_2),
                            mayHaveReachedTls(SMALL_SEGMENTS),
                            mayHaveReachedTls(OTHER_ADDRESS))),
                    not(REPEATED_CHANGED_PASSED),
                    not(passed(REFUSED_HELLO)),
                    OTHERS_ANSWERED)
            .meaning("TLS got no answer, however it was started, and something else did");

    /** Only the cluster's own name is a control for the port; another name is one for the network. */
    static final Condition CLUSTER_WORKS_ON_443 = asking(
                    "TLS to the cluster works on port 443",
                    "TLS to the cluster is not known to work on port 443",
                    facts -> {
                        Predicate<Experiment> up = e -> completedTls(e)
                                && (tls(e).is(Evidence.VERIFIED)
                                        || facts.endpoint().trust().mode() != Trust.Mode.VERIFY_FULL);
                        return facts.ask(WEB_SOCKET_443, up, up);
                    })
            .meaning("`websocket-443` completed the TLS handshake, whatever came after it, and the server was verified"
                    + " as far as the user asks for it");

    static final Condition CLUSTER_FAILS_ON_443 = all(
            "TLS to the cluster fails on port 443, too",
            "TLS to the cluster may work on port 443",
            lostBeforeTls(WEB_SOCKET_443),
            not(mayHaveReachedTls(WEB_SOCKET_443)));

    /** Neither the port nor what is behind it is the reason then. */
    static final Condition OTHERS_SILENT = all(
            "two other servers are silent, too",
            "another server answers, or none was asked",
            silent(WEB_SOCKET_443),
            silent(CONTROL_443));

    /** As a captive portal's or a filter's resolver does. */
    static final Condition ONE_ADDRESS_FOR_EACH_NAME = all(
            "AWS's API has the same address",
            "AWS's API has another address",
            PUBLIC_NAME,
            DIRECT_PATH,
            not(ADDRESS_PROVEN),
            asking(
                    "`control-443` went to an address of the name",
                    "`control-443` did not go to an address of the name",
                    facts -> {
                        Predicate<Experiment> there = e -> isAddressOfTheName(e, facts);
                        return facts.ask(CONTROL_443, there, there);
                    }));

    static final Condition NOTHING_CONNECTS = all(
            "no other server connects, either",
            "another server connects, or none was asked",
            noConnection(WEB_SOCKET_443),
            noConnection(CONTROL_443));

    /** A timeout of another server may be a lost packet or a busy server, unless other connections time out, too. */
    private static final Condition TIMEOUT_MAY_BE_CHANCE = any(
            "a timeout of TLS to AWS may be chance",
            "a timeout of TLS to AWS is hardly chance",
            MANY_PACKETS_LOST,
            all(
                    "the attempt did not time out, and packets get lost or `websocket-443` did not time out",
                    "the attempt timed out, or `websocket-443` did and no packets get lost",
                    not(TIMED_OUT),
                    any(
                            "packets get lost or `websocket-443` did not time out",
                            "no packets get lost and `websocket-443` timed out",
                            PACKETS_LOST,
                            not(failed(WEB_SOCKET_443, TIMEOUT)))));

    static final Condition TLS_FAILS_ON_443 = all(
            "TLS fails on port 443, too",
            "TLS does not fail on port 443",
            lostBeforeTls(CONTROL_443),
            not(all(
                    "TLS to AWS may have timed out by chance",
                    "TLS to AWS did not time out by chance",
                    failed(CONTROL_443, TIMEOUT),
                    TIMEOUT_MAY_BE_CHANCE)),
            not(mayHaveReachedTls(WEB_SOCKET_443)));

    static final Condition OTHER_NAME_WORKS = any(
            "TLS works with another server name",
            "TLS does not work with another server name",
            verified(OTHER_SNI),
            passed(OTHER_SNI));

    static final Condition UNEXPECTED_ANSWER_TO_OTHERS = any(
            "another message gets an unexpected answer",
            "no other message gets an unexpected answer",
            failed(DIRECT_TLS, UNEXPECTED_ANSWER),
            failed(SSL_REQUEST_TLS, UNEXPECTED_ANSWER),
            failed(PLAIN_START, UNEXPECTED_ANSWER));

    /** A server that does not know direct TLS ends it; only a cluster is known to support it. */
    static final Condition DIRECT_TLS_MAY_BE_UNKNOWN = all(
            "the server may not support direct TLS",
            "the server supports direct TLS, or direct TLS is not blamed",
            fact(
                    "direct TLS is blamed",
                    "direct TLS is not blamed",
                    facts -> facts.blamed().equals(Optional.of(SSL_REQUEST_TLS))),
            fact(
                    "the handshake failed",
                    "the handshake did not fail",
                    facts -> HANDSHAKE_FAILED.contains(facts.kind())),
            not(VERIFIED_MEANS_CLUSTER));

    static final Condition WEB_SERVER_ANSWERS = any(
            "a web request is answered",
            "no web request is answered",
            passed(WEB_REQUEST),
            failed(WEB_REQUEST, UNEXPECTED_ANSWER));

    static final Condition OTHER_START_REFUSED = any(
            "the other way to start TLS was refused",
            "the other way to start TLS was not refused",
            refusedTls(DIRECT_TLS),
            refusedTls(SSL_REQUEST_TLS));

    private static Condition refusedTls(ExperimentName name) {
        return asking(
                        code(name) + " was refused",
                        code(name) + " was not refused",
                        facts -> facts.ask(name, e -> REFUSALS.stream().anyMatch(e::failedWith)))
                .meaning("an error, another protocol, a refusal of TLS, a reset or a close answered it");
    }

    // What else a confidence or another attempt depends on

    /** The round trip is so long, or unknown, that a repetition did not finish. */
    static final Condition TOO_FAR = asking(
                    "the round trip is too long for a repetition",
                    "the round trip allows a repetition",
                    facts -> facts.ask(
                            SAME_AGAIN,
                            finished -> false,
                            unfinished ->
                                    facts.at(Phase.TCP) || facts.roundTrips().shortest() >= LONG_ROUND_TRIP))
            .meaning("`same-again` did not finish, and the round trip is 500 ms or longer, or unknown");

    /** Where packets get lost, one timeout is not enough. */
    private static final Condition REPEATED = any(
            "the failure was repeated",
            "the failure was not repeated",
            EXPERIMENTS_BLOCKED,
            all(
                    "the timeout is no packet loss",
                    "the timeout may be packet loss",
                    TIMED_OUT,
                    not(TOO_FAR),
                    not(PACKETS_LOST)),
            all(
                    "the step was repeated",
                    "the step was not repeated",
                    not(TIMED_OUT),
                    asking(
                            "`same-again` was made",
                            "`same-again` was not made",
                            facts -> facts.ask(SAME_AGAIN, finished -> true, unfinished -> true))));

    private static final Condition LOST_THE_CONNECTION = fact(
                    "the connection was lost",
                    "the connection was not lost",
                    facts -> CONNECTION_LOST.contains(facts.kind()))
            .meaning("reset, closed or timed out");

    /** Whether another attempt could change the diagnosis. */
    static final Condition NEEDS_ANOTHER_ATTEMPT = any(
            "another attempt is needed",
            "no other attempt is needed",
            all(
                    "the answer after TLS is not PostgreSQL's",
                    "the answer after TLS is PostgreSQL's, or there is none",
                    AFTER_TLS,
                    fact(
                            "the answer is unexpected",
                            "no answer is unexpected",
                            facts -> facts.failedWith(UNEXPECTED_ANSWER))),
            // By then the JVM is warm, and what was started beside the attempt is over.
            fact("it ran out of time", "it did not run out of time", facts -> facts.failedWith(OUT_OF_TIME)),
            all("a lookup is intermittent", "no lookup is intermittent", AT_DNS, INTERMITTENT),
            all(
                    "a lost connection is not explained",
                    "no lost connection is left unexplained",
                    LOST_THE_CONNECTION,
                    any(
                            "nothing shows that it happens each time",
                            "something shows that it happens each time",
                            AFTER_TLS,
                            all(
                                    "no change is blamed, and the failure may be a single event",
                                    "a change is blamed, or the failure is no single event",
                                    not(BLAMES_A_CHANGE),
                                    any(
                                            "the failure may be a single event",
                                            "the failure is no single event",
                                            INTERMITTENT,
                                            not(REPEATED))))));

    // What reports say besides

    /** A login or query that was still in progress. */
    static final Condition SLOW_LOGIN =
            all("the login was still in progress", "no login was in progress", AFTER_TLS, TIMED_OUT, SLOW);

    /** What was sent after TLS may be lost, or the path is slow. */
    static final Condition NOT_ARRIVING = all(
            "what was sent after TLS does not arrive",
            "what was sent after TLS arrives",
            AFTER_TLS,
            TIMED_OUT,
            NOT_ACKNOWLEDGED);

    /** After TLS the end may answer an earlier message than the last one. */
    static final Condition ENDED_NEARBY = all(
            "something near this machine ended the connection",
            "nothing shows who ended the connection",
            at(Phase.TLS),
            DIRECT_PATH,
            fact(
                    "the connection ended in less than half the shortest round trip",
                    "the connection did not end sooner than the server can end it",
                    facts -> !facts.failedWith(TIMEOUT)
                            && HANDSHAKE_FAILED.contains(facts.kind())
                            && facts.roundTrips()
                                    .isTooSoonForServer(facts.evidence()
                                            .get(Evidence.AFTER_MILLIS)
                                            .orElse(Double.MAX_VALUE))));

    static final Condition UNSTEADY = all(
            "the connection is unsteady",
            "the connection is not known to be unsteady",
            fact(
                    "a single event can bring the failure",
                    "no single event brings the failure",
                    facts -> HANDSHAKE_FAILED.contains(facts.kind())),
            INTERMITTENT);

    /** As with PrivateLink. */
    static final Condition PRIVATE_ADDRESS = all(
            "the addresses are private ones",
            "the addresses are no private ones",
            DIRECT_PATH,
            fact(
                    "each address is of a private network",
                    "an address is of no private network",
                    facts -> areAll(
                            facts, "10\\..*|192\\.168\\..*|172\\.(1[6-9]|2\\d|3[01])\\..*|f[cd][0-9a-f]{2}:.*")));

    // What they look at

    private static boolean areAll(Facts facts, String pattern) {
        List<String> addresses = facts.evidence(Phase.DNS).list(Evidence.ADDRESSES);
        return !addresses.isEmpty() && addresses.stream().allMatch(address -> address.matches(pattern));
    }

    private static boolean isImpossible(String address) {
        return address.startsWith("127.")
                || address.startsWith("0.")
                || address.equals("255.255.255.255")
                || address.matches("[0:]+[01]?");
    }

    private static boolean isAddressOfTheName(Experiment experiment, Facts facts) {
        return experiment
                .evidence(Phase.TCP)
                .get(Evidence.ADDRESS)
                .filter(facts.evidence(Phase.DNS).list(Evidence.ADDRESSES)::contains)
                .isPresent();
    }

    private static boolean namesTheHost(Facts facts) {
        String host = facts.endpoint().host().toLowerCase(Locale.ROOT);
        return facts.evidence().list(Evidence.CERTIFICATE_NAMES).stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .anyMatch(name -> name.equals(host)
                        || isCommonName(name, host)
                        || name.startsWith("*.") && host.endsWith(name.substring(1)));
    }

    /** Of a certificate without subject alternative names, the subject is known instead. */
    private static boolean isCommonName(String subject, String host) {
        return ("," + subject + ",").toLowerCase(Locale.ROOT).contains(",cn=" + host.toLowerCase(Locale.ROOT) + ",");
    }

    private static boolean gotNoTimeForCredentials(Facts facts) {
        PhaseResult tcp = facts.attempt().result(Phase.TCP);
        boolean starved = DIRECT_PATH.holds(facts)
                && tcp.passed()
                && tcp.evidence().list(Evidence.ATTEMPTS).size() == 1
                && tcp.millis() - tcp.evidence().get(Evidence.ROUND_TRIP_MILLIS).orElse(tcp.millis()) >= STARVED;
        return CredentialsProblem.in(facts.evidence())
                        .filter(CredentialsProblem.NO_ANSWER::equals)
                        .isPresent()
                && (starved || facts.attempt().phases().stream().anyMatch(r -> r.failedWith(OUT_OF_TIME)));
    }

    private static boolean isLargePacketLost(Evidence evidence) {
        return evidence.isOver(LARGE_PACKET - 1, Evidence.UNACKNOWLEDGED_BYTES)
                && evidence.isOver(1, Evidence.RETRANSMISSIONS);
    }

    private static boolean acceptedTls(Evidence evidence) {
        return evidence.get(Evidence.SSL_REQUEST_ANSWER).filter("S"::equals).isPresent();
    }

    /** What an experiment observed of TLS. */
    private static Evidence tls(Experiment experiment) {
        return experiment.evidence(Phase.TLS);
    }

    /** Whatever came after it. */
    private static boolean completedTls(Experiment experiment) {
        return experiment.passed() || tls(experiment).has(Evidence.PROTOCOL);
    }

    private static long received(Evidence evidence) {
        return evidence.get(Evidence.BYTES_RECEIVED).orElse(0L);
    }

    private static boolean receivedBytes(Evidence evidence) {
        return evidence.isOver(0, Evidence.BYTES_RECEIVED);
    }

    private static String code(ExperimentName name) {
        return "`" + name.id() + "`";
    }
}
