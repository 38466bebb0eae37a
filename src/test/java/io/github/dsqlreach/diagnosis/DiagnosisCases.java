package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;
import static io.github.dsqlreach.Confidence.POSSIBLE;
import static io.github.dsqlreach.ExperimentName.BEHIND_TLS;
import static io.github.dsqlreach.ExperimentName.CONTROL_443;
import static io.github.dsqlreach.ExperimentName.CONTROL_DNS;
import static io.github.dsqlreach.ExperimentName.CONTROL_NAME;
import static io.github.dsqlreach.ExperimentName.DIRECT_TLS;
import static io.github.dsqlreach.ExperimentName.DNS_A;
import static io.github.dsqlreach.ExperimentName.DNS_AAAA;
import static io.github.dsqlreach.ExperimentName.IDLE;
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
import static io.github.dsqlreach.FailureKind.CERTIFICATE_CHAIN_INCOMPLETE;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_EXPIRED;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_UNACCEPTABLE;
import static io.github.dsqlreach.FailureKind.CERTIFICATE_UNTRUSTED;
import static io.github.dsqlreach.FailureKind.CLOSED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_EXPIRED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_FAILED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_NOT_FOUND;
import static io.github.dsqlreach.FailureKind.DRIVER_LIMIT;
import static io.github.dsqlreach.FailureKind.HOSTNAME_MISMATCH;
import static io.github.dsqlreach.FailureKind.JVM_SETTING;
import static io.github.dsqlreach.FailureKind.LOOPBACK_DOWN;
import static io.github.dsqlreach.FailureKind.NAME_LOOKUP_FAILED;
import static io.github.dsqlreach.FailureKind.NAME_NOT_FOUND;
import static io.github.dsqlreach.FailureKind.NOT_PERMITTED;
import static io.github.dsqlreach.FailureKind.NO_FILE_HANDLE;
import static io.github.dsqlreach.FailureKind.NO_LOCAL_PORT;
import static io.github.dsqlreach.FailureKind.NO_MEMORY;
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
import static io.github.dsqlreach.FailureKind.UNCLASSIFIED;
import static io.github.dsqlreach.FailureKind.UNEXPECTED_ANSWER;
import static io.github.dsqlreach.FailureKind.UNREACHABLE;
import static io.github.dsqlreach.FailureKind.URL_PARAMETER;

import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The table by examples: for each rule the facts that make it apply, and next to them facts that differ in one condition
 * and make another rule apply.
 */
final class DiagnosisCases {
    private static final Endpoint OTHER_SERVER = Endpoint.parse("db.example.net");
    private static final Endpoint TUNNEL = HandMade.CLUSTER.toBuilder()
            .connectTo(new HostAndPort("127.0.0.1", 15432))
            .build();
    private static final Endpoint OWN_ROOTS = HandMade.CLUSTER.toBuilder()
            .trust(Trust.rootCertificate(Path.of("roots.pem")))
            .build();
    private static final Endpoint DIRECT =
            HandMade.CLUSTER.toBuilder().negotiation(Negotiation.DIRECT).build();
    private static final Endpoint WEB_SOCKET = HandMade.CLUSTER.over(Transport.WEBSOCKET);
    private static final Endpoint READER =
            HandMade.CLUSTER.toBuilder().user("reader").build();

    private static final HostAndPort PROXY = new HostAndPort("proxy.corp.example", 3128);

    static final Consumer<Evidence.Builder> VERIFIED = e -> e.put(Evidence.VERIFIED, true);
    private static final Consumer<Evidence.Builder> CONNECTED = e -> e.put(Evidence.ROUND_TRIP_MILLIS, 83.0);
    /** As after a SYN that was lost and sent again. */
    private static final Consumer<Evidence.Builder> LATE = roundTrip(1_085);

    private static final Consumer<Evidence.Builder> LARGE_PACKET_LOST =
            e -> e.put(Evidence.UNACKNOWLEDGED_BYTES, 1_400).put(Evidence.RETRANSMISSIONS, 5);

    private final List<DiagnosisCase> cases = new ArrayList<>();

    private DiagnosisCases() {
        anyPhase();
        proofOfIdentity();
        dns();
        tcp();
        token();
        certificates();
        webSocket();
        clientCertificates();
        portOfWebSocket();
        blockedOrIntermittent();
        changes();
        otherServers();
        pathMtu();
        notTls();
        onlyTls();
        login();
        refusals();
        clientSettings();
        doubts();
        retries();
        localErrors();
    }

    static List<DiagnosisCase> all() {
        return new DiagnosisCases().cases;
    }

    private DiagnosisCase when(String what, HandMade facts, String rule, Confidence confidence) {
        DiagnosisCase made = DiagnosisCase.of(what, facts, rule, confidence);
        cases.add(made);
        return made;
    }

    /** A failure of the network or a server, which is confirmed when it was repeated in the same way. */
    private void certain(String what, HandMade facts, String rule) {
        when(what + ", not repeated", facts, rule, LIKELY);
        when(what + ", repeated", facts.repeatedAlike(), rule, CONFIRMED);
    }

    private void retried(String what, HandMade facts, String rule, Confidence confidence, boolean retried) {
        cases.add(DiagnosisCase.of(what, facts, rule, confidence).retried(retried));
    }

    // Failures

    private static HandMade fails(Phase phase, FailureKind kind) {
        return HandMade.attempt().fail(phase, kind, kind.label());
    }

    private static HandMade fails(Phase phase, FailureKind kind, Consumer<Evidence.Builder> evidence) {
        return HandMade.attempt().fail(phase, kind, kind.label(), evidence);
    }

    private static HandMade failsInTls(FailureKind kind, SentMessage after) {
        return fails(Phase.TLS, kind, after(after));
    }

    /** The SSLRequest was answered, and the ClientHello is followed by a reset. */
    static HandMade reset() {
        return HandMade.attempt()
                .fail(
                        Phase.TLS,
                        RESET,
                        "connection reset 95 ms after ClientHello",
                        after(SentMessage.CLIENT_HELLO)
                                .andThen(e -> e.put(Evidence.AFTER_MILLIS, 95.0).put(Evidence.BYTES_RECEIVED, 1)));
    }

    /** The SSLRequest was answered, and the ClientHello gets no answer. */
    static HandMade timeout() {
        return HandMade.attempt()
                .fail(
                        Phase.TLS,
                        TIMEOUT,
                        "no answer in 10 s after ClientHello",
                        after(SentMessage.CLIENT_HELLO).andThen(DiagnosisCases::accepted));
    }

    /** The SSLRequest gets no answer. */
    static HandMade timeoutAfterRequest() {
        return HandMade.attempt()
                .fail(Phase.TLS, TIMEOUT, "no answer in 10 s after SSLRequest", after(SentMessage.SSL_REQUEST));
    }

    // What was observed

    static Consumer<Evidence.Builder> after(SentMessage message) {
        return e -> e.put(Evidence.AFTER, message);
    }

    private static void accepted(Evidence.Builder evidence) {
        evidence.put(Evidence.SSL_REQUEST_ANSWER, "S");
    }

    /** Of a connection to the server. */
    static Consumer<Evidence.Builder> roundTrip(double millis) {
        return e -> e.put(Evidence.ADDRESS, "203.0.113.7").put(Evidence.ROUND_TRIP_MILLIS, millis);
    }

    private static Consumer<Evidence.Builder> at(String address) {
        return e -> e.put(Evidence.ADDRESS, address);
    }

    private static Consumer<Evidence.Builder> received(int bytes) {
        return e -> e.put(Evidence.BYTES_RECEIVED, bytes);
    }

    private static Consumer<Evidence.Builder> proxyStatus(int code) {
        return e -> e.put(Evidence.PROXY, PROXY).put(Evidence.HTTP_STATUS, code);
    }

    private static final List<ExperimentName> TLS_TO_SERVER =
            List.of(SAME_AGAIN, DIRECT_TLS, SSL_REQUEST_TLS, OTHER_SNI, TLS_1_2, SMALL_SEGMENTS);
    /** TLS came up and failed after it. */
    private static final Consumer<Evidence.Builder> PROVEN = VERIFIED.andThen(CONNECTED)
            .andThen(e -> e.put(Evidence.PROTOCOL, "TLSv1.3").put(Evidence.ADDRESS, "203.0.113.7"));

    /** The cluster was verified at an address, which ends each doubt about the address. */
    private void proofOfIdentity() {
        for (ExperimentName name : TLS_TO_SERVER) {
            when(
                    "a loopback address, where the cluster is verified with " + name.label(),
                    fails(Phase.TLS, CERTIFICATE_UNTRUSTED)
                            .resolvingTo("127.0.0.1")
                            .tried(name, RESET, PROVEN),
                    "tls-certificate-of-another-server",
                    POSSIBLE);
            for (FailureKind kind : List.of(
                    CERTIFICATE_UNTRUSTED,
                    CERTIFICATE_EXPIRED,
                    CERTIFICATE_CHAIN_INCOMPLETE,
                    CERTIFICATE_UNACCEPTABLE,
                    HOSTNAME_MISMATCH)) {
                when(
                        kind.label() + ", and the cluster is verified with " + name.label(),
                        fails(Phase.TLS, kind).tried(name, RESET, PROVEN),
                        "tls-certificate-of-another-server",
                        POSSIBLE);
            }
            for (FailureKind kind : List.of(TLS_REFUSED, UNEXPECTED_ANSWER, SERVER_ERROR)) {
                when(
                        kind.label() + ", and the cluster is verified with " + name.label(),
                        fails(Phase.TLS, kind).tried(name, VERIFIED),
                        "tls-answer-of-another-server",
                        POSSIBLE);
            }
        }
        when(
                "a web server with the cluster's certificate",
                fails(Phase.TLS, UNEXPECTED_ANSWER).tried(DIRECT_TLS, UNEXPECTED_ANSWER, PROVEN),
                "tls-unexpected-answer",
                LIKELY);
        when(
                "a loopback address, where a server is not verified",
                fails(Phase.TLS, CERTIFICATE_UNTRUSTED).resolvingTo("127.0.0.1").tried(DIRECT_TLS, e -> {}),
                "dns-sinkholed",
                LIKELY);
        when(
                "two loopback addresses, and the cluster is verified at the other one",
                fails(Phase.TLS, RESET).resolvingTo("127.0.0.1", "127.0.0.2").triggeredBy(OTHER_ADDRESS),
                "tls-address",
                CONFIRMED);
        for (String address : List.of("127.0.0.1", "203.0.113.9")) {
            when(
                    "the WebSocket is verified at " + address,
                    fails(Phase.TCP, TIMEOUT)
                            .resolvingTo("127.0.0.1")
                            .tried(WEB_SOCKET_443, VERIFIED.andThen(e -> e.put(Evidence.ADDRESS, address))),
                    address.equals("127.0.0.1") ? "tcp-timeout" : "dns-sinkholed",
                    LIKELY);
        }
        when(
                "the WebSocket's server is not verified at that address",
                fails(Phase.TCP, TIMEOUT)
                        .resolvingTo("127.0.0.1")
                        .tried(WEB_SOCKET_443, e -> e.put(Evidence.ADDRESS, "127.0.0.1")),
                "dns-sinkholed",
                LIKELY);
        when(
                "TLS is refused after an SSLRequest, and the cluster is verified once",
                reset().tried(SSL_REQUEST_TLS, TLS_REFUSED).tried(TLS_1_2, VERIFIED),
                "tls-unexplained",
                POSSIBLE);
        when(
                "something answers without TLS, and the cluster is verified once",
                reset().tried(PLAIN_START, UNEXPECTED_ANSWER).tried(TLS_1_2, VERIFIED),
                "tls-unexplained",
                POSSIBLE);
        when(
                "a web server answers, and the cluster is verified once",
                timeoutAfterRequest().tried(WEB_REQUEST, e -> {}).tried(DIRECT_TLS, VERIFIED),
                "tls-unexplained",
                POSSIBLE);
    }

