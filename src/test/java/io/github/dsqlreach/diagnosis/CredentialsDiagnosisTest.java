package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.ContainerCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.InstanceProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.utils.StringInputStream;

/**
 * What is told about credentials that cannot be had. The SDK is the real one, on profiles given to it: nothing of the
 * machine is read. Where a case needs a module or an HTTP client that the build does not have, the exception is as SDK
 * 2.41.34 threw it when it had them.
 */
class CredentialsDiagnosisTest {
    private static final ProfileFile PROFILES = ProfileFile.builder()
            .type(ProfileFile.Type.CONFIGURATION)
            .content(new StringInputStream("""
                    [profile dev]
                    sso_session = work
                    sso_account_id = 123456789012
                    sso_role_name = Dev
                    [sso-session work]
                    sso_region = us-east-1
                    sso_start_url = https://example.invalid/start
                    [profile assume]
                    role_arn = arn:aws:iam::123456789012:role/tester
                    source_profile = base
                    [profile web]
                    role_arn = arn:aws:iam::123456789012:role/tester
                    web_identity_token_file = /nowhere/token
                    [profile login]
                    login_session = arn:aws:iam::123456789012:user/me
                    [profile process]
                    credential_process = exit 3
                    [profile garbage]
                    credential_process = echo no-json
                    [profile half]
                    aws_access_key_id = AKIAHALFHALFHALFHALF
                    [profile orphan]
                    role_arn = arn:aws:iam::123456789012:role/tester
                    source_profile = missing
                    [profile empty]
                    region = us-east-1
                    [profile base]
                    aws_access_key_id = AKIABASEBASEBASEBASE
                    aws_secret_access_key = wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYq1
                    """))
            .build();

    private static ProfileCredentialsProvider profile(String name) {
        return ProfileCredentialsProvider.builder()
                .profileFile(PROFILES)
                .profileName(name)
                .build();
    }

    /** A chain as the SDK's default one, without what would be read from the machine. */
    private static AwsCredentialsProvider chain(String profile) {
        return AwsCredentialsProviderChain.of(
                SystemPropertyCredentialsProvider.create(),
                EnvironmentVariableCredentialsProvider.create(),
                profile(profile),
                ContainerCredentialsProvider.builder().build(),
                InstanceProfileCredentialsProvider.create());
    }

    private static AwsCredentialsProvider failing(RuntimeException e) {
        return () -> {
            throw e;
        };
    }

    private static Endpoint endpoint() {
        return Endpoint.builder("abc.dsql.us-east-1.on.aws")
                .connectTo(HostAndPort.parse("127.0.0.1:5432", 0))
                .build();
    }

    private static Reachability check(AwsCredentialsProvider provider) {
        return check(provider, Duration.ofSeconds(10));
    }

    private static Reachability check(AwsCredentialsProvider provider, Duration timeout) {
        // Nothing listens on port 1, and the token needs no connection.
        Endpoint nowhere = endpoint().toBuilder()
                .connectTo(HostAndPort.parse("127.0.0.1:1", 0))
                .build();
        return ReachabilityCheck.of(nowhere)
                .credentials(provider)
                .timeout(timeout)
                .experiments(false)
                .through(Phase.AUTH)
                .run();
    }

    private static Evidence token(Reachability reachability) {
        return reachability.attempt().orElseThrow().result(Phase.TOKEN).evidence();
    }

    private static String failure(Reachability reachability) {
        return reachability
                .attempt()
                .orElseThrow()
                .result(Phase.TOKEN)
                .failure()
                .orElseThrow()
                .message();
    }

    /** The diagnosis as if TOKEN alone had failed. */
    private static io.github.dsqlreach.Diagnosis diagnosis(Reachability reachability) {
        var results = reachability.attempt().orElseThrow().phases().stream()
                .map(result -> result.phase() == Phase.TOKEN
                        ? result
                        : io.github.dsqlreach.PhaseResult.notReached(result.phase()))
                .toList();
        return Diagnoses.of(
                reachability.endpoint().orElseThrow(),
                new io.github.dsqlreach.Attempt(Phase.AUTH, results),
                io.github.dsqlreach.FollowUp.none());
    }

