package io.github.dsqlreach.local;

/**
 * What reached a {@link LocalDsql} so far. Tests ask it, for example, whether a client sent its password.
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

    /** Passwords that arrived without TLS; only a cluster {@code withoutTls()} asks for them. */
    public long passwordsInPlainText() {
        return counted.passwordsInPlainText;
    }

    /** Passwords that were valid tokens. */
    public long tokensVerified() {
        return counted.tokensVerified;
    }

    /** Connections refused with an error, because a test ordered it or for a reason of their own. */
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
