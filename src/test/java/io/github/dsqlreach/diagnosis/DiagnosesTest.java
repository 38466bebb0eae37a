package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.ExperimentName.CONTROL_443;
import static io.github.dsqlreach.ExperimentName.DIRECT_TLS;
import static io.github.dsqlreach.ExperimentName.OTHER_ADDRESS;
import static io.github.dsqlreach.ExperimentName.OTHER_SNI;
import static io.github.dsqlreach.ExperimentName.PLAIN_START;
import static io.github.dsqlreach.ExperimentName.SAME_AGAIN;
import static io.github.dsqlreach.ExperimentName.SSL_REQUEST_ONLY;
import static io.github.dsqlreach.ExperimentName.TLS_1_2;
import static io.github.dsqlreach.ExperimentName.WEB_SOCKET_443;
import static io.github.dsqlreach.diagnosis.DiagnosisCases.VERIFIED;
import static io.github.dsqlreach.diagnosis.DiagnosisCases.after;
import static io.github.dsqlreach.diagnosis.DiagnosisCases.reset;
import static io.github.dsqlreach.diagnosis.DiagnosisCases.roundTrip;
import static io.github.dsqlreach.diagnosis.DiagnosisCases.timeout;
import static io.github.dsqlreach.diagnosis.DiagnosisCases.timeoutAfterRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.DiagnosisDetails.Origin;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a diagnosis says beside its cause and confidence: details, reasons, evidence, remedies. */
class DiagnosesTest {
    private static final Endpoint TUNNEL = HandMade.CLUSTER.toBuilder()
            .connectTo(new HostAndPort("127.0.0.1", 15432))
            .build();

    private static Diagnosis diagnosis(HandMade facts) {
        return facts.diagnosed().diagnosis();
    }

    @Test
    void namesTheTriggerWhenControlAndVariantWereRepeated() {
        assertThat(diagnosis(reset().triggeredBy(DIRECT_TLS)).details().trigger())
                .contains(DIRECT_TLS);
    }

    @ParameterizedTest
    @EnumSource(names = {"DIRECT_TLS", "OTHER_SNI", "TLS_1_2", "OTHER_ADDRESS"})
    void saysThatAChangeWorkedOnceAndDidNotReproduce(ExperimentName change) {
        Diagnosis once = diagnosis(reset().tried(SAME_AGAIN, FailureKind.RESET).tried(change, VERIFIED));

        assertThat(once.details().trigger()).isEmpty();
        assertThat(once.explanation()).contains("With " + change.label() + " the connection worked once");
    }

    @Test
    void saysThatTheNetworkLosesPacketsAndAdvisesMoreTime() {
        Diagnosis lossy = diagnosis(timeout().tried(SAME_AGAIN, FailureKind.TIMEOUT, roundTrip(1_085)));

        assertThat(lossy.evidence())
                .contains(
                        "1 of 2 connections took whole seconds longer, as after a lost packet: the network loses packets.");
        assertThat(lossy.remedies().get(0)).contains("loses packets", "`dsql.reach.timeout=30s`");
    }

    @Test
    void takesTwoEqualEndsForMoreThanOneTimeoutWherePacketsGetLost() {
        PhaseResult resetInTls = reset().facts().failed();
        Facts lossy =
                timeout().tried(SAME_AGAIN, FailureKind.RESET, roundTrip(1_085)).facts();
        Facts notLossy =
                timeout().tried(SAME_AGAIN, FailureKind.RESET, roundTrip(85)).facts();

        assertThat(CheckRun.outweighsTimeout(resetInTls, lossy)).isTrue();
        assertThat(CheckRun.outweighsTimeout(resetInTls, notLossy)).isFalse();
        assertThat(CheckRun.outweighsTimeout(timeout().facts().failed(), lossy)).isFalse();
    }

    @Test
    void advisesMoreTimeForALoginWhoseBytesDoNotArrive() {
        Diagnosis late = diagnosis(HandMade.attempt()
                .fail(
                        Phase.AUTH,
                        FailureKind.TIMEOUT,
                        "no answer in 9.6 s after password",
                        e -> e.put(Evidence.UNACKNOWLEDGED_BYTES, 300).put(Evidence.RETRANSMISSIONS, 4)));

        assertThat(late.evidence()).anyMatch(sentence -> sentence.startsWith("300 bytes were not acknowledged"));
        assertThat(late.remedies().get(0)).contains("slow or loses packets", "`dsql.reach.timeout=30s`");
    }