    private void anyPhase() {
        when(
                "a cluster name resolves to an address that no cluster can have",
                fails(Phase.TCP, REFUSED).resolvingTo("0.0.0.0"),
                "dns-sinkholed",
                LIKELY);
        when(
                "so it is where TLS fails there",
                fails(Phase.TLS, UNEXPECTED_ANSWER).resolvingTo("127.0.0.1"),
                "dns-sinkholed",
                LIKELY);
        certain(
                "another host name may have such an address",
                fails(Phase.TCP, REFUSED).to(OTHER_SERVER).resolvingTo("127.0.0.1"),
                "tcp-refused");
        certain(
                "a tunnel may have such an address",
                fails(Phase.TCP, REFUSED).to(TUNNEL).resolvingTo("127.0.0.1"),
                "tcp-refused");
        certain(
                "one of the addresses can be a cluster's",
                fails(Phase.TCP, REFUSED).resolvingTo("127.0.0.1", "203.0.113.7"),
                "tcp-refused");
        for (Phase phase : List.of(Phase.DNS, Phase.TCP)) {
            certain("the proxy fails at " + phase, fails(phase, PROXY_FAILED), "proxy-failed");
        }
        for (int code : List.of(407, 401)) {
            certain("the proxy answers " + code, fails(Phase.TCP, UNEXPECTED_ANSWER, proxyStatus(code)), "proxy-login");
        }
        certain(
                "the proxy answers another status",
                fails(Phase.TCP, UNEXPECTED_ANSWER, proxyStatus(403)),
                "proxy-refused");
        for (FailureKind kind : List.of(RESET, CLOSED, TIMEOUT)) {
            when(
                    "the proxy's connection ends after CONNECT: " + kind,
                    fails(Phase.TCP, kind, after(SentMessage.CONNECT).andThen(e -> e.put(Evidence.PROXY, PROXY))),
                    "proxy-connection-lost",
                    LIKELY);
        }
        for (Phase phase : List.of(Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY)) {
            retried(
                    "this machine used the time up at " + phase,
                    fails(phase, OUT_OF_TIME),
                    "out-of-time",
                    LIKELY,
                    true);
        }
        when("a failure of no known kind", fails(Phase.TLS, UNCLASSIFIED), "nothing-fits", POSSIBLE);
    }

    private void localErrors() {
        Map<FailureKind, String> rules = new EnumMap<>(Map.of(
                NO_FILE_HANDLE, "no-file-handle",
                NO_LOCAL_PORT, "no-local-port",
                NO_MEMORY, "no-memory",
                NO_THREAD, "no-thread",
                NOT_PERMITTED, "not-permitted",
                LOOPBACK_DOWN, "loopback-down"));
        rules.forEach((kind, rule) -> {
            for (Phase phase : List.of(Phase.TCP, Phase.TLS, Phase.AUTH)) {
                retried(kind.label() + " at " + phase, fails(phase, kind), rule, CONFIRMED, false);
            }
            boolean certain = kind == NO_THREAD;
            when(
                    kind.label() + " at DNS",
                    fails(Phase.DNS, kind),
                    certain ? rule : "dns-" + rule,
                    certain ? CONFIRMED : LIKELY);
            when(
                    "the lookup does not say why it failed, and the DNS query does: " + kind.label(),
                    lookupFailed(5_000).tried(CONTROL_NAME, NAME_LOOKUP_FAILED).tried(DNS_A, kind),
                    "dns-" + rule,
                    LIKELY);
        });
        when(
                "the DNS query fails as the lookup does",
                lookupFailed(20).tried(DNS_A, NAME_LOOKUP_FAILED),
                "dns-lookup-failed",
                LIKELY);
        when(
                "an experiment that met an error of this machine is none",
                notFound().tried(CONTROL_NAME, NO_FILE_HANDLE),
                "dns-name-not-found",
                POSSIBLE);
    }

    private static HandMade notFound() {
        return HandMade.attempt().fail(Phase.DNS, NAME_NOT_FOUND, "no such host");
    }

    private static HandMade lookupFailed(int millis) {
        return HandMade.attempt()
                .fail(Phase.DNS, NAME_LOOKUP_FAILED, "Temporary failure in name resolution")
                .took(Phase.DNS, millis);
    }

    private void dns() {
        certain(
                "another DNS server knows the name",
                notFound().tried(CONTROL_NAME, e -> {}).tried(CONTROL_DNS, e -> {}),
                "dns-filtered");
        when(
                "the resolver says of AWS's name, too, that it does not exist",
                notFound().tried(CONTROL_NAME, NAME_NOT_FOUND),
                "dns-no-public-names",
                LIKELY);
        when(
                "the resolver does not know AWS's name either, and a DNS query fails",
                notFound().tried(CONTROL_NAME, NAME_NOT_FOUND).tried(DNS_A, NAME_LOOKUP_FAILED),
                "dns-no-public-names",
                LIKELY);
        when(
                "the resolver does not resolve AWS's name",
                notFound().tried(CONTROL_NAME, TIMEOUT),
                "dns-control-name-failed",
                LIKELY);
        when(
                "a DNS query for the name fails",
                notFound().tried(CONTROL_NAME, e -> {}).tried(DNS_A, NAME_LOOKUP_FAILED),
                "dns-query-disagrees",
                LIKELY);
        when(
                "a DNS query finds the name, and so does another DNS server",
                notFound().tried(CONTROL_NAME, e -> {}).tried(DNS_A, e -> {}).tried(CONTROL_DNS, e -> {}),
                "dns-query-answered",
                LIKELY);
        for (ExperimentName query : List.of(DNS_A, DNS_AAAA)) {
            when(
                    "a query finds records, though AWS's name does not exist: " + query.label(),
                    notFound().tried(CONTROL_NAME, NAME_NOT_FOUND).tried(query, e -> {}),
                    "dns-query-answered",
                    LIKELY);
            when(
                    "a query fails as the lookup does: " + query.label(),
                    notFound().tried(CONTROL_NAME, e -> {}).tried(query, NAME_NOT_FOUND),
                    "dns-no-such-name",
                    CONFIRMED);
        }
        certain("the resolver resolves AWS's name", notFound().tried(CONTROL_NAME, e -> {}), "dns-no-such-name");
        when("nothing to compare with", notFound(), "dns-name-not-found", LIKELY);
        retried(
                "the lookup failed after a C library's timeout",
                lookupFailed(10_010),
                "dns-lookup-waited",
                LIKELY,
                false);
        retried("the lookup failed soon", lookupFailed(90), "dns-lookup-failed", LIKELY, false);
        retried("the lookup did not end", fails(Phase.DNS, TIMEOUT), "dns-timeout", LIKELY, false);
    }

    private void tcp() {
        certain("refused", fails(Phase.TCP, REFUSED), "tcp-refused");
        when("reset", fails(Phase.TCP, RESET), "tcp-reset", LIKELY);
        for (FailureKind kind : List.of(REFUSED, RESET, TIMEOUT)) {
            when(
                    "the resolver gives AWS's API the same address: " + kind,
                    fails(Phase.TCP, kind).tried(CONTROL_443, REFUSED, at("203.0.113.7")),
                    "tcp-one-address",
                    LIKELY);
        }
        when(
                "AWS's API has another address",
                fails(Phase.TCP, TIMEOUT).tried(CONTROL_443, TIMEOUT, at("203.0.113.8")),
                "tcp-timeout",
                LIKELY);
        when(
                "AWS's API has the same address, and the cluster is verified there",
                fails(Phase.TCP, TIMEOUT)
                        .tried(CONTROL_443, VERIFIED.andThen(at("203.0.113.7")))
                        .tried(WEB_SOCKET_443, VERIFIED.andThen(at("203.0.113.7"))),
                "tcp-timeout",
                LIKELY);
        when(
                "the control has the same address as another server",
                fails(Phase.TCP, TIMEOUT).to(OTHER_SERVER).tried(CONTROL_443, TIMEOUT, at("203.0.113.7")),
                "tcp-timeout",
                LIKELY);
        when(
                "the control has the tunnel's address",
                fails(Phase.TCP, TIMEOUT).to(TUNNEL).tried(CONTROL_443, TIMEOUT, at("203.0.113.7")),
                "tcp-timeout",
                LIKELY);
        for (String address : List.of("10.0.0.7", "192.168.1.7", "172.16.0.7", "172.31.0.7", "fd00::7")) {
            when(
                    "no answer from a private address: " + address,
                    fails(Phase.TCP, TIMEOUT).resolvingTo(address),
                    "tcp-private",
                    LIKELY);
        }
        when(
                "no answer from a private and a public address",
                fails(Phase.TCP, TIMEOUT).resolvingTo("10.0.0.7", "203.0.113.7"),
                "tcp-timeout",
                LIKELY);
        when(
                "no answer from a tunnel's private address",
                fails(Phase.TCP, TIMEOUT).to(TUNNEL).resolvingTo("10.0.0.7"),
                "tcp-timeout",
                LIKELY);
        certain(
                "no route to a name with IPv6 addresses only",
                fails(Phase.TCP, UNREACHABLE).resolvingTo("2600:1f18::7", "2600:1f18::8"),
                "tcp-unreachable-ipv6");
        certain(
                "no route to a name with both kinds of addresses",
                fails(Phase.TCP, UNREACHABLE).resolvingTo("2600:1f18::7", "203.0.113.7"),
                "tcp-unreachable");
        when("no answer", fails(Phase.TCP, TIMEOUT), "tcp-timeout", LIKELY);
        when(
                "the proxy's connection times out where packets get lost, and another attempt gets further",
                fails(Phase.TCP, TIMEOUT, after(SentMessage.CONNECT)).repeatedIn(Phase.TLS, TIMEOUT, LATE),
                "proxy-connection-lost",
                POSSIBLE);
        when(
                "a DNS query is no repetition of a connection",
                fails(Phase.TCP, REFUSED).tried(DNS_A, REFUSED),
                "tcp-refused",
                LIKELY);
        when(
                "no other server connects, either",
                fails(Phase.TCP, TIMEOUT)
                        .triedWithoutConnecting(WEB_SOCKET_443, TIMEOUT)
                        .triedWithoutConnecting(CONTROL_443, TIMEOUT),
                "tcp-nothing-connects",
                LIKELY);
        for (ExperimentName control : List.of(WEB_SOCKET_443, CONTROL_443)) {
            when(
                    "one of two other servers connects, and not " + control.label(),
                    fails(Phase.TCP, TIMEOUT).triedWithoutConnecting(control, TIMEOUT),
                    "tcp-timeout",
                    LIKELY);
        }
        certain("no route", fails(Phase.TCP, UNREACHABLE), "tcp-unreachable");
    }

    private static HandMade noAnswerOfProvider() {
        return HandMade.attempt()
                .fail(
                        Phase.TOKEN,
                        CREDENTIALS_FAILED,
                        "the SDK's default chain did not answer in 17 s",
                        e -> e.put(Evidence.PROBLEM, "no-answer"));
    }

    private void token() {
        when(
                "the provider did not answer, and TLS ran out of time",
                HandMade.attempt()
                        .fail(Phase.TLS, OUT_OF_TIME, "out of time on this machine")
                        .fail(
                                Phase.TOKEN,
                                CREDENTIALS_FAILED,
                                "the SDK's default chain did not answer in 27 s",
                                e -> e.put(Evidence.PROBLEM, "no-answer")),
                "token-starved",
                LIKELY);
        when(
                "the provider did not answer, and a connection was noticed seconds late",
                noAnswerOfProvider()
                        .pass(
                                Phase.TCP,
                                11_064,
                                e -> e.put(Evidence.ROUND_TRIP_MILLIS, 439.0)
                                        .put(Evidence.ATTEMPTS, List.of("203.0.113.7:5432 connected after 439 ms"))),
                "token-starved",
                LIKELY);
        when("no source has credentials", fails(Phase.TOKEN, CREDENTIALS_NOT_FOUND), "token-no-credentials", CONFIRMED);
        when("credentials expired", fails(Phase.TOKEN, CREDENTIALS_EXPIRED), "token-credentials-expired", CONFIRMED);
        when("the provider did not answer", noAnswerOfProvider(), "token-provider-failed", CONFIRMED);
        when("no region", fails(Phase.TOKEN, REGION_UNKNOWN), "token-no-region", CONFIRMED);
    }

