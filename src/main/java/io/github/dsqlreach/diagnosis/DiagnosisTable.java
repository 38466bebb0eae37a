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
import static io.github.dsqlreach.ExperimentName.IDLE;
import static io.github.dsqlreach.ExperimentName.OTHER_ADDRESS;
import static io.github.dsqlreach.ExperimentName.OTHER_SNI;
import static io.github.dsqlreach.ExperimentName.SAME_AGAIN;
import static io.github.dsqlreach.ExperimentName.SMALL_SEGMENTS;
import static io.github.dsqlreach.ExperimentName.SSL_REQUEST_ONLY;
import static io.github.dsqlreach.ExperimentName.SSL_REQUEST_TLS;
import static io.github.dsqlreach.ExperimentName.TLS_1_2;
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
import static io.github.dsqlreach.FailureKind.UNEXPECTED_ANSWER;
import static io.github.dsqlreach.FailureKind.UNREACHABLE;
import static io.github.dsqlreach.FailureKind.URL_PARAMETER;
import static io.github.dsqlreach.Phase.AUTH;
import static io.github.dsqlreach.Phase.DNS;
import static io.github.dsqlreach.Phase.QUERY;
import static io.github.dsqlreach.Phase.TCP;
import static io.github.dsqlreach.Phase.TLS;
import static io.github.dsqlreach.Phase.TOKEN;
import static io.github.dsqlreach.diagnosis.Condition.all;
import static io.github.dsqlreach.diagnosis.Condition.not;
import static io.github.dsqlreach.diagnosis.Conditions.CONNECTION_LOST;
import static io.github.dsqlreach.diagnosis.Conditions.HANDSHAKE_FAILED;
import static io.github.dsqlreach.diagnosis.Conditions.after;
import static io.github.dsqlreach.diagnosis.Conditions.connectionLost;
import static io.github.dsqlreach.diagnosis.Conditions.failed;
import static io.github.dsqlreach.diagnosis.Conditions.passed;
import static io.github.dsqlreach.diagnosis.Conditions.proven;
import static io.github.dsqlreach.diagnosis.Conditions.verified;
import static io.github.dsqlreach.diagnosis.Rule.rule;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.SentMessage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The table: from the facts of a failed attempt to its cause. The first rule that fits wins, so what is more precise
 * stands before what is more general. Matching is a pure function; it returns the match and the experiments that can
 * still change it.
 */
final class DiagnosisTable {
    private static final Set<Phase> ANY_PHASE = EnumSet.allOf(Phase.class);
    private static final String LOOKUP_GIVES_NO_REASON =
            "An operating system does not say why a lookup failed, but the lookup or a DNS query met this error.";

    private static final String SEVERAL_SERVERS =
            "not every connection reaches the cluster; check the load balancer, the"
                    + " tunnel or the proxy on the path, then try again";

    private static final String ONE_ADDRESS =
            "AWS's API has the same address: the resolver gives one address for each name, as a captive portal does.";

    private static final String ASKED_FOR_CLIENT_CERTIFICATE =
            "The server asked for a client certificate, which a cluster never does: another server answers, or a"
                    + " device that inspects TLS.";

    private static final String CHECK_WHO_ASKS =
            "the server asks for a client certificate, and a cluster does not; check which server answers at {target}";

    private static final Set<Phase> AFTER_DNS = EnumSet.complementOf(EnumSet.of(DNS));