    @Test
    void advisesMoreTimeForALoginThatIsStillInProgress() {
        HandMade slow = HandMade.attempt()
                .fail(
                        Phase.AUTH,
                        FailureKind.TIMEOUT,
                        "not finished in 10 s",
                        after(SentMessage.QUERY).andThen(e -> e.put(Evidence.AFTER_MILLIS, 0.2)))
                .took(Phase.AUTH, 10_000);

        assertThat(diagnosis(slow).details().slow()).isTrue();
        assertThat(diagnosis(slow).explanation()).contains("Answers still came when time was up");
        assertThat(diagnosis(slow).remedies().get(0)).contains("`dsql.reach.timeout=30s`");
    }

    @Test
    void saysThatAFailureIsIntermittent() {
        for (HandMade passed : List.of(
                reset().tried(SAME_AGAIN, VERIFIED).tried(DIRECT_TLS, VERIFIED),
                timeoutAfterRequest().tried(SSL_REQUEST_ONLY, e -> {}))) {
            assertThat(diagnosis(passed).details().intermittent()).isTrue();
            assertThat(diagnosis(passed).explanation()).contains("intermittent");
        }
        assertThat(diagnosis(reset().tried(SAME_AGAIN, FailureKind.RESET))
                        .details()
                        .intermittent())
                .isFalse();
    }

    @Test
    void saysWhatLowersTheConfidence() {
        assertThat(diagnosis(reset().triggeredBy(DIRECT_TLS).tried(SAME_AGAIN, FailureKind.TIMEOUT))
                        .explanation())
                .endsWith("The failure ended in another way, or did not show, when it was repeated.");
        assertThat(diagnosis(reset().tried(SAME_AGAIN, FailureKind.RESET).tried(OTHER_SNI, FailureKind.OUT_OF_TIME))
                        .explanation())
                .endsWith("An experiment that could change this diagnosis did not finish.");
    }

    /** Before, the reason was guessed again, in another order than the rules'. */
    @Test
    void givesTheReasonOfTheRuleThatApplies() {
        HandMade anyPayload = HandMade.attempt()
                .fail(Phase.TLS, FailureKind.RESET, "connection reset", after(SentMessage.CLIENT_HELLO))
                .tried(PLAIN_START, FailureKind.RESET)
                .tried(DIRECT_TLS, FailureKind.RESET);
        assertThat(diagnosis(anyPayload).rule()).contains("tls-any-payload");
        assertThat(diagnosis(anyPayload).explanation()).contains("Any payload").doesNotContain("idle");
        assertThat(diagnosis(anyPayload).summary()).contains("any payload").doesNotContain("idle");

        HandMade idle = anyPayload.tried(ExperimentName.IDLE, FailureKind.RESET);
        assertThat(diagnosis(idle).rule()).contains("tls-idle");
        assertThat(diagnosis(idle).explanation()).contains("An idle connection").doesNotContain("Any payload");

        HandMade alert = HandMade.attempt()
                .fail(Phase.TLS, FailureKind.TLS_ALERT, "TLS alert", after(SentMessage.CLIENT_HELLO))
                .tried(ExperimentName.IDLE, FailureKind.RESET);
        assertThat(diagnosis(alert).rule()).contains("tls-unexplained");
        assertThat(diagnosis(alert).explanation()).doesNotContain("nothing is sent");

        HandMade slowButNoPostgres = HandMade.attempt()
                .pass(Phase.TLS, 166, e -> e.put(Evidence.NEGOTIATION, Negotiation.DIRECT))
                .fail(
                        Phase.AUTH,
                        FailureKind.TIMEOUT,
                        "no answer",
                        after(SentMessage.STARTUP_MESSAGE).andThen(e -> e.put(Evidence.AFTER_MILLIS, 0.2)));
        assertThat(diagnosis(slowButNoPostgres).cause()).contains(Cause.NOT_POSTGRES);
        assertThat(diagnosis(slowButNoPostgres).explanation()).contains("ALPN").doesNotContain("Answers still came");
    }

    @Test
    void asksWhetherACertificateThatCameAloneIsThatOfAServerOfOnesOwn() {
        HandMade alone = HandMade.attempt()
                .fail(
                        Phase.TLS,
                        FailureKind.CERTIFICATE_UNTRUSTED,
                        "not trusted",
                        e -> e.put(Evidence.CHAIN_LENGTH, 1).put(Evidence.CERTIFICATE_ISSUER, "CN=Middle"))
                .to(HandMade.CLUSTER.toBuilder()
                        .trust(Trust.rootCertificate(Path.of("roots.pem")))
                        .build());

        assertThat(diagnosis(alone).remedies()).anyMatch(remedy -> remedy.contains("whole chain"));
    }

