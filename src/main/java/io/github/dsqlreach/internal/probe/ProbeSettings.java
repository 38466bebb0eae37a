package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.Credentials;
import java.time.Duration;
import java.util.Objects;

/**
 * What to attempt, and how.
 *
 * @param endpoint where to
 * @param check how
 * @param credentials where AWS credentials come from
 * @param tokenLifetime how long the token is valid, 1 s to 604,800 s
 */
public record ProbeSettings(Endpoint endpoint, CheckSettings check, Credentials credentials, Duration tokenLifetime) {
    public ProbeSettings {
        Objects.requireNonNull(endpoint, "endpoint");
        Objects.requireNonNull(credentials, "credentials");
        Duration timeout = check.get(Setting.TIMEOUT);
        if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(Duration.ofMinutes(10)) > 0) {
            throw new IllegalArgumentException(
                    "a timeout of " + timeout.toMillis() + " ms is not between 1 ms and 10 min");
        }
        AuthToken.checkLifetime(tokenLifetime);
    }

    /** With the defaults, the SDK's default chain and the default token lifetime. */
    public static ProbeSettings of(Endpoint endpoint) {
        return new ProbeSettings(
                endpoint, CheckSettings.defaults(), Credentials.defaultChain(), AuthToken.DEFAULT_LIFETIME);
    }

    /** How far. */
    public Phase through() {
        return check.get(Setting.THROUGH);
    }

    /** How long each phase may take; the whole attempt may take three times that. */
    public Duration timeout() {
        return check.get(Setting.TIMEOUT);
    }

    /** The same over another transport. */
    public ProbeSettings over(Transport transport) {
        return new ProbeSettings(endpoint.over(transport), check, credentials, tokenLifetime);
    }

    /** The same with another time for each phase. */
    public ProbeSettings withTimeout(Duration timeout) {
        return new ProbeSettings(endpoint, check.with(Setting.TIMEOUT, timeout), credentials, tokenLifetime);
    }
}