    private static HandMade untrusted(String name, int certificates, String root) {
        return HandMade.attempt()
                .fail(
                        Phase.TLS,
                        CERTIFICATE_UNTRUSTED,
                        "not trusted",
                        e -> e.put(Evidence.CERTIFICATE_NAMES, List.of(name))
                                .put(Evidence.CHAIN_LENGTH, certificates)
                                .put(Evidence.CHAIN_ROOT, root)
                                .put(Evidence.CERTIFICATE_ISSUER, root));
    }

    private static HandMade inspected() {
        return untrusted(HandMade.CLUSTER.host(), 2, "CN=Corporate Root");
    }

    private void certificates() {
        when(
                "a host that is no cluster",
                untrusted(OTHER_SERVER.host(), 2, "CN=Corporate Root").to(OTHER_SERVER),
                "tls-untrusted",
                LIKELY);
        when("roots", fails(Phase.TLS, ROOTS_UNREADABLE), "tls-roots-unreadable", CONFIRMED);
        certain(
                "expired",
                fails(
                        Phase.TLS,
                        CERTIFICATE_EXPIRED,
                        e -> e.put(Evidence.CERTIFICATE_NOT_BEFORE, Instant.parse("2025-01-01T00:00:00Z"))
                                .put(Evidence.CERTIFICATE_NOT_AFTER, Instant.parse("2026-01-01T00:00:00Z"))),
                "tls-certificate-expired");
        certain(
                "another name",
                fails(Phase.TLS, HOSTNAME_MISMATCH, e -> e.put(Evidence.CERTIFICATE_NAMES, List.of("router.local"))),
                "tls-other-name");
        when(
                "the host is in the common name only",
                fails(
                        Phase.TLS,
                        HOSTNAME_MISMATCH,
                        e -> e.put(Evidence.CERTIFICATE_NAMES, List.of("CN=" + HandMade.CLUSTER.host() + ",O=Example"))
                                .put(Evidence.CERTIFICATE_PROBLEM, "no name of the certificate is that of the host")
                                .put(Evidence.CERTIFICATE_ISSUER, "CN=Middle")),
                "tls-name-in-common-name",
                LIKELY);
        certain(
                "a longer common name",
                fails(
                        Phase.TLS,
                        HOSTNAME_MISMATCH,
                        e -> e.put(
                                Evidence.CERTIFICATE_NAMES, List.of("CN=x." + HandMade.CLUSTER.host() + ",O=Example"))),
                "tls-other-name");
        when(
                "a self-signed certificate for another host",
                untrusted("localhost", 1, "CN=localhost"),
                "tls-untrusted-other-host",
                LIKELY);
        when(
                "a certificate for another host, and roots of the user's own",
                untrusted("localhost", 2, "CN=Corporate Root").to(OWN_ROOTS),
                "tls-untrusted-other-host",
                LIKELY);
        certain(
                "a certificate with the host as its common name",
                untrusted("O=Example,CN=" + HandMade.CLUSTER.host(), 2, "CN=Corporate Root"),
                "tls-intercepted");
        when(
                "a certificate whose names are not known",
                fails(Phase.TLS, CERTIFICATE_UNTRUSTED, e -> e.put(Evidence.CERTIFICATE_ISSUER, "CN=Middle")),
                "tls-untrusted",
                LIKELY);
        when(
                "no intermediate",
                fails(Phase.TLS, CERTIFICATE_CHAIN_INCOMPLETE, e -> e.put(Evidence.CERTIFICATE_ISSUER, "CN=Middle")),
                "tls-chain-incomplete",
                LIKELY);
        certain(
                "short key",
                fails(
                        Phase.TLS,
                        CERTIFICATE_UNACCEPTABLE,
                        e -> e.put(Evidence.CERTIFICATE_PROBLEM, "the RSA key has 1024 bits")
                                .put(Evidence.CERTIFICATE_ISSUER, "CN=Middle")),
                "tls-certificate-unacceptable");
        when(
                "a web server with a certificate of its own",
                untrusted("router.local", 1, "CN=router.local").tried(BEHIND_TLS, UNEXPECTED_ANSWER),
                "tls-certificate-of-web-server",
                LIKELY);
        certain(
                "a certificate for this host, and no PostgreSQL behind it",
                inspected().tried(BEHIND_TLS, UNEXPECTED_ANSWER),
                "tls-intercepted");
        certain(
                "a certificate for all hosts of the domain, and no PostgreSQL behind it",
                untrusted("*.dsql.us-east-1.on.aws", 2, "CN=Corporate Root").tried(BEHIND_TLS, UNEXPECTED_ANSWER),
                "tls-intercepted");
        when(
                "the chain names Amazon",
                untrusted(HandMade.CLUSTER.host(), 3, "CN=Amazon Root CA 1,O=Amazon,C=US"),
                "tls-amazon-untrusted",
                POSSIBLE);
        when(
                "the chain names Amazon, for a host that is no cluster",
                untrusted("db.example.net", 3, "CN=Amazon Root CA 1,O=Amazon,C=US")
                        .to(OTHER_SERVER),
                "tls-untrusted",
                LIKELY);
        certain("an interceptor's certificate", inspected(), "tls-intercepted");
        certain("roots of the user's own, and a chain", inspected().to(OWN_ROOTS), "tls-intercepted");
        when(
                "roots of the user's own, and a certificate that came alone",
                untrusted(HandMade.CLUSTER.host(), 1, "CN=Middle").to(OWN_ROOTS),
                "tls-untrusted",
                LIKELY);
    }

    private void webSocket() {
        certain(
                "the upgrade is answered with another status",
                fails(
                                Phase.TLS,
                                UNEXPECTED_ANSWER,
                                after(SentMessage.UPGRADE).andThen(e -> e.put(Evidence.HTTP_STATUS, 400)))
                        .to(WEB_SOCKET),
                "websocket-refused");
        when(
                "the upgrade is answered with another status, and passed when it was repeated",
                fails(Phase.TLS, UNEXPECTED_ANSWER, after(SentMessage.UPGRADE))
                        .to(WEB_SOCKET)
                        .tried(SAME_AGAIN, VERIFIED),
                "tls-answer-of-another-server",
                POSSIBLE);
        when(
                "a reset after the upgrade, and it passed when it was repeated",
                failsInTls(RESET, SentMessage.UPGRADE).to(WEB_SOCKET).tried(SAME_AGAIN, VERIFIED),
                "tls-intermittent",
                POSSIBLE);
        for (FailureKind kind : Conditions.HANDSHAKE_FAILED) {
            when(
                    "after the upgrade: " + kind,
                    failsInTls(kind, SentMessage.UPGRADE).to(WEB_SOCKET),
                    "websocket-connection-lost",
                    LIKELY);
        }
    }

    private void blockedOrIntermittent() {
        HandMade banned = reset();
        for (ExperimentName name : List.of(DIRECT_TLS, OTHER_SNI)) {
            banned.triedWithoutConnecting(name, TIMEOUT);
        }
        retried(
                "two experiments do not connect, though TLS 1.2 passed",
                banned.tried(TLS_1_2, VERIFIED),
                "tls-experiments-blocked",
                LIKELY,
                false);
        when(
                "one experiment does not connect",
                reset().triedWithoutConnecting(DIRECT_TLS, TIMEOUT),
                "tls-unexplained",
                LIKELY);
        when(
                "only the attempt's SSLRequest was answered",
                timeout()
                        .tried(SSL_REQUEST_ONLY, TIMEOUT, after(SentMessage.SSL_REQUEST))
                        .tried(SAME_AGAIN, TIMEOUT, after(SentMessage.SSL_REQUEST)),
                "tls-experiments-blocked",
                LIKELY);
        when(
                "the experiments' ClientHello gets no answer, either",
                timeout()
                        .tried(SSL_REQUEST_ONLY, TIMEOUT, after(SentMessage.SSL_REQUEST))
                        .tried(SAME_AGAIN, TIMEOUT, after(SentMessage.CLIENT_HELLO)),
                "tls-unexplained",
                LIKELY);
        when(
                "an SSLRequest alone was answered",
                timeout().tried(SSL_REQUEST_ONLY, e -> {}).tried(SAME_AGAIN, TIMEOUT, after(SentMessage.SSL_REQUEST)),
                "tls-unexplained",
                LIKELY);
        when(
                "the attempt's SSLRequest was not answered, either",
                timeoutAfterRequest()
                        .tried(SSL_REQUEST_ONLY, TIMEOUT, after(SentMessage.SSL_REQUEST))
                        .tried(SAME_AGAIN, TIMEOUT, after(SentMessage.SSL_REQUEST)),
                "tls-unexplained",
                LIKELY);
        retried(
                "the same step passed unchanged, and so did direct TLS",
                reset().tried(SAME_AGAIN, VERIFIED).tried(DIRECT_TLS, VERIFIED),
                "tls-intermittent",
                POSSIBLE,
                true);
        retried(
                "a repetition passed unchanged",
                reset().tried(SAME_AGAIN, RESET).tried(DIRECT_TLS, VERIFIED).repeated(DIRECT_TLS, 4, 5),
                "tls-intermittent",
                POSSIBLE,
                true);
        when(
                "an SSLRequest alone was answered, and the attempt's was not",
                timeoutAfterRequest().tried(SSL_REQUEST_ONLY, e -> {}).triggeredBy(DIRECT_TLS),
                "tls-intermittent",
                POSSIBLE);
        when(
                "another attempt's SSLRequest was answered, and this one's was not",
                timeoutAfterRequest()
                        .tried(SAME_AGAIN, TIMEOUT, DiagnosisCases::accepted)
                        .triggeredBy(DIRECT_TLS),
                "tls-intermittent",
                POSSIBLE);
    }

    /** The server asked for a client certificate in the handshake. */
    private static final Consumer<Evidence.Builder> CLIENT_CERTIFICATE =
            e -> e.put(Evidence.CLIENT_CERTIFICATE_WANTED, true);

    private void clientCertificates() {
        for (FailureKind kind : Conditions.HANDSHAKE_FAILED) {
            when(
                    "the server asks for a client certificate: " + kind,
                    fails(Phase.TLS, kind, CLIENT_CERTIFICATE),
                    "tls-client-certificate",
                    LIKELY);
        }
        for (FailureKind kind : List.of(RESET, CLOSED, TLS_ALERT)) {
            when(
                    "the server asks for a client certificate, and ends the login: " + kind,
                    fails(Phase.AUTH, kind).pass(Phase.TLS, 166, CLIENT_CERTIFICATE),
                    kind == TLS_ALERT ? "auth-client-certificate-alert" : "auth-client-certificate",
                    LIKELY);
        }
    }

    private void portOfWebSocket() {
        Endpoint port443 = Endpoint.parse(HandMade.CLUSTER.host() + ":443");
        for (FailureKind kind : List.of(RESET, TIMEOUT, CLOSED, TLS_ALERT, UNEXPECTED_ANSWER)) {
            when("TCP to port 443: " + kind, fails(Phase.TLS, kind).to(port443), "tls-port-of-websocket", LIKELY);
        }
        when(
                "the login over TCP to port 443",
                fails(Phase.AUTH, UNEXPECTED_ANSWER).to(port443),
                "tls-port-of-websocket",
                LIKELY);
        certain("no TCP to port 443", fails(Phase.TCP, REFUSED).to(port443), "tcp-refused");
        when(
                "a tunnel to port 443",
                reset().to(port443.toBuilder()
                        .connectTo(new HostAndPort("127.0.0.1", 15432))
                        .build()),
                "tls-unexplained",
                LIKELY);
        when(
                "port 443 of another server",
                reset().to(Endpoint.parse(OTHER_SERVER.host() + ":443")),
                "tls-unexplained",
                LIKELY);
        when("the WebSocket on port 443", reset().to(WEB_SOCKET), "tls-unexplained", LIKELY);
    }

