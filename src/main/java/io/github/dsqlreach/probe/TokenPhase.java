package io.github.dsqlreach.probe;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.Credentials;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** AWS credentials become a token. Nothing here uses the network, but a credentials provider may. */
final class TokenPhase {
    private final Endpoint endpoint;
    private final Credentials credentials;
    private final Duration lifetime;
    private final Deadline deadline;
    private final long start = System.nanoTime();
    private final BoundedCall<Step<AuthToken>> call;

    private TokenPhase(Endpoint endpoint, Credentials credentials, Duration lifetime, Deadline deadline) {
        this.endpoint = endpoint;
        this.credentials = credentials;
        this.lifetime = lifetime;
        this.deadline = deadline;
        this.call = BoundedCall.start("token", this::generate, deadline);
    }

    static TokenPhase start(Endpoint endpoint, Credentials credentials, Duration lifetime, Deadline deadline) {
        return new TokenPhase(endpoint, credentials, lifetime, deadline);
    }

    /** The outcome, waited for until the deadline. */
    Step<AuthToken> join() throws InterruptedException {
        try {
            return call.join();
        } catch (TimeoutException e) {
            return failed(new Failure(
                    FailureKind.CREDENTIALS_FAILED, credentials + " did not answer in " + seconds(Step.since(start))));
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return failed(CredentialsFailures.of(credentials, e.getCause() == null ? e : e.getCause()));
        }
    }

    private Step<AuthToken> generate() {
        AwsCredentials resolved;
        try {
            resolved = resolve();
        } catch (RuntimeException | LinkageError e) {
            return failed(CredentialsFailures.of(credentials, e));
        }
        if (resolved.expirationTime().filter(Instant.now()::isAfter).isPresent()) {
            return failed(new Failure(
                    FailureKind.CREDENTIALS_EXPIRED,
                    "the credentials from " + credentials + " expired at "
                            + resolved.expirationTime().get()));
        }
        if (endpoint.region().isEmpty()) {
            return failed(new Failure(
                    FailureKind.REGION_UNKNOWN,
                    "the host name " + endpoint.host() + " tells no AWS region, and none is configured"));
        }
        try {
            AuthToken token = AuthToken.generate(endpoint, resolved, lifetime);
            return Step.passed(token, evidence(token), start);
        } catch (RuntimeException | LinkageError e) {
            return failed(CredentialsFailures.of(credentials, e));
        }
    }

    private AwsCredentials resolve() {
        AwsCredentialsProvider provider = credentials.provider();
        try {
            AwsCredentials resolved = provider.resolveCredentials();
            if (resolved == null || resolved.accessKeyId() == null || resolved.secretAccessKey() == null) {
                throw new IllegalStateException(credentials + " gave no credentials (null)");
            }
            return resolved;
        } finally {
            if (credentials.isOwned() && provider instanceof SdkAutoCloseable closeable) {
                closeable.close();
            }
        }
    }

    private Evidence evidence(AuthToken token) {
        Evidence.Builder evidence =
                Evidence.builder().putAll(token.anatomy()).put(Evidence.CREDENTIALS, credentials.toString());
        endpoint.regionOfHost()
                .filter(region -> !region.equals(endpoint.region().orElse(region)))
                .ifPresent(region -> evidence.put(
                        Evidence.NOTES,
                        java.util.List.of("the host name says region " + region + ", the configuration "
                                + endpoint.region().orElseThrow())));
        return evidence.build();
    }

    private <T> Step<T> failed(Failure failure) {
        Evidence evidence = Evidence.builder()
                .put(Evidence.CREDENTIALS, credentials.toString())
                .build();
        return Step.failed(failure, evidence, start);
    }

    private static String seconds(Duration duration) {
        return String.format(java.util.Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