    @Test
    void namesTheProxyThatTheDriverIgnores() {
        Consumer<Evidence.Builder> proxy = e -> e.put(Evidence.ADDRESSES, List.of("203.0.113.7"))
                .put(Evidence.UNUSED_PROXY, new HostAndPort("proxy.example", 3128));
        Supplier<HandMade> blocked = () -> HandMade.attempt()
                .pass(Phase.DNS, 4, proxy)
                .fail(Phase.TCP, FailureKind.TIMEOUT, "no answer at 203.0.113.7:5432");
        String ignored = "`proxy.example:3128`, which the PostgreSQL driver ignores";

        assertThat(diagnosis(blocked.get()).remedies())
                .anyMatch(text -> text.contains(ignored) && text.contains("`dsql.reach.transport=websocket`"));
        assertThat(diagnosis(blocked.get()
                                .tried(
                                        ExperimentName.WEB_SOCKET_443,
                                        FailureKind.UNEXPECTED_ANSWER,
                                        e -> e.put(Evidence.HTTP_STATUS, 407)))
                        .remedies())
                .anyMatch(text -> text.startsWith("Port 443 is open through the proxy, but"))
                .anyMatch(text -> text.contains("NTLM") && text.contains("cntlm"));
        assertThat(diagnosis(blocked.get().tried(ExperimentName.WEB_SOCKET_443, e -> e.put(Evidence.VERIFIED, true)))
                        .remedies())
                .anyMatch(text -> text.startsWith("Port 443 works here"))
                .noneMatch(text -> text.contains(ignored));
        assertThat(diagnosis(HandMade.attempt().fail(Phase.TCP, FailureKind.TIMEOUT, "no answer"))
                        .remedies())
                .noneMatch(text -> text.contains("driver ignores"));
    }

    @Test
    void doesNotAdviseIpv4WhereTheNameHasNone() {
        Supplier<HandMade> unreachable =
                () -> HandMade.attempt().fail(Phase.TCP, FailureKind.UNREACHABLE, "network unreachable");

        assertThat(diagnosis(unreachable.get().resolvingTo("2600:1f18::7")).remedies())
                .isNotEmpty()
                .noneMatch(text -> text.contains("preferIPv4Stack"));
        assertThat(diagnosis(unreachable.get().resolvingTo("2600:1f18::7", "203.0.113.7"))
                        .remedies())
                .anyMatch(text -> text.contains("preferIPv4Stack"));
    }

    @Test
    void saysThatAnAddressComesFromTheHostsFile() {
        Consumer<Evidence.Builder> hosts =
                e -> e.put(Evidence.ADDRESSES, List.of("0.0.0.0")).put(Evidence.HOSTS_FILE, "/etc/hosts");
        Diagnosis sinkholed = diagnosis(HandMade.attempt()
                .pass(Phase.DNS, 1, hosts)
                .fail(Phase.TCP, FailureKind.REFUSED, "connection refused at 0.0.0.0:5432"));

        assertThat(sinkholed.cause()).contains(Cause.DNS_SINKHOLED);
        assertThat(sinkholed.summary()).contains("hosts file").doesNotContain("resolver");
        assertThat(sinkholed.evidence()).contains("The address comes from the hosts file /etc/hosts, not from DNS.");
        assertThat(sinkholed.remedies().get(0)).contains("`/etc/hosts`", "its line for `" + HandMade.CLUSTER.host());
    }

    @Test
    void putsASinkholeInTheLayerOfDns() {
        assertThat(diagnosis(HandMade.attempt()
                                .resolvingTo("0.0.0.0")
                                .fail(Phase.TCP, FailureKind.REFUSED, "connection refused at 0.0.0.0:5432"))
                        .layer())
                .contains(Phase.DNS);
    }

    @Test
    void showsTheServersDetailForAwssSupport() {
        assertThat(diagnosis(HandMade.attempt()
                                .fail(
                                        Phase.AUTH,
                                        FailureKind.SERVER_ERROR,
                                        "unable to accept connection, access denied",
                                        e -> e.put(
                                                        Evidence.SERVER_MESSAGE,
                                                        "unable to accept connection, access denied")
                                                .put(Evidence.DETAIL, "Session Id: abcdefghijklmnopqrstuvwx23")))
                        .evidence())
                .contains("The server's detail, useful for AWS Support: Session Id: abcdefghijklmnopqrstuvwx23.");
    }

