package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.internal.client.Credentials;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** Makes a token from AWS credentials. Only a credentials provider may use the network. */
final class TokenPhase {
    private final Endpoint endpoint;
    private final Credentials credentials;
    private final Duration lifetime;
    private final long start = System.nanoTime();
    private final BoundedCall<Step<AuthToken>> call;

    private TokenPhase(Endpoint endpoint, Credentials credentials, Duration lifetime, Deadline deadline) {
        this.endpoint = endpoint;
        this.credentials = credentials;
        this.lifetime = lifetime;
        this.call = BoundedCall.start("token", this::generate, deadline);
    }

    static TokenPhase start(Endpoint endpoint, Credentials credentials, Duration lifetime, Deadline deadline) {
        return new TokenPhase(endpoint, credentials, lifetime, deadline);
    }

    /** Waits for the result until the deadline. */
    Step<AuthToken> join() throws InterruptedException {
        try {
            return call.join();
        } catch (TimeoutException e) {
            return call.wasComputing()
                    ? outOfTime()
                    : failed(CredentialsFailures.noAnswer(credentials, Step.since(start), call.lastSeenAt()));
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            return failed(e.getCause() == null ? e : e.getCause());
        }
    }

    /** The first use of the SDK loads many classes. On a busy machine that takes long, without a fault of the provider. */
    private Step<AuthToken> outOfTime() {
        return failed(new CredentialsFailures.Found(
                new Failure(
                        FailureKind.OUT_OF_TIME,
                        "out of time on this machine: " + credentials + " was still computing after "
                                + Numbers.print(Step.since(start))),
                Evidence.builder()
                        .put(Evidence.CREDENTIALS, credentials.toString())
                        .build()));
    }

    /** Interrupts a provider whose answer is no longer needed. */
    void cancel() {
        call.cancel();
    }

    private Step<AuthToken> generate() {
        AwsCredentials resolved;
        try {
            resolved = resolve();
        } catch (RuntimeException | LinkageError e) {
            return failed(e);
        }
        if (resolved == null) {
            return failed(CredentialsFailures.incomplete(credentials, "no credentials (null)"));
        }
        AuthToken.keepSecrets(resolved);
        if (isBlank(resolved.accessKeyId()) || isBlank(resolved.secretAccessKey())) {
            return failed(CredentialsFailures.incomplete(credentials, "credentials without access key or secret key"));
        }
        Optional<String> malformed = malformed(resolved);
        if (malformed.isPresent()) {
            return failed(CredentialsFailures.malformed(credentials, malformed.get()));
        }
        Optional<Instant> expired = resolved.expirationTime().filter(Instant.now()::isAfter);
        if (expired.isPresent()) {
            return failed(CredentialsFailures.expired(credentials, expired.get()));
        }
        if (endpoint.region().isEmpty()) {
            return failed(new CredentialsFailures.Found(
                    new Failure(
                            FailureKind.REGION_UNKNOWN,
                            "the host name " + endpoint.host() + " tells no AWS region, and none is configured"),
                    Evidence.builder()
                            .put(Evidence.CREDENTIALS, credentials.toString())
                            .build()));
        }
        try {
            AuthToken token = AuthToken.generate(endpoint, resolved, lifetime);
            return Step.passed(token, evidence(token), start);
        } catch (RuntimeException | LinkageError e) {
            return failed(e);
        }
    }

    private AwsCredentials resolve() {
        AwsCredentialsProvider provider = credentials.provider();
        try {
            return provider.resolveCredentials();
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
                        List.of("the host name says region " + region + ", the configuration "
                                + endpoint.region().orElseThrow())));
        return evidence.build();
    }

    private <T> Step<T> failed(Throwable e) {
        return failed(LocalErrors.ofResources(e)
                .map(local -> new CredentialsFailures.Found(
                        local,
                        Evidence.builder()
                                .put(Evidence.CREDENTIALS, credentials.toString())
                                .build()))
                .orElseGet(() -> CredentialsFailures.of(credentials, e)));
    }

    private <T> Step<T> failed(CredentialsFailures.Found found) {
        return Step.failed(found.failure(), found.evidence(), start);
    }

    /** What is wrong with one of the keys, without showing it. */
    private static Optional<String> malformed(AwsCredentials keys) {
        return malformed("the access key", keys.accessKeyId())
                .or(() -> malformed("the secret key", keys.secretAccessKey()))
                .or(() -> keys instanceof AwsSessionCredentials session
                        ? malformed("the session token", session.sessionToken())
                        : Optional.empty());
    }

    private static Optional<String> malformed(String what, String key) {
        return key.chars()
                .filter(character -> character <= ' ' || character > '~' || "\"'`".indexOf(character) >= 0)
                .mapToObj(character -> what + " contains "
                        + switch (character) {
                            case '"', '\'', '`' -> "a quote";
                            case ' ', '\t', '\r', '\n' -> "a blank or a line break";
                            default -> String.format("the character U+%04X", character);
                        })
                .findFirst();
    }

    private static boolean isBlank(String text) {
        return text == null || text.isBlank();
    }
}
