package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;
import static io.github.dsqlreach.Confidence.POSSIBLE;
import static io.github.dsqlreach.diagnosis.ExperimentName.CONTROL_443;
import static io.github.dsqlreach.diagnosis.ExperimentName.CONTROL_DNS;
import static io.github.dsqlreach.diagnosis.ExperimentName.CONTROL_NAME;
import static io.github.dsqlreach.diagnosis.ExperimentName.DIRECT_TLS;
import static io.github.dsqlreach.diagnosis.ExperimentName.DNS_A;
import static io.github.dsqlreach.diagnosis.ExperimentName.IDLE;
import static io.github.dsqlreach.diagnosis.ExperimentName.OTHER_ADDRESS;
import static io.github.dsqlreach.diagnosis.ExperimentName.OTHER_SNI;
import static io.github.dsqlreach.diagnosis.ExperimentName.PLAIN_START;
import static io.github.dsqlreach.diagnosis.ExperimentName.REFUSED_HELLO;
import static io.github.dsqlreach.diagnosis.ExperimentName.SAME_AGAIN;
import static io.github.dsqlreach.diagnosis.ExperimentName.SMALL_SEGMENTS;
import static io.github.dsqlreach.diagnosis.ExperimentName.SSL_REQUEST_ONLY;
import static io.github.dsqlreach.diagnosis.ExperimentName.TLS_1_2;
import static io.github.dsqlreach.diagnosis.ExperimentName.WALK_AGAIN;
import static io.github.dsqlreach.diagnosis.ExperimentName.WEB_REQUEST;
import static io.github.dsqlreach.diagnosis.ExperimentName.WEB_SOCKET_443;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Diagnosis.Origin;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pure function from facts to a diagnosis, on facts written down by hand. */
class RulesTest {
    private static final Consumer<Evidence.Builder> VERIFIED = evidence -> evidence.put(Evidence.VERIFIED, true);

