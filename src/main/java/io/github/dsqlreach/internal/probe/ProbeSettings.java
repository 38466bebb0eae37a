package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.internal.client.Credentials;
import java.time.Duration;
import java.util.Objects;

/**
 * The settings of an attempt.
 *
 * @param endpoint the endpoint
 * @param check the last phase and the timeout
 * @param credentials the source of AWS credentials
 * @param tokenLifetime the validity of the token, 1 s to 604,800 s
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

    /** The last phase. */
    public Phase through() {
        return check.get(Setting.THROUGH);
    }

    /** The timeout of each phase. The whole attempt takes at most three times that. */
    public Duration timeout() {
        return check.get(Setting.TIMEOUT);
    }

    /** The same over another transport. */
    public ProbeSettings over(Transport transport) {
        return new ProbeSettings(endpoint.over(transport), check, credentials, tokenLifetime);
    }

    /** The same with another timeout. */
    public ProbeSettings withTimeout(Duration timeout) {
        return new ProbeSettings(endpoint, check.with(Setting.TIMEOUT, timeout), credentials, tokenLifetime);
    }
}
