package io.github.dsqlreach.probe;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.Credentials;
import java.time.Duration;
import java.util.Objects;

/**
 * What to walk, and how.
 *
 * @param endpoint where to
 * @param through how far
 * @param timeout how long each phase may take; the whole walk may take three times that
 * @param credentials where AWS credentials come from
 * @param tokenLifetime how long the token is valid, 1 s to 604,800 s
 */
public record ProbeSettings(
        Endpoint endpoint, Phase through, Duration timeout, Credentials credentials, Duration tokenLifetime) {
    /** How long each phase may take unless told otherwise. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

    public ProbeSettings {
        Objects.requireNonNull(endpoint, "endpoint");
        Objects.requireNonNull(through, "through");
        Objects.requireNonNull(credentials, "credentials");
        if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(Duration.ofMinutes(10)) > 0) {
            throw new IllegalArgumentException(
                    "a timeout of " + timeout.toMillis() + " ms is not between 1 ms and 10 min");
        }
        AuthToken.checkLifetime(tokenLifetime);
    }

    /** All phases, with 10 s for each, the SDK's default chain and the default token lifetime. */
    public static ProbeSettings of(Endpoint endpoint) {
        return new ProbeSettings(
                endpoint, Phase.QUERY, DEFAULT_TIMEOUT, Credentials.defaultChain(), AuthToken.DEFAULT_LIFETIME);
    }
}
