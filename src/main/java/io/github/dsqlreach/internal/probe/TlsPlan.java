package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.connect.WebSocketSocket;
import java.util.List;
import java.util.Optional;

/**
 * How to start TLS: what the attempt does, and what an experiment changes in it.
 *
 * @param host the name that the certificate must be for
 * @param sni the server name to send; empty for none
 * @param negotiation whether an SSLRequest comes first
 * @param protocols the TLS versions to offer; empty for the JDK's default
 * @param alpn the application protocols to offer; empty for none
 * @param trust which certificate counts
 * @param lenient whether a certificate that does not count is only noted: for experiments, which send nothing secret
 * @param webSocket whether TLS then goes on with a WebSocket, and of which server; empty for none
 */
public record TlsPlan(
        String host,
        Optional<String> sni,
        Negotiation negotiation,
        List<String> protocols,
        List<String> alpn,
        Trust trust,
        boolean lenient,
        Optional<HostAndPort> webSocket) {

    /** The application protocol of direct TLS to a PostgreSQL server. */
    public static final String POSTGRESQL_ALPN = "postgresql";

    /** What the driver does for that endpoint. */
    public static TlsPlan of(Endpoint endpoint) {
        boolean webSocket = endpoint.transport() == Transport.WEBSOCKET;
        return new TlsPlan(
                endpoint.host(),
                Optional.of(endpoint.host()),
                webSocket ? Negotiation.DIRECT : endpoint.negotiation(),
                List.of(),
                webSocket ? List.of(WebSocketSocket.ALPN) : alpn(endpoint.negotiation()),
                endpoint.trust(),
                false,
                webSocket ? Optional.of(endpoint.address()) : Optional.empty());
    }

    /** TLS to that web server, noting only what is wrong with its certificate. */
    public static TlsPlan https(String host, Trust trust) {
        return new TlsPlan(
                host,
                Optional.of(host),
                Negotiation.DIRECT,
                List.of(),
                List.of("http/1.1"),
                trust,
                true,
                Optional.empty());
    }

    /** The same with the other negotiation. */
    public TlsPlan withNegotiation(Negotiation other) {
        return new TlsPlan(host, sni, other, protocols, alpn(other), trust, lenient, webSocket);
    }

    /** The same with another server name, of which nothing more than TLS is asked. */
    public TlsPlan withSni(String other) {
        return new TlsPlan(host, Optional.of(other), negotiation, protocols, alpn, trust, lenient, Optional.empty());
    }

    /** The same with these TLS versions only. */
    public TlsPlan withProtocols(String... versions) {
        return new TlsPlan(host, sni, negotiation, List.of(versions), alpn, trust, lenient, webSocket);
    }

    /** The same, noting only what is wrong with the certificate. */
    public TlsPlan leniently() {
        return new TlsPlan(host, sni, negotiation, protocols, alpn, trust, true, webSocket);
    }

    private static List<String> alpn(Negotiation negotiation) {
        return negotiation == Negotiation.DIRECT ? List.of(POSTGRESQL_ALPN) : List.of();
    }
}
