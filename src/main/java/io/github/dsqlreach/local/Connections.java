package io.github.dsqlreach.local;

/**
 * What a {@link LocalDsql}'s front door has seen so far: for tests that want to know what reached the server, above all
 * whether a password did.
 */
public final class Connections {
    private final Counted counted;

    record Counted(
            long accepted,
            int open,
            long tlsEstablished,
            long passwordsReceived,
            long passwordsInPlainText,
            long tokensVerified,
            long refused,
            long loggedIn) {}

    Connections(Counted counted) {
        this.counted = counted;
    }

    /** TCP connections accepted. */
    public long accepted() {
        return counted.accepted;
    }

    /** Connections open now. */
    public int open() {
        return counted.open;
    }

    /** TLS handshakes that succeeded. */
    public long tlsEstablished() {
        return counted.tlsEstablished;
    }

    /** Passwords (tokens) that arrived, over TLS or not, right or wrong. */
    public long passwordsReceived() {
        return counted.passwordsReceived;
    }

    /** Those of them that came without TLS; only a door {@code withoutTls()} asks for such. */
    public long passwordsInPlainText() {
        return counted.passwordsInPlainText;
    }

    /** Passwords that were found to be a good token. */
    public long tokensVerified() {
        return counted.tokensVerified;
    }

    /** Connections refused with an error, by order or by the check of the token. */
    public long refused() {
        return counted.refused;
    }

    /** Connections passed on to PostgreSQL. */
    public long loggedIn() {
        return counted.loggedIn;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Connections that && counted.equals(that.counted);
    }

    @Override
    public int hashCode() {
        return counted.hashCode();
    }

    /** All of them with their names. */
    @Override
    public String toString() {
        return counted.toString();
    }
}