    static Stream<Arguments> cases() {
        String addSso = "software.amazon.awssdk:sso and software.amazon.awssdk:ssooidc";
        return Stream.of(
                arguments(profile("dev"), Cause.CREDENTIALS_PROVIDER_FAILED, "'dev' needs " + addSso, "Add " + addSso),
                arguments(chain("dev"), Cause.CREDENTIALS_PROVIDER_FAILED, "'dev' needs " + addSso, "Add " + addSso),
                arguments(
                        profile("assume"),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "the profile 'assume' needs software.amazon.awssdk:sts on the class path",
                        "Add software.amazon.awssdk:sts"),
                arguments(
                        profile("web"),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "needs software.amazon.awssdk:sts on the class path",
                        "Add software.amazon.awssdk:sts"),
                arguments(
                        profile("login"),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "the profile 'login' needs software.amazon.awssdk:signin",
                        "Add software.amazon.awssdk:signin"),
                arguments(
                        profile("nope"),
                        Cause.CREDENTIALS_NOT_FOUND,
                        "there is no profile 'nope'; there are: dev, assume, web",
                        "`aws configure list-profiles`"),
                arguments(
                        chain("nope"),
                        Cause.CREDENTIALS_NOT_FOUND,
                        "there is no profile 'nope'; there are: dev, assume, web",
                        "`aws configure list-profiles`"),
                arguments(
                        profile("empty"),
                        Cause.CREDENTIALS_NOT_FOUND,
                        "the profile 'empty' has no credentials",
                        "`aws configure --profile empty`"),
                arguments(
                        chain("default"),
                        Cause.CREDENTIALS_NOT_FOUND,
                        "found no credentials in 5 sources",
                        "`aws sso login`"),
                arguments(
                        profile("half"),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "the profile 'half' failed: IllegalArgumentException: Profile property 'aws_secret_access_key' was"
                                + " not configured",
                        "`aws configure --profile half`"),
                arguments(
                        profile("orphan"),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "the profile 'orphan' failed:",
                        "`aws configure --profile orphan`"),
                arguments(
                        profile("process"),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "caused by IllegalStateException: Command returned non-zero exit value (3)",
                        "`aws sts get-caller-identity`"),
                arguments(
                        profile("garbage"),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "Failed to refresh process-based credentials",
                        "`aws sts get-caller-identity`"),
                arguments(
                        failing(SdkClientException.create("Unable to load SSO token")),
                        Cause.CREDENTIALS_NOT_FOUND,
                        "needs an SSO login",
                        "Sign in: `aws sso login`."),
                arguments(
                        failing(new java.io.UncheckedIOException(new java.nio.file.NoSuchFileException(
                                "/home/me/.aws/sso/cache/e8be5486177c5b5392bd9aa76563515b29358e6e.json"))),
                        Cause.CREDENTIALS_NOT_FOUND,
                        "needs an SSO login",
                        "Sign in: `aws sso login`."),
                arguments(
                        failing(SdkClientException.create("The SSO session associated with this profile has expired or"
                                + " is otherwise invalid. To refresh this SSO session run aws sso login with the"
                                + " corresponding profile.")),
                        Cause.CREDENTIALS_EXPIRED,
                        "the SSO session of the given credentials provider has expired",
                        "Sign in: `aws sso login`."),
                arguments(
                        failing(SdkClientException.create("Unable to load an HTTP implementation from any provider in"
                                + " the chain. You must declare a dependency on an appropriate HTTP implementation or"
                                + " pass in an SdkHttpClient explicitly to the client builder.")),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "the class path has no HTTP client for the SDK",
                        "Add software.amazon.awssdk:url-connection-client"),
                arguments(
                        failing(SdkClientException.create(
                                "Multiple HTTP implementations were found on the classpath. To"
                                        + " avoid non-deterministic loading implementations, please explicitly provide an HTTP"
                                        + " client via the client builders")),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "several HTTP clients",
                        "Keep one of the artifacts"),
                arguments(
                        failing(AwsServiceException.builder()
                                .message("The provided token has expired.")
                                .awsErrorDetails(AwsErrorDetails.builder()
                                        .errorCode("ExpiredToken")
                                        .build())
                                .build()),
                        Cause.CREDENTIALS_EXPIRED,
                        "have expired",
                        "`aws sso login`"),
                arguments(
                        failing(new IllegalStateException("the vault is sealed")),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "the given credentials provider failed: IllegalStateException: the vault is sealed",
                        "`aws sts get-caller-identity`"),
                arguments(
                        (AwsCredentialsProvider) () -> {
                            throw new NoClassDefFoundError("com/example/Vault");
                        },
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "NoClassDefFoundError: com/example/Vault",
                        "`aws sts get-caller-identity`"),
                arguments(
                        (AwsCredentialsProvider) () -> null,
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "gave no credentials (null)",
                        "`aws sts get-caller-identity`"),
                arguments(
                        AnonymousCredentialsProvider.create(),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "AnonymousCredentialsProvider gave credentials without access key or secret key",
                        "`aws sts get-caller-identity`"),
                arguments(
                        StaticCredentialsProvider.create(AwsBasicCredentials.create("\"AKIDQUOTED\"", "key")),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "the access key contains a quote",
                        "Copy the key again"),
                arguments(
                        StaticCredentialsProvider.create(
                                AwsBasicCredentials.create("AKIDBLANK", "wJalrXUtnFEMI\u00a0")),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "the secret key contains the character U+00A0",
                        "Copy the key again"),
                arguments(
                        StaticCredentialsProvider.create(
                                AwsSessionCredentials.create("AKIDSESSION", "wJalrXUtnFEMI", "token\nwith a line")),
                        Cause.CREDENTIALS_PROVIDER_FAILED,
                        "the session token contains a blank or a line break",
                        "`AWS_SESSION_TOKEN`"),
                arguments(
                        (AwsCredentialsProvider) Expired::new,
                        Cause.CREDENTIALS_EXPIRED,
                        "expired at 2020-01-01T00:00:00Z",
                        "`aws sso login`"));
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("cases")
    void tellsWhatIsWrongAndWhatToDo(AwsCredentialsProvider provider, Cause cause, String says, String remedy) {
        Reachability reachability = check(provider);

        var diagnosis = diagnosis(reachability);
        assertThat(failure(reachability)).contains(says);
        assertThat(diagnosis.cause()).contains(cause);
        assertThat(diagnosis.layer()).contains(Phase.TOKEN);
        assertThat(diagnosis.remedies()).anyMatch(text -> text.contains(remedy));
        assertThat(diagnosis.summary()).doesNotContain("{", "\n").hasSizeLessThan(500);
        assertThat(reachability.toString()).doesNotContain("ProfileFile(", "wJalrXUtnFEMI");
    }

    @Test
    void listsTheSourcesTriedInOneReadableLineEach() {
        Reachability reachability = check(chain("default"));

        assertThat(token(reachability).list(Evidence.SOURCES))
                .containsExactly(
                        "system properties: aws.accessKeyId is not set",
                        "environment variables: AWS_ACCESS_KEY_ID is not set",
                        "profile 'default': no such profile, or no credentials in it",
                        "container (ECS, EKS): AWS_CONTAINER_CREDENTIALS_FULL_URI is not set",
                        "instance metadata (EC2): switched off by AWS_EC2_METADATA_DISABLED");
        assertThat(diagnosis(reachability).evidence())
                .contains("Tried: system properties: aws.accessKeyId is not set.");
    }

    @Test
    void listsTheSourcesOfTheRealDefaultChain() {
        try (DefaultCredentialsProvider provider = DefaultCredentialsProvider.builder()
                .profileFile(() -> PROFILES)
                .profileName("dev")
                .build()) {
            assertThat(token(check(provider)).list(Evidence.SOURCES))
                    .hasSize(6)
                    .contains(
                            "web identity token: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
                            "profile 'dev': To use Sso related properties in the 'dev' profile, the 'sso' service module must"
                                    + " be on the class path.");
        }
    }

    @Test
    void keepsUpWithSourcesItDoesNotKnow() {
        AwsCredentialsProvider odd = AwsCredentialsProviderChain.of(
                failing(new IllegalStateException("sealed, as ever")), profile("nope"), new VaultProvider());

        assertThat(token(check(odd)).list(Evidence.SOURCES))
                .hasSize(3)
                .anyMatch(line -> line.endsWith(": sealed, as ever"))
                .contains("profile 'nope': no such profile, or no credentials in it", "VaultProvider: closed");
    }

    @Test
    void holdsTheDeadlineWhenAProviderHangs() {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        AwsCredentialsProvider hanging = () -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                ended.countDown();
            }
            return null;
        };

