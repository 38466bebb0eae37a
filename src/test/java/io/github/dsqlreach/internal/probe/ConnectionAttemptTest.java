package io.github.dsqlreach.internal.probe;

import static io.github.dsqlreach.internal.probe.Given.AMPLE;
import static io.github.dsqlreach.internal.probe.Given.CERTIFICATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.internal.probe.ConnectPlan.Goal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What experiments are made of: an attempt each, on a connection of its own. */
class ConnectionAttemptTest {
    private static final String MANDATORY =
            "unable to accept connection, SSL is mandatory. AWS Authentication is required.";

    private static Attempt attempt(Duration time, ConnectPlan plan) throws IOException {
        try (ConnectionAttempt attempt = new ConnectionAttempt(plan, Deadline.in(time), connected -> {})) {
            return attempt.run();
        }
    }

    private static ConnectPlan plan(ScriptedServer server, Negotiation negotiation) {
        HostAndPort address = server.address();
        return ConnectPlan.of(
                Given.endpoint(address, negotiation),
                new InetSocketAddress(address.host(), address.port()),
                Optional.empty());
    }

    @ParameterizedTest
    @EnumSource
    void finishesTheHandshakeInSmallSegmentsToo(Negotiation negotiation) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.beginTls(negotiation, CERTIFICATE))) {
            Attempt attempt = attempt(AMPLE, plan(server, negotiation).inSmallSegments());

            assertThat(attempt.passed()).isTrue();
            assertThat(attempt.evidence(Phase.TLS).is(Evidence.VERIFIED)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedByAServerThatSpeaksTls(Negotiation negotiation) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.beginTls(negotiation, CERTIFICATE))) {
            Attempt attempt = attempt(AMPLE, plan(server, negotiation).reaching(Goal.REFUSED_HELLO));

            assertThat(attempt.passed()).isTrue();
            assertThat(attempt.evidence(Phase.TLS).get(Evidence.ALERT)).contains("protocol_version");
        }
    }

    @ParameterizedTest
    @EnumSource
    void sendsTheSameHelloToBeRefused(Negotiation negotiation) throws Exception {
        try (ScriptedServer real = ScriptedServer.start(visitor -> visitor.hearHello(negotiation));
                ScriptedServer refused = ScriptedServer.start(visitor -> visitor.hearHello(negotiation))) {
            attempt(AMPLE, plan(real, negotiation));
            attempt(AMPLE, plan(refused, negotiation).reaching(Goal.REFUSED_HELLO));

            String one = real.receivedInTheClear();
            String other = refused.receivedInTheClear();
            assertThat(other).hasSameSizeAs(one).contains(Given.HOST);
            // The list of versions: two before, two now.
            assertThat(one).contains("\0\u002b\0\5\4\3\4\3\3");
            assertThat(other).contains("\0\u002b\0\5\4\3\5\3\6");
        }
    }

    @Test
    void isNotRefusedByAServerThatSpeaksSomethingElse() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(
                visitor -> visitor.say("SSH-2.0-OpenSSH_9.2\r\n").listen())) {
            Attempt attempt = attempt(AMPLE, plan(server, Negotiation.DIRECT).reaching(Goal.REFUSED_HELLO));

            assertThat(attempt.result(Phase.TLS).failedWith(FailureKind.UNEXPECTED_ANSWER))
                    .isTrue();
            assertThat(attempt.evidence(Phase.TLS).get(Evidence.ANSWER_PROTOCOL))
                    .contains("SSH");
        }
    }

    @Test
    void quotesWhatAServerSaysToAPlainStart() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.hearMessage(false)
                .say(LoopbackServer.error("28000", MANDATORY))
                .closeOutput())) {
            Attempt attempt = attempt(AMPLE, plan(server, Negotiation.POSTGRES).reaching(Goal.PLAIN_STARTUP));

            assertThat(attempt.passed()).isTrue();
            Evidence answer = attempt.evidence(Phase.AUTH);
            assertThat(answer.get(Evidence.STARTUP_ANSWER)).contains("E");
            assertThat(answer.get(Evidence.SERVER_MESSAGE)).contains(MANDATORY);
            assertThat(answer.get(Evidence.SQL_STATE)).contains("28000");
        }
    }

    @Test
    void saysHowLongItListened() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.hold())) {
            Attempt attempt = attempt(
                    Duration.ofMillis(800), plan(server, Negotiation.POSTGRES).reaching(Goal.PLAIN_STARTUP));

            assertThat(attempt.result(Phase.AUTH).failedWith(FailureKind.TIMEOUT))
                    .isTrue();
            assertThat(attempt.evidence(Phase.AUTH)
                            .get(Evidence.LISTENED_MILLIS)
                            .orElseThrow())
                    .isGreaterThan(400);
        }
    }

    @Test
    void keepsThePhasesApart() throws Exception {
        try (ScriptedServer server =
                ScriptedServer.start(visitor -> visitor.beginTls(Negotiation.POSTGRES, CERTIFICATE))) {
            Attempt attempt = attempt(AMPLE, plan(server, Negotiation.POSTGRES));

            assertThat(attempt.phases()).extracting(PhaseResult::phase).containsExactly(Phase.TCP, Phase.TLS);
            assertThat(attempt.evidence(Phase.TCP).keys())
                    .containsExactly(Evidence.ADDRESS, Evidence.ROUND_TRIP_MILLIS);
            assertThat(attempt.evidence(Phase.TLS).get(Evidence.PROTOCOL)).contains("TLSv1.3");
        }
    }

    @Test
    void staysIdleForTheTimeThatIsPlanned() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.hold())) {
            Attempt attempt = attempt(AMPLE, plan(server, Negotiation.POSTGRES).idleFor(Duration.ofMillis(200)));

            assertThat(attempt.passed()).isTrue();
            assertThat(attempt.through()).isEqualTo(Phase.TCP);
            assertThat(attempt.duration()).isGreaterThanOrEqualTo(Duration.ofMillis(200));
        }
    }

    @Test
    void tellsTheConnectionBeforeItsResult() throws Exception {
        List<PhaseResult> told = new ArrayList<>();
        try (ScriptedServer server =
                        ScriptedServer.start(visitor -> visitor.beginTls(Negotiation.POSTGRES, CERTIFICATE));
                ConnectionAttempt attempt =
                        new ConnectionAttempt(plan(server, Negotiation.POSTGRES), Deadline.in(AMPLE), told::add)) {
            Attempt made = attempt.run();

            assertThat(told).containsExactly(made.result(Phase.TCP));
        }
    }

    @Test
    void tellsNoConnectionWhereItIsRefused() throws Exception {
        List<PhaseResult> told = new ArrayList<>();
        HostAndPort nobody =
                new HostAndPort("127.0.0.1", LoopbackServer.nobody().port());
        ConnectPlan plan = ConnectPlan.of(
                        Given.endpoint(nobody, Negotiation.POSTGRES),
                        new InetSocketAddress(nobody.host(), nobody.port()),
                        Optional.empty())
                .reaching(Goal.CONNECT);
        try (ConnectionAttempt attempt = new ConnectionAttempt(plan, Deadline.in(AMPLE), told::add)) {
            Attempt made = attempt.run();

            assertThat(told).isEmpty();
            assertThat(made.result(Phase.TCP).failedWith(FailureKind.REFUSED)).isTrue();
            assertThat(made.evidence(Phase.TCP).has(Evidence.ROUND_TRIP_MILLIS)).isFalse();
        }
    }
}