    private static HandMade helloLost() {
        return HandMade.attempt()
                .fail(
                        Phase.TLS,
                        TIMEOUT,
                        "no answer in 10 s after ClientHello",
                        after(SentMessage.CLIENT_HELLO)
                                .andThen(e -> e.put(Evidence.UNACKNOWLEDGED_BYTES, 497)
                                        .put(Evidence.RETRANSMISSIONS, 4)));
    }

    private void changes() {
        when("TLS works with another name", reset().triggeredBy(OTHER_SNI), "tls-sni", CONFIRMED);
        when(
                "TLS works with another name, to a server that is not verified",
                reset().tried(OTHER_SNI, e -> {}).repeated(OTHER_SNI, 5, 5),
                "tls-sni",
                LIKELY);
        when(
                "TLS works with another name, and the server is silent after it",
                reset().tried(OTHER_SNI, TIMEOUT, VERIFIED.andThen(e -> e.put(Evidence.PROTOCOL, "TLSv1.3")))
                        .repeated(OTHER_SNI, 5, 5),
                "tls-sni",
                LIKELY);
        when(
                "a ClientHello with the cluster's name is refused in a few bytes",
                reset().tried(SAME_AGAIN, RESET).tried(REFUSED_HELLO, e -> {}).triggeredBy(OTHER_SNI),
                "tls-unexplained",
                LIKELY);
        when(
                "the refusal may come from the device that sent the alert",
                failsInTls(TLS_ALERT, SentMessage.CLIENT_HELLO)
                        .tried(REFUSED_HELLO, e -> {})
                        .triggeredBy(OTHER_SNI),
                "tls-sni",
                CONFIRMED);
        when(
                "a part of the server's answer came with the cluster's name",
                failsInTls(CLOSED, SentMessage.HANDSHAKE)
                        .tried(REFUSED_HELLO, e -> {})
                        .triggeredBy(OTHER_SNI),
                "tls-sni-late",
                LIKELY);
        when(
                "a part of the server's answer came, and then nothing more",
                failsInTls(TIMEOUT, SentMessage.HANDSHAKE).triggeredBy(OTHER_SNI),
                "tls-unexplained",
                LIKELY);
        when(
                "a part of the server's answer came, and another name passed once",
                failsInTls(RESET, SentMessage.HANDSHAKE)
                        .tried(SAME_AGAIN, RESET)
                        .tried(OTHER_SNI, VERIFIED)
                        .repeated(OTHER_SNI, 5, 3),
                "tls-unexplained",
                POSSIBLE);
        when(
                "a part of the server's answer came, and no other name passed",
                failsInTls(RESET, SentMessage.HANDSHAKE).repeated(OTHER_SNI, 5, 5),
                "tls-unexplained",
                LIKELY);
        when(
                "a ClientHello that must be refused got an answer, and another name passes",
                reset().tried(REFUSED_HELLO, e -> {}).triggeredBy(OTHER_SNI),
                "tls-unexplained",
                LIKELY);
        when(
                "TLS came up with the cluster's name, in small packets",
                failsInTls(RESET, SentMessage.HANDSHAKE)
                        .tried(SMALL_SEGMENTS, RESET, CONNECTED.andThen(e -> e.put(Evidence.PROTOCOL, "TLSv1.3")))
                        .triggeredBy(OTHER_SNI),
                "tls-unexplained",
                LIKELY);
        for (ExperimentName name : List.of(TLS_1_2, SAME_AGAIN)) {
            for (FailureKind kind : List.of(RESET, CLOSED)) {
                when(
                        "a part of the server's answer came with the cluster's name, with " + name.label(),
                        failsInTls(kind, SentMessage.CLIENT_HELLO)
                                .tried(name, kind, CONNECTED.andThen(after(SentMessage.HANDSHAKE)))
                                .triggeredBy(OTHER_SNI),
                        "tls-sni-late",
                        LIKELY);
            }
            when(
                    "TLS came up with the cluster's name, with " + name.label(),
                    failsInTls(RESET, SentMessage.HANDSHAKE)
                            .tried(name, RESET, CONNECTED.andThen(e -> e.put(Evidence.PROTOCOL, "TLSv1.3")))
                            .triggeredBy(OTHER_SNI),
                    "tls-unexplained",
                    LIKELY);
        }
        when(
                "a part of the server's answer came in small packets",
                timeout()
                        .tried(SMALL_SEGMENTS, TIMEOUT, CONNECTED.andThen(after(SentMessage.HANDSHAKE)))
                        .triggeredBy(OTHER_SNI),
                "tls-unexplained",
                LIKELY);
        when("direct TLS works", reset().triggeredBy(DIRECT_TLS), "tls-ssl-request", CONFIRMED);
        when(
                "direct TLS passed four of five times",
                reset().tried(DIRECT_TLS, VERIFIED).repeated(DIRECT_TLS, 5, 4),
                "tls-ssl-request",
                CONFIRMED);
        when(
                "direct TLS works, to a server that is not verified",
                reset().tried(DIRECT_TLS, e -> {}).repeated(DIRECT_TLS, 5, 5),
                "tls-unexplained",
                LIKELY);
        when("TLS after an SSLRequest works", reset().to(DIRECT).triggeredBy(SSL_REQUEST_TLS), "tls-direct", CONFIRMED);
        when(
                "TLS after an SSLRequest works, to a server that is no cluster",
                reset().to(OTHER_SERVER).triggeredBy(SSL_REQUEST_TLS),
                "tls-direct",
                LIKELY);
        when(
                "direct TLS works, to a server that is no cluster",
                reset().to(OTHER_SERVER).triggeredBy(DIRECT_TLS),
                "tls-ssl-request",
                CONFIRMED);
        when("small packets get through", timeout().triggeredBy(SMALL_SEGMENTS), "tls-path-mtu", CONFIRMED);
        when("TLS 1.2 works", reset().triggeredBy(TLS_1_2), "tls-1.3", CONFIRMED);
        for (Consumer<Evidence.Builder> name : List.of(VERIFIED, (Consumer<Evidence.Builder>) e -> {})) {
            when(
                    "TLS 1.2 works, and so does another name: both hellos are shorter",
                    reset().tried(OTHER_SNI, name).triggeredBy(TLS_1_2),
                    "tls-shorter-hello",
                    LIKELY);
        }
        when(
                "another name works, and TLS 1.2 does not",
                timeout().tried(TLS_1_2, TIMEOUT).triggeredBy(OTHER_SNI),
                "tls-sni",
                CONFIRMED);
        when(
                "TLS 1.2 works, and the longer ClientHello was never acknowledged",
                helloLost().triggeredBy(TLS_1_2),
                "tls-1.3-or-size",
                LIKELY);
        when(
                "TLS 1.2 works once, and the longer ClientHello was never acknowledged",
                helloLost().tried(SAME_AGAIN, TIMEOUT).tried(TLS_1_2, VERIFIED),
                "tls-unexplained",
                POSSIBLE);
        when(
                "the longer ClientHello was never acknowledged, and TLS 1.2 fails",
                helloLost().tried(TLS_1_2, TIMEOUT),
                "tls-unexplained",
                LIKELY);
        when(
                "TLS 1.2 works once, and the other address always",
                helloLost().tried(TLS_1_2, VERIFIED).triggeredBy(OTHER_ADDRESS),
                "tls-address",
                POSSIBLE);
        when("TLS 1.2 works, and the ClientHello arrived", timeout().triggeredBy(TLS_1_2), "tls-1.3", CONFIRMED);
        when("the other address works", reset().triggeredBy(OTHER_ADDRESS), "tls-address", CONFIRMED);
        for (FailureKind kind : List.of(
                CERTIFICATE_UNTRUSTED,
                CERTIFICATE_EXPIRED,
                CERTIFICATE_CHAIN_INCOMPLETE,
                CERTIFICATE_UNACCEPTABLE,
                HOSTNAME_MISMATCH,
                TLS_REFUSED,
                UNEXPECTED_ANSWER,
                SERVER_ERROR)) {
            when(
                    kind.label() + ", and the cluster is verified at another address",
                    fails(Phase.TLS, kind).tried(OTHER_ADDRESS, VERIFIED),
                    "tls-other-address-verified",
                    LIKELY);
        }
        when(
                "another server answers once, and the cluster is verified there and at another address",
                fails(Phase.TLS, TLS_REFUSED).tried(OTHER_ADDRESS, VERIFIED).tried(TLS_1_2, VERIFIED),
                "tls-answer-of-another-server",
                POSSIBLE);
        when(
                "TLS is refused once, and not when it is repeated",
                fails(Phase.TLS, TLS_REFUSED).tried(OTHER_ADDRESS, VERIFIED).tried(SAME_AGAIN, e -> {}),
                "tls-refused",
                LIKELY);
        when(
                "another address is not verified",
                fails(Phase.TLS, TLS_REFUSED).tried(OTHER_ADDRESS, e -> {}),
                "tls-refused",
                LIKELY);
        for (ExperimentName change : List.of(DIRECT_TLS, OTHER_SNI, TLS_1_2, OTHER_ADDRESS, SSL_REQUEST_TLS)) {
            when(
                    "it worked once with " + change.label(),
                    reset().tried(SAME_AGAIN, RESET).tried(change, VERIFIED),
                    "tls-unexplained",
                    POSSIBLE);
        }
        when(
                "direct TLS passed three of five times",
                reset().tried(DIRECT_TLS, VERIFIED).repeated(DIRECT_TLS, 5, 3),
                "tls-unexplained",
                POSSIBLE);
        when(
                "the more precise rule stands first",
                reset().tried(CONTROL_443, VERIFIED).triggeredBy(OTHER_SNI),
                "tls-sni",
                CONFIRMED);
    }

    private static HandMade inClearText(FailureKind kind) {
        return HandMade.attempt()
                .fail(
                        Phase.TLS,
                        kind,
                        kind == SERVER_ERROR ? "access denied" : kind.label(),
                        after(SentMessage.SSL_REQUEST)
                                .andThen(e -> e.put(Evidence.SERVER_MESSAGE, "access denied")
                                        .put(Evidence.SQL_STATE, "28000")));
    }

