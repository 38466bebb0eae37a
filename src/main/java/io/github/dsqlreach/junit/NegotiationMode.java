package io.github.dsqlreach.junit;

/** How TLS starts, as an attribute of {@link RequiresDsqlReachability}. */
public enum NegotiationMode {
    /** What the configuration or the endpoint's URL says, else {@link #POSTGRES}. */
    DEFAULT,
    /** With PostgreSQL's {@code SSLRequest}. */
    POSTGRES,
    /** With TLS at once, as PostgreSQL 17 can; gets past firewalls that stop the {@code SSLRequest}. */
    DIRECT
}