    private static HandMade resetAfterClientHello() {
        return HandMade.attempt()
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
    void aChangeThatLetsTlsThroughIsTheTriggerWhereBothWaysWereRepeated() {
        comesTo(resetAfterClientHello().triggeredBy(DIRECT_TLS), Cause.POSTGRES_NEGOTIATION_BLOCKED, CONFIRMED);
        comesTo(resetAfterClientHello().triggeredBy(OTHER_SNI), Cause.SNI_BLOCKED, CONFIRMED);
        comesTo(resetAfterClientHello().triggeredBy(TLS_1_2), Cause.TLS_RESET, CONFIRMED);
        comesTo(resetAfterClientHello().triggeredBy(OTHER_ADDRESS), Cause.ADDRESS_FAILS, CONFIRMED);
        comesTo(resetAfterClientHello(), Cause.TLS_RESET, LIKELY);
        assertThat(resetAfterClientHello()
                        .triggeredBy(DIRECT_TLS)
                        .diagnosed()
                        .diagnosis()
                        .findings()
                        .trigger())
                .contains("direct-tls");
    }

    @Test
    void nothingIsBlamedOnOneTry() {
        for (ExperimentName change : List.of(DIRECT_TLS, OTHER_SNI, TLS_1_2, OTHER_ADDRESS)) {
            HandMade once =
                    resetAfterClientHello().tried(SAME_AGAIN, FailureKind.RESET).tried(change, VERIFIED);
            comesTo(once, Cause.TLS_RESET, POSSIBLE);
            assertThat(once.diagnosed().diagnosis().findings().trigger()).isEmpty();
            assertThat(once.diagnosed().diagnosis().explanation()).contains("got through once");
        }
    }

    @Test
    void tlsIsBlockedOnlyWhereSomethingElseIsAnsweredThere() {
        Supplier<HandMade> answered = () -> resetAfterClientHello().tried(PLAIN_START, e -> {});
        comesTo(answered.get().tried(CONTROL_443, VERIFIED), Cause.TLS_BLOCKED_ON_PORT, LIKELY);
        comesTo(answered.get().tried(CONTROL_443, FailureKind.TIMEOUT), Cause.TLS_BLOCKED_EVERYWHERE, LIKELY);
        comesTo(
                answered.get().tried(CONTROL_443, FailureKind.TIMEOUT).tried(WEB_SOCKET_443, VERIFIED),
                Cause.TLS_BLOCKED_ON_PORT,
                LIKELY);
        // TLS got up on the cluster's port 443, be it with another's certificate or to a server that speaks no
        // WebSocket.
        for (Consumer<HandMade> other : List.<Consumer<HandMade>>of(
                facts -> facts.tried(WEB_SOCKET_443, e -> {}),
                facts -> facts.tried(
                        WEB_SOCKET_443, FailureKind.UNEXPECTED_ANSWER, e -> e.put(Evidence.PROTOCOL, "TLSv1.3")))) {
            HandMade facts = answered.get().tried(CONTROL_443, FailureKind.TIMEOUT);
            other.accept(facts);
            comesTo(facts, Cause.TLS_RESET, LIKELY);
        }
        comesTo(resetAfterClientHello().tried(CONTROL_443, VERIFIED), Cause.TLS_RESET, LIKELY);
        comesTo(resetAfterClientHello().tried(CONTROL_443, FailureKind.TIMEOUT), Cause.TLS_RESET, LIKELY);
    }

    @Test
    void whatMeetsTheSameEndWhateverIsSentIsNoMatterOfTls() {
        HandMade reset = resetAfterClientHello()
                .tried(PLAIN_START, FailureKind.RESET)
                .tried(DIRECT_TLS, FailureKind.RESET)
                .tried(CONTROL_443, VERIFIED);
        comesTo(reset, Cause.TLS_RESET, LIKELY);
        assertThat(reset.diagnosed().diagnosis().explanation()).contains("TLS is not what is stopped");
        comesTo(
                HandMade.attempt()
                        .fail(Phase.TLS, FailureKind.TIMEOUT, "no answer in 10 s after SSLRequest")
                        .tried(PLAIN_START, FailureKind.TIMEOUT)
                        .tried(DIRECT_TLS, FailureKind.TIMEOUT)
                        .tried(CONTROL_443, VERIFIED),
                Cause.PORT_SILENT,
                LIKELY);
    }

    private static HandMade silence() {
        return HandMade.attempt()
                .fail(
                        Phase.TLS,
                        FailureKind.TIMEOUT,
                        "no answer in 10 s after ClientHello",
                        e -> e.put(Evidence.AFTER, "ClientHello").put(Evidence.SSL_REQUEST_ANSWER, "S"));
    }

    /** Behind a connection that needed its first packet sent twice. */
    private static Consumer<Evidence.Builder> late() {
        return roundTrip(1_085);
    }

    @Test
    void silenceIsLessSureWhereTheNetworkLosesPackets() {
        comesTo(silence().tried(SAME_AGAIN, FailureKind.TIMEOUT), Cause.TLS_TIMEOUT, LIKELY);
        HandMade lossy = silence().tried(SAME_AGAIN, FailureKind.TIMEOUT, late());
        comesTo(lossy, Cause.TLS_TIMEOUT, POSSIBLE);
        assertThat(lossy.diagnosed().diagnosis().evidence())
                .contains(
                        "1 of 2 connections took whole seconds longer, as after a lost packet: the network loses some.");
        assertThat(lossy.diagnosed().diagnosis().remedies().get(0))
                .contains("loses packets", "`dsql.reach.timeout=30s`");
        comesTo(silence().tried(SAME_AGAIN, FailureKind.TIMEOUT, roundTrip(1_400)), Cause.TLS_TIMEOUT, LIKELY);
        // What was repeated both ways is sure nevertheless, and a reset is no lost packet.
        comesTo(
                silence().tried(SAME_AGAIN, FailureKind.TIMEOUT, late()).triggeredBy(OTHER_SNI),
                Cause.SNI_BLOCKED,
                CONFIRMED);
        comesTo(resetAfterClientHello().tried(SAME_AGAIN, FailureKind.RESET, late()), Cause.TLS_RESET, LIKELY);
    }

    @Test
    void silenceThatShowsHereAndThereIsNotBlamedOnAPhaseWhereTheNetworkLosesPackets() {
        HandMade once = silence().tried(SAME_AGAIN, FailureKind.OUT_OF_TIME, late());
        comesTo(once.tried(WALK_AGAIN, FailureKind.TIMEOUT, stoppedAt(Phase.TLS)), Cause.TLS_TIMEOUT, POSSIBLE);
        HandMade moved = silence().tried(SAME_AGAIN, FailureKind.OUT_OF_TIME, late());
        comesTo(moved.tried(WALK_AGAIN, FailureKind.TIMEOUT, stoppedAt(Phase.AUTH)), Cause.UNKNOWN, POSSIBLE);
        HandMade noLoss = silence().tried(SAME_AGAIN, FailureKind.TIMEOUT, roundTrip(85));
        comesTo(noLoss.tried(WALK_AGAIN, FailureKind.TIMEOUT, stoppedAt(Phase.AUTH)), Cause.TLS_TIMEOUT, LIKELY);
    }

    private static Consumer<Evidence.Builder> stoppedAt(Phase phase) {
        return e -> e.put(Tries.STOPPED_AT, phase.name());
    }

    @Test
    void aSilentControlDoesNotShowThatAResetIsEverywhereWhereTheNetworkLosesPackets() {
        HandMade sure = reset().tried(CONTROL_443, FailureKind.TIMEOUT, roundTrip(85));
        comesTo(sure, Cause.TLS_BLOCKED_EVERYWHERE, LIKELY);
        comesTo(sure.tried(OTHER_SNI, FailureKind.RESET, late()), Cause.TLS_RESET, LIKELY);
    }

    @Test
    void twoEndsSayMoreThanOneSilenceAtTheSamePlaceWhereTheNetworkLosesPackets() {
        PhaseResult reset =
                resetAfterClientHello().diagnosed().attempt().orElseThrow().result(Phase.TLS);

        assertThat(facts(silence().tried(SAME_AGAIN, FailureKind.RESET, late())).isPlainerThanSilence(reset))
                .isTrue();
        assertThat(facts(silence().tried(SAME_AGAIN, FailureKind.RESET, roundTrip(85)))
                        .isPlainerThanSilence(reset))
                .isFalse();
        assertThat(facts(silence().tried(SAME_AGAIN, FailureKind.RESET, late()))
                        .isPlainerThanSilence(
                                silence().diagnosed().attempt().orElseThrow().result(Phase.TLS)))
                .isFalse();
    }

    private static Facts facts(HandMade made) {
        Reachability reachability = made.diagnosed();
        return Facts.of(HandMade.CLUSTER, reachability.attempt().orElseThrow(), reachability.experiments());
    }

    @Test
    void aRefusalIsOnlyPossibleWhereAnotherAttemptConnects() {
        HandMade refused = HandMade.attempt().fail(Phase.TCP, FailureKind.REFUSED, "connection refused");
        comesTo(refused, Cause.TCP_REFUSED, CONFIRMED);
        comesTo(refused.tried(SAME_AGAIN, roundTrip(85)), Cause.TCP_REFUSED, POSSIBLE);
    }

    @Test
    void tlsIsNotStoppedOnAPortWhereItGotUpOnceWhenItWasRepeated() {
        comesTo(reset().tried(CONTROL_443, VERIFIED), Cause.TLS_BLOCKED_ON_PORT, LIKELY);
        comesTo(reset().tried(CONTROL_443, VERIFIED).repeated(DIRECT_TLS, 5, 1), Cause.TLS_RESET, LIKELY);
    }

    private static HandMade reset() {
        return resetAfterClientHello()
                .tried(SAME_AGAIN, FailureKind.RESET, roundTrip(85))
                .tried(DIRECT_TLS, FailureKind.RESET, roundTrip(85))
                .tried(PLAIN_START, roundTrip(85));
    }

    @Test
    void nothingIsSaidOfAPortWhereSingleTriesMayHaveBeenLost() {
        HandMade few = silence()
                .tried(SAME_AGAIN, FailureKind.TIMEOUT, roundTrip(85))
                .tried(DIRECT_TLS, FailureKind.TIMEOUT, e -> {})
                .tried(OTHER_SNI, FailureKind.TIMEOUT, roundTrip(85))
                .tried(PLAIN_START, roundTrip(85))
                .tried(CONTROL_443, VERIFIED);
        comesTo(few, Cause.TLS_BLOCKED_ON_PORT, LIKELY);
        comesTo(few.tried(TLS_1_2, FailureKind.TIMEOUT, late()), Cause.TLS_BLOCKED_ON_PORT, POSSIBLE);
        comesTo(few.tried(REFUSED_HELLO, FailureKind.TIMEOUT, late()), Cause.TLS_TIMEOUT, POSSIBLE);
    }

    @Test
    void nothingIsSaidOfAPortWhereATryDidNotFinish() {
        for (ExperimentName change : List.of(DIRECT_TLS, OTHER_SNI, TLS_1_2, SMALL_SEGMENTS, OTHER_ADDRESS)) {
            comesTo(
                    silence()
                            .tried(SAME_AGAIN, FailureKind.TIMEOUT)
                            .tried(PLAIN_START, e -> {})
                            .tried(CONTROL_443, VERIFIED)
                            .tried(change, FailureKind.OUT_OF_TIME),
                    Cause.TLS_TIMEOUT,
                    POSSIBLE);
        }
    }

    @Test
    void aLoginWhoseBytesDoNotArriveMayNeedMoreTime() {
        Diagnosis late = HandMade.attempt()
                .fail(
                        Phase.AUTH,
                        FailureKind.TIMEOUT,
                        "no answer in 9.6 s after password",
                        e -> e.put(Evidence.UNACKNOWLEDGED_BYTES, 300).put(Evidence.RETRANSMISSIONS, 4))
                .diagnosed()
                .diagnosis();
        assertThat(late.cause()).contains(Cause.AUTH_TIMEOUT);
        assertThat(late.evidence()).anyMatch(sentence -> sentence.startsWith("300 bytes did not get there"));
        assertThat(late.remedies().get(0)).contains("slow or loses packets", "`dsql.reach.timeout=30s`");
    }

    @Test
    void anSslRequestThatIsAnsweredAnotherTimeIsNotWhatIsStopped() {
        Supplier<HandMade> silent = () -> HandMade.attempt()
                .fail(
                        Phase.TLS,
                        FailureKind.TIMEOUT,
                        "no answer in 10 s after SSLRequest",
                        e -> e.put(Evidence.AFTER, "SSLRequest"));
        for (HandMade answered : List.of(
                silent.get().tried(SSL_REQUEST_ONLY, e -> {}),
                silent.get().tried(SAME_AGAIN, FailureKind.TIMEOUT, e -> e.put(Evidence.SSL_REQUEST_ANSWER, "S")))) {
            comesTo(answered.triggeredBy(DIRECT_TLS), Cause.TLS_TIMEOUT, POSSIBLE);
            assertThat(answered.diagnosed().diagnosis().findings().unsteady()).isTrue();
        }
    }

    @Test
    void aPortIsSilentOnlyWhereTheOtherAddressHadItsChance() {
        Supplier<HandMade> silent = () -> HandMade.attempt()
                .fail(Phase.TLS, FailureKind.TIMEOUT, "no answer in 10 s after SSLRequest")
                .tried(PLAIN_START, FailureKind.TIMEOUT)
                .tried(DIRECT_TLS, FailureKind.TIMEOUT);
        comesTo(silent.get().tried(OTHER_ADDRESS, FailureKind.TIMEOUT), Cause.PORT_SILENT, LIKELY);
        comesTo(silent.get().tried(OTHER_ADDRESS, FailureKind.OUT_OF_TIME), Cause.TLS_TIMEOUT, POSSIBLE);
    }

    @Test
    void aCertificateThatCameAloneMayBeThatOfAServerOfOnesOwn() {
        Supplier<HandMade> alone = () -> HandMade.attempt()
                .fail(
                        Phase.TLS,
                        FailureKind.CERTIFICATE_UNTRUSTED,
                        "not trusted",
                        e -> e.put(Evidence.CHAIN_LENGTH, 1).put(Evidence.CERTIFICATE_ISSUER, "CN=Middle"));
        comesTo(alone.get(), Cause.TLS_INTERCEPTED, CONFIRMED);
        HandMade ownRoots = alone.get()
                .to(HandMade.CLUSTER.toBuilder()
                        .trust(Trust.rootCertificate(Path.of("roots.pem")))
                        .build());
        comesTo(ownRoots, Cause.TLS_INTERCEPTED, LIKELY);
        assertThat(ownRoots.diagnosed().diagnosis().remedies()).anyMatch(remedy -> remedy.contains("whole chain"));
    }

    @Test
    void anAddressOfTheHostsFileIsSaidAndToBeCorrected() {
        Consumer<Evidence.Builder> hosts =
                e -> e.put(Evidence.ADDRESSES, List.of("0.0.0.0")).put(Evidence.HOSTS_FILE, "/etc/hosts");
        Diagnosis sinkholed = HandMade.attempt()
                .pass(Phase.DNS, 1, hosts)
                .fail(Phase.TCP, FailureKind.REFUSED, "connection refused at 0.0.0.0:5432")
                .diagnosed()
                .diagnosis();
        assertThat(sinkholed.cause()).contains(Cause.DNS_SINKHOLED);
        assertThat(sinkholed.summary()).contains("hosts file").doesNotContain("resolver");
        assertThat(sinkholed.evidence()).contains("The address comes from the hosts file /etc/hosts, not from DNS.");
        assertThat(sinkholed.remedies().get(0)).contains("`/etc/hosts`", "its line for `" + HandMade.CLUSTER.host());
    }

    @Test
    void theServersDetailIsShownForAwssSupport() {
        assertThat(HandMade.attempt()
                        .fail(
                                Phase.AUTH,
                                FailureKind.SERVER_ERROR,
                                "unable to accept connection, access denied",
                                e -> e.put(Evidence.SERVER_MESSAGE, "unable to accept connection, access denied")
                                        .put(Evidence.DETAIL, "Session Id: abcdefghijklmnopqrstuvwx23"))
                        .diagnosed()
                        .diagnosis()
                        .evidence())
                .contains("The server's detail, which AWS's support can use: Session Id: abcdefghijklmnopqrstuvwx23.");
    }

    @Test
    void opensslIsToldToStartTlsAsItWasStartedHere() {
        Supplier<HandMade> incomplete =
                () -> HandMade.attempt().fail(Phase.TLS, FailureKind.CERTIFICATE_CHAIN_INCOMPLETE, "incomplete");
        String host = HandMade.CLUSTER.host();
        assertThat(incomplete.get().diagnosed().diagnosis().remedies().get(0))
                .contains("`openssl s_client -starttls postgres -connect " + host + ":5432 ");
        assertThat(incomplete
                        .get()
                        .to(HandMade.CLUSTER.toBuilder()
                                .negotiation(Negotiation.DIRECT)
                                .build())
                        .diagnosed()
                        .diagnosis()
                        .remedies()
                        .get(0))
                .contains("`openssl s_client -alpn postgresql -connect " + host + ":5432 ");
        assertThat(incomplete
                        .get()
                        .to(HandMade.CLUSTER.over(Transport.WEBSOCKET))
                        .diagnosed()
                        .diagnosis()
                        .remedies()
                        .get(0))
                .contains("`openssl s_client -connect " + host + ":443 ");
    }

    @Test
    void largePacketsThatAreLostAreAMatterOfThePath() {
        comesTo(silence().triggeredBy(SMALL_SEGMENTS), Cause.PATH_MTU_BLACK_HOLE, CONFIRMED);
        comesTo(
                silence()
                        .tried(REFUSED_HELLO, e -> {})
                        .tried(OTHER_SNI, FailureKind.TIMEOUT)
                        .tried(SAME_AGAIN, FailureKind.TIMEOUT),
                Cause.PATH_MTU_BLACK_HOLE,
                LIKELY);
    }

    @Test
    void moreOfTheAnswerInSmallPacketsTellsAPathFromAFilterThatStopsHalfWay() {
        IntFunction<Consumer<Evidence.Builder>> received =
                bytes -> e -> e.put(Evidence.AFTER, "handshake").put(Evidence.BYTES_RECEIVED, bytes);
        Consumer<Evidence.Builder> nothingBack =
                e -> e.put(Evidence.UNACKNOWLEDGED_BYTES, 6).put(Evidence.RETRANSMISSIONS, 5);
        BiFunction<Integer, Consumer<Evidence.Builder>, HandMade> tried = (bytes, more) -> HandMade.attempt()
                .fail(
                        Phase.TLS,
                        FailureKind.TIMEOUT,
                        "no answer in 8 s after handshake",
                        received.apply(203).andThen(more))
                .tried(PLAIN_START, e -> {})
                .tried(CONTROL_443, VERIFIED)
                .tried(SAME_AGAIN, FailureKind.TIMEOUT, received.apply(203))
                .tried(SMALL_SEGMENTS, FailureKind.TIMEOUT, received.apply(bytes));
        IntFunction<HandMade> small = bytes -> tried.apply(bytes, e -> {});
        comesTo(small.apply(1_460), Cause.PATH_MTU_BLACK_HOLE, LIKELY);
        comesTo(small.apply(203), Cause.TLS_TIMEOUT, LIKELY);
        // After so many bytes a filter lets nothing back, not even what confirms this machine's own.
        comesTo(tried.apply(933, nothingBack), Cause.TLS_TIMEOUT, LIKELY);
        comesTo(
                small.apply(203).tried(REFUSED_HELLO, e -> {}).tried(OTHER_SNI, FailureKind.TIMEOUT),
                Cause.TLS_TIMEOUT,
                LIKELY);
    }

    @Test
    void theTokensPacketIsLostToTheSizeOnlyWhereTheNextAttemptLosesItToo() {
        Consumer<Evidence.Builder> lost =
                e -> e.put(Evidence.UNACKNOWLEDGED_BYTES, 1_400).put(Evidence.RETRANSMISSIONS, 5);
        Supplier<HandMade> silence = () ->
                HandMade.attempt().fail(Phase.AUTH, FailureKind.TIMEOUT, "no answer in 10 s after password", lost);
        comesTo(silence.get().tried(WALK_AGAIN, FailureKind.TIMEOUT, lost), Cause.PATH_MTU_BLACK_HOLE, LIKELY);
        // A way that is slow or broken loses the next attempt's small packets as well.
        comesTo(silence.get().tried(WALK_AGAIN, FailureKind.TIMEOUT, e -> {}), Cause.AUTH_TIMEOUT, LIKELY);
        comesTo(silence.get(), Cause.AUTH_TIMEOUT, LIKELY);
    }

    @Test
    void timeThatThisMachineUsedUpIsNeverTheNetworks() {
        for (Phase phase : List.of(Phase.TCP, Phase.TLS, Phase.AUTH, Phase.QUERY)) {
            comesTo(
                    HandMade.attempt().fail(phase, FailureKind.OUT_OF_TIME, "out of time on this machine"),
                    Cause.TIMEOUT_TOO_SHORT,
                    LIKELY);
        }
    }

    @Test
    void credentialsThatGotNoTimeAreNoFaultOfTheirSource() {
        HandMade starved = HandMade.attempt()
                .fail(Phase.TLS, FailureKind.OUT_OF_TIME, "out of time on this machine")
                .fail(
                        Phase.TOKEN,
                        FailureKind.CREDENTIALS_FAILED,
                        "the SDK's default chain did not answer in 27 s",
                        e -> e.put(Evidence.PROBLEM, "no-answer"));
        comesTo(starved, Cause.TIMEOUT_TOO_SHORT, LIKELY);
        comesTo(
                HandMade.attempt()
                        .pass(
                                Phase.TCP,
                                11_064,
                                e -> e.put(Evidence.ROUND_TRIP_MILLIS, 439.0)
                                        .put(Evidence.ATTEMPTS, List.of("203.0.113.7:5432 connected after 439 ms")))
                        .fail(
                                Phase.TOKEN,
                                FailureKind.CREDENTIALS_FAILED,
                                "the SDK's default chain did not answer in 17 s",
                                e -> e.put(Evidence.PROBLEM, "no-answer")),
                Cause.TIMEOUT_TOO_SHORT,
                LIKELY);
        comesTo(
                HandMade.attempt()
                        .fail(
                                Phase.TOKEN,
                                FailureKind.CREDENTIALS_FAILED,
                                "the SDK's default chain did not answer in 10 s",
                                e -> e.put(Evidence.PROBLEM, "no-answer")),
                Cause.CREDENTIALS_PROVIDER_FAILED,
                CONFIRMED);
    }

    @Test
    void aLookupThatFailsAfterWaitingForTheResolverMetSilence() {
        HandMade lookup = HandMade.attempt()
                .fail(Phase.DNS, FailureKind.NAME_LOOKUP_FAILED, "Temporary failure in name resolution");
        comesTo(lookup, Cause.DNS_FAILURE, LIKELY);
        comesTo(lookup.took(Phase.DNS, 10_010), Cause.DNS_TIMEOUT, LIKELY);
    }

    @Test
    void tlsThatWasVerifiedAndThenRanOutOfTimeIsNotWhatIsStopped() {
        comesTo(
                resetAfterClientHello()
                        .tried(PLAIN_START, e -> {})
                        .tried(CONTROL_443, VERIFIED)
                        .tried(
                                DIRECT_TLS,
                                FailureKind.OUT_OF_TIME,
                                e -> e.put(Evidence.PROTOCOL, "TLSv1.3").put(Evidence.VERIFIED, true)),
                Cause.TLS_RESET,
                POSSIBLE);
    }

    @Test
    void aPortIsNotSilentWhereAnotherAddressOfTheNameSpeaks() {
        comesTo(
                HandMade.attempt()
                        .fail(Phase.TLS, FailureKind.TIMEOUT, "no answer in 10 s after SSLRequest")
                        .tried(PLAIN_START, FailureKind.TIMEOUT)
                        .tried(DIRECT_TLS, FailureKind.TIMEOUT)
                        .tried(OTHER_ADDRESS, VERIFIED),
                Cause.TLS_TIMEOUT,
                POSSIBLE);
    }

    @Test
    void aPortThatClosesAWebRequestIsNotSilent() {
        comesTo(
                HandMade.attempt()
                        .fail(Phase.TLS, FailureKind.TIMEOUT, "no answer in 10 s after SSLRequest")
                        .tried(PLAIN_START, FailureKind.TIMEOUT)
                        .tried(DIRECT_TLS, FailureKind.TIMEOUT)
                        .tried(WEB_REQUEST, FailureKind.CLOSED),
                Cause.TLS_TIMEOUT,
                LIKELY);
    }

    @Test
    void triesThatGetNoConnectionAnyMoreAreAnsweredThemselves() {
        HandMade banned = resetAfterClientHello();
        for (ExperimentName name : List.of(DIRECT_TLS, OTHER_SNI, SAME_AGAIN)) {
            banned.triedWithoutConnecting(name, FailureKind.TIMEOUT);
        }
        comesTo(banned.tried(TLS_1_2, VERIFIED), Cause.TLS_RESET, POSSIBLE);
        assertThat(banned.diagnosed().diagnosis().explanation()).contains("answered the tries themselves");
    }

    @Test
    void triesThatGetLessFarThanTheAttemptAreAnsweredThemselves() {
        Consumer<Evidence.Builder> afterSslRequest = e -> e.put(Evidence.AFTER, "SSLRequest");
        HandMade banned = HandMade.attempt()
                .fail(
                        Phase.TLS,
                        FailureKind.TIMEOUT,
                        "no answer in 10 s after ClientHello",
                        e -> e.put(Evidence.SSL_REQUEST_ANSWER, "S").put(Evidence.AFTER, "ClientHello"))
                .tried(CONTROL_443, VERIFIED)
                .tried(PLAIN_START, FailureKind.TIMEOUT)
                .tried(SSL_REQUEST_ONLY, FailureKind.TIMEOUT, afterSslRequest)
                .tried(SAME_AGAIN, FailureKind.TIMEOUT, afterSslRequest);
        comesTo(banned, Cause.TLS_TIMEOUT, LIKELY);
        assertThat(banned.diagnosed().diagnosis().explanation()).contains("answered the tries themselves");
    }

    @Test
    void wordsBeforeTlsAreAnybodys() {
        Supplier<HandMade> denied = () -> HandMade.attempt()
                .fail(
                        Phase.TLS,
                        FailureKind.SERVER_ERROR,
                        "access denied",
                        e -> e.put(Evidence.SERVER_MESSAGE, "unable to accept connection, access denied")
                                .put(Evidence.SQL_STATE, "28000"));
        comesTo(denied.get(), Cause.UNKNOWN, POSSIBLE);
        comesTo(denied.get().tried(DIRECT_TLS, FailureKind.TIMEOUT), Cause.UNKNOWN, POSSIBLE);
        comesTo(denied.get().tried(DIRECT_TLS, VERIFIED), Cause.POSTGRES_NEGOTIATION_BLOCKED, CONFIRMED);
        // Proven, and then a packet was lost: what TLS passed is known all the same.
        for (FailureKind lost : List.of(FailureKind.TIMEOUT, FailureKind.OUT_OF_TIME)) {
            comesTo(
                    denied.get().tried(DIRECT_TLS, lost, VERIFIED.andThen(e -> e.put(Evidence.PROTOCOL, "TLSv1.3"))),
                    Cause.POSTGRES_NEGOTIATION_BLOCKED,
                    LIKELY);
        }
        for (FailureKind kind : List.of(FailureKind.SERVER_ERROR, FailureKind.UNEXPECTED_ANSWER, FailureKind.CLOSED)) {
            comesTo(denied.get().tried(DIRECT_TLS, kind), Cause.TLS_REFUSED, LIKELY);
        }
        HandMade behindAForgedCertificate = HandMade.attempt()
                .pass(
                        Phase.TLS,
                        166,
                        e -> e.put(Evidence.CERTIFICATE_PROBLEM, "not trusted")
                                .put(Evidence.CERTIFICATE_ISSUER, "CN=Inspector"))
                .fail(
                        Phase.AUTH,
                        FailureKind.SERVER_ERROR,
                        "access denied",
                        e -> e.put(Evidence.SERVER_MESSAGE, "access denied").put(Evidence.SQL_STATE, "28000"));
        comesTo(behindAForgedCertificate, Cause.UNKNOWN, POSSIBLE);
        assertThat(behindAForgedCertificate.diagnosed().diagnosis().explanation())
                .contains("did not prove to be the cluster", "CN=Inspector");
        assertThat(behindAForgedCertificate.diagnosed().diagnosis().remedies()).isNotEmpty();
    }

    @Test
    void aNameThatDoesNotExistIsWrongOnlyWhereTheResolverKnowsOthers() {
        Supplier<HandMade> notFound =
                () -> HandMade.attempt().fail(Phase.DNS, FailureKind.NAME_NOT_FOUND, "no such host");
        comesTo(notFound.get().tried(CONTROL_NAME, e -> {}), Cause.DNS_NAME_NOT_FOUND, CONFIRMED);
        comesTo(notFound.get(), Cause.DNS_NAME_NOT_FOUND, LIKELY);
        comesTo(notFound.get().tried(CONTROL_NAME, FailureKind.NAME_NOT_FOUND), Cause.DNS_NO_PUBLIC_NAMES, CONFIRMED);
        comesTo(
                notFound.get().tried(CONTROL_NAME, e -> {}).tried(DNS_A, FailureKind.NAME_LOOKUP_FAILED),
                Cause.DNS_FAILURE,
                LIKELY);
        comesTo(notFound.get().tried(CONTROL_NAME, e -> {}).tried(CONTROL_DNS, e -> {}), Cause.DNS_FILTERED, CONFIRMED);
    }

    @Test
    void whatDidNotFinishCostsConfidence() {
        comesTo(
                resetAfterClientHello().tried(SAME_AGAIN, FailureKind.RESET).tried(OTHER_SNI, FailureKind.OUT_OF_TIME),
                Cause.TLS_RESET,
                POSSIBLE);
    }

    @Test
    void aFailureThatComesAndGoesBlamesNoChange() {
        HandMade passes = resetAfterClientHello().tried(SAME_AGAIN, VERIFIED).tried(DIRECT_TLS, VERIFIED);
        comesTo(passes, Cause.TLS_RESET, POSSIBLE);
        assertThat(passes.diagnosed().diagnosis().explanation()).contains("comes and goes");
        assertThat(passes.diagnosed().diagnosis().findings().unsteady()).isTrue();
    }

    @Test
    void theNameIsNotBlamedWhereItGotThroughAsWell() {
        comesTo(
                resetAfterClientHello()
                        .tried(SAME_AGAIN, FailureKind.RESET)
                        .tried(REFUSED_HELLO, e -> {})
                        .triggeredBy(OTHER_SNI),
                Cause.TLS_RESET,
                LIKELY);
    }

    @Test
    void aTriggerThatDoesNotHoldWhenBothWaysAreRepeatedIsNotBlamed() {
        comesTo(
                resetAfterClientHello().tried(DIRECT_TLS, VERIFIED).repeated(DIRECT_TLS, 4, 5),
                Cause.TLS_RESET,
                POSSIBLE);
        comesTo(
                resetAfterClientHello().tried(DIRECT_TLS, VERIFIED).repeated(DIRECT_TLS, 5, 3),
                Cause.TLS_RESET,
                POSSIBLE);
        comesTo(
                resetAfterClientHello().tried(DIRECT_TLS, VERIFIED).repeated(DIRECT_TLS, 5, 4),
                Cause.POSTGRES_NEGOTIATION_BLOCKED,
                CONFIRMED);
    }

    @ParameterizedTest
    @CsvSource({
        "fooabcdefghijklmnopqrstuvw.dsql.us-east-1.amazonaws.com, fooabcdefghijklmnopqrstuvw.dsql.us-east-1.on.aws",
        "fooabcdefghijklmnopqrstuvw.us-east-1.on.aws, fooabcdefghijklmnopqrstuvw.dsql.us-east-1.on.aws",
        "fooabcdefghijklmnopqrstuvw.dsql.on.aws, fooabcdefghijklmnopqrstuvw.dsql.<region>.on.aws",
        "my-dsql-cluster.us-east-1.example, <cluster-id>.dsql.us-east-1.on.aws"
    })
    void aNameNextToAClustersIsAskedForWhatItWasMeantToBe(String host, String meant) {
        assertThat(notFound(Endpoint.parse(host)).remedies().get(0)).isEqualTo("Did you mean `" + meant + "`?");
    }

    @Test
    void anIdOfAnotherLengthIsSaid() {
        assertThat(notFound(Endpoint.parse("fooabcdefghijklmnopqrstu.dsql.us-east-1.on.aws"))
                        .remedies())
                .anyMatch(remedy -> remedy.contains("26 characters") && remedy.contains("has 24"));
    }

    private static Diagnosis notFound(Endpoint endpoint) {
        Attempt attempt = HandMade.attempt()
                .fail(Phase.DNS, FailureKind.NAME_NOT_FOUND, "no such host")
                .diagnosed()
                .attempt()
                .orElseThrow();
        return Diagnoses.of(endpoint, attempt, List.of());
    }

    @Test
    void aPrivateLinkNameThatIsNotFoundIsFirstOfAllOneOfAVpc() {
        assertThat(notFound(Endpoint.parse("abc.dsql-fnh4.us-east-1.on.aws"))
                        .remedies()
                        .get(0))
                .contains("PrivateLink");
    }

    @Test
    void aLoginThatIsStillTalkingWhenTimeIsUpIsSlowAndNotSilent() {
        Supplier<HandMade> talking = () -> HandMade.attempt()
                .fail(
                        Phase.AUTH,
                        FailureKind.TIMEOUT,
                        "not finished in 10 s",
                        e -> e.put(Evidence.AFTER, "query").put(Evidence.AFTER_MILLIS, 0.2));
        HandMade slow = talking.get().took(Phase.AUTH, 10_000);
        comesTo(slow, Cause.AUTH_TIMEOUT, POSSIBLE);
        assertThat(slow.diagnosed().diagnosis().explanation()).contains("answers kept coming");
        assertThat(slow.diagnosed().diagnosis().remedies().get(0)).contains("`dsql.reach.timeout=30s`");
        // Of a round trip of 83 ms.
        comesTo(talking.get().took(Phase.AUTH, 500), Cause.TIMEOUT_TOO_SHORT, LIKELY);
    }

    @Test
    void whatIsMorePreciseWins() {
        comesTo(
                resetAfterClientHello().tried(CONTROL_443, VERIFIED).triggeredBy(OTHER_SNI),
                Cause.SNI_BLOCKED,
                CONFIRMED);
    }

    @Test
    void aServerThatDoesNotProveItsNameIsNoProof() {
        comesTo(
                resetAfterClientHello().tried(DIRECT_TLS, evidence -> {}).repeated(DIRECT_TLS, 5, 5),
                Cause.TLS_RESET,
                LIKELY);
        comesTo(
                resetAfterClientHello().tried(OTHER_SNI, evidence -> {}).repeated(OTHER_SNI, 5, 5),
                Cause.SNI_BLOCKED,
                LIKELY);
    }

    @Test
    void tlsIsNotBlockedOnAPortWhereItAnswersInAnotherWay() {
        Supplier<HandMade> httpsWorks =
                () -> resetAfterClientHello().tried(PLAIN_START, e -> {}).tried(CONTROL_443, VERIFIED);
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
        HandMade silence =
                HandMade.attempt().fail(Phase.TLS, FailureKind.TIMEOUT, "no answer in 10 s after SSLRequest");
        comesTo(silence.tried(WEB_REQUEST, evidence -> {}), Cause.NOT_POSTGRES, LIKELY);
        comesTo(silence.tried(SSL_REQUEST_ONLY, evidence -> {}), Cause.TLS_TIMEOUT, LIKELY);
    }

    @Test
    void aFailureThatShowsInAnotherWayWhenRepeatedIsLessSure() {
        HandMade changing = resetAfterClientHello().triggeredBy(DIRECT_TLS).tried(SAME_AGAIN, FailureKind.TIMEOUT);
        comesTo(changing, Cause.POSTGRES_NEGOTIATION_BLOCKED, LIKELY);
        comesTo(resetAfterClientHello().tried(SAME_AGAIN, FailureKind.CLOSED), Cause.TLS_RESET, POSSIBLE);
        comesTo(resetAfterClientHello().tried(SAME_AGAIN, FailureKind.RESET), Cause.TLS_RESET, LIKELY);
        comesTo(
                HandMade.attempt()
                        .fail(Phase.AUTH, FailureKind.RESET, "connection reset 1 ms after password")
                        .tried(WALK_AGAIN, FailureKind.TIMEOUT),
                Cause.AUTH_RESET,
                POSSIBLE);
        assertThat(changing.diagnosed().diagnosis().evidence())
                .contains("The failure did not show in the same way when it was repeated.");
    }

    private static HandMade resetAfter(double millis) {
        return HandMade.attempt()
                .fail(
                        Phase.TLS,
                        FailureKind.RESET,
                        "connection reset after ClientHello",
                        e -> e.put(Evidence.AFTER, "ClientHello").put(Evidence.AFTER_MILLIS, millis));
    }

    private static Consumer<Evidence.Builder> roundTrip(double millis) {
        return e -> e.put(Evidence.ADDRESS, "203.0.113.7").put(Evidence.ROUND_TRIP_MILLIS, millis);
    }

    private static Origin origin(HandMade facts) {
        return facts.diagnosed().diagnosis().findings().origin();
    }

    @Test
    void aResetFasterThanHalfTheShortestOfSeveralRoundTripsCameFromNearby() {
        HandMade quick = resetAfter(1.2).tried(CONTROL_443, roundTrip(90));
        assertThat(origin(quick)).isEqualTo(Origin.NEARBY);
        assertThat(quick.diagnosed().diagnosis().evidence())
                .contains(
                        "The reset came back after 1.2 ms, and the round trip to the server takes 83 ms: a device near"
                                + " this machine sent it, not the server.");
        assertThat(origin(quick.tried(WEB_SOCKET_443, roundTrip(0.2))))
                .as("a proxy that nobody sees answers on another port")
                .isEqualTo(Origin.NEARBY);
        assertThat(origin(resetAfter(60).tried(CONTROL_443, roundTrip(90)))).isEqualTo(Origin.UNKNOWN);
    }

    @Test
    void oneRoundTripOrATunnelsOrTheLoginsIsNoYardstick() {
        assertThat(origin(resetAfter(1.2))).isEqualTo(Origin.UNKNOWN);
        assertThat(origin(resetAfter(1.2).tried(CONTROL_443, roundTrip(2.0)))).isEqualTo(Origin.UNKNOWN);
        assertThat(origin(resetAfter(1.2)
                        .tried(CONTROL_443, roundTrip(90))
                        .to(HandMade.CLUSTER.toBuilder()
                                .connectTo(new HostAndPort("127.0.0.1", 15432))
                                .build())))
                .isEqualTo(Origin.UNKNOWN);
        assertThat(origin(HandMade.attempt()
                        .fail(Phase.AUTH, FailureKind.RESET, "connection reset", e -> e.put(Evidence.AFTER_MILLIS, 1.2))
                        .tried(CONTROL_443, roundTrip(90))))
                .isEqualTo(Origin.UNKNOWN);
    }

    @Test
    void aSinkholeIsAMatterOfDnsWhereverItShows() {
        Reachability got = HandMade.attempt()
                .resolvingTo("0.0.0.0")
                .fail(Phase.TCP, FailureKind.REFUSED, "connection refused at 0.0.0.0:5432")
                .diagnosed();
        assertThat(got.diagnosis().layer()).contains(Phase.DNS);
        assertThat(got.diagnosis().cause()).contains(Cause.DNS_SINKHOLED);

        comesTo(
                HandMade.attempt()
                        .to(HandMade.CLUSTER.toBuilder()
                                .connectTo(new HostAndPort("localhost", 15432))
                                .build())
                        .resolvingTo("127.0.0.1")
                        .fail(Phase.TCP, FailureKind.REFUSED, "connection refused at 127.0.0.1:15432"),
                Cause.TCP_REFUSED,
                CONFIRMED);
    }

    @Test
    void whoeverGoesThroughATunnelIsNotToldToOpenOne() {
        assertThat(resetAfterClientHello()
                        .to(HandMade.CLUSTER.toBuilder()
                                .connectTo(new HostAndPort("127.0.0.1", 15432))
                                .build())
                        .diagnosed()
                        .diagnosis()
                        .remedies())
                .anyMatch(remedy -> remedy.contains("far end"))
                .noneMatch(remedy -> remedy.contains("ssh -N"));
        assertThat(resetAfterClientHello().diagnosed().diagnosis().remedies())
                .anyMatch(remedy -> remedy.contains("ssh -N"));
    }

    @Test
    void anUnknownCauseHasANextStep() {
        for (String state : List.of("57P03", "57P01", "3D000", "08P01")) {
            assertThat(HandMade.attempt()
                            .fail(Phase.AUTH, FailureKind.SERVER_ERROR, "words", e -> e.put(Evidence.SQL_STATE, state))
                            .diagnosed()
                            .diagnosis()
                            .remedies())
                    .as(state)
                    .isNotEmpty();
        }
        assertThat(HandMade.attempt()
                        .fail(Phase.TLS, FailureKind.UNCLASSIFIED, "something new")
                        .diagnosed()
                        .diagnosis()
                        .remedies())
                .isNotEmpty();
    }

    @Test
    void whatIsBrokenOnTwoLayersGetsTheRemediesOfBoth() {
        assertThat(resetAfterClientHello()
                        .fail(Phase.TOKEN, FailureKind.CREDENTIALS_NOT_FOUND, "found no credentials")
                        .triggeredBy(DIRECT_TLS)
                        .diagnosed()
                        .diagnosis()
                        .remedies())
                .anyMatch(remedy -> remedy.startsWith("Sign in"))
                .anyMatch(remedy -> remedy.startsWith("TLS: Start with TLS at once"));
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
        Diagnosis diagnosis = HandMade.attempt()
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

        assertThat(Diagnoses.of(HandMade.CLUSTER, facts.attempt().orElseThrow(), facts.experiments()))
                .isEqualTo(facts.diagnosis());
        assertThat(Diagnoses.of(HandMade.CLUSTER, facts.attempt().orElseThrow(), reversed)
                        .cause())
                .isEqualTo(facts.diagnosis().cause());
    }
}
