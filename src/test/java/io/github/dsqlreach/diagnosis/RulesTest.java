package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;
import static io.github.dsqlreach.Confidence.POSSIBLE;
import static io.github.dsqlreach.diagnosis.ExperimentName.CONFIRMATION;
import static io.github.dsqlreach.diagnosis.ExperimentName.CONTROL_443;
import static io.github.dsqlreach.diagnosis.ExperimentName.DIRECT_TLS;
import static io.github.dsqlreach.diagnosis.ExperimentName.IDLE;
import static io.github.dsqlreach.diagnosis.ExperimentName.OTHER_SNI;
import static io.github.dsqlreach.diagnosis.ExperimentName.SAME_AGAIN;
import static io.github.dsqlreach.diagnosis.ExperimentName.SSL_REQUEST_ONLY;
import static io.github.dsqlreach.diagnosis.ExperimentName.TLS_1_2;
import static io.github.dsqlreach.diagnosis.ExperimentName.WALK_AGAIN;
import static io.github.dsqlreach.diagnosis.ExperimentName.WEB_REQUEST;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Walk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The pure function from facts to a diagnosis, on facts written down by hand. */
class RulesTest {
    private static final Consumer<Evidence.Builder> VERIFIED = evidence -> evidence.put(Evidence.VERIFIED, true);

    private static HandMade resetAfterClientHello() {
        return HandMade.walk()
                .fail(
                        Phase.TLS,
                        FailureKind.RESET,
                        "connection reset 95 ms after ClientHello",
                        e -> e.put(Evidence.AFTER, "ClientHello")
                                .put(Evidence.AFTER_MILLIS, 95.0)
                                .put(Evidence.BYTES_RECEIVED, 1));
    }

    private static void comesTo(HandMade facts, Cause cause, Confidence confidence) {
        Diagnosis diagnosis = facts.diagnosed().diagnosis();
        assertThat(diagnosis.cause()).as(diagnosis.toString()).contains(cause);
        assertThat(diagnosis.confidence()).isEqualTo(confidence);
        assertThat(diagnosis.verdict()).isEqualTo(cause.verdict());
    }

    @Test
    void aChangeThatLetsTlsThroughIsTheTrigger() {
        comesTo(resetAfterClientHello().tried(DIRECT_TLS, VERIFIED), Cause.POSTGRES_NEGOTIATION_BLOCKED, CONFIRMED);
        comesTo(resetAfterClientHello().tried(OTHER_SNI, VERIFIED), Cause.SNI_BLOCKED, CONFIRMED);
        comesTo(resetAfterClientHello().tried(TLS_1_2, VERIFIED), Cause.TLS_RESET, CONFIRMED);
        comesTo(resetAfterClientHello().tried(CONTROL_443, VERIFIED), Cause.TLS_BLOCKED_ON_PORT, LIKELY);
        comesTo(resetAfterClientHello().tried(CONTROL_443, FailureKind.TIMEOUT), Cause.TLS_BLOCKED_EVERYWHERE, LIKELY);
        comesTo(resetAfterClientHello(), Cause.TLS_RESET, LIKELY);
    }

    @Test
    void aFailureThatComesAndGoesBlamesNoChange() {
        comesTo(
                resetAfterClientHello().tried(SAME_AGAIN, VERIFIED).tried(DIRECT_TLS, VERIFIED),
                Cause.TLS_RESET,
                Confidence.POSSIBLE);
        HandMade bothNamesPass = resetAfterClientHello()
                .tried(SAME_AGAIN, FailureKind.RESET)
                .tried(TLS_1_2, VERIFIED)
                .tried(OTHER_SNI, VERIFIED);
        comesTo(bothNamesPass, Cause.TLS_RESET, Confidence.POSSIBLE);
        assertThat(bothNamesPass.diagnosed().diagnosis().explanation()).contains("comes and goes");
    }

    @Test
    void aTriggerThatDoesNotHoldWhenBothWaysAreRepeatedIsNotBlamed() {
        comesTo(
                resetAfterClientHello().tried(DIRECT_TLS, VERIFIED).tried(CONFIRMATION, FailureKind.UNCLASSIFIED),
                Cause.TLS_RESET,
                Confidence.POSSIBLE);
        comesTo(
                resetAfterClientHello().tried(DIRECT_TLS, VERIFIED).tried(CONFIRMATION, e -> {}),
                Cause.POSTGRES_NEGOTIATION_BLOCKED,
                CONFIRMED);
    }

    @Test
    void aPrivateLinkNameThatIsNotFoundIsFirstOfAllOneOfAVpc() {
        Endpoint endpoint = Endpoint.parse("abc.dsql-fnh4.us-east-1.on.aws");
        Walk walk = HandMade.walk()
                .fail(Phase.DNS, FailureKind.NAME_NOT_FOUND, "no such host")
                .diagnosed()
                .walk()
                .orElseThrow();

        assertThat(Diagnoses.of(endpoint, walk, List.of()).remedies().get(0)).contains("PrivateLink");
    }

