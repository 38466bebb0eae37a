package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.DiagnosisDetails;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.SentMessage;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PhaseDiagramTest {
    @Test
    void hasAnAsciiForm() {
        assertThat(PhaseDiagram.of(SampleReachabilities.reset(), TextStyle.ascii()))
                .contains("  + TCP SYN                             |---------------------------------->|\n")
                .contains("  x connection reset                    |<----------------x                 |\n");
    }

    @Test
    void drawsNothingWhereNothingWasAttempted() {
        assertThat(PhaseDiagram.of(SampleReachabilities.notConfigured(), TextStyle.plain()))
                .isEmpty();
    }

    @Test
    void namesSomethingOnTheWayOnlyWhereTheDiagnosisDoes() {
        for (DiagnosisDetails.Origin origin : DiagnosisDetails.Origin.values()) {
            Reachability plain = reset();
            String diagram = PhaseDiagram.of(
                    SampleReachabilities.of(
                            plain.endpoint().orElseThrow(),
                            plain.attempt().orElseThrow(),
                            List.of(),
                            SampleReachabilities.ended(origin, plain.diagnosis())),
                    TextStyle.plain());
            boolean nearby = origin == DiagnosisDetails.Origin.NEARBY;
            assertThat(diagram.contains("something nearer sent it")).isEqualTo(nearby);
            assertThat(diagram.contains("the evidence does not show who")).isEqualTo(!nearby);
            assertThat(diagram.contains("│◄────────────────?")).isEqualTo(!nearby);
        }
    }

    @Test
    void tellsTheSslRequestThatWasAnsweredFromTheClientHelloThatWasNot() {
        assertThat(PhaseDiagram.of(SampleReachabilities.timeout(), TextStyle.plain()))
                .contains("✓ SSLRequest ")
                .contains("✓ S  ")
                .contains("  ✗ ClientHello                         ├────────────────►?");
    }

    @Test
    void doesNotInventAnSslRequestInDirectTls() {
        Reachability direct = SampleReachabilities.of(
                SampleReachabilities.endpoint(),
                SampleReachabilities.attempt(
                        SampleReachabilities.dns(),
                        SampleReachabilities.tcp(),
                        SampleReachabilities.token(),
                        PhaseResult.passed(
                                Phase.TLS,
                                Duration.ofMillis(90),
                                Evidence.builder()
                                        .put(Evidence.NEGOTIATION, Negotiation.DIRECT)
                                        .build()),
                        SampleReachabilities.auth(),
                        SampleReachabilities.query()),
                List.of(),
                SampleReachabilities.reachable().diagnosis());
        assertThat(PhaseDiagram.of(direct, TextStyle.plain()))
                .contains("ClientHello")
                .doesNotContain("SSLRequest");
    }

    @Test
    void aTunnelAnswersInPlaceOfTheCluster() {
        Reachability reset = SampleReachabilities.reset(SampleReachabilities.endpoint().toBuilder()
                .connectTo(HostAndPort.parse("127.0.0.1:15432", 0))
                .build());
        assertThat(PhaseDiagram.of(reset, TextStyle.plain()))
                .contains("this machine         tunnel            cluster")
                .contains("✓ an address, no DNS needed           ●")
                .contains("✓ TCP SYN to 127.0.0.1:15432          ├────────────────►│ ")
                .doesNotContain("a round trip to the cluster takes");
    }

    @Test
    void aProxyIsCalledOneOnThePageToo() {
        Reachability behind = of(
                PhaseResult.passed(
                        Phase.DNS,
                        Duration.ofMillis(3),
                        Evidence.builder()
                                .put(Evidence.PROXY, new HostAndPort("10.0.0.1", 3128))
                                .build()),
                PhaseResult.failed(
                        Phase.TCP, Duration.ofMillis(9), Evidence.none(), Failure.of(FailureKind.PROXY_FAILED)));
        assertThat(PhaseDiagram.of(behind, TextStyle.plain()))
                .contains("this machine          proxy            cluster")
                .contains("TCP SYN to 10.0.0.1:3128");
        assertThat(Report.of(behind).html()).contains("<b>proxy</b>");
    }

    @Test
    void showsWhatWasExchangedBeforeALoginBroke() {
        Reachability reset = of(
                SampleReachabilities.dns(),
                SampleReachabilities.tcp(),
                SampleReachabilities.token(),
                SampleReachabilities.tls(),
                PhaseResult.failed(
                        Phase.AUTH,
                        Duration.ofMillis(90),
                        Evidence.builder()
                                .put(Evidence.AFTER, SentMessage.PASSWORD)
                                .build(),
                        Failure.of(FailureKind.RESET)));
        assertThat(Messages.of(reset).stream().map(Messages.Message::label))
                .containsSubsequence("StartupMessage", "password request", "token as password", "connection reset");
    }

    @ParameterizedTest
    @EnumSource(FailureKind.class)
    void marksExactlyOneMessageAsBrokenWhateverTheFailure(FailureKind kind) {
        for (Phase phase : Phase.values()) {
            PhaseResult[] results = {
                SampleReachabilities.dns(),
                SampleReachabilities.tcp(),
                SampleReachabilities.token(),
                SampleReachabilities.tls(),
                SampleReachabilities.auth(),
                SampleReachabilities.query()
            };
            results[phase.ordinal()] = PhaseResult.failed(
                    phase, Duration.ofMillis(5), Evidence.none(), new Failure(kind, "what was seen"));
            Reachability reachability = of(results);
            assertThat(Messages.of(reachability).stream().filter(Messages.Message::broke))
                    .hasSize(1)
                    .allSatisfy(message -> assertThat(message.note()).startsWith("what was seen"));
            assertThat(PhaseDiagram.of(reachability, TextStyle.plain()).lines())
                    .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
        }
    }

    private static Reachability reset() {
        double after = 0.3;
        double roundTrip = 83;
        return of(
                SampleReachabilities.dns(),
                PhaseResult.passed(
                        Phase.TCP,
                        Duration.ofMillis(83),
                        Evidence.builder()
                                .put(Evidence.ROUND_TRIP_MILLIS, roundTrip)
                                .build()),
                SampleReachabilities.token(),
                PhaseResult.failed(
                        Phase.TLS,
                        Duration.ofMillis(1),
                        Evidence.builder()
                                .put(Evidence.AFTER, SentMessage.CLIENT_HELLO)
                                .put(Evidence.AFTER_MILLIS, after)
                                .build(),
                        Failure.of(FailureKind.RESET)));
    }

    private static Reachability of(PhaseResult... results) {
        return SampleReachabilities.of(
                SampleReachabilities.endpoint(),
                SampleReachabilities.attempt(results),
                List.of(),
                SampleReachabilities.diagnosis(
                        Cause.UNKNOWN, Confidence.POSSIBLE, "DSQL not reachable", List.of(), List.of()));
    }
}
