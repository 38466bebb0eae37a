package io.github.dsqlreach.local;

import io.github.dsqlreach.Endpoint;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * The ways in which a cluster refuses a connection, with the texts, SQLSTATEs and hints of real clusters. Where no source
 * reports the SQLSTATE, it is a plausible one: do not depend on it.
 *
 * <pre>{@code
 * local.refuseWith(Refusal.WAKING_UP, 3);
 * }</pre>
 */
public enum Refusal {
    /** The cluster was idle: {@code unable to accept connection, waking up cluster, please retry later}. */
    WAKING_UP("08006", "unable to accept connection, waking up cluster, please retry later"),
    /** The quota of open connections: {@code Unable to accept connection, too many open connections.} */
    TOO_MANY_CONNECTIONS("53300", "Unable to accept connection, too many open connections."),
    /** The quota of new connections per second: {@code Unable to accept connection, rate exceeded.} */
    RATE_EXCEEDED("53400", "Unable to accept connection, rate exceeded."),
    /** A temporary failure: {@code server unavailable}. */
    SERVER_UNAVAILABLE("XX000", "server unavailable"),
    /** The client's TLS named no server: {@code unable to accept connection, sni was not received}. */
    SNI_NOT_RECEIVED("08006", "unable to accept connection, sni was not received"),
    /** Access denied without a hint: wrong credentials or region. */
    ACCESS_DENIED("28000", Texts.ACCESS_DENIED),
    /** The IAM principal is not mapped to the database role; looks exactly as {@link #ACCESS_DENIED}. */
    ROLE_NOT_MAPPED("28000", Texts.ACCESS_DENIED),
    /** Access denied with the hint {@code Signature expired: …}: an old token or a slow clock. */
    SIGNATURE_EXPIRED(
            "08006",
            Texts.ACCESS_DENIED,
            "Signature expired: {signed} is now earlier than {earliest} ({now} - {age} min.)"),
    /** Access denied with the hint {@code Wrong user to action mapping. user: admin, action: DbConnect}. */
    WRONG_ACTION("08006", Texts.ACCESS_DENIED, "Wrong user to action mapping. user: {user}, action: {wrongAction}"),
    /** Access denied with the hint {@code User: arn:aws:… is not authorized to perform: dsql:DbConnectAdmin on resource: …}. */
    NOT_AUTHORIZED(
            "08006",
            Texts.ACCESS_DENIED,
            "User: {principal} is not authorized to perform: dsql:{action} on resource: {cluster}"),
    /** Access denied with the hint {@code User: arn:aws:… is not authorized to access this resource}. */
    NOT_AUTHORIZED_FOR_RESOURCE(
            "08006", Texts.ACCESS_DENIED, "User: {principal} is not authorized to access this resource"),
    /** The assumed role or its session has expired: {@code IAM authentication failed for user "…"}. */
    IAM_AUTHENTICATION_FAILED("28000", "IAM authentication failed for user \"{user}\""),
    /** No such database role: {@code role "…" does not exist}. */
    ROLE_NOT_FOUND("28000", "role \"{user}\" does not exist");

    /** The answer to a start without TLS; the SQLSTATE is a plausible one. */
    static final ErrorText SSL_MANDATORY = new ErrorText(
            "08006", "unable to accept connection, SSL is mandatory. AWS Authentication is required.", null);

    /** {@link #ROLE_NOT_MAPPED}, which mentions nothing of its occasion. */
    static final ErrorText NOT_MAPPED = new ErrorText(ROLE_NOT_MAPPED.sqlState, ROLE_NOT_MAPPED.message, null);

    /** The answer to a token for more than 7 days. AWS's connector for Python tests the hint; the SQLSTATE is a plausible one. */
    static final ErrorText LIFETIME_TOO_LONG =
            new ErrorText("08006", Texts.ACCESS_DENIED, "X-Amz-Expires must be less than a week (in seconds)");

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private final String sqlState;
    private final String message;
    private final @Nullable String hint;

    Refusal(String sqlState, String message) {
        this(sqlState, message, null);
    }

    Refusal(String sqlState, String message, @Nullable String hint) {
        this.sqlState = sqlState;
        this.message = message;
        this.hint = hint;
    }

    /** The SQLSTATE that the client gets. */
    public String sqlState() {
        return sqlState;
    }

    /** The times and names that a refusal mentions. */
    record Occasion(
            String clusterId,
            String region,
            String principal,
            String user,
            Instant now,
            Instant signedAt,
            Duration lifetime) {
        /** Where no token is known: as if it were twice as old as allowed. */
        static Occasion of(ClusterIdentity identity, String user, Instant now) {
            Duration lifetime = Duration.ofMinutes(15);
            return of(identity, user, now, now.minus(lifetime.multipliedBy(2)), lifetime);
        }

        static Occasion of(ClusterIdentity identity, String user, Instant now, Instant signedAt, Duration lifetime) {
            return new Occasion(
                    identity.clusterId(), identity.region(), identity.principal(), user, now, signedAt, lifetime);
        }

        /** The number of the AWS account. */
        String account() {
            return principal.split(":", 6)[4];
        }
    }

    ErrorText on(Occasion occasion) {
        return new ErrorText(sqlState, fill(message, occasion), hint == null ? null : fill(hint, occasion));
    }

    private static String fill(String text, Occasion occasion) {
        boolean admin = occasion.user().equals(Endpoint.DEFAULT_USER);
        // Last, because the user is the client's own text, in which nothing may be replaced.
        return text.replace("{signed}", TIME.format(occasion.signedAt()))
                .replace("{earliest}", TIME.format(occasion.now().minus(occasion.lifetime())))
                .replace("{now}", TIME.format(occasion.now()))
                .replace("{age}", String.valueOf((occasion.lifetime().toSeconds() + 59) / 60))
                .replace("{action}", admin ? TokenCheck.ADMIN_ACTION : TokenCheck.ACTION)
                .replace("{wrongAction}", admin ? TokenCheck.ACTION : TokenCheck.ADMIN_ACTION)
                .replace("{principal}", occasion.principal())
                .replace(
                        "{cluster}",
                        "arn:aws:dsql:" + occasion.region() + ":" + occasion.account() + ":cluster/"
                                + occasion.clusterId())
                .replace("{user}", occasion.user());
    }

    private static final class Texts {
        static final String ACCESS_DENIED = "unable to accept connection, access denied";
    }
}