    @Test
    void aLoginThatIsStillTalkingWhenTimeIsUpIsSlowAndNotSilent() {
        Diagnosis diagnosis = HandMade.walk()
                .fail(
                        Phase.AUTH,
                        FailureKind.TIMEOUT,
                        "not finished in 1.0 s",
                        e -> e.put(Evidence.AFTER, "query").put(Evidence.AFTER_MILLIS, 0.2))
                .diagnosed()
                .diagnosis();

        assertThat(diagnosis.cause()).contains(Cause.AUTH_TIMEOUT);
        assertThat(diagnosis.confidence()).isEqualTo(Confidence.POSSIBLE);
        assertThat(diagnosis.explanation()).contains("answers kept coming");
        assertThat(diagnosis.remedies().get(0)).contains("`dsql.reach.timeout=30s`");
    }

    @Test
    void whatIsMorePreciseWins() {
        comesTo(
                resetAfterClientHello().tried(CONTROL_443, VERIFIED).tried(OTHER_SNI, VERIFIED),
                Cause.SNI_BLOCKED,
                CONFIRMED);
        comesTo(
                resetAfterClientHello().tried(CONTROL_443, VERIFIED).tried(DIRECT_TLS, VERIFIED),
                Cause.POSTGRES_NEGOTIATION_BLOCKED,
                CONFIRMED);
    }

    @Test
    void aServerThatDoesNotProveItsNameIsNoProof() {
        comesTo(resetAfterClientHello().tried(DIRECT_TLS, evidence -> {}), Cause.TLS_RESET, LIKELY);
        comesTo(resetAfterClientHello().tried(OTHER_SNI, evidence -> {}), Cause.SNI_BLOCKED, LIKELY);
        comesTo(resetAfterClientHello().tried(CONTROL_443, evidence -> {}), Cause.TLS_RESET, LIKELY);
    }

    @Test
    void tlsIsNotBlockedOnAPortWhereItAnswersInAnotherWay() {
        Supplier<HandMade> httpsWorks = () -> resetAfterClientHello().tried(CONTROL_443, VERIFIED);
        comesTo(httpsWorks.get().tried(DIRECT_TLS, evidence -> {}), Cause.TLS_RESET, LIKELY);
        comesTo(httpsWorks.get().tried(DIRECT_TLS, FailureKind.TLS_ALERT), Cause.TLS_RESET, LIKELY);
        comesTo(httpsWorks.get().tried(DIRECT_TLS, FailureKind.CLOSED), Cause.TLS_BLOCKED_ON_PORT, LIKELY);
    }

    @Test
    void tlsIsNotWhatIsBlockedWhereAConnectionEndsBeforeAnythingIsSent() {
        HandMade dead = resetAfterClientHello().tried(IDLE, FailureKind.RESET);
        comesTo(dead.tried(CONTROL_443, VERIFIED), Cause.TLS_RESET, LIKELY);
        comesTo(dead.tried(CONTROL_443, FailureKind.RESET), Cause.TLS_RESET, LIKELY);
        assertThat(dead.diagnosed().diagnosis().explanation()).contains("a tunnel with nobody behind it");
        assertThat(dead.diagnosed().diagnosis().summary()).contains("ends even when nothing is sent");
    }

    @Test
    void aWebServerIsNoPostgresUnlessAPostgresAnsweredAsWell() {
        HandMade silence = HandMade.walk().fail(Phase.TLS, FailureKind.TIMEOUT, "no answer in 10 s after SSLRequest");
        comesTo(silence.tried(WEB_REQUEST, evidence -> {}), Cause.NOT_POSTGRES, LIKELY);
        comesTo(silence.tried(SSL_REQUEST_ONLY, evidence -> {}), Cause.TLS_TIMEOUT, LIKELY);
    }

    @Test
    void aFailureThatShowsInAnotherWayWhenRepeatedIsLessSure() {
        HandMade changing = resetAfterClientHello().tried(DIRECT_TLS, VERIFIED).tried(SAME_AGAIN, FailureKind.TIMEOUT);
        comesTo(changing, Cause.POSTGRES_NEGOTIATION_BLOCKED, LIKELY);
        comesTo(resetAfterClientHello().tried(SAME_AGAIN, FailureKind.CLOSED), Cause.TLS_RESET, POSSIBLE);
        comesTo(resetAfterClientHello().tried(SAME_AGAIN, FailureKind.RESET), Cause.TLS_RESET, LIKELY);
        comesTo(
                HandMade.walk()
                        .fail(Phase.AUTH, FailureKind.RESET, "connection reset 1 ms after password")
                        .tried(WALK_AGAIN, FailureKind.TIMEOUT),
                Cause.AUTH_RESET,
                POSSIBLE);
        assertThat(changing.diagnosed().diagnosis().evidence())
                .contains("The failure did not show in the same way when it was repeated.");
    }

