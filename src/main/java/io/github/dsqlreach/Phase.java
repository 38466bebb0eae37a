package io.github.dsqlreach;

/**
 * The steps of one connection to a cluster, in the order in which a {@link Attempt} reports them.
 *
 * <p>{@link #TOKEN} needs no network and runs beside {@link #DNS} and {@link #TCP}; every other phase needs the one
 * before it, and {@link #AUTH} needs the token too.
 */
public enum Phase {
    /** The host name becomes addresses. */
    DNS("DNS"),
    /** An address becomes a connected socket. */
    TCP("TCP"),
    /** AWS credentials become a token, the password of the connection; made locally, without the network. */
    TOKEN("token"),
    /** The socket becomes an encrypted one, and the server proves its name. */
    TLS("TLS"),
    /** The real PostgreSQL driver logs in over the encrypted socket. */
    AUTH("authentication"),
    /** {@code SELECT 1} is answered. */
    QUERY("query");

    private final String label;

    Phase(String label) {
        this.label = label;
    }

    /** The word for this phase inside a sentence, for example {@code TLS} or {@code authentication}. */
    public String label() {
        return label;
    }
}