    private static final List<Rule> RULES = List.of(
            // An address that leads nowhere shows as a failure after DNS.
            rule("dns-sinkholed", EnumSet.of(TCP, TLS))
                    .when(
                            Conditions.PUBLIC_NAME,
                            Conditions.DIRECT_PATH,
                            Conditions.IMPOSSIBLE_ADDRESS,
                            not(Conditions.ADDRESS_PROVEN))
                    .means(
                            Cause.DNS_SINKHOLED,
                            LIKELY,
                            "Each address of the name is a loopback or unspecified address."),

            // Errors of this machine, which say nothing about the network
            rule("no-file-handle", AFTER_DNS, NO_FILE_HANDLE).means(Cause.FILE_HANDLES_EXHAUSTED, CONFIRMED),
            rule("no-local-port", AFTER_DNS, NO_LOCAL_PORT).means(Cause.LOCAL_PORTS_EXHAUSTED, CONFIRMED),
            rule("no-memory", AFTER_DNS, NO_MEMORY).means(Cause.MEMORY_EXHAUSTED, CONFIRMED),
            rule("no-thread", ANY_PHASE, NO_THREAD).means(Cause.THREADS_EXHAUSTED, CONFIRMED),
            rule("not-permitted", AFTER_DNS, NOT_PERMITTED).means(Cause.CONNECTION_NOT_PERMITTED, CONFIRMED),
            rule("loopback-down", AFTER_DNS, LOOPBACK_DOWN).means(Cause.LOOPBACK_INTERFACE_DOWN, CONFIRMED),
            lookupMet("dns-no-file-handle", NO_FILE_HANDLE, Cause.FILE_HANDLES_EXHAUSTED),
            lookupMet("dns-no-local-port", NO_LOCAL_PORT, Cause.LOCAL_PORTS_EXHAUSTED),
            lookupMet("dns-no-memory", NO_MEMORY, Cause.MEMORY_EXHAUSTED),
            rule("dns-no-thread", DNS, NAME_LOOKUP_FAILED)
                    .when(Conditions.queryMet(NO_THREAD))
                    .means(Cause.THREADS_EXHAUSTED, LIKELY, LOOKUP_GIVES_NO_REASON),
            lookupMet("dns-not-permitted", NOT_PERMITTED, Cause.CONNECTION_NOT_PERMITTED),
            lookupMet("dns-loopback-down", LOOPBACK_DOWN, Cause.LOOPBACK_INTERFACE_DOWN),

            // Settings of this JVM, the URL and the driver, in any phase
            rule("jvm-setting", ANY_PHASE, JVM_SETTING).means(Cause.JVM_SETTING, CONFIRMED),
            rule("jvm-setting-refused", TLS, Conditions.ANSWERS_TO_HELLO)
                    .when(Conditions.JVM_OFFERS_NOTHING)
                    .means(
                            Cause.JVM_SETTING,
                            LIKELY,
                            "The ClientHello of this JVM shows it, and the server did not accept the ClientHello."),
            rule("url-parameter", ANY_PHASE, URL_PARAMETER).means(Cause.URL_PARAMETER, CONFIRMED),
            rule("driver-limit", ANY_PHASE, DRIVER_LIMIT).means(Cause.DRIVER_LIMIT, CONFIRMED),

            // This machine's proxy and its time, in any phase
            rule("proxy-failed", ANY_PHASE, PROXY_FAILED).means(Cause.PROXY_FAILED, CONFIRMED),
            rule("proxy-login", TCP, UNEXPECTED_ANSWER)
                    .when(Conditions.PROXY_WANTS_LOGIN)
                    .means(Cause.PROXY_LOGIN_REQUIRED, CONFIRMED, "It answered CONNECT with status {httpStatus}."),
            rule("proxy-refused", TCP, UNEXPECTED_ANSWER).means(Cause.PROXY_REFUSED, CONFIRMED),
            rule("proxy-connection-lost", TCP, CONNECTION_LOST)
                    .when(after(SentMessage.CONNECT))
                    .means(
                            Cause.PROXY_REFUSED,
                            LIKELY,
                            "It accepted the connection, and the connection failed after CONNECT."),
            rule("out-of-time", ANY_PHASE, OUT_OF_TIME).means(Cause.TIMEOUT_TOO_SHORT, LIKELY),

            // DNS
            // A C library says "no such name" of a malformed or circular answer as well.
            rule("dns-query-answered", DNS, NAME_NOT_FOUND)
                    .when(Conditions.DNS_QUERY_PASSED)
                    .means(
                            Cause.DNS_FAILURE,
                            LIKELY,
                            "The operating system says that the name does not exist, but the DNS server answered a"
                                    + " query for it."),
            rule("dns-filtered", DNS, NAME_NOT_FOUND)
                    .when(passed(CONTROL_DNS))
                    .means(
                            Cause.DNS_FILTERED,
                            CONFIRMED,
                            "It says that the name does not exist, but the DNS server of"
                                    + " `dsql.reach.control-dns` knows it."),
            rule("dns-no-public-names", DNS, NAME_NOT_FOUND)
                    .when(failed(CONTROL_NAME, NAME_NOT_FOUND))
                    .means(
                            Cause.DNS_NO_PUBLIC_NAMES,
                            LIKELY,
                            "It says that this name and the name of AWS's API do not exist. Both names end in `.aws`,"
                                    + " so the resolver may also lack only that domain."),
            rule("dns-control-name-failed", DNS, NAME_NOT_FOUND)
                    .when(failed(CONTROL_NAME))
                    .means(
                            Cause.DNS_NO_PUBLIC_NAMES,
                            LIKELY,
                            "It says that this name does not exist, and does not resolve the name of AWS's API."),
            rule("dns-query-disagrees", DNS, NAME_NOT_FOUND)
                    .when(failed(DNS_A, NAME_LOOKUP_FAILED))
                    .means(
                            Cause.DNS_FAILURE,
                            LIKELY,
                            "The operating system says that the name does not exist, but a DNS query for its A"
                                    + " records does not."),
            rule("dns-no-such-name", DNS, NAME_NOT_FOUND)
                    .when(passed(CONTROL_NAME))
                    .means(Cause.DNS_NAME_NOT_FOUND, CONFIRMED, "The same resolver resolves the name of AWS's API."),
            rule("dns-name-not-found", DNS, NAME_NOT_FOUND).means(Cause.DNS_NAME_NOT_FOUND, LIKELY),
            rule("dns-lookup-waited", DNS, NAME_LOOKUP_FAILED)
                    .when(Conditions.LOOKUP_WAITED)
                    .means(
                            Cause.DNS_TIMEOUT,
                            LIKELY,
                            "The lookup took as long as an operating system waits for a DNS server."),
            rule("dns-lookup-failed", DNS, NAME_LOOKUP_FAILED).means(Cause.DNS_FAILURE, LIKELY),
            rule("dns-timeout", DNS, TIMEOUT).means(Cause.DNS_TIMEOUT, LIKELY),

            // Where packets get lost, any of them may be the one that is missing.
            rule("timeout-moves", EnumSet.complementOf(EnumSet.of(DNS)), TIMEOUT)
                    .when(Conditions.PACKETS_LOST, Conditions.ATTEMPT_STOPPED_LATER)
                    .means(
                            Cause.UNKNOWN,
                            POSSIBLE,
                            "The network loses packets, and another attempt failed in a later phase, so neither"
                                    + " attempt shows which phase has the problem."),

            // TCP
            rule("tcp-one-address", TCP, REFUSED, RESET, TIMEOUT)
                    .when(Conditions.ONE_ADDRESS_FOR_EACH_NAME)
                    .means(Cause.DNS_SINKHOLED, LIKELY, ONE_ADDRESS),
            rule("tcp-refused", TCP, REFUSED).means(Cause.TCP_REFUSED, CONFIRMED),
            rule("tcp-reset", TCP, RESET).means(Cause.TCP_RESET, LIKELY),
            rule("tcp-nothing-connects", TCP, TIMEOUT)
                    .when(Conditions.NOTHING_CONNECTS)
                    .means(
                            Cause.TCP_TIMEOUT,
                            LIKELY,
                            "Connections to port 443 of the cluster and of AWS's API time out, too, so this port is"
                                    + " not the reason.",
                            "no connection gets an answer, to port 443 either; check the network connection and the"
                                    + " VPN, or try another network"),
            rule("tcp-private", TCP, TIMEOUT)
                    .when(Conditions.PRIVATE_ADDRESS)
                    .means(
                            Cause.TCP_TIMEOUT,
                            LIKELY,
                            "The name resolves to a private address, as an interface endpoint (PrivateLink) has.",
                            "the address is a private one of a VPC; join that VPC or its VPN, or check its security"
                                    + " group"),
            rule("tcp-timeout", TCP, TIMEOUT).means(Cause.TCP_TIMEOUT, LIKELY),
            rule("tcp-unreachable-ipv6", TCP, UNREACHABLE)
                    .when(Conditions.ONLY_IPV6)
                    .means(
                            Cause.NETWORK_UNREACHABLE,
                            CONFIRMED,
                            "The name has only IPv6 addresses.",
                            "the name has only IPv6 addresses, and this machine has no route to them; use a network"
                                    + " with IPv6, or check the resolver"),
            rule("tcp-unreachable", TCP, UNREACHABLE).means(Cause.NETWORK_UNREACHABLE, CONFIRMED),

            // TOKEN
            rule("token-starved", TOKEN, CREDENTIALS_FAILED)
                    .when(Conditions.NO_TIME_FOR_CREDENTIALS)
                    .means(
                            Cause.TIMEOUT_TOO_SHORT,
                            LIKELY,
                            "The credentials provider did not answer, but this machine also had no processor"
                                    + " time for the network."),
            rule("token-no-credentials", TOKEN, CREDENTIALS_NOT_FOUND).means(Cause.CREDENTIALS_NOT_FOUND, CONFIRMED),
            rule("token-credentials-expired", TOKEN, CREDENTIALS_EXPIRED).means(Cause.CREDENTIALS_EXPIRED, CONFIRMED),
            rule("token-provider-failed", TOKEN, CREDENTIALS_FAILED)
                    .means(Cause.CREDENTIALS_PROVIDER_FAILED, CONFIRMED),
            rule("token-no-region", TOKEN, REGION_UNKNOWN).means(Cause.REGION_UNKNOWN, CONFIRMED),

            // TLS: the server's certificate
            rule("tls-roots-unreadable", TLS, ROOTS_UNREADABLE).means(Cause.ROOT_CERTIFICATE_UNREADABLE, CONFIRMED),
            rule(
                            "tls-certificate-of-another-server",
                            TLS,
                            CERTIFICATE_UNTRUSTED,
                            CERTIFICATE_EXPIRED,
                            CERTIFICATE_CHAIN_INCOMPLETE,
                            CERTIFICATE_UNACCEPTABLE,
                            HOSTNAME_MISMATCH)
                    .when(Conditions.PROVEN_THERE)
                    .means(
                            Cause.UNKNOWN,
                            POSSIBLE,
                            "An experiment verified the cluster at the same address and port: several servers answer"
                                    + " there, or TLS inspection applies to some connections only.",
                            SEVERAL_SERVERS),
            rule(
                            "tls-other-address-verified",
                            TLS,
                            CERTIFICATE_UNTRUSTED,
                            CERTIFICATE_EXPIRED,
                            CERTIFICATE_CHAIN_INCOMPLETE,
                            CERTIFICATE_UNACCEPTABLE,
                            HOSTNAME_MISMATCH,
                            TLS_REFUSED,
                            UNEXPECTED_ANSWER,
                            SERVER_ERROR)
                    .when(proven(OTHER_ADDRESS), not(Conditions.PROVEN_THERE), not(passed(SAME_AGAIN)))
                    .means(
                            Cause.ADDRESS_FAILS,
                            LIKELY,
                            "Another server answers there: the cluster was verified at another address of the name."),
            rule("tls-certificate-expired", TLS, CERTIFICATE_EXPIRED).means(Cause.CERTIFICATE_EXPIRED, CONFIRMED),
            rule("tls-cluster-under-other-name", TLS, HOSTNAME_MISMATCH)
                    .when(not(Conditions.PUBLIC_NAME), Conditions.CERTIFICATE_NAMES_CLUSTER)
                    .means(Cause.CLUSTER_UNDER_OTHER_NAME, CONFIRMED),
            rule("tls-name-in-common-name", TLS, HOSTNAME_MISMATCH)
                    .when(Conditions.NAME_IN_COMMON_NAME_ONLY)
                    .means(
                            Cause.CERTIFICATE_UNACCEPTABLE,
                            LIKELY,
                            "It names the host in its common name only, and has no subject alternative name."),
            rule("tls-other-name", TLS, HOSTNAME_MISMATCH).means(Cause.HOSTNAME_MISMATCH, CONFIRMED),
            rule("tls-chain-incomplete", TLS, CERTIFICATE_CHAIN_INCOMPLETE)
                    .means(Cause.CERTIFICATE_CHAIN_INCOMPLETE, LIKELY),
            rule("tls-certificate-unacceptable", TLS, CERTIFICATE_UNACCEPTABLE)
                    .means(Cause.CERTIFICATE_UNACCEPTABLE, CONFIRMED),
            rule("tls-certificate-of-web-server", TLS, CERTIFICATE_UNTRUSTED)
                    .when(failed(BEHIND_TLS, UNEXPECTED_ANSWER), not(Conditions.NAMES_THE_HOST))
                    .means(
                            Cause.NOT_POSTGRES,
                            LIKELY,
                            "The certificate is not for this host, and after TLS the server does not answer as"
                                    + " a PostgreSQL server does."),
            rule("tls-amazon-untrusted", TLS, CERTIFICATE_UNTRUSTED)
                    .when(Conditions.PUBLIC_NAME, Conditions.CHAIN_SAYS_AMAZON)
                    .means(
                            Cause.UNKNOWN,
                            POSSIBLE,
                            "The certificate chain names Amazon but is not trusted: either this machine's"
                                    + " trusted roots lack Amazon's, or the chain is forged."),
            rule("tls-untrusted-other-host", TLS, CERTIFICATE_UNTRUSTED)
                    .when(Conditions.NAMES_OTHER_HOSTS)
                    .means(
                            Cause.HOSTNAME_MISMATCH,
                            LIKELY,
                            "It is not trusted, either: {certificateIssuer} issued it. TLS inspection issues"
                                    + " certificates for the host.",
                            "another server answers at {target}, or a block page; check host, port and DNS"),
            rule("tls-intercepted", TLS, CERTIFICATE_UNTRUSTED)
                    .when(Conditions.PUBLIC_NAME, Conditions.NAMES_THE_HOST, not(Conditions.LONE_CERTIFICATE))
                    .means(
                            Cause.TLS_INTERCEPTED,
                            CONFIRMED,
                            "Amazon issues a cluster's certificate, but this one was issued by {certificateIssuer}."),
            rule("tls-untrusted", TLS, CERTIFICATE_UNTRUSTED)
                    .means(Cause.TLS_INTERCEPTED, LIKELY, "It was issued by {certificateIssuer}."),

            // TLS: the WebSocket in it
            rule("websocket-refused", TLS, UNEXPECTED_ANSWER)
                    .when(after(SentMessage.UPGRADE), not(passed(SAME_AGAIN)))
                    .means(
                            Cause.WEBSOCKET_REFUSED,
                            CONFIRMED,
                            "It answered the upgrade request, but not with status 101."),
            rule("websocket-connection-lost", TLS, HANDSHAKE_FAILED)
                    .when(after(SentMessage.UPGRADE), not(passed(SAME_AGAIN)))
                    .means(Cause.WEBSOCKET_REFUSED, LIKELY, "The connection failed after the upgrade request."),

            // A cluster has its WebSocket there.
            rule("tls-port-of-websocket", EnumSet.of(TLS, AUTH), RESET, TIMEOUT, CLOSED, TLS_ALERT, UNEXPECTED_ANSWER)
                    .when(Conditions.PORT_OF_WEB_SOCKET)
                    .means(Cause.PORT_OF_WEBSOCKET, LIKELY),

            // TLS: experiments with changes count for nothing
            rule("tls-experiments-blocked", TLS, HANDSHAKE_FAILED)
                    .when(Conditions.EXPERIMENTS_BLOCKED)
                    .showsOnlyTheSymptom(
                            LIKELY,
                            "The network reacts to the experiments: after the first connection it blocks"
                                    + " further connections, as a ban or a rate limit does. So no experiment"
                                    + " shows what triggers the failure.",
                            "the network blocks further connections; wait and try again, or use another network"),
            rule("tls-intermittent", TLS, HANDSHAKE_FAILED)
                    .when(Conditions.INTERMITTENT)
                    .showsOnlyTheSymptom(POSSIBLE, "The failure is intermittent: the same step also passed unchanged."),

            // TLS: one change ends the failure, so that change is the trigger
            rule("tls-sni", TLS, HANDSHAKE_FAILED)
                    .when(Conditions.OTHER_NAME_WORKS, not(Conditions.NAME_GOT_THROUGH))
                    .blames(OTHER_SNI)
                    .means(
                            Cause.SNI_BLOCKED,
                            CONFIRMED,
                            "TLS works with another server name, and started in the same way it gets no answer with"
                                    + " the cluster's name."),
            rule("tls-sni-late", TLS, RESET, CLOSED)
                    .when(
                            Conditions.OTHER_NAME_WORKS,
                            Conditions.ENDED_WITHIN_ANSWER,
                            not(Conditions.NAME_COMPLETED_TLS))
                    .blames(OTHER_SNI)
                    .means(
                            Cause.SNI_BLOCKED,
                            LIKELY,
                            "TLS works with another server name. With the cluster's name the connection ends within"
                                    + " the server's answer, as when a device on the path reacts late."),
            rule("tls-ssl-request", TLS, HANDSHAKE_FAILED)
                    .when(verified(DIRECT_TLS))
                    .blames(DIRECT_TLS)
                    .means(Cause.POSTGRES_NEGOTIATION_BLOCKED, CONFIRMED, "Direct TLS to the same address works."),
            rule("tls-direct", TLS, HANDSHAKE_FAILED)
                    .when(verified(SSL_REQUEST_TLS))
                    .blames(SSL_REQUEST_TLS)
                    .means(Cause.DIRECT_TLS_BLOCKED, CONFIRMED, "TLS after an SSLRequest to the same address works."),
            rule("tls-path-mtu", TLS, TIMEOUT)
                    .when(verified(SMALL_SEGMENTS))
                    .blames(SMALL_SEGMENTS)
                    .means(
                            Cause.PATH_MTU_BLACK_HOLE,
                            CONFIRMED,
                            "The same handshake works when the server is asked for small packets."),
            // What a change alters besides its purpose belongs to it: both make the ClientHello shorter.
            rule("tls-shorter-hello", TLS, HANDSHAKE_FAILED)
                    .when(verified(TLS_1_2), Conditions.OTHER_NAME_WORKS)
                    .showsOnlyTheSymptom(
                            LIKELY,
                            "The handshake works with TLS 1.2, and also with another server name. Both make the"
                                    + " ClientHello shorter, so the network may lose packets of its full size.",
                            "the network may lose large packets that this machine sends; lower the MTU, or try another"
                                    + " network"),
            rule("tls-1.3-or-size", TLS, TIMEOUT)
                    .when(verified(TLS_1_2), Conditions.NOTHING_COMES_BACK)
                    .blames(TLS_1_2)
                    .showsOnlyTheSymptom(
                            LIKELY,
                            "With TLS 1.2 the handshake works, and the longer ClientHello of TLS 1.3 was never"
                                    + " acknowledged: a device on the path does not handle TLS 1.3, or the network"
                                    + " loses packets of that size.",
                            "the ClientHello of TLS 1.3 is lost; set -Djdk.tls.client.protocols=TLSv1.2, or lower the"
                                    + " MTU"),
            rule("tls-1.3", TLS, HANDSHAKE_FAILED)
                    .when(verified(TLS_1_2))
                    .blames(TLS_1_2)
                    .showsOnlyTheSymptom(
                            CONFIRMED,
                            "With TLS 1.2 the handshake works: a device on the path does not handle TLS 1.3.",
                            "a device on the path does not handle TLS 1.3; set -Djdk.tls.client.protocols=TLSv1.2"),
            rule("tls-address", TLS, HANDSHAKE_FAILED)
                    .when(verified(OTHER_ADDRESS))
                    .blames(OTHER_ADDRESS)
                    .means(Cause.ADDRESS_FAILS, CONFIRMED, "The same handshake works with the other address."),
            rule("tls-direct-refused", TLS, SERVER_ERROR)
                    .when(verified(SSL_REQUEST_TLS))
                    .blames(SSL_REQUEST_TLS)
                    .means(
                            Cause.DIRECT_TLS_BLOCKED,
                            LIKELY,
                            "Direct TLS was answered with an error in clear text, as by a pooler without direct"
                                    + " TLS, and TLS after an SSLRequest works."),
            // TLS: anybody can answer in clear text; where direct TLS verifies the cluster, a device did
            rule("tls-ssl-request-answered", TLS, TLS_REFUSED, UNEXPECTED_ANSWER, SERVER_ERROR)
                    .when(verified(DIRECT_TLS))
                    .blames(DIRECT_TLS)
                    .means(
                            Cause.POSTGRES_NEGOTIATION_BLOCKED,
                            CONFIRMED,
                            "The SSLRequest got an answer that is not the cluster's, and direct TLS to the same"
                                    + " address works."),
            rule("tls-answer-of-another-server", TLS, TLS_REFUSED, UNEXPECTED_ANSWER, SERVER_ERROR)
                    .when(Conditions.PROVEN_THERE)
                    .means(
                            Cause.UNKNOWN,
                            POSSIBLE,
                            "An experiment verified the cluster at the same address and port: several servers answer"
                                    + " there, or a device on the path answers some connections.",
                            SEVERAL_SERVERS),
            rule("tls-refused", TLS, TLS_REFUSED).means(Cause.TLS_REFUSED, CONFIRMED),
            rule("tls-refused-with-error", TLS, SERVER_ERROR)
                    .when(Conditions.OTHER_START_REFUSED)
                    .means(
                            Cause.TLS_REFUSED,
                            LIKELY,
                            "It answered the start of TLS with an error in clear text, and refuses the other"
                                    + " way to start TLS, too."),
            rule("tls-other-protocol", TLS, UNEXPECTED_ANSWER)
                    .when(Conditions.KNOWN_PROTOCOL)
                    .means(Cause.NOT_POSTGRES, CONFIRMED, "The answer belongs to another protocol."),
            rule("tls-unexpected-answer", TLS, UNEXPECTED_ANSWER).means(Cause.NOT_POSTGRES, LIKELY),
            rule("tls-refused-after-request", TLS, HANDSHAKE_FAILED)
                    .when(failed(SSL_REQUEST_TLS, TLS_REFUSED), not(Conditions.PROVEN_THERE))
                    .means(Cause.TLS_REFUSED, LIKELY, "It answers an SSLRequest with a refusal."),
            rule("tls-other-message-answered", TLS, HANDSHAKE_FAILED)
                    .when(Conditions.UNEXPECTED_ANSWER_TO_OTHERS, not(Conditions.PROVEN_THERE))
                    .means(
                            Cause.NOT_POSTGRES,
                            LIKELY,
                            "Another message to this port gets an answer of another protocol."),
            rule("tls-web-server", TLS, HANDSHAKE_FAILED)
                    .when(Conditions.WEB_SERVER_ANSWERS, not(passed(SSL_REQUEST_ONLY)), not(Conditions.PROVEN_THERE))
                    .means(Cause.NOT_POSTGRES, LIKELY, "It answers a web request."),
            rule("tls-client-certificate", TLS, HANDSHAKE_FAILED)
                    .when(Conditions.ASKED_FOR_CLIENT_CERTIFICATE)
                    .showsOnlyTheSymptom(LIKELY, ASKED_FOR_CLIENT_CERTIFICATE, CHECK_WHO_ASKS),
            rule("tls-slow", TLS, TIMEOUT)
                    .when(Conditions.ANSWER_IN_PROGRESS)
                    .showsOnlyTheSymptom(
                            LIKELY,
                            "Bytes of the server's answer still arrived when time was up: the network or the server is"
                                    + " very slow.",
                            "the answer is still arriving; allow more time with dsql.reach.timeout, or try another"
                                    + " network"),

            // TLS: small packets come back, and large ones do not
            rule("tls-path-mtu-small-answers", TLS, TIMEOUT)
                    .when(Conditions.ONLY_SMALL_ANSWERS_PASS)
                    .means(
                            Cause.PATH_MTU_BLACK_HOLE,
                            LIKELY,
                            "A short refusal comes back, but a handshake times out, with this server name and"
                                    + " another one."),
            rule("tls-path-mtu-more-bytes", TLS, TIMEOUT)
                    .when(Conditions.FURTHER_IN_SMALL_SEGMENTS)
                    .means(
                            Cause.PATH_MTU_BLACK_HOLE,
                            LIKELY,
                            "More of the server's answer comes back when the server is asked for small packets."),

            // TLS: it is not TLS that fails
            rule("tls-one-address", TLS, CONNECTION_LOST)
                    .when(Conditions.ONE_ADDRESS_FOR_EACH_NAME)
                    .means(Cause.DNS_SINKHOLED, LIKELY, ONE_ADDRESS),
            rule("tls-fake-address", TLS, CONNECTION_LOST)
                    .when(Conditions.ANY_PAYLOAD_FAILS, Conditions.FAKE_ADDRESS)
                    .showsOnlyTheSymptom(
                            LIKELY,
                            "The address is a fake one of proxy software, such as Clash, Surge or sing-box. That"
                                    + " software accepts each connection, and does not reach the cluster.",
                            "the proxy software that gave out the address does not reach the cluster; exempt"
                                    + " {host} and TCP port {port} from it"),
            rule("tls-nothing-answers", TLS, TIMEOUT)
                    .when(Conditions.ANY_PAYLOAD_FAILS, Conditions.OTHERS_SILENT)
                    .showsOnlyTheSymptom(
                            LIKELY,
                            "Connections to port 443 of the cluster and of AWS's API are established and get no answer,"
                                    + " too: the network loses what this machine sends, or accepts connections instead"
                                    + " of the servers.",
                            "connections get no answer, on port 443 either; check the network connection, the VPN and"
                                    + " a captive portal, or try another network"),
            rule("tls-nothing-acknowledged", TLS, TIMEOUT)
                    .when(Conditions.ANY_PAYLOAD_FAILS, Conditions.NOT_ACKNOWLEDGED)
                    .showsOnlyTheSymptom(
                            LIKELY,
                            "The connection is established, but what this machine sends on it is never acknowledged:"
                                    + " the network loses it, as a firewall does that sees only one direction of the"
                                    + " connection.",
                            "the network loses what is sent after the connection is established; try another network,"
                                    + " or check for asymmetric routes"),
            rule("tls-port-silent", TLS, TIMEOUT)
                    .when(Conditions.ANY_PAYLOAD_FAILS)
                    .means(
                            Cause.PORT_SILENT,
                            LIKELY,
                            "A start without TLS and the other way to start TLS time out, too."),
            rule("tls-idle", TLS, CONNECTION_LOST)
                    .when(connectionLost(IDLE))
                    .showsOnlyTheSymptom(
                            LIKELY,
                            "An idle connection fails, too, as with a load balancer or a tunnel without a"
                                    + " server behind it.",
                            "an idle connection fails, too; check what is behind that address, then try another"
                                    + " network"),
            rule("tls-any-payload", TLS, CONNECTION_LOST)
                    .when(Conditions.ANY_PAYLOAD_FAILS)
                    .showsOnlyTheSymptom(
                            LIKELY,
                            "Any payload fails in the same way, so TLS is not what is blocked: nothing is served at that"
                                    + " address, or the network blocks this machine since the first attempt.",
                            "any payload fails in the same way; check what is behind that address, then try"
                                    + " another network"),

            // TLS: nothing gets TLS up, and something else is answered; where else does TLS work?
            rule("tls-port", TLS, CONNECTION_LOST)
                    .when(Conditions.ONLY_TLS_FAILS, Conditions.CLUSTER_WORKS_ON_443)
                    .means(
                            Cause.TLS_BLOCKED_ON_PORT,
                            LIKELY,
                            "The port answers other messages but no TLS, and TLS to the cluster works on port 443."),
            rule("tls-cluster", TLS, CONNECTION_LOST)
                    .when(Conditions.ONLY_TLS_FAILS, Conditions.CLUSTER_FAILS_ON_443, verified(CONTROL_443))
                    .showsOnlyTheSymptom(
                            LIKELY,
                            "TLS to the cluster fails on port 443, too, and TLS to AWS works there: the network filters"
                                    + " the cluster's name or its addresses, not the port.",
                            "the network filters the cluster's name or addresses; try another network, a VPN or AWS"
                                    + " CloudShell"),
            rule("tls-port-or-cluster", TLS, CONNECTION_LOST)
                    .when(Conditions.ONLY_TLS_FAILS, verified(CONTROL_443))
                    .showsOnlyTheSymptom(
                            LIKELY,
                            "The port answers other messages but no TLS. TLS to AWS works on port 443, but with another"
                                    + " name: the network filters this port, or the cluster's name or addresses.",
                            "the network filters TLS on port {port} or TLS to the cluster; try another network, a VPN or"
                                    + " AWS CloudShell"),
            rule("tls-everywhere", TLS, CONNECTION_LOST)
                    .when(Conditions.ONLY_TLS_FAILS, Conditions.TLS_FAILS_ON_443)
                    .means(
                            Cause.TLS_BLOCKED_EVERYWHERE,
                            LIKELY,
                            "The cluster's port answers other messages but no TLS, and TLS to AWS fails on port"
                                    + " 443, too."),
            rule("tls-unexplained", TLS, HANDSHAKE_FAILED)
                    .showsOnlyTheSymptom(LIKELY, "Nothing shows what triggers the failure."),

            // AUTH and QUERY, where the server did not refuse in words
            rule("auth-client-certificate", AUTH, RESET, CLOSED)
                    .when(Conditions.ASKED_FOR_CLIENT_CERTIFICATE)
                    .means(Cause.AUTH_RESET, LIKELY, ASKED_FOR_CLIENT_CERTIFICATE, CHECK_WHO_ASKS),
            rule("auth-client-certificate-alert", AUTH, TLS_ALERT)
                    .when(Conditions.ASKED_FOR_CLIENT_CERTIFICATE)
                    .means(Cause.TLS_ALERT, LIKELY, ASKED_FOR_CLIENT_CERTIFICATE, CHECK_WHO_ASKS),
            // With TLS 1.3 a server's alert about the handshake arrives when the client has finished it.
            rule("auth-alert", AUTH, TLS_ALERT).means(Cause.TLS_ALERT, LIKELY),
            rule("auth-alert-again", AUTH, RESET, CLOSED)
                    .when(Conditions.ALERTED_AGAIN)
                    .means(Cause.TLS_ALERT, LIKELY, "Another attempt ended with an alert."),
            rule("auth-unexpected-answer", AUTH, UNEXPECTED_ANSWER).means(Cause.NOT_POSTGRES, CONFIRMED),
            rule("auth-no-alpn", AUTH, CONNECTION_LOST)
                    .when(Conditions.NO_ALPN)
                    .means(
                            Cause.NOT_POSTGRES,
                            LIKELY,
                            "A PostgreSQL server that supports direct TLS selects an ALPN protocol, and this"
                                    + " server selected none."),
            rule("auth-connection-lost", AUTH, RESET, CLOSED).means(Cause.AUTH_RESET, LIKELY),
            // The token makes the first large packet that this machine sends. A slow path loses it, too, and then the
            // next attempt's small packets.
            rule("auth-path-mtu", AUTH, TIMEOUT)
                    .when(Conditions.LARGE_PACKET_LOST, Conditions.LARGE_PACKET_LOST_AGAIN)
                    .means(
                            Cause.PATH_MTU_BLACK_HOLE,
                            LIKELY,
                            "Two attempts lost their first large packet, the one with the token."),
            rule("login-few-round-trips", EnumSet.of(AUTH, QUERY), TIMEOUT)
                    .when(Conditions.SLOW, Conditions.FEW_ROUND_TRIPS_FIT)
                    .means(
                            Cause.TIMEOUT_TOO_SHORT,
                            LIKELY,
                            "Answers still came when time was up, and the timeout is shorter than eight round"
                                    + " trips."),
            rule("auth-slow", AUTH, TIMEOUT)
                    .when(Conditions.SLOW)
                    .means(
                            Cause.AUTH_TIMEOUT,
                            POSSIBLE,
                            "Answers still came when time was up: the network or the server is slow."),
            rule("auth-timeout", AUTH, TIMEOUT).means(Cause.AUTH_TIMEOUT, LIKELY),
            rule("query-connection-lost", QUERY, RESET, CLOSED).means(Cause.QUERY_RESET, LIKELY),
            rule("query-slow", QUERY, TIMEOUT)
                    .when(Conditions.SLOW)
                    .means(
                            Cause.QUERY_TIMEOUT,
                            POSSIBLE,
                            "Answers still came when time was up: the network or the server is slow."),
            rule("query-timeout", QUERY, TIMEOUT).means(Cause.QUERY_TIMEOUT, LIKELY),
            rule("query-error", QUERY, SERVER_ERROR).means(Cause.QUERY_FAILED, CONFIRMED));

