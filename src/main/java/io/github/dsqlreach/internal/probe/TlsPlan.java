package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.internal.client.WebSocketSocket;
import java.util.List;
import java.util.Optional;

/**
 * The parameters of a TLS handshake: those of the attempt, or as an experiment changes them.
 *
 * @param host the host that the certificate must be for
 * @param sni the server name to send; empty for none
 * @param negotiation whether an SSLRequest comes first
 * @param protocols the TLS versions to offer; empty for the JDK's default
 * @param alpn the application protocols to offer; empty for none
 * @param trust the accepted certificates
 * @param lenient whether a rejected certificate is only recorded, for experiments, which send no secret
 * @param webSocket the server of the WebSocket that follows; empty for none
 * @param driver the endpoint whose {@code sslfactory} makes the handshake; empty for this library's own
 */
public record TlsPlan(
        String host,
        Optional<String> sni,
        Negotiation negotiation,
        List<String> protocols,
        List<String> alpn,
        Trust trust,
        boolean lenient,
        Optional<HostAndPort> webSocket,
        Optional<Endpoint> driver) {

    /** The application protocol of direct TLS to a PostgreSQL server. */
    public static final String POSTGRESQL_ALPN = "postgresql";

    /** As the driver does for that endpoint. */
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
                webSocket ? Optional.of(endpoint.address()) : Optional.empty(),
                Optional.of(endpoint).filter(each -> DriverTls.ownFactory(each).isPresent()));
    }

    /** For a web server. A rejected certificate is only recorded. */
    public static TlsPlan https(String host, Trust trust) {
        return new TlsPlan(
                host,
                Optional.of(host),
                Negotiation.DIRECT,
                List.of(),
                List.of("http/1.1"),
                trust,
                true,
                Optional.empty(),
                Optional.empty());
    }

    /** The same with the other negotiation. */
    public TlsPlan withNegotiation(Negotiation other) {
        return new TlsPlan(host, sni, other, protocols, alpn(other), trust, lenient, webSocket, driver);
    }

    /** The same with another server name, and no more than TLS. */
    public TlsPlan withSni(String other) {
        return new TlsPlan(
                host,
                Optional.of(other),
                negotiation,
                protocols,
                alpn,
                trust,
                lenient,
                Optional.empty(),
                Optional.empty());
    }

    /** The same with these TLS versions only. */
    public TlsPlan withProtocols(String... versions) {
        return new TlsPlan(host, sni, negotiation, List.of(versions), alpn, trust, lenient, webSocket, driver);
    }

    /** The same, and a rejected certificate is only recorded. */
    public TlsPlan leniently() {
        return new TlsPlan(host, sni, negotiation, protocols, alpn, trust, true, webSocket, Optional.empty());
    }

    private static List<String> alpn(Negotiation negotiation) {
        return negotiation == Negotiation.DIRECT ? List.of(POSTGRESQL_ALPN) : List.of();
    }
}