    private void otherServers() {
        when(
                "an error answers direct TLS, and the SSLRequest works",
                inClearText(SERVER_ERROR).to(DIRECT).triggeredBy(SSL_REQUEST_TLS),
                "tls-direct-refused",
                LIKELY);
        when(
                "an error answers direct TLS, and the SSLRequest works, to a server that is no cluster",
                inClearText(SERVER_ERROR).to(OTHER_SERVER).triggeredBy(SSL_REQUEST_TLS),
                "tls-direct-refused",
                LIKELY);
        for (FailureKind kind : List.of(TLS_REFUSED, UNEXPECTED_ANSWER, SERVER_ERROR)) {
            when(
                    "the SSLRequest is answered in clear text (" + kind + "), and direct TLS works",
                    inClearText(kind).triggeredBy(DIRECT_TLS),
                    "tls-ssl-request-answered",
                    CONFIRMED);
        }
        for (FailureKind lost : List.of(TIMEOUT, OUT_OF_TIME)) {
            when(
                    "direct TLS got up and then " + lost,
                    inClearText(SERVER_ERROR)
                            .tried(DIRECT_TLS, lost, VERIFIED.andThen(e -> e.put(Evidence.PROTOCOL, "TLSv1.3")))
                            .repeated(DIRECT_TLS, 5, 5),
                    "tls-ssl-request-answered",
                    LIKELY);
        }
        certain("the server refuses TLS", inClearText(TLS_REFUSED), "tls-refused");
        for (ExperimentName other : List.of(DIRECT_TLS, SSL_REQUEST_TLS)) {
            for (FailureKind kind : List.of(SERVER_ERROR, UNEXPECTED_ANSWER, CLOSED, RESET, TLS_REFUSED)) {
                when(
                        "an error in clear text, and " + kind + " with " + other.label(),
                        inClearText(SERVER_ERROR).tried(other, kind),
                        "tls-refused-with-error",
                        LIKELY);
            }
        }
        when("an error in clear text before TLS", inClearText(SERVER_ERROR), "nothing-fits", POSSIBLE);
        when(
                "an error in clear text, and no answer to direct TLS",
                inClearText(SERVER_ERROR).tried(DIRECT_TLS, TIMEOUT),
                "nothing-fits",
                POSSIBLE);
        certain(
                "HTTP answers",
                fails(Phase.TLS, UNEXPECTED_ANSWER, e -> e.put(Evidence.ANSWER_PROTOCOL, "HTTP")),
                "tls-other-protocol");
        when("something answers", fails(Phase.TLS, UNEXPECTED_ANSWER), "tls-unexpected-answer", LIKELY);
        when(
                "an SSLRequest is refused",
                reset().tried(SSL_REQUEST_TLS, TLS_REFUSED),
                "tls-refused-after-request",
                LIKELY);
        for (ExperimentName name : List.of(DIRECT_TLS, SSL_REQUEST_TLS, PLAIN_START)) {
            when(
                    "something answers with " + name.label(),
                    reset().tried(name, UNEXPECTED_ANSWER),
                    "tls-other-message-answered",
                    LIKELY);
        }
        when("a web server answers", timeoutAfterRequest().tried(WEB_REQUEST, e -> {}), "tls-web-server", LIKELY);
        when(
                "a web server answers, and another name works once",
                timeout().tried(SAME_AGAIN, TIMEOUT).tried(OTHER_SNI, e -> {}).tried(WEB_REQUEST, e -> {}),
                "tls-web-server",
                POSSIBLE);
        when(
                "something answers a web request",
                timeoutAfterRequest().tried(WEB_REQUEST, UNEXPECTED_ANSWER),
                "tls-web-server",
                LIKELY);
        when(
                "a web server answers, and an SSLRequest is answered, too",
                reset().tried(WEB_REQUEST, e -> {}).tried(SSL_REQUEST_ONLY, e -> {}),
                "tls-unexplained",
                LIKELY);
    }

    private static HandMade withinTheAnswer(Consumer<Evidence.Builder> more) {
        return HandMade.attempt()
                .fail(
                        Phase.TLS,
                        TIMEOUT,
                        "no answer in 8 s after handshake",
                        after(SentMessage.HANDSHAKE).andThen(received(203)).andThen(more))
                .tried(PLAIN_START, e -> {})
                .tried(WEB_SOCKET_443, VERIFIED);
    }

    private void pathMtu() {
        Consumer<Evidence.Builder> nothingBack =
                e -> e.put(Evidence.UNACKNOWLEDGED_BYTES, 6).put(Evidence.RETRANSMISSIONS, 5);
        when(
                "a short refusal comes back, and no handshake",
                timeout()
                        .tried(REFUSED_HELLO, e -> {})
                        .tried(OTHER_SNI, TIMEOUT)
                        .tried(SAME_AGAIN, TIMEOUT),
                "tls-path-mtu-small-answers",
                LIKELY);
        when(
                "no refusal comes back, either",
                timeout().tried(OTHER_SNI, TIMEOUT).tried(SAME_AGAIN, TIMEOUT),
                "tls-unexplained",
                LIKELY);
        when(
                "a short refusal comes back, and another name is reset",
                timeout().tried(REFUSED_HELLO, e -> {}).tried(OTHER_SNI, RESET).tried(SAME_AGAIN, TIMEOUT),
                "tls-unexplained",
                LIKELY);
        when(
                "a short refusal comes back, and the repetition is reset",
                timeout()
                        .tried(REFUSED_HELLO, e -> {})
                        .tried(OTHER_SNI, TIMEOUT)
                        .tried(SAME_AGAIN, RESET),
                "tls-unexplained",
                POSSIBLE);
        when(
                "a short refusal comes back, and no handshake in small packets",
                timeout()
                        .tried(REFUSED_HELLO, e -> {})
                        .tried(OTHER_SNI, TIMEOUT)
                        .tried(SAME_AGAIN, TIMEOUT)
                        .tried(SMALL_SEGMENTS, TIMEOUT),
                "tls-unexplained",
                LIKELY);
        when(
                "a short refusal comes back, and in the attempt not even acknowledgements did",
                HandMade.attempt()
                        .fail(
                                Phase.TLS,
                                TIMEOUT,
                                "no answer",
                                after(SentMessage.CLIENT_HELLO).andThen(nothingBack))
                        .tried(REFUSED_HELLO, e -> {})
                        .tried(OTHER_SNI, TIMEOUT)
                        .tried(SAME_AGAIN, TIMEOUT),
                "tls-unexplained",
                LIKELY);
        when(
                "more bytes come back in small packets",
                withinTheAnswer(e -> {})
                        .tried(SAME_AGAIN, TIMEOUT, received(203))
                        .tried(SMALL_SEGMENTS, TIMEOUT, received(1_460)),
                "tls-path-mtu-more-bytes",
                LIKELY);
        when(
                "the server's answer trickles in",
                trickling(Phase.TLS, 100)
                        .tried(SAME_AGAIN, TIMEOUT, received(60))
                        .tried(SMALL_SEGMENTS, TIMEOUT, received(70)),
                "tls-slow",
                LIKELY);
        when("the server's answer stopped", trickling(Phase.TLS, 2_600), "tls-unexplained", LIKELY);
        when(
                "nothing of the server's answer came",
                fails(
                        Phase.TLS,
                        TIMEOUT,
                        after(SentMessage.CLIENT_HELLO)
                                .andThen(e -> e.put(Evidence.BYTES_RECEIVED, 0).put(Evidence.LISTENED_MILLIS, 10.0))),
                "tls-unexplained",
                LIKELY);
        when("the login's answer trickles in", trickling(Phase.AUTH, 100), "auth-slow", POSSIBLE);
        when("the login's answer stopped", trickling(Phase.AUTH, 2_600), "auth-timeout", LIKELY);
        when(
                "as many bytes come back in small packets",
                withinTheAnswer(e -> {})
                        .tried(SAME_AGAIN, TIMEOUT, received(203))
                        .tried(SMALL_SEGMENTS, TIMEOUT, received(203)),
                "tls-unexplained",
                LIKELY);
        when(
                "more bytes came back in the repetition",
                withinTheAnswer(e -> {})
                        .tried(SAME_AGAIN, TIMEOUT, received(1_460))
                        .tried(SMALL_SEGMENTS, TIMEOUT, received(1_000)),
                "tls-unexplained",
                LIKELY);
        when(
                "more bytes come back in small packets, and the repetition is reset",
                withinTheAnswer(e -> {})
                        .tried(SAME_AGAIN, RESET, received(203))
                        .tried(SMALL_SEGMENTS, TIMEOUT, received(1_460)),
                "tls-unexplained",
                POSSIBLE);
        when(
                "a filter that lets nothing back, not even acknowledgements",
                withinTheAnswer(nothingBack)
                        .tried(SAME_AGAIN, TIMEOUT, received(203))
                        .tried(SMALL_SEGMENTS, TIMEOUT, received(933)),
                "tls-unexplained",
                LIKELY);
    }

    /** Bytes of the answer came, the last ones so long before the end. */
    private static HandMade trickling(Phase phase, double listened) {
        return fails(
                        phase,
                        TIMEOUT,
                        after(SentMessage.HANDSHAKE)
                                .andThen(e -> e.put(Evidence.BYTES_RECEIVED, 100)
                                        .put(Evidence.AFTER_MILLIS, 9_990.0)
                                        .put(Evidence.LISTENED_MILLIS, listened)))
                .took(phase, 10_000);
    }

    private static HandMade silentPort() {
        return timeoutAfterRequest().tried(PLAIN_START, TIMEOUT).tried(DIRECT_TLS, TIMEOUT);
    }

    private void notTls() {
        when("nothing is ever answered", silentPort().tried(CONTROL_443, VERIFIED), "tls-port-silent", LIKELY);
        when(
                "nothing is answered on the other address, either",
                silentPort().tried(OTHER_ADDRESS, TIMEOUT),
                "tls-port-silent",
                LIKELY);
        when(
                "the other address did not finish",
                silentPort().tried(OTHER_ADDRESS, OUT_OF_TIME),
                "tls-unexplained",
                POSSIBLE);
        when("the other address works", silentPort().tried(OTHER_ADDRESS, VERIFIED), "tls-unexplained", POSSIBLE);
        when(
                "what this machine sends is never acknowledged",
                fails(
                                Phase.TLS,
                                TIMEOUT,
                                after(SentMessage.SSL_REQUEST)
                                        .andThen(e -> e.put(Evidence.UNACKNOWLEDGED_BYTES, 8)
                                                .put(Evidence.RETRANSMISSIONS, 1)))
                        .tried(PLAIN_START, TIMEOUT)
                        .tried(DIRECT_TLS, TIMEOUT),
                "tls-nothing-acknowledged",
                LIKELY);
        when(
                "AWS's API has the same address, and the port is silent",
                silentPort().tried(CONTROL_443, TIMEOUT, at("203.0.113.7")),
                "tls-one-address",
                LIKELY);
        when(
                "AWS's API has the same address, and an alert ends TLS",
                failsInTls(TLS_ALERT, SentMessage.CLIENT_HELLO).tried(CONTROL_443, TLS_ALERT, at("203.0.113.7")),
                "tls-unexplained",
                LIKELY);
        for (String address : List.of("198.18.0.7", "198.19.255.7")) {
            when(
                    "proxy software gave out the address " + address + ", and nothing is answered",
                    silentPort().resolvingTo(address),
                    "tls-fake-address",
                    LIKELY);
        }
        for (String address : List.of("198.17.0.7", "198.20.0.7")) {
            when("nothing is answered at " + address, silentPort().resolvingTo(address), "tls-port-silent", LIKELY);
        }
        when(
                "proxy software gave out the address, and the SSLRequest is answered",
                reset().resolvingTo("198.18.0.7").tried(IDLE, RESET),
                "tls-idle",
                LIKELY);
        when(
                "any payload is reset, and an idle connection, too",
                failsInTls(RESET, SentMessage.CLIENT_HELLO)
                        .tried(PLAIN_START, RESET)
                        .tried(DIRECT_TLS, RESET)
                        .tried(IDLE, RESET),
                "tls-idle",
                LIKELY);
        when("a web request is closed", silentPort().tried(WEB_REQUEST, CLOSED), "tls-unexplained", LIKELY);
        when("a web request gets no answer", silentPort().tried(WEB_REQUEST, TIMEOUT), "tls-port-silent", LIKELY);
        when(
                "a start without TLS was not tried",
                timeoutAfterRequest().tried(DIRECT_TLS, TIMEOUT),
                "tls-unexplained",
                LIKELY);
        when(
                "the other way to start TLS was not tried",
                timeoutAfterRequest().tried(PLAIN_START, TIMEOUT),
                "tls-unexplained",
                LIKELY);
        when(
                "any payload is reset",
                failsInTls(RESET, SentMessage.CLIENT_HELLO)
                        .tried(PLAIN_START, RESET)
                        .tried(DIRECT_TLS, RESET)
                        .tried(CONTROL_443, VERIFIED),
                "tls-any-payload",
                LIKELY);
        when(
                "any payload is reset, whichever way TLS starts",
                failsInTls(RESET, SentMessage.CLIENT_HELLO)
                        .tried(PLAIN_START, RESET)
                        .tried(SSL_REQUEST_TLS, RESET),
                "tls-any-payload",
                LIKELY);
        for (ExperimentName name : List.of(
                PLAIN_START,
                SAME_AGAIN,
                DIRECT_TLS,
                SSL_REQUEST_TLS,
                SSL_REQUEST_ONLY,
                OTHER_SNI,
                TLS_1_2,
                SMALL_SEGMENTS,
                REFUSED_HELLO,
                WEB_REQUEST)) {
            when(
                    "everything is reset, and some bytes answered " + name.label(),
                    failsInTls(RESET, SentMessage.CLIENT_HELLO)
                            .tried(name, RESET, CONNECTED.andThen(received(7)))
                            .tried(PLAIN_START, RESET)
                            .tried(DIRECT_TLS, RESET)
                            .tried(SSL_REQUEST_TLS, RESET),
                    "tls-unexplained",
                    LIKELY);
        }
        when(
                "everything is reset, and some bytes answered the attempt",
                reset().tried(PLAIN_START, RESET).tried(DIRECT_TLS, RESET),
                "tls-unexplained",
                LIKELY);
        when(
                "two other servers are silent, too",
                silentPort().tried(WEB_SOCKET_443, TIMEOUT).tried(CONTROL_443, TIMEOUT),
                "tls-nothing-answers",
                LIKELY);
        for (ExperimentName control : List.of(WEB_SOCKET_443, CONTROL_443)) {
            when(
                    "one other server is silent, too: " + control.label(),
                    silentPort().tried(control, TIMEOUT),
                    "tls-port-silent",
                    LIKELY);
        }
        when(
                "two other servers are silent, and this one answers",
                timeout().tried(WEB_SOCKET_443, TIMEOUT).tried(CONTROL_443, TIMEOUT),
                "tls-everywhere",
                LIKELY);
        for (HandMade answered : List.of(
                timeout().tried(PLAIN_START, TIMEOUT).tried(DIRECT_TLS, TIMEOUT),
                failsInTls(RESET, SentMessage.HANDSHAKE)
                        .tried(PLAIN_START, RESET)
                        .tried(DIRECT_TLS, RESET),
                failsInTls(RESET, SentMessage.CLIENT_HELLO)
                        .tried(PLAIN_START, RESET)
                        .tried(DIRECT_TLS, RESET)
                        .tried(SSL_REQUEST_ONLY, e -> {}),
                failsInTls(RESET, SentMessage.CLIENT_HELLO)
                        .tried(PLAIN_START, RESET)
                        .tried(DIRECT_TLS, RESET)
                        .tried(SAME_AGAIN, RESET, CONNECTED.andThen(DiagnosisCases::accepted)),
                failsInTls(RESET, SentMessage.CLIENT_HELLO)
                        .tried(PLAIN_START, RESET)
                        .tried(SSL_REQUEST_TLS, RESET, CONNECTED.andThen(DiagnosisCases::accepted)))) {
            when("something was answered once", answered, "tls-unexplained", LIKELY);
        }
        when("an idle connection is reset", reset().tried(IDLE, RESET), "tls-idle", LIKELY);
        when(
                "an idle connection is reset, and TLS to AWS works",
                reset().tried(IDLE, RESET).tried(CONTROL_443, VERIFIED),
                "tls-idle",
                LIKELY);
        when(
                "an idle connection is reset, and a TLS alert ended the attempt",
                failsInTls(TLS_ALERT, SentMessage.CLIENT_HELLO).tried(IDLE, RESET),
                "tls-unexplained",
                LIKELY);
    }