    private static final Rule NOTHING_FITS = rule("nothing-fits", ANY_PHASE).means(Cause.UNKNOWN, POSSIBLE);

    private static final List<Doubt> DOUBTS = List.of(
            Doubt.of(
                    "contradicted",
                    Conditions.CONTRADICTED,
                    1,
                    "The failure ended in another way, or did not show, when it was repeated."),
            Doubt.ofConfirmed("not-repeated", Conditions.NOT_REPEATED, "The failure was not repeated in the same way."),
            Doubt.of(
                    "connected-again",
                    all(
                            "another connection was established",
                            "no other connection was established",
                            Conditions.AT_TCP,
                            passed(SAME_AGAIN)),
                    2,
                    "The same address accepted another connection."),
            Doubt.of(
                    "packet-loss",
                    all(
                            "a timeout with packet loss, and no change is blamed",
                            "no timeout with packet loss, or a change is blamed",
                            not(Conditions.BLAMES_A_CHANGE),
                            Conditions.TIMED_OUT,
                            Conditions.PACKETS_LOST),
                    1,
                    "The network loses packets, so a timeout may be a lost packet."),
            Doubt.of(
                    "not-verified",
                    all(
                            "the blamed change did not verify the server",
                            "the blamed change verified the server, or no change is blamed",
                            Conditions.BLAMES_A_CHANGE,
                            not(Conditions.BLAMED_VERIFIED)),
                    1,
                    "With {change} the server could not be verified."),
            Doubt.of(
                    "direct-tls-not-supported",
                    Conditions.DIRECT_TLS_MAY_BE_UNKNOWN,
                    1,
                    "The server is not known to support direct TLS: PostgreSQL supports it since version 17,"
                            + " and some poolers do not."),
            Doubt.of(
                    "no-answer-after-tls",
                    all(
                            "the blamed change got TLS up and nothing after it",
                            "the blamed change got answers after TLS, or no change is blamed",
                            Conditions.BLAMES_A_CHANGE,
                            not(Conditions.BLAMED_PASSED)),
                    1,
                    "With {change} TLS worked, and the server did not answer after it."));

