package io.github.dsqlreach.probe;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Trust;
import java.util.List;
import java.util.Optional;

/**
 * How to start TLS: what the walk does, and what an experiment changes in it.
 *
 * @param host the name that the certificate must be for
 * @param sni the server name to send; empty for none
 * @param negotiation whether an SSLRequest comes first
 * @param protocols the TLS versions to offer; empty for the JDK's default
 * @param alpn the application protocols to offer; empty for none
 * @param trust which certificate counts
 * @param lenient whether a certificate that does not count is only noted: for experiments, which send nothing secret
 */
public record TlsPlan(
        String host,
        Optional<String> sni,
        Negotiation negotiation,
        List<String> protocols,
        List<String> alpn,
        Trust trust,
        boolean lenient) {

    /** The application protocol of direct TLS to a PostgreSQL server. */
    public static final String POSTGRESQL_ALPN = "postgresql";

    /** What the driver does for that endpoint. */
    public static TlsPlan of(Endpoint endpoint) {
        return new TlsPlan(
                endpoint.host(),
                Optional.of(endpoint.host()),
                endpoint.negotiation(),
                List.of(),
                alpn(endpoint.negotiation()),
                endpoint.trust(),
                false);
    }

    /** The same with the other negotiation. */
    public TlsPlan withNegotiation(Negotiation other) {
        return new TlsPlan(host, sni, other, protocols, alpn(other), trust, lenient);
    }

    /** The same with another server name. */
    public TlsPlan withSni(String other) {
        return new TlsPlan(host, Optional.of(other), negotiation, protocols, alpn, trust, lenient);
    }

    /** The same with these TLS versions only. */
    public TlsPlan withProtocols(String... versions) {
        return new TlsPlan(host, sni, negotiation, List.of(versions), alpn, trust, lenient);
    }

    /** The same, noting only what is wrong with the certificate. */
    public TlsPlan leniently() {
        return new TlsPlan(host, sni, negotiation, protocols, alpn, trust, true);
    }

    private static List<String> alpn(Negotiation negotiation) {
        return negotiation == Negotiation.DIRECT ? List.of(POSTGRESQL_ALPN) : List.of();
    }
}
