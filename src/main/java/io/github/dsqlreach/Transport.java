package io.github.dsqlreach;

import java.util.Locale;

/** What carries PostgreSQL's protocol to a cluster. A cluster's port 443 speaks it in the messages of a WebSocket. */
public enum Transport {
    /** TCP, with TLS inside, on port 5432. */
    TCP,
    /** A WebSocket in TLS on port 443: to a firewall it is HTTPS, and an HTTP proxy leads there. */
    WEBSOCKET,
    /**
     * TCP; but where a check finds that the network blocks port 5432, and that port 443 gets through, from then on a
     * WebSocket. Whoever connects without a check connects over TCP.
     */
    AUTO;

    /** The word for it in settings and reports, for example {@code websocket}. */
    public String parameter() {
        return name().toLowerCase(Locale.ROOT);
    }
}