    private static final Doubt UNFINISHED = Doubt.ofMatch(
            "unfinished",
            "an experiment that could change the match did not finish",
            1,
            "An experiment that could change this diagnosis did not finish.");

    private static final Doubt NOT_REPRODUCED = Doubt.ofMatch(
            "not-reproduced",
            "an earlier rule applies but for its repetition: a change passed once",
            2,
            "With {change} the connection worked once, but this did not reproduce when control and variant were"
                    + " repeated.");

    static final DiagnosisTable TABLE = new DiagnosisTable(
            Stream.concat(Refusals.RULES.stream(), RULES.stream()).toList(),
            Stream.concat(DOUBTS.stream(), Stream.of(UNFINISHED, NOT_REPRODUCED))
                    .toList(),
            Conditions.NEEDS_ANOTHER_ATTEMPT);

    private final List<Rule> rules;
    private final List<Doubt> doubts;
    private final Condition retry;

    DiagnosisTable(List<Rule> rules, List<Doubt> doubts, Condition retry) {
        this.rules = rules;
        this.doubts = doubts;
        this.retry = retry;
    }

    /** Of an error of this machine that the lookup or a DNS query met. */
    private static Rule lookupMet(String id, FailureKind localError, Cause cause) {
        return rule(id, DNS, localError, NAME_LOOKUP_FAILED)
                .when(Conditions.lookupMet(localError))
                .means(cause, LIKELY, LOOKUP_GIVES_NO_REASON);
    }