    /** Something else than TLS is answered. */
    private static HandMade answered() {
        return reset().tried(PLAIN_START, roundTrip(85));
    }

    private void onlyTls() {
        when("TLS to the cluster works on port 443", answered().tried(WEB_SOCKET_443, VERIFIED), "tls-port", LIKELY);
        when(
                "the cluster's port 443 is verified and answers no WebSocket",
                answered().tried(WEB_SOCKET_443, UNEXPECTED_ANSWER, PROVEN),
                "tls-port",
                LIKELY);
        when(
                "TLS to AWS works, with another name",
                answered().tried(CONTROL_443, VERIFIED),
                "tls-port-or-cluster",
                LIKELY);
        when(
                "TLS to AWS works, and nothing else is answered here",
                reset().tried(CONTROL_443, VERIFIED),
                "tls-unexplained",
                LIKELY);
        for (FailureKind lost : Conditions.CONNECTION_LOST) {
            when(
                    "TLS to AWS works, and TLS to the cluster fails on port 443, too: " + lost,
                    answered().tried(CONTROL_443, VERIFIED).tried(WEB_SOCKET_443, lost),
                    "tls-cluster",
                    LIKELY);
        }
        when(
                "TLS to AWS works, and TLS to the cluster gets no answer on port 443 where many packets get lost",
                answered()
                        .tried(CONTROL_443, VERIFIED.andThen(roundTrip(1_085).andThen(at("203.0.113.8"))))
                        .tried(IDLE, LATE)
                        .tried(WEB_SOCKET_443, TIMEOUT),
                "tls-port-or-cluster",
                LIKELY);
        when(
                "TLS to AWS works, and TLS to the cluster does not connect on port 443",
                answered().tried(CONTROL_443, VERIFIED).triedWithoutConnecting(WEB_SOCKET_443, TIMEOUT),
                "tls-port-or-cluster",
                LIKELY);
        when(
                "TLS to the cluster fails on port 443, too, and nothing else is answered here",
                reset().tried(CONTROL_443, VERIFIED).tried(WEB_SOCKET_443, RESET),
                "tls-unexplained",
                LIKELY);
        when(
                "TLS to AWS got up, and was reset after it",
                answered().tried(CONTROL_443, RESET, CONNECTED.andThen(e -> e.put(Evidence.PROTOCOL, "TLSv1.3"))),
                "tls-unexplained",
                LIKELY);
        when(
                "the cluster's WebSocket works, and TLS to AWS gets no answer",
                answered().tried(CONTROL_443, TIMEOUT).tried(WEB_SOCKET_443, VERIFIED),
                "tls-port",
                LIKELY);
        when(
                "TLS to the cluster got up on port 443, and timed out after it",
                answered()
                        .tried(
                                WEB_SOCKET_443,
                                TIMEOUT,
                                CONNECTED.andThen(VERIFIED).andThen(e -> e.put(Evidence.PROTOCOL, "TLSv1.3"))),
                "tls-port",
                LIKELY);
        when("nothing else is answered", reset().tried(WEB_SOCKET_443, VERIFIED), "tls-unexplained", LIKELY);
        for (HandMade other : List.of(
                timeout().tried(WEB_SOCKET_443, VERIFIED),
                failsInTls(RESET, SentMessage.HANDSHAKE).tried(WEB_SOCKET_443, VERIFIED),
                reset().tried(SSL_REQUEST_ONLY, e -> {}).tried(WEB_SOCKET_443, VERIFIED),
                reset().tried(SSL_REQUEST_TLS, RESET, CONNECTED.andThen(DiagnosisCases::accepted))
                        .tried(WEB_SOCKET_443, VERIFIED),
                reset().tried(SAME_AGAIN, RESET, CONNECTED.andThen(DiagnosisCases::accepted))
                        .tried(WEB_SOCKET_443, VERIFIED))) {
            when("another message is answered", other, "tls-port", LIKELY);
        }
        when(
                "a web request is answered as well as an SSLRequest",
                reset().tried(WEB_REQUEST, e -> {})
                        .tried(SSL_REQUEST_ONLY, e -> {})
                        .tried(WEB_SOCKET_443, VERIFIED),
                "tls-port",
                LIKELY);
        when(
                "nothing else is answered, and TLS to AWS is reset",
                reset().tried(CONTROL_443, RESET),
                "tls-unexplained",
                LIKELY);
        when(
                "TLS to AWS gets no answer, and neither does TLS to the cluster on port 443",
                answered().tried(CONTROL_443, TIMEOUT).tried(WEB_SOCKET_443, TIMEOUT),
                "tls-everywhere",
                LIKELY);
        when(
                "TLS to AWS gets no answer, and TLS to the cluster is reset on each port",
                answered().tried(CONTROL_443, TIMEOUT).tried(WEB_SOCKET_443, RESET),
                "tls-unexplained",
                LIKELY);
        when("TLS to AWS is reset", answered().tried(CONTROL_443, RESET), "tls-everywhere", LIKELY);
        when("TLS to AWS does not connect", answered().tried(CONTROL_443, TIMEOUT, e -> {}), "tls-unexplained", LIKELY);
        when(
                "the cluster's port 443 speaks TLS, with another's certificate",
                answered().tried(CONTROL_443, RESET).tried(WEB_SOCKET_443, e -> {}),
                "tls-unexplained",
                LIKELY);
        when(
                "the cluster's port 443 speaks TLS and no WebSocket",
                answered()
                        .tried(CONTROL_443, RESET)
                        .tried(WEB_SOCKET_443, UNEXPECTED_ANSWER, e -> e.put(Evidence.PROTOCOL, "TLSv1.3")),
                "tls-unexplained",
                LIKELY);
        when("it timed out within the server's TLS answer", withinTheAnswer(e -> {}), "tls-unexplained", LIKELY);
        when(
                "it was reset within the server's TLS answer",
                failsInTls(RESET, SentMessage.HANDSHAKE).tried(WEB_SOCKET_443, VERIFIED),
                "tls-port",
                LIKELY);
        for (ExperimentName change :
                List.of(DIRECT_TLS, SSL_REQUEST_TLS, OTHER_SNI, TLS_1_2, SMALL_SEGMENTS, OTHER_ADDRESS)) {
            when(
                    "an alert answers TLS with " + change.label(),
                    answered().tried(WEB_SOCKET_443, VERIFIED).tried(change, TLS_ALERT),
                    "tls-unexplained",
                    LIKELY);
            when(
                    "TLS did not finish with " + change.label(),
                    answered().tried(WEB_SOCKET_443, VERIFIED).tried(change, OUT_OF_TIME),
                    "tls-unexplained",
                    POSSIBLE);
            when(
                    "TLS timed out with " + change.label(),
                    answered().tried(WEB_SOCKET_443, VERIFIED).tried(change, TIMEOUT),
                    "tls-port",
                    LIKELY);
            when(
                    "TLS was reset where many packets get lost, with " + change.label(),
                    answered()
                            .tried(WEB_SOCKET_443, VERIFIED.andThen(roundTrip(1_085)))
                            .tried(IDLE, LATE)
                            .tried(change, RESET, roundTrip(85)),
                    "tls-port",
                    LIKELY);
            when(
                    "TLS timed out where many packets get lost, with " + change.label(),
                    answered()
                            .tried(WEB_SOCKET_443, VERIFIED.andThen(roundTrip(1_085)))
                            .tried(IDLE, LATE)
                            .tried(change, TIMEOUT, roundTrip(85)),
                    "tls-unexplained",
                    LIKELY);
        }
        when(
                "direct TLS works, to a server that is not verified",
                answered().tried(WEB_SOCKET_443, VERIFIED).tried(DIRECT_TLS, e -> {}),
                "tls-unexplained",
                LIKELY);
        when(
                "a repetition passed with a change",
                answered().tried(WEB_SOCKET_443, VERIFIED).repeated(DIRECT_TLS, 5, 1),
                "tls-unexplained",
                LIKELY);
        when(
                "a ClientHello is refused in a few bytes",
                answered().tried(WEB_SOCKET_443, VERIFIED).tried(REFUSED_HELLO, e -> {}),
                "tls-unexplained",
                LIKELY);
        when(
                "TLS to AWS gets no answer, and a packet got lost",
                answered()
                        .tried(CONTROL_443, TIMEOUT)
                        .tried(WEB_SOCKET_443, TIMEOUT)
                        .tried(IDLE, LATE),
                "tls-unexplained",
                LIKELY);
        when(
                "TLS to AWS is reset, and a packet got lost",
                answered().tried(CONTROL_443, RESET).tried(IDLE, LATE),
                "tls-everywhere",
                LIKELY);
        when(
                "neither gets an answer, and a packet got lost",
                timeout().tried(CONTROL_443, TIMEOUT).tried(IDLE, LATE),
                "tls-everywhere",
                POSSIBLE);
        when(
                "neither gets an answer, and many packets get lost",
                timeout().tried(CONTROL_443, TIMEOUT).tried(IDLE, LATE).tried(PLAIN_START, LATE),
                "tls-unexplained",
                POSSIBLE);
        when(
                "the WebSocket times out where many packets get lost",
                answered()
                        .tried(CONTROL_443, RESET, LATE.andThen(at("203.0.113.8")))
                        .tried(IDLE, LATE)
                        .tried(WEB_SOCKET_443, TIMEOUT),
                "tls-unexplained",
                LIKELY);
        when(
                "the WebSocket is reset where many packets get lost",
                answered()
                        .tried(CONTROL_443, RESET, LATE.andThen(at("203.0.113.8")))
                        .tried(IDLE, LATE)
                        .tried(WEB_SOCKET_443, RESET),
                "tls-everywhere",
                LIKELY);
        when(
                "the WebSocket times out",
                answered().tried(CONTROL_443, RESET).tried(WEB_SOCKET_443, TIMEOUT),
                "tls-everywhere",
                LIKELY);
    }

