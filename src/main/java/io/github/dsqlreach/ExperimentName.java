package io.github.dsqlreach;

/** The experiments: what each one changes, and its identifier in reports. */
public enum ExperimentName {
    /** The same step without a change: does the failure repeat? */
    SAME_AGAIN("same-again", "the same step again"),
    /** Direct TLS instead of an SSLRequest. */
    DIRECT_TLS("direct-tls", "direct TLS"),
    /** TLS after an SSLRequest instead of direct TLS. */
    SSL_REQUEST_TLS("ssl-request-tls", "TLS after an SSLRequest"),
    /** An SSLRequest without a ClientHello after it. */
    SSL_REQUEST_ONLY("ssl-request-only", "an SSLRequest alone"),
    /** The same handshake with another server name. */
    OTHER_SNI("other-sni", "another server name (SNI)"),
    /** The same handshake, offering only TLS 1.2. */
    TLS_1_2("tls-1.2", "TLS 1.2 only"),
    /** The same handshake, with a receive window that makes the server send small packets. */
    SMALL_SEGMENTS("small-segments", "small packets"),
    /** A ClientHello with the same name that each server must refuse, in a few bytes. */
    REFUSED_HELLO("refused-hello", "a ClientHello that must be refused"),
    /** A connection on which nothing is sent. */
    IDLE("idle", "an idle connection"),
    /** A StartupMessage without TLS. */
    PLAIN_START("plain-start", "a start without TLS"),
    /** A StartupMessage after TLS with a certificate that is not trusted: which server is it? */
    BEHIND_TLS("behind-tls", "a StartupMessage after TLS"),
    /** A request for a web page. */
    WEB_REQUEST("web-request", "a web request"),
    /** Another address of the same name. */
    OTHER_ADDRESS("other-address", "another address of the cluster"),
    /** TLS to the regional AWS API on port 443. */
    CONTROL_443("control-443", "TLS to AWS on port 443"),
    /** A StartupMessage over the cluster's WebSocket on port 443. */
    WEB_SOCKET_443("websocket-443", "the cluster's WebSocket on port 443"),
    /** A DNS query for the name's IPv4 addresses, without the operating system's resolver library. */
    DNS_A("dns-a", "the name's A records"),
    /** A DNS query for the name's IPv6 addresses, without the operating system's resolver library. */
    DNS_AAAA("dns-aaaa", "the name's AAAA records"),
    /** A lookup of the name of AWS's API, by the same resolver. */
    CONTROL_NAME("control-name", "the name of AWS's API"),
    /** A DNS query for the name to the DNS server that is configured for comparison. */
    CONTROL_DNS("control-dns", "the DNS server for comparison"),
    /**
     * The unchanged step (control) and the suspected change (variant), both repeated: does the trigger reproduce? The result
     * is a {@link Confirmation}.
     */
    CONFIRMATION("confirmation", "control and variant repeated");

    private final String id;
    private final String label;

    ExperimentName(String id, String label) {
        this.id = id;
        this.label = label;
    }

    /** The identifier in reports, the {@code name} of an {@link Experiment}. */
    public String id() {
        return id;
    }

    /** What it changes, in words for a sentence, for example {@code TLS to AWS on port 443}. */
    public String label() {
        return label;
    }

    /** The {@link #id()}. */
    @Override
    public String toString() {
        return id;
    }
}
