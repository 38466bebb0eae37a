package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Transport;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.PGProperty;
import org.postgresql.util.PSQLException;

/**
 * How long the driver waits for a connection to this endpoint, by the URL's parameters or the driver's own defaults. The
 * check may wait longer, and a connection that it gets then is of no use to the tests.
 *
 * @param connectMillis the longest TCP connect; 0 for no limit
 * @param sslResponseMillis the longest wait for the answer to the SSLRequest; 0 for no limit
 * @param socketMillis the longest wait for an answer, but for those of the TLS handshake; 0 for no limit
 * @param loginMillis the longest login, from the name lookup to the end of the authentication; 0 for no limit
 */
record DriverLimits(long connectMillis, long sslResponseMillis, long socketMillis, long loginMillis) {
    private static final long SECOND = 1_000;

    /**
     * The limits for that endpoint.
     *
     * @throws PSQLException the driver's own error for a value that is no number
     */
    static DriverLimits of(Endpoint endpoint) throws PSQLException {
        Properties properties = new Properties();
        properties.putAll(endpoint.parameters());
        boolean asks = endpoint.transport() != Transport.WEBSOCKET && endpoint.negotiation() == Negotiation.POSTGRES;
        return new DriverLimits(
                SECOND * PGProperty.CONNECT_TIMEOUT.getInt(properties),
                asks ? PGProperty.SSL_RESPONSE_TIMEOUT.getInt(properties) : 0,
                SECOND * PGProperty.SOCKET_TIMEOUT.getInt(properties),
                SECOND * PGProperty.LOGIN_TIMEOUT.getInt(properties));
    }

    /** The limit that a TCP connect of that time exceeds. */
    Optional<Limit> onConnect(double millis) {
        return exceeded(PGProperty.CONNECT_TIMEOUT, connectMillis, millis);
    }

    /** The limit that an answer to the SSLRequest after that time exceeds. */
    Optional<Limit> onSslRequest(double millis) {
        return exceeded(PGProperty.SSL_RESPONSE_TIMEOUT, sslResponseMillis, millis)
                .or(() -> onWait(millis));
    }

    /** The limit that an answer after that time exceeds. */
    Optional<Limit> onWait(double millis) {
        return exceeded(PGProperty.SOCKET_TIMEOUT, socketMillis, millis);
    }

    /** The limit that a whole login of that time exceeds. */
    Optional<Limit> onLogin(double millis) {
        return exceeded(PGProperty.LOGIN_TIMEOUT, loginMillis, millis);
    }

    private static Optional<Limit> exceeded(PGProperty property, long limit, double millis) {
        return limit > 0 && millis > limit
                ? Optional.of(new Limit(property.getName(), Duration.ofMillis(limit)))
                : Optional.empty();
    }

    /**
     * A limit that was exceeded.
     *
     * @param parameter its name in a URL
     * @param time how long the driver waits
     */
    record Limit(String parameter, Duration time) {}
}
