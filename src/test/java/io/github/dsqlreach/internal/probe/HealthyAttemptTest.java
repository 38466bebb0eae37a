package io.github.dsqlreach.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.internal.client.Credentials;
import io.github.dsqlreach.local.Connections;
import io.github.dsqlreach.local.LocalDsql;
import java.net.Socket;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HealthyAttemptTest {
    @AutoClose
    private static final LocalDsql postgres = LocalDsql.start();

    @AutoClose
    private final LocalDsql local = LocalDsql.builder().inFrontOf(postgres).start();

    private Attempt attempt(Endpoint endpoint) throws InterruptedException {
        return Given.attempt(endpoint, Given.AMPLE, local.credentialsProvider());
    }

    @ParameterizedTest
    @EnumSource
    void passesEveryPhaseOnOneConnectionWithOneToken(Negotiation negotiation) throws Exception {
        Attempt attempt =
                attempt(local.endpoint().toBuilder().negotiation(negotiation).build());

        assertThat(attempt.passed()).as(attempt.toString()).isTrue();
        assertThat(attempt.phases()).allMatch(PhaseResult::passed);
        Connections connections = local.connections();
        assertThat(connections.accepted()).isEqualTo(1);
        assertThat(connections.tlsEstablished()).isEqualTo(1);
        assertThat(connections.passwordsReceived()).isEqualTo(1);
        assertThat(connections.tokensVerified()).isEqualTo(1);
        assertThat(connections.loggedIn()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void carriesItsEvidenceInEachPhase(Negotiation negotiation) throws Exception {
        Endpoint endpoint =
                local.endpoint().toBuilder().negotiation(negotiation).build();
        Attempt attempt = attempt(endpoint);

        Evidence dns = attempt.result(Phase.DNS).evidence();
        assertThat(dns.list(Evidence.ADDRESSES)).containsExactly("127.0.0.1");
        assertThat(dns.text(Evidence.NAME)).contains("127.0.0.1");
        Evidence tcp = attempt.result(Phase.TCP).evidence();
        assertThat(tcp.text(Evidence.ADDRESS)).contains(local.address().toString());
        assertThat(tcp.get(Evidence.ROUND_TRIP_MILLIS).orElseThrow()).isPositive();
        assertThat(tcp.list(Evidence.ATTEMPTS)).hasSize(1).allMatch(line -> line.contains(" connected after "));
        Evidence token = attempt.result(Phase.TOKEN).evidence();
        assertThat(token.text(Evidence.ACTION)).contains("DbConnectAdmin");
        assertThat(token.text(Evidence.ALGORITHM)).contains("AWS4-HMAC-SHA256");
        assertThat(token.get(Evidence.EXPIRES_SECONDS)).contains(900L);
        assertThat(token.is(Evidence.SIGNATURE)).isTrue();
        assertThat(token.text(Evidence.CREDENTIALS)).contains("StaticCredentialsProvider");
        Evidence tls = attempt.result(Phase.TLS).evidence();
        assertThat(tls.text(Evidence.NEGOTIATION)).contains(negotiation.parameter());
        assertThat(tls.text(Evidence.PROTOCOL)).contains("TLSv1.3");
        assertThat(tls.text(Evidence.CIPHER))
                .hasValueSatisfying(cipher -> assertThat(cipher).startsWith("TLS_"));
        assertThat(tls.text(Evidence.ALPN).isPresent()).isEqualTo(negotiation == Negotiation.DIRECT);
        assertThat(tls.has(Evidence.SSL_REQUEST_ANSWER)).isEqualTo(negotiation == Negotiation.POSTGRES);
        assertThat(tls.is(Evidence.VERIFIED)).isTrue();
        assertThat(tls.list(Evidence.CERTIFICATE_NAMES)).contains(endpoint.host());
        assertThat(tls.has(Evidence.CERTIFICATE_ISSUER)).isTrue();
        assertThat(tls.has(Evidence.CERTIFICATE_NOT_BEFORE)).isTrue();
        assertThat(tls.has(Evidence.CERTIFICATE_NOT_AFTER)).isTrue();
        assertThat(tls.get(Evidence.BYTES_RECEIVED).orElseThrow()).isPositive();
        Evidence auth = attempt.result(Phase.AUTH).evidence();
        assertThat(auth.text(Evidence.SERVER_VERSION))
                .hasValueSatisfying(version -> assertThat(version).startsWith("16"));
        assertThat(attempt.result(Phase.QUERY)
                        .evidence()
                        .get(Evidence.BYTES_RECEIVED)
                        .orElseThrow())
                .isPositive();
    }

    @Test
    void saysThatCredentialsAreTemporary() throws Exception {
        Attempt attempt = Given.attempt(local.endpoint(), Given.AMPLE, local.temporaryCredentialsProvider());

        assertThat(attempt.passed()).as(attempt.toString()).isTrue();
        assertThat(attempt.result(Phase.TOKEN).evidence().is(Evidence.SECURITY_TOKEN))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void stopsWhereItIsAskedTo(Phase through) throws Exception {
        ProbeSettings settings = new ProbeSettings(
                local.endpoint(),
                CheckSettings.defaults().with(Setting.THROUGH, through).with(Setting.TIMEOUT, Given.AMPLE),
                Credentials.of(local.credentialsProvider()),
                AuthToken.DEFAULT_LIFETIME);

        Attempt attempt = AttemptRunner.attempt(settings, AttemptListener.NONE);

        assertThat(attempt.passed()).isTrue();
        assertThat(attempt.phases())
                .allSatisfy(result ->
                        assertThat(result.passed()).isEqualTo(result.phase().compareTo(through) <= 0));
        assertThat(local.connections().passwordsReceived()).isEqualTo(through.compareTo(Phase.AUTH) >= 0 ? 1 : 0);
        Awaitility.await().until(() -> local.connections().open() == 0);
    }

    @Test
    void tellsWhatItDoesInOrder() throws Exception {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        AttemptRunner.attempt(
                Given.settings(local.endpoint(), Given.AMPLE, local.credentialsProvider()), new AttemptListener() {
                    @Override
                    public void started(Phase phase) {
                        told.add("+" + phase);
                    }

                    @Override
                    public void finished(PhaseResult result) {
                        told.add("-" + result.phase());
                    }
                });

        assertThat(told)
                .containsSubsequence(
                        "+DNS", "-DNS", "+TCP", "-TCP", "+TLS", "-TLS", "+AUTH", "-AUTH", "+QUERY", "-QUERY")
                .containsSubsequence("+TOKEN", "-TOKEN", "+AUTH")
                .doesNotHaveDuplicates();
    }

    @Test
    void saysThatNothingWasVerifiedWhereTheUserWantsItSo() throws Exception {
        Endpoint endpoint = local.endpoint().toBuilder()
                .trust(new Trust(Trust.Mode.REQUIRE, Optional.empty()))
                .build();

        Attempt attempt = attempt(endpoint);

        assertThat(attempt.passed()).isTrue();
        Evidence tls = attempt.result(Phase.TLS).evidence();
        assertThat(tls.has(Evidence.VERIFIED)).isTrue();
        assertThat(tls.is(Evidence.VERIFIED)).isFalse();
    }

    @Test
    void leavesNoThreadAndNoConnection() throws Exception {
        for (int i = 0; i < 20; i++) {
            attempt(local.endpoint());
        }
        Given.attempt(local.endpoint(), Duration.ofMillis(1), local.credentialsProvider());

        Awaitility.await().untilAsserted(() -> {
            assertThat(local.connections().open()).isZero();
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.matches("dsql-reach-(dns|token|auth|query|connect|check).*"));
        });
    }

    /** The driver would complain of a leak once the garbage collector finds it. */
    @Test
    void closesAConnectionThatComesWhenNobodyWaitsAnyMore() throws Exception {
        Endpoint endpoint = local.endpoint();
        Deadline deadline = Deadline.in(Given.AMPLE);
        try (ObservedSocket wire = new ObservedSocket(
                new Socket(local.address().host(), local.address().port()), deadline)) {
            Socket encrypted =
                    TlsHandshake.run(wire, TlsPlan.of(endpoint)).product().orElseThrow();
            Session session = new Session(wire, encrypted, deadline);
            session.abort();

            Step<Connection> late = session.logIn(
                    endpoint,
                    AuthToken.generate(
                            endpoint, local.credentialsProvider().resolveCredentials(), AuthToken.DEFAULT_LIFETIME),
                    deadline);

            assertThat(late.product()).isEmpty();
            assertThat(local.connections().loggedIn()).isEqualTo(1);
        }
    }
}