        Reachability reachability = check(hanging, Duration.ofMillis(200));

        assertThat(failure(reachability))
                .matches("the given credentials provider did not answer in (\\d{3} ms|[\\d.]+ s)");
        assertThat(diagnosis(reachability).cause()).contains(Cause.CREDENTIALS_PROVIDER_FAILED);
        assertThat(reachability.took()).isLessThan(Duration.ofSeconds(5));
        await().until(() -> ended.getCount() == 0);
    }

    /** As when a busy machine loads the SDK's classes for the first time. */
    @Test
    void doesNotBlameAProviderThatComputesWhenTimeIsUp() {
        AwsCredentialsProvider computing = () -> {
            while (!Thread.currentThread().isInterrupted()) {
                Thread.onSpinWait();
            }
            return null;
        };

        Reachability reachability = check(computing, Duration.ofMillis(200));

        assertThat(failure(reachability))
                .startsWith("out of time on this machine: ")
                .contains("was still computing");
        assertThat(diagnosis(reachability).cause()).contains(Cause.TIMEOUT_TOO_SHORT);
    }

    @Test
    void recognizesFailuresOfAnSsoLoginByWhereTheyComeFrom() {
        // As SDK 2.41.34 fails on a cached login that misses a part.
        NullPointerException unknown = new NullPointerException("clientId is null");
        unknown.setStackTrace(new StackTraceElement[] {
            new StackTraceElement("software.amazon.awssdk.services.ssooidc.internal.OnDiskTokenManager", "f", null, 1)
        });

        Reachability reachability = check(failing(unknown));

        assertThat(token(reachability).text(Evidence.PROBLEM)).contains("sso-login-needed");
    }

    @Test
    void saysThatItIsTheProfilesProcessThatHangs() {
        ProfileFile slow = ProfileFile.builder()
                .type(ProfileFile.Type.CONFIGURATION)
                .content(new StringInputStream("[profile slow]\ncredential_process = sleep 3\n"))
                .build();
        try (ProfileCredentialsProvider provider = ProfileCredentialsProvider.builder()
                .profileFile(slow)
                .profileName("slow")
                .build()) {
            Reachability reachability = check(provider, Duration.ofMillis(700));

            assertThat(failure(reachability)).endsWith("it waits for the profile's credential_process");
        }
    }

    @Test
    void saysWhichSourceIsTheBlameOnlyWhereItIsAProfilesOwn() {
        assertThat(token(check(chain("default"))).text(Evidence.PROBLEM)).contains("no-source");
        assertThat(token(check(chain("nope"))).text(Evidence.PROBLEM)).contains("profile-not-found");
        assertThat(token(check(chain("empty"))).text(Evidence.PROBLEM)).contains("profile-empty");
    }

    @Test
    void needsARegion() {
        Reachability reachability = ReachabilityCheck.of(
                        Endpoint.builder("127.0.0.1").build())
                .credentials(profile("base"))
                .experiments(false)
                .through(Phase.TOKEN)
                .run();

        assertThat(diagnosis(reachability).cause()).contains(Cause.REGION_UNKNOWN);
        assertThat(diagnosis(reachability).verdict()).isEqualTo(Verdict.MISCONFIGURED);
        assertThat(failure(reachability))
                .isEqualTo("the host name 127.0.0.1 tells no AWS region, and none is configured");
    }

    @Test
    void reportsARegionThatContradictsTheHostName() {
        Endpoint contradictory = endpoint().toBuilder().region("eu-west-1").build();
        Reachability reachability = ReachabilityCheck.of(contradictory)
                .credentials(profile("base"))
                .experiments(false)
                .through(Phase.TOKEN)
                .run();

        assertThat(token(reachability).list(Evidence.NOTES))
                .containsExactly("the host name says region us-east-1, the configuration eu-west-1");
    }

    private static final class VaultProvider implements AwsCredentialsProvider {
        @Override
        public AwsCredentials resolveCredentials() {
            throw new IllegalStateException("closed");
        }

        @Override
        public String toString() {
            return "VaultProvider(address=https://vault.invalid)";
        }
    }

    /** Credentials of yesterday. */
    private record Expired() implements AwsCredentials {
        @Override
        public String accessKeyId() {
            return "ASIAEXPIREDEXPIREDEX";
        }

        @Override
        public String secretAccessKey() {
            return "expiredexpiredexpired";
        }

        @Override
        public Optional<Instant> expirationTime() {
            return Optional.of(Instant.parse("2020-01-01T00:00:00Z"));
        }
    }
}
