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
 */
public record TlsPlan(
        String host,
        Optional<String> sni,
        Negotiation negotiation,
        List<String> protocols,
        List<String> alpn,
        Trust trust) {

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
                endpoint.trust());
    }

    /** The same with the other negotiation. */
    public TlsPlan withNegotiation(Negotiation other) {
        return new TlsPlan(host, sni, other, protocols, alpn(other), trust);
    }

    /** The same with another server name. */
    public TlsPlan withSni(String other) {
        return new TlsPlan(host, Optional.of(other), negotiation, protocols, alpn, trust);
    }

    /** The same with these TLS versions only. */
    public TlsPlan withProtocols(String... versions) {
        return new TlsPlan(host, sni, negotiation, List.of(versions), alpn, trust);
    }

    /** The same with any certificate: for experiments, which send nothing secret. */
    public TlsPlan unverified() {
        return new TlsPlan(
                host, sni, negotiation, protocols, alpn, new Trust(Trust.Mode.REQUIRE, trust.rootCertificate()));
    }

    private static List<String> alpn(Negotiation negotiation) {
        return negotiation == Negotiation.DIRECT ? List.of(POSTGRESQL_ALPN) : List.of();
    }
}
