package io.github.dsqlreach.internal.probe;

import static io.github.dsqlreach.internal.probe.Given.AMPLE;
import static io.github.dsqlreach.internal.probe.Given.CERTIFICATE;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Negotiation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What experiments are made of: one step each on a connection of its own. */
class SingleProbeTest {
    private static final String MANDATORY =
            "unable to accept connection, SSL is mandatory. AWS Authentication is required.";

    private static SingleProbe.Outcome probe(
            ScriptedServer server, Duration time, Function<SingleProbe, SingleProbe.Outcome> action)
            throws IOException {
        HostAndPort address = server.address();
        try (SingleProbe probe =
                new SingleProbe(new InetSocketAddress(address.host(), address.port()), Deadline.in(time))) {
            return action.apply(probe);
        }
    }

    private static TlsPlan plan(ScriptedServer server, Negotiation negotiation) {
        return TlsPlan.of(Given.endpoint(server.address(), negotiation));
    }

    @ParameterizedTest
    @EnumSource
    void finishesTheHandshakeInSmallSegmentsToo(Negotiation negotiation) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.beginTls(negotiation, CERTIFICATE))) {
            SingleProbe.Outcome outcome =
                    probe(server, AMPLE, probe -> probe.handshakeInSmallSegments(plan(server, negotiation)));

            assertThat(outcome.failure()).isEmpty();
            assertThat(outcome.evidence().is(Evidence.VERIFIED)).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource
    void isRefusedByAServerThatSpeaksTls(Negotiation negotiation) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.beginTls(negotiation, CERTIFICATE))) {
            SingleProbe.Outcome outcome = probe(server, AMPLE, probe -> probe.refusedHello(plan(server, negotiation)));

            assertThat(outcome.failure()).isEmpty();
            assertThat(outcome.evidence().text(Evidence.ALERT)).contains("protocol_version");
        }
    }

    @ParameterizedTest
    @EnumSource
    void sendsTheSameHelloToBeRefused(Negotiation negotiation) throws Exception {
        try (ScriptedServer real = ScriptedServer.start(visitor -> visitor.hearHello(negotiation));
                ScriptedServer refused = ScriptedServer.start(visitor -> visitor.hearHello(negotiation))) {
            probe(real, AMPLE, probe -> probe.handshake(plan(real, negotiation)));
            probe(refused, AMPLE, probe -> probe.refusedHello(plan(refused, negotiation)));

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
            SingleProbe.Outcome outcome =
                    probe(server, AMPLE, probe -> probe.refusedHello(plan(server, Negotiation.DIRECT)));

            assertThat(outcome.failure().orElseThrow().kind()).isEqualTo(FailureKind.UNEXPECTED_ANSWER);
            assertThat(outcome.evidence().text(Evidence.ANSWER_PROTOCOL)).contains("SSH");
        }
    }

    @Test
    void quotesWhatAServerSaysToAPlainStart() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.hearMessage(false)
                .say(LoopbackServer.error("28000", MANDATORY))
                .closeOutput())) {
            SingleProbe.Outcome outcome = probe(server, AMPLE, probe -> probe.plainStartup("admin", "postgres"));

            assertThat(outcome.failure()).isEmpty();
            assertThat(outcome.evidence().text(SingleProbe.STARTUP_ANSWER)).contains("E");
            assertThat(outcome.evidence().text(Evidence.SERVER_MESSAGE)).contains(MANDATORY);
            assertThat(outcome.evidence().text(Evidence.SQL_STATE)).contains("28000");
        }
    }

    @Test
    void saysHowLongItListened() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.hold())) {
            SingleProbe.Outcome outcome =
                    probe(server, Duration.ofMillis(800), probe -> probe.plainStartup("admin", "postgres"));

            assertThat(outcome.failure().orElseThrow().kind()).isEqualTo(FailureKind.TIMEOUT);
            assertThat(outcome.evidence().number(Evidence.LISTENED_MILLIS).orElse(0))
                    .isGreaterThan(400);
        }
    }

    @Test
    void tellsTheConnectionBeforeItsResult() throws Exception {
        List<Evidence> told = new ArrayList<>();
        try (ScriptedServer server =
                ScriptedServer.start(visitor -> visitor.beginTls(Negotiation.POSTGRES, CERTIFICATE))) {
            probe(server, AMPLE, probe -> {
                assertThat(probe.connection()).isEqualTo(Evidence.none());
                return probe.whenConnected(() -> told.add(probe.connection()))
                        .handshake(plan(server, Negotiation.POSTGRES));
            });
        }
        assertThat(told)
                .singleElement()
                .satisfies(connection ->
                        assertThat(connection.asMap()).containsOnlyKeys(Evidence.ADDRESS, Evidence.ROUND_TRIP_MILLIS));
    }

    @Test
    void tellsNoConnectionWhereItIsRefused() throws Exception {
        List<Evidence> told = new ArrayList<>();
        try (SingleProbe probe = new SingleProbe(
                new InetSocketAddress("127.0.0.1", LoopbackServer.nobody().port()), Deadline.in(AMPLE))) {
            probe.whenConnected(() -> told.add(probe.connection())).connect();

            assertThat(told).isEmpty();
            assertThat(probe.connection()).isEqualTo(Evidence.none());
        }
    }
}
