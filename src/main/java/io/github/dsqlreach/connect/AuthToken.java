package io.github.dsqlreach.connect;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Scrubber;
import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dsql.DsqlUtilities;
import software.amazon.awssdk.services.dsql.model.GenerateAuthTokenRequest;

/**
 * A token: the password of one connection. The AWS SDK makes it locally. A token is a secret; {@link #toString()} shows
 * its parameters without signature and security token.
 */
public final class AuthToken {
    /** The SDK's default. */
    public static final Duration DEFAULT_LIFETIME = Duration.ofMinutes(15);
    /** One week, the most that DSQL accepts. */
    public static final Duration LONGEST_LIFETIME = Duration.ofDays(7);

    private static final int LONGEST_MESSAGE = 500;

    private final String value;

    private AuthToken(String value) {
        this.value = value;
    }

    /**
     * A token for that endpoint and user: {@code DbConnectAdmin} for {@code admin}, {@code DbConnect} for any other.
     *
     * @param lifetime 1 s to 604,800 s
     * @throws IllegalArgumentException if the lifetime is out of range
     * @throws IllegalStateException if no region is known for the endpoint
     */
    public static AuthToken generate(Endpoint endpoint, AwsCredentials credentials, Duration lifetime) {
        checkLifetime(lifetime);
        String region = endpoint.region()
                .orElseThrow(() -> new IllegalStateException("no AWS region is known for " + endpoint.host()));
        keepSecrets(credentials);
        DsqlUtilities utilities = DsqlUtilities.builder()
                .region(Region.of(region))
                .credentialsProvider(StaticCredentialsProvider.create(credentials))
                .build();
        GenerateAuthTokenRequest request = GenerateAuthTokenRequest.builder()
                .hostname(endpoint.tokenHost())
                .expiresIn(lifetime)
                .build();
        return new AuthToken(
                endpoint.user().equals(Endpoint.DEFAULT_USER)
                        ? utilities.generateDbConnectAdminAuthToken(request)
                        : utilities.generateDbConnectAuthToken(request));
    }

    /**
     * A token for one new connection, from the provider's current credentials.
     *
     * @throws SQLException with SQLSTATE 28000 if no token can be made; the message says why, without secrets
     */
    public static AuthToken forConnection(Endpoint endpoint, AwsCredentialsProvider credentials) throws SQLException {
        try {
            AwsCredentials resolved = credentials.resolveCredentials();
            if (resolved == null) {
                throw new IllegalStateException(credentials.getClass().getSimpleName() + " gave no credentials (null)");
            }
            return generate(endpoint, resolved, DEFAULT_LIFETIME);
        } catch (RuntimeException | LinkageError e) {
            String message = Scrubber.line(String.valueOf(e.getMessage()), LONGEST_MESSAGE);
            throw new SQLException("no token for " + endpoint + ": " + message, "28000", SafeExceptions.of(e));
        }
    }

    /** Whether a password has the form of a token, valid or not: a signed URL. */
    public static boolean isToken(String password) {
        return password.contains("Action=DbConnect") && password.contains("X-Amz-Signature=");
    }

    /**
     * Checks that DSQL accepts the lifetime.
     *
     * @throws IllegalArgumentException if it is not 1 s to 604,800 s; the message names it
     */
    public static void checkLifetime(Duration lifetime) {
        if (lifetime.compareTo(Duration.ofSeconds(1)) < 0 || lifetime.compareTo(LONGEST_LIFETIME) > 0) {
            throw new IllegalArgumentException(
                    "a token lifetime of " + seconds(lifetime) + " s is not between 1 s and 604800 s");
        }
    }

    /** Registers the secret parts of credentials, so that every output masks them from now on. */
    public static void keepSecrets(AwsCredentials credentials) {
        Scrubber.keepSecret(credentials.secretAccessKey());
        if (credentials instanceof AwsSessionCredentials session) {
            Scrubber.keepSecret(session.sessionToken());
        }
    }

    private static String seconds(Duration lifetime) {
        return BigDecimal.valueOf(lifetime.getSeconds())
                .add(BigDecimal.valueOf(lifetime.getNano(), 9))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** The token itself, a secret: the password to log in with. */
    public String value() {
        return value;
    }

    /** The parameters of the token, read from the token itself, without its secrets. */
    public Evidence anatomy() {
        Map<String, String> parameters = parameters();
        String[] credential = parameters.getOrDefault("x-amz-credential", "").split("/");
        Evidence.Builder evidence = Evidence.builder()
                .put(Evidence.ACTION, parameters.get("action"))
                .put(Evidence.TOKEN_HOST, value.substring(0, Math.max(0, value.indexOf("/?"))))
                .put(Evidence.ALGORITHM, parameters.get("x-amz-algorithm"))
                .put(Evidence.EXPIRES_SECONDS, Long.parseLong(parameters.getOrDefault("x-amz-expires", "0")))
                .put(Evidence.SIGNED_AT, parameters.get("x-amz-date"));
        if (credential.length == 5) {
            evidence.put(Evidence.SCOPE, credential[1] + "/" + credential[2] + "/" + credential[3]);
        }
        return evidence.put(
                        Evidence.SIGNATURE,
                        !parameters.getOrDefault("x-amz-signature", "").isEmpty())
                .put(Evidence.SECURITY_TOKEN, parameters.containsKey("x-amz-security-token"))
                .build();
    }

    private Map<String, String> parameters() {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : value.substring(value.indexOf('?') + 1).split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(
                        pair.substring(0, equals).toLowerCase(Locale.ROOT),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return parameters;
    }

    /** The parameters, without signature and security token. */
    @Override
    public String toString() {
        return "token (" + anatomy() + ")";
    }
}