    List<Rule> rules() {
        return rules;
    }

    List<Doubt> doubts() {
        return doubts;
    }

    /** When another attempt is made. */
    Condition retry() {
        return retry;
    }

    /** What the facts say, and what can still change it: the union over the rules up to the one that fits. */
    RuleMatch match(Facts facts) {
        Set<ExperimentName> open = Set.of();
        Optional<RuleMatch.Suspect> suspect = Optional.empty();
        for (Rule rule : rules) {
            Truth fits = rule.fits(facts);
            open = Truth.union(open, fits.open());
            if (!fits.value()) {
                continue;
            }
            Truth reproduced = rule.isReproduced(facts);
            open = Truth.union(open, reproduced.open());
            if (reproduced.value()) {
                return match(facts, rule, suspect, open);
            }
            if (suspect.isEmpty()) {
                suspect = Optional.of(new RuleMatch.Suspect(rule.change().orElseThrow(), open));
            }
        }
        return match(facts, NOTHING_FITS, suspect, open);
    }

    private RuleMatch match(Facts facts, Rule rule, Optional<RuleMatch.Suspect> suspect, Set<ExperimentName> open) {
        List<Doubt> found = new ArrayList<>();
        Set<ExperimentName> all = open;
        if (suspect.isPresent()) {
            found.add(NOT_REPRODUCED);
        } else if (!rule.stated() && rule != NOTHING_FITS) {
            for (Doubt doubt : doubts) {
                if (doubt.onlyConfirmed() && rule.confidence() != CONFIRMED) {
                    continue;
                }
                Truth applies = doubt.in(facts.blaming(rule.change()));
                all = Truth.union(all, applies.open());
                if (applies.value()) {
                    found.add(doubt);
                }
            }
            if (!all.isEmpty()) {
                found.add(UNFINISHED);
            }
        }
        Confidence confidence = lowered(
                rule.confidence(), found.stream().mapToInt(Doubt::steps).max().orElse(0));
        return new RuleMatch(
                rule.id(),
                rule.causeOf(facts.kind()),
                confidence,
                rule.change(),
                suspect,
                confidence == rule.confidence() ? List.of() : List.copyOf(found),
                all,
                rule.because(),
                rule.advice());
    }

    private static Confidence lowered(Confidence confidence, int steps) {
        Confidence[] all = Confidence.values();
        return all[Math.min(confidence.ordinal() + steps, all.length - 1)];
    }

    /** Whether another attempt can change what was matched. */
    Truth needsAnotherAttempt(Facts facts, RuleMatch match) {
        return retry.in(facts.blaming(match.trigger()));
    }
}
