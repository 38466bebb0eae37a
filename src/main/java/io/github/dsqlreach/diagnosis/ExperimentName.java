package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Experiment;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The experiments: what each changes, and the identifier it has in reports. */
public enum ExperimentName {
    /** The first attempt, where it failed and another one was made. */
    FIRST_WALK("first-walk", "the first attempt"),
    /** The way over TCP, where it is blocked and another one was taken. */
    OVER_TCP(Experiment.OVER_TCP, "the way over TCP"),
    /** Nothing changed: does the failure repeat? */
    SAME_AGAIN("same-again", "another attempt"),
    /** The whole attempt again, for failures behind TLS. */
    WALK_AGAIN("walk-again", "the whole attempt again"),
    /** TLS at once instead of after an SSLRequest. */
    DIRECT_TLS("direct-tls", "direct TLS"),
    /** TLS after an SSLRequest instead of at once. */
    SSL_REQUEST_TLS("ssl-request-tls", "TLS after an SSLRequest"),
    /** The SSLRequest and no ClientHello. */
    SSL_REQUEST_ONLY("ssl-request-only", "an SSLRequest alone"),
    /** The same handshake with another server name. */
    OTHER_SNI("other-sni", "another server name (SNI)"),
    /** Only TLS 1.2 offered. */
    TLS_1_2("tls-1.2", "TLS 1.2 only"),
    /** The same handshake in small pieces, which this machine asks the server for. */
    SMALL_SEGMENTS("small-segments", "small segments"),
    /** A ClientHello with the same name that any server must refuse, in a few bytes. */
    REFUSED_HELLO("refused-hello", "a ClientHello that calls for a short refusal"),
    /** A connection on which nothing is sent. */
    IDLE("idle", "an idle connection"),
    /** A start in plain text. */
    PLAIN_START("plain-start", "a start without TLS"),
    /** A StartupMessage behind a certificate that does not count: who speaks there? */
    BEHIND_TLS("behind-tls", "a StartupMessage behind that certificate"),
    /** A request for a web page. */
    WEB_REQUEST("web-request", "a web request"),
    /** Another address of the same name. */
    OTHER_ADDRESS("other-address", "another address of the cluster"),
    /** TLS to the regional AWS API on port 443. */
    CONTROL_443("control-443", "TLS to AWS on port 443"),
    /** The cluster's other door: a StartupMessage over the WebSocket on port 443. */
    WEB_SOCKET_443("websocket-443", "the cluster's WebSocket on port 443"),
    /** The name's IPv4 addresses, asked for without the system's resolver library. */
    DNS_A("dns-a", "the name's A records"),
    /** The name's IPv6 addresses, asked for without the system's resolver library. */
    DNS_AAAA("dns-aaaa", "the name's AAAA records"),
    /** The name of AWS's API, by the same resolver. */
    CONTROL_NAME("control-name", "the name of AWS's API by the same resolver"),
    /** The name, by the resolver that the user gave to compare with. */
    CONTROL_DNS("control-dns", "the resolver to compare with"),
    /** The failure and the change that let it through, both repeated: is the change really the reason? */
    CONFIRMATION("confirmation", "both ways repeated"),
    /** Waiting for a cluster that said "not now". */
    WAIT("wait", "waiting");

    private static final Map<String, ExperimentName> BY_ID =
            Arrays.stream(values()).collect(Collectors.toMap(ExperimentName::id, name -> name));

    private final String id;
    private final String label;

    ExperimentName(String id, String label) {
        this.id = id;
        this.label = label;
    }

    /** The experiment of that identifier; empty if this version knows none. */
    public static Optional<ExperimentName> of(String id) {
        return Optional.ofNullable(BY_ID.get(id));
    }

    /** The identifier in reports, the {@code name} of an {@link io.github.dsqlreach.Experiment}. */
    public String id() {
        return id;
    }

    /** The words for this experiment inside a sentence, for example {@code TLS to AWS on port 443}. */
    public String label() {
        return label;
    }
}
