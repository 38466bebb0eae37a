package io.github.dsqlreach.local;

/**
 * What a {@link LocalDsql}'s front door has seen so far: for tests that want to know what reached the server, above all
 * whether a password did.
 *
 * @param accepted TCP connections accepted
 * @param open connections open now
 * @param tlsEstablished TLS handshakes that succeeded
 * @param passwordsReceived passwords (tokens) that arrived, over TLS or not, right or wrong
 * @param passwordsInPlainText those of them that came without TLS; only a door {@code withoutTls()} asks for such
 * @param tokensVerified passwords that were found to be a good token
 * @param refused connections refused with an error, by order or by the check of the token
 * @param loggedIn connections passed on to PostgreSQL
 */
public record Connections(
        long accepted,
        int open,
        long tlsEstablished,
        long passwordsReceived,
        long passwordsInPlainText,
        long tokensVerified,
        long refused,
        long loggedIn) {}