    private static HandMade slow(Phase phase, int millis) {
        return fails(phase, TIMEOUT, after(SentMessage.QUERY).andThen(e -> e.put(Evidence.AFTER_MILLIS, 0.2)))
                .took(phase, millis);
    }

    private void login() {
        when("an alert", fails(Phase.AUTH, TLS_ALERT, e -> e.put(Evidence.ALERT, "unknown_ca")), "auth-alert", LIKELY);
        for (FailureKind kind : List.of(RESET, CLOSED)) {
            when(
                    "another attempt ended with an alert: " + kind,
                    fails(Phase.AUTH, kind).repeatedIn(Phase.AUTH, TLS_ALERT),
                    "auth-alert-again",
                    POSSIBLE);
            when(
                    "direct TLS selects no protocol, and another attempt ended with an alert: " + kind,
                    fails(Phase.AUTH, kind)
                            .pass(
                                    Phase.TLS,
                                    166,
                                    VERIFIED.andThen(e -> e.put(Evidence.NEGOTIATION, Negotiation.DIRECT)))
                            .repeatedIn(Phase.AUTH, TLS_ALERT),
                    "auth-alert-again",
                    POSSIBLE);
            when(
                    "the login breaks: " + kind,
                    fails(Phase.AUTH, kind).repeatedIn(Phase.AUTH, kind),
                    "auth-connection-lost",
                    LIKELY);
            when("the query breaks: " + kind, fails(Phase.QUERY, kind), "query-connection-lost", LIKELY);
        }
        retried(
                "another protocol, not repeated",
                fails(Phase.AUTH, UNEXPECTED_ANSWER),
                "auth-unexpected-answer",
                LIKELY,
                true);
        retried(
                "another protocol before TLS",
                fails(Phase.TLS, UNEXPECTED_ANSWER),
                "tls-unexpected-answer",
                LIKELY,
                false);
        when(
                "an error answers the query, from a server that is not verified",
                fails(Phase.QUERY, SERVER_ERROR)
                        .pass(Phase.TLS, 166, e -> e.put(Evidence.CERTIFICATE_PROBLEM, "expired")),
                "query-error",
                LIKELY);
        certain("another protocol", fails(Phase.AUTH, UNEXPECTED_ANSWER), "auth-unexpected-answer");
        when(
                "direct TLS selects no protocol",
                fails(Phase.AUTH, TIMEOUT)
                        .pass(Phase.TLS, 166, VERIFIED.andThen(e -> e.put(Evidence.NEGOTIATION, Negotiation.DIRECT))),
                "auth-no-alpn",
                LIKELY);
        when(
                "direct TLS selects PostgreSQL's protocol",
                fails(Phase.AUTH, TIMEOUT)
                        .pass(
                                Phase.TLS,
                                166,
                                e -> e.put(Evidence.NEGOTIATION, Negotiation.DIRECT)
                                        .put(Evidence.ALPN, "postgresql")),
                "auth-timeout",
                LIKELY);
        when(
                "the next attempt loses the token's packet, too",
                fails(Phase.AUTH, TIMEOUT, LARGE_PACKET_LOST).repeatedIn(Phase.AUTH, TIMEOUT, LARGE_PACKET_LOST),
                "auth-path-mtu",
                LIKELY);
        when(
                "the next attempt loses small packets",
                fails(Phase.AUTH, TIMEOUT, LARGE_PACKET_LOST).repeatedIn(Phase.AUTH, TIMEOUT),
                "auth-timeout",
                LIKELY);
        when(
                "only the next attempt loses the token's packet",
                fails(Phase.AUTH, TIMEOUT).repeatedIn(Phase.AUTH, TIMEOUT, LARGE_PACKET_LOST),
                "auth-timeout",
                LIKELY);
        when("slow, and 8 round trips take longer", slow(Phase.AUTH, 500), "login-few-round-trips", LIKELY);
        when("the query, too", slow(Phase.QUERY, 500), "login-few-round-trips", LIKELY);
        when("the login is slow", slow(Phase.AUTH, 10_000), "auth-slow", POSSIBLE);
        when("no answer to the login", fails(Phase.AUTH, TIMEOUT), "auth-timeout", LIKELY);
        when("the query is slow", slow(Phase.QUERY, 10_000), "query-slow", POSSIBLE);
        when("no answer to the query", fails(Phase.QUERY, TIMEOUT), "query-timeout", LIKELY);
        when("an error answers the query", fails(Phase.QUERY, SERVER_ERROR), "query-error", CONFIRMED);
    }

    private static final String DENIED = "unable to accept connection, access denied";
    private static final String EXPIRED =
            "Signature expired: 20261123T%sZ is now earlier than 20261123T080200Z (20261123T081700Z - 15 min.)";

    private static HandMade refused(String state, String message, String hint) {
        return HandMade.attempt()
                .pass(
                        Phase.TOKEN,
                        2,
                        e -> e.put(Evidence.SIGNED_AT, "20261123T080000Z").put(Evidence.EXPIRES_SECONDS, 900))
                .fail(
                        Phase.AUTH,
                        SERVER_ERROR,
                        message,
                        e -> e.put(Evidence.SQL_STATE, state)
                                .put(Evidence.SERVER_MESSAGE, message)
                                .put(Evidence.HINT, hint));
    }

    private void refusals() {
        when(
                "the server's clock is 17 min ahead of this machine's",
                refused("08006", DENIED, String.format(EXPIRED, "080000")),
                "refused-clock-skew-by-server-time",
                CONFIRMED);
        when(
                "the token was signed just now",
                refused("08006", DENIED, "Signature expired: 20261123T080000Z is now earlier than 20261123T080200Z"),
                "refused-clock-skew-by-fresh-token",
                LIKELY);
        when(
                "the server's clock agrees with this machine's",
                refused(
                        "08006",
                        DENIED,
                        "Signature expired: 20261123T073000Z is now earlier than 20261123T074500Z (20261123T080001Z -"
                                + " 15 min.)"),
                "refused-token-expired-by-server-time",
                CONFIRMED);
        when(
                "the server's clock agrees, and the token was signed just now",
                refused(
                        "08006",
                        DENIED,
                        "Signature expired: 20261123T080000Z is now earlier than 20261123T080001Z (20261123T080001Z -"
                                + " 15 min.)"),
                "refused-token-expired-by-server-time",
                CONFIRMED);
        when(
                "the token was not the one signed just now",
                refused("08006", DENIED, "Signature expired: 20261123T070000Z is now earlier than 20261123T080200Z"),
                "refused-token-expired",
                LIKELY);
        when(
                "not yet current",
                refused(
                        "08006",
                        DENIED,
                        "Signature not yet current: 20261123T080000Z is still later than 20261123T074500Z"
                                + " (20261123T074000Z + 5 min.)"),
                "refused-clock-skew",
                CONFIRMED);
        String[][] words = {
            {"refused-wrong-action", "wrong user to action mapping. user: app, action: DbConnectAdmin"},
            {"refused-by-resource-policy", "with an explicit deny in a resource-based policy"},
            {"refused-not-authorized", "User: arn:aws:iam::1:user/x is not authorized to perform: dsql:DbConnect"},
            {"refused-credentials-invalid", "The security token included in the request is invalid"},
            {"refused-credentials-expired", "The security token included in the request is expired"},
            {"refused-waking-up", "waking up cluster, please retry"},
            {"refused-too-many-connections", "too many connections"},
            {"refused-rate", "Rate exceeded"},
            {"refused-no-sni", "SNI was not received"},
            {"refused-no-such-role", "role \"reader\" does not exist"},
            {"refused-iam", "IAM authentication failed for user \"reader\""},
            {"refused-unavailable", "the server is unavailable"}
        };
        for (String[] each : words) {
            when("the message: " + each[1], refused("XX000", each[1], ""), each[0], CONFIRMED);
            when("the hint: " + each[1], refused("08006", "no", each[1]), each[0], CONFIRMED);
            when(
                    "a server that was not verified: " + each[1],
                    refused("XX000", each[1], "")
                            .pass(Phase.TLS, 166, e -> e.put(Evidence.CERTIFICATE_PROBLEM, "not trusted")),
                    "nothing-fits",
                    POSSIBLE);
        }
        for (String hint : List.of(
                String.format(EXPIRED, "080000"),
                "Signature expired: 20261123T080000Z",
                "Signature expired: 20261123T073000Z is now earlier than 20261123T074500Z (20261123T080001Z - 15 min.)",
                "Signature expired: 20261123T070000Z",
                "Signature not yet current")) {
            when(
                    "a server that was not verified: " + hint,
                    refused("XX000", "no", hint)
                            .pass(Phase.TLS, 166, e -> e.put(Evidence.CERTIFICATE_PROBLEM, "not trusted")),
                    "nothing-fits",
                    POSSIBLE);
        }
        when(
                "access denied to a role without a hint",
                refused("28000", DENIED, "").to(READER),
                "refused-role-not-mapped",
                POSSIBLE);
        when(
                "access denied to a role, by a server that was not verified",
                refused("28000", DENIED, "")
                        .to(READER)
                        .pass(Phase.TLS, 166, e -> e.put(Evidence.CERTIFICATE_PROBLEM, "not trusted")),
                "nothing-fits",
                POSSIBLE);
        when(
                "the hint stands before the message",
                refused("08006", DENIED, "The security token included in the request is invalid"),
                "refused-credentials-invalid",
                CONFIRMED);
        when(
                "a role whose name is not told, and another message",
                refused("28000", "nicht erlaubt", "").to(READER),
                "refused-28",
                POSSIBLE);
        when("access denied to admin", refused("28000", DENIED, ""), "refused-access-denied", LIKELY);
        when(
                "access denied with a hint",
                refused("28000", DENIED, "some hint").to(READER),
                "refused-access-denied",
                LIKELY);
        when(
                "access denied with another SQLSTATE",
                refused("08006", DENIED, "").to(READER),
                "refused-access-denied",
                LIKELY);
        when(
                "access denied, and the token is for another region",
                refused("28000", DENIED, "")
                        .to(READER.toBuilder().region("eu-west-1").build()),
                "refused-access-denied",
                LIKELY);
        when(
                "access denied in the hint only",
                refused("28000", "no", "access denied"),
                "refused-access-denied-in-hint",
                POSSIBLE);
        when(
                "another language's words for too many connections",
                refused("53300", "Zu viele Verbindungen", ""),
                "refused-53300",
                LIKELY);
        when("a PostgreSQL's SQLSTATE", refused("28P01", "Passwort falsch", ""), "refused-28", POSSIBLE);
        for (String state : List.of("53300", "28000")) {
            when(
                    state + " of a server that was not verified",
                    refused(state, "no", "")
                            .pass(Phase.TLS, 166, e -> e.put(Evidence.CERTIFICATE_PROBLEM, "not trusted")),
                    "nothing-fits",
                    POSSIBLE);
        }
        when("words that no rule knows", refused("XX000", "flux capacitor empty", ""), "nothing-fits", POSSIBLE);
    }

