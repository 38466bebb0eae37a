package io.github.dsqlreach.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import io.github.dsqlreach.local.TestCertificateAuthority;
import io.github.dsqlreach.local.TestCertificateAuthority.Leaf;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** Where the token goes, seen from the server: nowhere before the server proved its name; and where it comes from. */
// SECURITY.md: secrets go only to the verified cluster.
class TokenSafetyTest {
    /** Servers that ask for the password in plain text and have not proved to be the cluster. */
    enum Thief {
        UNTRUSTED(TestCertificateAuthority.create("Thief's CA").issue(Given.HOST)),
        ANOTHER_NAME(Given.AUTHORITY.issue("thief.example")),
        EXPIRED(Given.AUTHORITY.issue(
                Instant.now().minusSeconds(9000), Instant.now().minusSeconds(600), Given.HOST)),
        WITHOUT_TLS(null);

        private final Leaf certificate;

        Thief(Leaf certificate) {
            this.certificate = certificate;
        }

        /** Takes TLS where it has a certificate, however it starts, and asks whoever stays for the password. */
        void rob(ScriptedServer.Visitor visitor) throws Exception {
            boolean direct = visitor.startsWith(22);
            if (certificate == null) {
                visitor.hear(8).say("N");
            } else if (!direct) {
                visitor.agree();
            }
            if (certificate != null) {
                visitor.tls(certificate, false);
            }
            visitor.say("R").say(0, 0, 0, 8, 0, 0, 0, 3).listen();
        }
    }

    @ParameterizedTest
    @EnumSource
    void sendsNothingSecretToAServerThatDidNotProveItsName(Thief thief) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(thief::rob)) {
            for (Negotiation negotiation : Negotiation.values()) {
                // Experiments and all.
                Reachability reachability = ReachabilityCheck.of(Given.endpoint(server.address(), negotiation))
                        .credentials(Given.CREDENTIALS)
                        .timeout(Duration.ofSeconds(3))
                        .run();

                Attempt attempt = reachability.attempt().orElseThrow();
                assertThat(attempt.failed().orElseThrow().phase())
                        .as(attempt.toString())
                        .isEqualTo(Phase.TLS);
                assertThat(attempt.result(Phase.TOKEN).passed()).isTrue();
            }
            assertThat(server.visitors()).isNotEmpty();
            for (String received : new String[] {server.receivedInTheClear(), server.receivedInTls()}) {
                assertThat(received)
                        .doesNotContainIgnoringCase("X-Amz")
                        .doesNotContain("DbConnect")
                        .doesNotContain("aws4_request")
                        .doesNotContain("AKIDGIVENGIVEN")
                        .doesNotContain(Given.SECRET_KEY)
                        .doesNotContain(Given.SESSION_TOKEN);
            }
        }
    }

    @Test
    void seesTheTokenWhereItMayGo() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.startTls(Given.CERTIFICATE)
                .hearMessage(false)
                .say("R")
                .say(0, 0, 0, 8, 0, 0, 0, 3)
                .hearMessage(true))) {
            Given.attempt(Given.endpoint(server.address()), Given.AMPLE);

            assertThat(server.receivedInTls()).contains("X-Amz-Signature=").contains("aws4_request");
            assertThat(server.receivedInTheClear()).doesNotContain("X-Amz");
        }
    }

    private static Attempt withCredentials(AwsCredentialsProvider provider, Duration timeout) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(
                visitor -> visitor.startTls(Given.CERTIFICATE).listen())) {
            Attempt attempt = Given.attempt(Given.endpoint(server.address()), timeout, provider);
            assertThat(server.receivedInTls()).isEmpty();
            assertThat(attempt.result(Phase.AUTH).status()).isEqualTo(PhaseResult.Status.NOT_REACHED);
            return attempt;
        }
    }

    @Test
    void doesNotWaitForAProviderThatHangs() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Duration timeout = Duration.ofSeconds(2);
        long start = System.nanoTime();

        Attempt attempt = withCredentials(
                () -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    throw new IllegalStateException("interrupted");
                },
                timeout);

        assertThat(attempt.result(Phase.TOKEN).failedWith(FailureKind.CREDENTIALS_FAILED))
                .as(attempt.toString())
                .isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(timeout.multipliedBy(3));
        Awaitility.await().until(() -> interrupted.getCount() == 0);
    }

    @Test
    void reportsAProviderThatThrowsWithoutItsSecrets() throws Exception {
        Attempt attempt = withCredentials(
                () -> {
                    throw new IllegalStateException("cannot use secretAccessKey=hunter2hunter2");
                },
                Given.AMPLE);

        assertThat(attempt.result(Phase.TOKEN).failedWith(FailureKind.CREDENTIALS_FAILED))
                .isTrue();
        assertThat(attempt.toString())
                .contains("cannot use secretAccessKey=***")
                .doesNotContain("hunter2");
        assertThat(attempt.result(Phase.TLS).passed()).isTrue();
    }

    @Test
    void reportsAProviderThatGivesNothing() throws Exception {
        assertThat(withCredentials(() -> null, Given.AMPLE)
                        .result(Phase.TOKEN)
                        .failedWith(FailureKind.CREDENTIALS_FAILED))
                .isTrue();
    }

    @Test
    void needsARegion() throws Exception {
        Attempt attempt = Given.attempt(Endpoint.parse("localhost:1"), Given.AMPLE, Given.CREDENTIALS);

        assertThat(attempt.result(Phase.TOKEN).failedWith(FailureKind.REGION_UNKNOWN))
                .as(attempt.toString())
                .isTrue();
    }
}
