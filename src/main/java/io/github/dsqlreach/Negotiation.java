package io.github.dsqlreach;

/** How TLS starts on a connection to a PostgreSQL server. Aurora DSQL accepts both ways. */
public enum Negotiation {
    /** The client sends an {@code SSLRequest} in plain text and starts TLS after the answer {@code S}. */
    POSTGRES,
    /** The client starts with TLS at once, with ALPN {@code postgresql}, as PostgreSQL 17 does. */
    DIRECT;

    /** The value of pgjdbc's connection parameter {@code sslNegotiation}: {@code postgres} or {@code direct}. */
    public String parameter() {
        return this == DIRECT ? "direct" : "postgres";
    }

    /** The other of the two. */
    public Negotiation other() {
        return this == DIRECT ? POSTGRES : DIRECT;
    }
}