    @Test
    void tellsOpensslToStartTlsAsTheAttemptDid() {
        Supplier<HandMade> incomplete =
                () -> HandMade.attempt().fail(Phase.TLS, FailureKind.CERTIFICATE_CHAIN_INCOMPLETE, "incomplete");
        String host = HandMade.CLUSTER.host();
        assertThat(diagnosis(incomplete.get()).remedies().get(0))
                .contains("`openssl s_client -starttls postgres -connect " + host + ":5432 ");
        assertThat(diagnosis(incomplete
                                .get()
                                .to(HandMade.CLUSTER.toBuilder()
                                        .negotiation(Negotiation.DIRECT)
                                        .build()))
                        .remedies()
                        .get(0))
                .contains("`openssl s_client -alpn postgresql -connect " + host + ":5432 ");
        assertThat(diagnosis(incomplete.get().to(HandMade.CLUSTER.over(Transport.WEBSOCKET)))
                        .remedies()
                        .get(0))
                .contains("`openssl s_client -connect " + host + ":443 ");
    }

    @Test
    void saysThatAServerDidNotProveToBeTheCluster() {
        Diagnosis behindAForgedCertificate = diagnosis(HandMade.attempt()
                .pass(
                        Phase.TLS,
                        166,
                        e -> e.put(Evidence.CERTIFICATE_PROBLEM, "not trusted")
                                .put(Evidence.CERTIFICATE_ISSUER, "CN=Inspector"))
                .fail(
                        Phase.AUTH,
                        FailureKind.SERVER_ERROR,
                        "access denied",
                        e -> e.put(Evidence.SERVER_MESSAGE, "access denied").put(Evidence.SQL_STATE, "28000")));

        assertThat(behindAForgedCertificate.cause()).contains(Cause.UNKNOWN);
        assertThat(behindAForgedCertificate.explanation()).contains("did not prove to be the cluster", "CN=Inspector");
        assertThat(behindAForgedCertificate.remedies()).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "fooabcdefghijklmnopqrstuvw.dsql.us-east-1.amazonaws.com, fooabcdefghijklmnopqrstuvw.dsql.us-east-1.on.aws",
        "fooabcdefghijklmnopqrstuvw.us-east-1.on.aws, fooabcdefghijklmnopqrstuvw.dsql.us-east-1.on.aws",
        "fooabcdefghijklmnopqrstuvw.dsql.on.aws, fooabcdefghijklmnopqrstuvw.dsql.<region>.on.aws",
        "my-dsql-cluster.us-east-1.example, <cluster-id>.dsql.us-east-1.on.aws"
    })
    void asksWhetherANameThatResemblesAClustersWasMeantToBeOne(String host, String meant) {
        assertThat(notFound(host).remedies().get(0)).isEqualTo("Did you mean `" + meant + "`?");
    }

    @Test
    void saysThatAnIdHasTheWrongLength() {
        assertThat(notFound("fooabcdefghijklmnopqrstu.dsql.us-east-1.on.aws").remedies())
                .anyMatch(remedy -> remedy.contains("26 characters") && remedy.contains("has 24"));
    }

    @Test
    void namesTheVpcFirstForAPrivateLinkNameThatIsNotFound() {
        assertThat(notFound("abc.dsql-fnh4.us-east-1.on.aws").remedies().get(0)).contains("PrivateLink");
    }

    private static Diagnosis notFound(String host) {
        return diagnosis(HandMade.attempt()
                .to(Endpoint.parse(host))
                .fail(Phase.DNS, FailureKind.NAME_NOT_FOUND, "no such host"));
    }

    private static HandMade resetAfter(double millis) {
        return HandMade.attempt()
                .fail(
                        Phase.TLS,
                        FailureKind.RESET,
                        "connection reset after ClientHello",
                        after(SentMessage.CLIENT_HELLO).andThen(e -> e.put(Evidence.AFTER_MILLIS, millis)));
    }

    private static Origin origin(HandMade facts) {
        return diagnosis(facts).details().origin();
    }

    @Test
    void saysThatAResetCameFromNearbyIfItIsFasterThanHalfTheShortestOfSeveralRoundTrips() {
        HandMade quick = resetAfter(1.2).tried(CONTROL_443, roundTrip(90));
        assertThat(origin(quick)).isEqualTo(Origin.NEARBY);
        assertThat(diagnosis(quick).evidence())
                .contains(
                        "The reset came back after 1.2 ms, but the round trip to the server takes 83 ms: a device near"
                                + " this machine sent it, not the server.");
        assertThat(origin(quick.tried(WEB_SOCKET_443, roundTrip(0.2))))
                .as("a transparent proxy may answer on another port")
                .isEqualTo(Origin.NEARBY);
        assertThat(origin(resetAfter(60).tried(CONTROL_443, roundTrip(90)))).isEqualTo(Origin.UNKNOWN);
    }

    @Test
    void doesNotMeasureDistanceByOneRoundTripOrATunnelsOrTheLogins() {
        assertThat(origin(resetAfter(1.2))).isEqualTo(Origin.UNKNOWN);
        assertThat(origin(resetAfter(1.2).tried(CONTROL_443, roundTrip(2.0)))).isEqualTo(Origin.UNKNOWN);
        assertThat(origin(resetAfter(1.2).tried(CONTROL_443, roundTrip(90)).to(TUNNEL)))
                .isEqualTo(Origin.UNKNOWN);
        assertThat(origin(HandMade.attempt()
                        .fail(Phase.AUTH, FailureKind.RESET, "connection reset", e -> e.put(Evidence.AFTER_MILLIS, 1.2))
                        .tried(CONTROL_443, roundTrip(90))))
                .isEqualTo(Origin.UNKNOWN);
    }

    @Test
    void advisesATunnelUnlessOneIsInUse() {
        assertThat(diagnosis(reset().to(TUNNEL)).remedies())
                .anyMatch(remedy -> remedy.contains("other end"))
                .noneMatch(remedy -> remedy.contains("ssh -N"));
        assertThat(diagnosis(reset()).remedies()).anyMatch(remedy -> remedy.contains("ssh -N"));
    }

    @Test
    void hasANextStepForAnUnknownCause() {
        for (String state : List.of("57P03", "57P01", "3D000", "08P01")) {
            assertThat(diagnosis(HandMade.attempt()
                                    .fail(
                                            Phase.AUTH,
                                            FailureKind.SERVER_ERROR,
                                            "words",
                                            e -> e.put(Evidence.SQL_STATE, state)))
                            .remedies())
                    .as(state)
                    .isNotEmpty();
        }
        Diagnosis unclassified =
                diagnosis(HandMade.attempt().fail(Phase.TLS, FailureKind.UNCLASSIFIED, "SSLException: something new"));
        assertThat(unclassified.remedies()).isNotEmpty();
        assertThat(unclassified.explanation()).endsWith("SSLException: something new.");
    }

    @Test
    void tellsBothFailuresAndTheirRemediesIfTokenAndTlsFail() {
        Diagnosis both = diagnosis(reset().triggeredBy(DIRECT_TLS)
                .fail(Phase.TOKEN, FailureKind.CREDENTIALS_NOT_FOUND, "found no credentials"));

        assertThat(both.cause()).contains(Cause.CREDENTIALS_NOT_FOUND);
        assertThat(both.evidence()).anyMatch(sentence -> sentence.startsWith("TLS failed as well"));
        assertThat(both.remedies())
                .anyMatch(remedy -> remedy.startsWith("Sign in"))
                .anyMatch(remedy -> remedy.startsWith("TLS: Use direct TLS"));
    }

    @Test
    void advisesAnAddressThatWorksAndTls12() {
        assertThat(diagnosis(reset().tried(SAME_AGAIN, FailureKind.RESET).tried(OTHER_ADDRESS, VERIFIED))
                        .remedies())
                .anyMatch(remedy -> remedy.contains("-Djava.net.preferIPv6Addresses=true"));
        assertThat(diagnosis(reset().triggeredBy(TLS_1_2)).remedies())
                .anyMatch(remedy -> remedy.contains("-Djdk.tls.client.protocols=TLSv1.2"));
    }

    @Test
    void isAPureFunctionOfTheFacts() {
        Reachability facts = reset().tried(CONTROL_443, VERIFIED)
                .tried(SAME_AGAIN, FailureKind.RESET)
                .diagnosed();
        Attempt attempt = facts.attempt().orElseThrow();
        List<Experiment> reversed = new ArrayList<>(facts.experiments());
        Collections.reverse(reversed);

        assertThat(Diagnoses.of(HandMade.CLUSTER, attempt, facts.followUp())).isEqualTo(facts.diagnosis());
        assertThat(Diagnoses.of(HandMade.CLUSTER, attempt, FollowUp.of(reversed))
                        .rule())
                .isEqualTo(facts.diagnosis().rule());
    }
}