    @Test
    void aResetFasterThanHalfTheRoundTripCameFromNearby() {
        HandMade quick = HandMade.walk()
                .fail(
                        Phase.TLS,
                        FailureKind.RESET,
                        "connection reset 1.2 ms after ClientHello",
                        e -> e.put(Evidence.AFTER, "ClientHello").put(Evidence.AFTER_MILLIS, 1.2));
        assertThat(quick.diagnosed().diagnosis().evidence())
                .contains(
                        "The reset came back after 1.2 ms, and the round trip to the server takes 83 ms: a device near"
                                + " this machine sent it, not the server.");
        assertThat(resetAfterClientHello().diagnosed().diagnosis().evidence())
                .noneMatch(sentence -> sentence.contains("near this machine"));
    }

    @Test
    void theShortestRoundTripCountsAndATunnelsEndTellsNothing() {
        Consumer<Evidence.Builder> quick = e -> e.put(Evidence.AFTER_MILLIS, 1.2);
        assertThat(HandMade.walk()
                        .fail(Phase.TLS, FailureKind.RESET, "connection reset", quick)
                        .tried(
                                CONTROL_443,
                                e -> e.put(Evidence.ADDRESS, "203.0.113.7").put(Evidence.ROUND_TRIP_MILLIS, 2.0))
                        .diagnosed()
                        .diagnosis()
                        .evidence())
                .noneMatch(sentence -> sentence.contains("near this machine"));
        assertThat(HandMade.walk()
                        .to(HandMade.CLUSTER.toBuilder()
                                .connectTo(new HostAndPort("127.0.0.1", 15432))
                                .build())
                        .fail(Phase.TLS, FailureKind.RESET, "connection reset", quick)
                        .diagnosed()
                        .diagnosis()
                        .evidence())
                .noneMatch(sentence -> sentence.contains("near this machine"));
    }

    @Test
    void aSinkholeIsAMatterOfDnsWhereverItShows() {
        Reachability got = HandMade.walk()
                .resolvingTo("0.0.0.0")
                .fail(Phase.TCP, FailureKind.REFUSED, "connection refused at 0.0.0.0:5432")
                .diagnosed();
        assertThat(got.diagnosis().layer()).contains(Phase.DNS);
        assertThat(got.diagnosis().cause()).contains(Cause.DNS_SINKHOLED);

        comesTo(
                HandMade.walk()
                        .to(HandMade.CLUSTER.toBuilder()
                                .connectTo(new HostAndPort("localhost", 15432))
                                .build())
                        .resolvingTo("127.0.0.1")
                        .fail(Phase.TCP, FailureKind.REFUSED, "connection refused at 127.0.0.1:15432"),
                Cause.TCP_REFUSED,
                CONFIRMED);
    }

    @Test
    void whenTokenAndTlsFailBothAreTold() {
        Diagnosis diagnosis = resetAfterClientHello()
                .fail(Phase.TOKEN, FailureKind.CREDENTIALS_NOT_FOUND, "found no credentials")
                .diagnosed()
                .diagnosis();
        assertThat(diagnosis.cause()).contains(Cause.CREDENTIALS_NOT_FOUND);
        assertThat(diagnosis.evidence()).anyMatch(sentence -> sentence.startsWith("TLS failed as well"));
    }

    @Test
    void aFailureOfNoKindIsUnknownAndKeepsTheError() {
        Diagnosis diagnosis = HandMade.walk()
                .fail(Phase.TLS, FailureKind.UNCLASSIFIED, "SSLException: something new")
                .diagnosed()
                .diagnosis();
        assertThat(diagnosis.cause()).contains(Cause.UNKNOWN);
        assertThat(diagnosis.explanation()).endsWith("SSLException: something new.");
    }

    @Test
    void isPure() {
        Reachability facts = resetAfterClientHello()
                .tried(CONTROL_443, VERIFIED)
                .tried(SAME_AGAIN, FailureKind.RESET)
                .diagnosed();
        List<Experiment> reversed = new ArrayList<>(facts.experiments());
        Collections.reverse(reversed);
        reversed.add(new Experiment(
                "of-a-later-version", Duration.ZERO, Evidence.none(), Optional.of(Failure.of(FailureKind.RESET))));

        assertThat(Diagnoses.of(HandMade.CLUSTER, facts.walk().orElseThrow(), facts.experiments()))
                .isEqualTo(facts.diagnosis());
        assertThat(Diagnoses.of(HandMade.CLUSTER, facts.walk().orElseThrow(), reversed)
                        .cause())
                .isEqualTo(facts.diagnosis().cause());
    }
}