    private void clientSettings() {
        Consumer<Evidence.Builder> lacks = e ->
                e.put(Evidence.SETTING, "a=b").put(Evidence.SETTING_EFFECT, "this JVM offers no server name (SNI)");
        for (Phase phase : List.of(Phase.DNS, Phase.TCP, Phase.TLS)) {
            when("a setting of this JVM at " + phase, fails(phase, JVM_SETTING, lacks), "jvm-setting", CONFIRMED);
        }
        for (FailureKind kind : List.of(RESET, CLOSED, TLS_ALERT, HOSTNAME_MISMATCH, CERTIFICATE_UNTRUSTED)) {
            when(
                    "a server may answer so to what this JVM offers: " + kind.label(),
                    fails(Phase.TLS, kind, lacks),
                    "jvm-setting-refused",
                    LIKELY);
        }
        when(
                "a server does not time out because of what this JVM offers",
                fails(Phase.TLS, TIMEOUT, lacks),
                "tls-unexplained",
                LIKELY);
        for (Phase phase : List.of(Phase.DNS, Phase.TLS, Phase.AUTH)) {
            when("the URL at " + phase, fails(phase, URL_PARAMETER), "url-parameter", CONFIRMED);
        }
        for (Phase phase : List.of(Phase.TCP, Phase.TLS, Phase.AUTH)) {
            when("the driver's limit at " + phase, fails(phase, DRIVER_LIMIT), "driver-limit", CONFIRMED);
        }
        Consumer<Evidence.Builder> cluster =
                e -> e.put(Evidence.CERTIFICATE_NAMES, List.of("abc.dsql.us-east-1.on.aws"));
        certain(
                "the certificate of a cluster under another name",
                fails(Phase.TLS, HOSTNAME_MISMATCH, cluster).to(OTHER_SERVER),
                "tls-cluster-under-other-name");
        certain("the certificate of another cluster", fails(Phase.TLS, HOSTNAME_MISMATCH, cluster), "tls-other-name");
        certain(
                "the certificate of another server under another name",
                fails(Phase.TLS, HOSTNAME_MISMATCH, e -> e.put(Evidence.CERTIFICATE_NAMES, List.of("db.local")))
                        .to(OTHER_SERVER),
                "tls-other-name");
        when(
                "a hosts file leads to a tunnel where direct TLS works",
                reset().resolvingTo("127.0.0.1").triggeredBy(DIRECT_TLS),
                "tls-ssl-request",
                CONFIRMED);
        when(
                "a hosts file leads to a tunnel where TLS after an SSLRequest works",
                reset().resolvingTo("127.0.0.1").triggeredBy(SSL_REQUEST_TLS),
                "tls-direct",
                CONFIRMED);
        when(
                "a hosts file leads to a tunnel where TLS works another time",
                reset().resolvingTo("127.0.0.1").tried(SAME_AGAIN, VERIFIED),
                "tls-intermittent",
                POSSIBLE);
        when(
                "a cluster misses the server name that this JVM does not send",
                refused("XX000", "sni was not received", "").pass(Phase.TLS, 50, lacks),
                "refused-no-sni-of-jvm",
                CONFIRMED);
        when(
                "a JVM that lacks something is refused for another reason",
                refused("XX000", "flux capacitor empty", "").pass(Phase.TLS, 50, lacks),
                "nothing-fits",
                POSSIBLE);
        for (String[] each : new String[][] {
            {"XX000", "sni was not received"},
            {"22023", "invalid value for parameter \"TimeZone\""},
            {"0A000", "configuration parameter \"x\" not supported"},
            {"XX000", "no pg_hba.conf entry"},
            {"08P01", "nein"}
        }) {
            when(
                    "a server that was not verified: " + each[1],
                    refused(each[0], each[1], "")
                            .pass(
                                    Phase.TLS,
                                    50,
                                    lacks.andThen(e -> e.put(Evidence.CERTIFICATE_PROBLEM, "not trusted"))),
                    "nothing-fits",
                    POSSIBLE);
        }
        when(
                "the JVM's time zone is refused",
                refused("22023", "invalid value for parameter \"TimeZone\": \"Nowhere/Else\"", ""),
                "refused-time-zone",
                CONFIRMED);
        for (String text : List.of(
                "setting configuration parameter \"statement_timeout\" not supported",
                "unrecognized configuration parameter \"a.b\"",
                "unsupported startup parameter: extra_float_digits")) {
            when(text, refused("0A000", text, ""), "refused-parameter", CONFIRMED);
        }
        for (String text : List.of(
                "no pg_hba.conf entry for host \"10.0.0.1\", user \"admin\", database \"postgres\", SSL encryption",
                "password authentication failed for user \"admin\"",
                "PAM authentication failed for user \"admin\"",
                "database \"orders\" does not exist",
                "no such user: admin",
                "unsupported frontend protocol 1234.5680",
                "Tenant or user not found")) {
            when(text, refused("28000", text, ""), "refused-by-other-server", LIKELY);
        }
        for (String state : List.of("08P01", "3D000")) {
            when("SQLSTATE " + state, refused(state, "nein", ""), "refused-by-other-server-08P01", POSSIBLE);
        }
    }

    private void doubts() {
        when(
                "direct TLS works, and the repetition timed out",
                reset().triggeredBy(DIRECT_TLS).tried(SAME_AGAIN, TIMEOUT),
                "tls-ssl-request",
                LIKELY);
        when("the repetition was closed", reset().tried(SAME_AGAIN, CLOSED), "tls-unexplained", POSSIBLE);
        when("the repetition was reset, too", reset().tried(SAME_AGAIN, RESET), "tls-unexplained", LIKELY);
        when(
                "another attempt timed out",
                fails(Phase.AUTH, RESET).repeatedIn(Phase.AUTH, TIMEOUT),
                "auth-connection-lost",
                POSSIBLE);
        when(
                "another attempt says nothing about the token",
                fails(Phase.TOKEN, REGION_UNKNOWN).repeatedIn(Phase.TLS, RESET),
                "token-no-region",
                CONFIRMED);
        when(
                "the same address accepted another connection",
                fails(Phase.TCP, REFUSED).tried(SAME_AGAIN, roundTrip(85)),
                "tcp-refused",
                POSSIBLE);
        when(
                "the same address refused another connection, too",
                fails(Phase.TCP, REFUSED).tried(SAME_AGAIN, REFUSED),
                "tcp-refused",
                CONFIRMED);
        when("the certificate was not shown again", inspected().tried(SAME_AGAIN, e -> {}), "tls-intercepted", LIKELY);
        when(
                "an experiment that matters did not finish",
                reset().tried(SAME_AGAIN, RESET).tried(OTHER_SNI, OUT_OF_TIME),
                "tls-unexplained",
                POSSIBLE);
        certain(
                "an experiment that cannot matter did not finish",
                inspected().tried(BEHIND_TLS, OUT_OF_TIME),
                "tls-intercepted");
        when(
                "a timeout where a packet got lost",
                timeout().tried(SAME_AGAIN, TIMEOUT, LATE),
                "tls-unexplained",
                POSSIBLE);
        when(
                "a timeout where a connection was late, but not as after a lost packet",
                timeout().tried(SAME_AGAIN, TIMEOUT, roundTrip(1_400)),
                "tls-unexplained",
                LIKELY);
        when(
                "a change ends the timeout, though a packet got lost",
                timeout().tried(SAME_AGAIN, TIMEOUT, LATE).triggeredBy(OTHER_SNI),
                "tls-sni",
                CONFIRMED);
        when("a reset is no lost packet", reset().tried(SAME_AGAIN, RESET, LATE), "tls-unexplained", LIKELY);
        when(
                "another attempt timed out in a later phase, and packets get lost",
                timeout().tried(SAME_AGAIN, OUT_OF_TIME, LATE).repeatedIn(Phase.AUTH, TIMEOUT),
                "timeout-moves",
                POSSIBLE);
        when(
                "another attempt timed out in the same phase, and packets get lost",
                timeout().tried(SAME_AGAIN, OUT_OF_TIME, LATE).repeatedIn(Phase.TLS, TIMEOUT),
                "tls-unexplained",
                POSSIBLE);
        when(
                "another attempt timed out in a later phase, and no packets get lost",
                timeout().tried(SAME_AGAIN, TIMEOUT, roundTrip(85)).repeatedIn(Phase.AUTH, TIMEOUT),
                "tls-unexplained",
                LIKELY);
    }

    private void retries() {
        for (ExperimentName query : List.of(DNS_A, DNS_AAAA)) {
            retried(
                    "the lookup did not end, and a DNS query was answered",
                    fails(Phase.DNS, TIMEOUT).tried(query, e -> {}),
                    "dns-timeout",
                    LIKELY,
                    true);
        }
        retried(
                "the lookup failed after waiting, and a DNS query was answered",
                lookupFailed(10_010).tried(DNS_A, e -> {}),
                "dns-lookup-waited",
                LIKELY,
                true);
        retried(
                "the lookup failed soon, and a DNS query was answered",
                lookupFailed(90).tried(DNS_A, e -> {}),
                "dns-lookup-failed",
                LIKELY,
                false);
        retried(
                "the name does not exist, and a DNS query was answered",
                notFound().took(Phase.DNS, 10_010).tried(DNS_A, e -> {}),
                "dns-query-answered",
                LIKELY,
                false);
        retried("refused", fails(Phase.TCP, REFUSED), "tcp-refused", LIKELY, false);
        retried("reset, not repeated", fails(Phase.TCP, RESET), "tcp-reset", LIKELY, true);
        retried("reset, repeated", fails(Phase.TCP, RESET).tried(SAME_AGAIN, RESET), "tcp-reset", LIKELY, false);
        retried(
                "reset, and the repetition did not finish",
                fails(Phase.TCP, RESET).tried(SAME_AGAIN, OUT_OF_TIME),
                "tcp-reset",
                POSSIBLE,
                false);
        retried("a timeout", fails(Phase.TCP, TIMEOUT), "tcp-timeout", LIKELY, false);
        retried(
                "a timeout, and the repetition did not finish",
                fails(Phase.TCP, TIMEOUT).tried(SAME_AGAIN, OUT_OF_TIME),
                "tcp-timeout",
                POSSIBLE,
                true);
        retried(
                "a timeout where packets get lost",
                timeout().tried(SAME_AGAIN, TIMEOUT, LATE),
                "tls-unexplained",
                POSSIBLE,
                true);
        retried("an alert", failsInTls(TLS_ALERT, SentMessage.CLIENT_HELLO), "tls-unexplained", LIKELY, false);
        retried(
                "an alert that is intermittent",
                failsInTls(TLS_ALERT, SentMessage.CLIENT_HELLO).tried(SAME_AGAIN, VERIFIED),
                "tls-intermittent",
                POSSIBLE,
                false);
        retried(
                "a DNS query says nothing about a timeout in TLS",
                timeout().tried(SAME_AGAIN, TIMEOUT).tried(DNS_A, e -> {}),
                "tls-unexplained",
                LIKELY,
                false);
        retried("a blamed change", reset().triggeredBy(DIRECT_TLS), "tls-ssl-request", CONFIRMED, false);
        retried("a lost login", fails(Phase.AUTH, RESET), "auth-connection-lost", LIKELY, true);
        retried("no answer to the login", fails(Phase.AUTH, TIMEOUT), "auth-timeout", LIKELY, true);
        retried("an error", fails(Phase.QUERY, SERVER_ERROR), "query-error", CONFIRMED, false);
    }
}
