package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.Waiting;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The cluster's refusals: from a real front door through the real driver, and in the variants that others reported. */
class RefusalDiagnosisTest {
    private static final String DENIED = "unable to accept connection, access denied";

    @AutoClose
    private static final LocalDsql postgres = LocalDsql.start();

    private static LocalDsql door() {
        return LocalDsql.builder().inFrontOf(postgres).clusterId("abc").start();
    }

    private static ReachabilityCheck check(LocalDsql local, Endpoint endpoint) {
        return ReachabilityCheck.of(endpoint).credentials(local.credentialsProvider());
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                arguments(Refusal.WAKING_UP, Cause.CLUSTER_WAKING_UP, "Trying again helps, in seconds", "waitFor"),
                arguments(
                        Refusal.TOO_MANY_CONNECTIONS,
                        Cause.TOO_MANY_CONNECTIONS,
                        "helps when some connections are closed",
                        "10,000 connections"),
                arguments(Refusal.RATE_EXCEEDED, Cause.RATE_EXCEEDED, "with growing pauses", "waitFor"),
                arguments(Refusal.SERVER_UNAVAILABLE, Cause.SERVER_UNAVAILABLE, "later helps", "get-cluster"),
                arguments(Refusal.SNI_NOT_RECEIVED, Cause.SNI_NOT_RECEIVED, "does not help", "Check the proxies"),
                arguments(Refusal.ACCESS_DENIED, Cause.ACCESS_DENIED, "does not help", "get-caller-identity"),
                arguments(
                        Refusal.SIGNATURE_EXPIRED,
                        Cause.TOKEN_EXPIRED,
                        "This machine's clock agrees with the cluster's. Trying again helps with a fresh token.",
                        "Generate the token when connecting"),
                arguments(
                        Refusal.WRONG_ACTION,
                        Cause.WRONG_TOKEN_ACTION,
                        "does not help",
                        "`aws dsql generate-db-connect-admin-auth-token --hostname abc.dsql.us-east-1.on.aws --region"
                                + " us-east-1`"),
                arguments(
                        Refusal.NOT_AUTHORIZED,
                        Cause.NOT_AUTHORIZED,
                        "The identity `arn:aws:iam::123456789012:user/tester` is not allowed to do `dsql:DbConnectAdmin`.",
                        "Attach this policy to `arn:aws:iam::123456789012:user/tester`:"
                                + " `{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                                + "\"Action\":\"dsql:DbConnectAdmin\","
                                + "\"Resource\":\"arn:aws:dsql:us-east-1:123456789012:cluster/abc\"}]}`."),
                arguments(
                        Refusal.NOT_AUTHORIZED_FOR_RESOURCE,
                        Cause.NOT_AUTHORIZED,
                        "`dsql:DbConnectAdmin`",
                        "\"Resource\":\"arn:aws:dsql:us-east-1:123456789012:cluster/abc\""),
                arguments(
                        Refusal.IAM_AUTHENTICATION_FAILED,
                        Cause.CREDENTIALS_EXPIRED,
                        "when the credentials are renewed",
                        "`aws sso login`"),
                arguments(
                        Refusal.ROLE_NOT_FOUND, Cause.ROLE_NOT_FOUND, "does not help", "CREATE ROLE admin WITH LOGIN"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void diagnosesEveryRefusal(Refusal refusal, Cause cause, String explanation, String remedy) {
        try (LocalDsql local = door()) {
            local.refuseWith(refusal);

            Reachability reachability = check(local, local.endpoint()).run();

            Diagnosis diagnosis = reachability.diagnosis();
            assertThat(diagnosis.cause()).contains(cause);
            assertThat(diagnosis.layer()).contains(Phase.AUTH);
            assertThat(diagnosis.explanation()).contains(explanation);
            assertThat(diagnosis.remedies()).anyMatch(text -> text.contains(remedy));
            assertThat(local.connections().accepted()).as("connections spent").isEqualTo(1);
        }
    }

    @Test
    void knowsEveryRefusalThatTheLocalClusterCanMake() {
        Set<Refusal> tested = refusals()
                .map(row -> (Refusal) row.get()[0])
                .collect(Collectors.toCollection(() -> EnumSet.of(Refusal.ROLE_NOT_MAPPED)));

        assertThat(tested).isEqualTo(EnumSet.allOf(Refusal.class));
    }

    @Test
    void suspectsAMissingMappingForARoleOfTheUsersOwn() {
        try (LocalDsql local = door()) {
            local.refuseWith(Refusal.ROLE_NOT_MAPPED);

            Diagnosis diagnosis = check(local, local.endpoint("app")).run().diagnosis();

            assertThat(diagnosis.cause()).contains(Cause.ROLE_NOT_MAPPED);
            assertThat(diagnosis.confidence()).isEqualTo(Confidence.POSSIBLE);
            assertThat(diagnosis.remedies())
                    .anyMatch(text -> text.contains("`AWS IAM GRANT app TO 'arn:aws:iam::ACCOUNT:role/ROLE';`"));
        }
    }

    @Test
    void computesHowFarThisMachinesClockIsBehind() {
        try (LocalDsql local = door()) {
            local.clockOffset(Duration.ofMinutes(17));

            Diagnosis diagnosis = check(local, local.endpoint()).run().diagnosis();

            assertThat(diagnosis.cause()).contains(Cause.CLOCK_SKEW);
            assertThat(diagnosis.confidence()).isEqualTo(Confidence.CONFIRMED);
            assertThat(diagnosis.explanation()).contains("This machine's clock is 17 min behind the cluster's.");
            assertThat(diagnosis.summary()).endsWith("this machine's clock is 17 min behind the cluster's: set it");
            assertThat(diagnosis.remedies().get(0)).contains("timedatectl");
        }
    }

    @Test
    void seesASmallSkewThatAShortLivedTokenDoesNotSurvive() {
        try (LocalDsql local = door()) {
            local.clockOffset(Duration.ofSeconds(60));

            Diagnosis diagnosis = check(local, local.endpoint())
                    .tokenLifetime(Duration.ofSeconds(20))
                    .run()
                    .diagnosis();

            assertThat(diagnosis.cause()).contains(Cause.CLOCK_SKEW);
            assertThat(diagnosis.explanation()).containsPattern("clock is (5[89]|60|61) s behind");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "Signature expired: 20261123T080000Z is now earlier than 20261123T080200Z (20261123T081700Z - 15 min.)"
                        + " | CLOCK_SKEW | 17 min behind",
                "signature expired: 2026-11-23T08:00:00Z is now earlier than 2026-11-23T10:02:00Z"
                        + " (2026-11-23T10:17:00Z - 15 min.) | CLOCK_SKEW | 2 h behind",
                "Signature not yet current: 20261123T080000Z is still later than 20261123T074500Z (20261123T074000Z + 5"
                        + " min.) | CLOCK_SKEW | 20 min ahead of",
                "Signature expired: 20261123T073000Z is now earlier than 20261123T074500Z (20261123T080001Z - 15 min.)"
                        + " | TOKEN_EXPIRED | clock agrees",
                "Signature expired: 20261123T080000Z is now earlier than 20261123T080200Z | CLOCK_SKEW | differs",
                "Signature expired: 20261123T070000Z is now earlier than 20261123T080200Z | TOKEN_EXPIRED | has expired",
                "Signature expired | CLOCK_SKEW | differs",
                "Signature expired: 99999999T999999Z (20269999T081700Z - 15 min.) | TOKEN_EXPIRED | has expired"
            })
    void tellsASlowClockFromAnOldToken(String hint, Cause cause, String explanation) {
        Diagnosis diagnosis = refused("admin", "08006", DENIED, hint);

        assertThat(diagnosis.cause()).contains(cause);
        assertThat(diagnosis.explanation()).contains(explanation);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            nullValues = "-",
            value = {
                "28000 | FATAL: Unable To Accept Connection, ACCESS DENIED | - | ACCESS_DENIED",
                "08006 | access denied | USER: arn:aws:sts::1:assumed-role/r/s is NOT authorized to perform: dsql:DbConnect"
                        + " | NOT_AUTHORIZED",
                "08006 | unable to accept connection, access denied. Hint: wrong  user to action mapping. user: app, action:"
                        + " DbConnectAdmin | - | WRONG_TOKEN_ACTION",
                "08006 | unable to accept connection,  waking   up cluster please retry | - | CLUSTER_WAKING_UP",
                "08006 | WAKING UP CLUSTER | see docs | CLUSTER_WAKING_UP",
                "53300 | FATAL: sorry, too many connections already | - | TOO_MANY_CONNECTIONS",
                "53300 | Zu viele Verbindungen | - | TOO_MANY_CONNECTIONS",
                "53400 | Rate exceeded | - | RATE_EXCEEDED",
                "08006 | SNI was not received. | - | SNI_NOT_RECEIVED",
                "28000 | FATAL:  role \"app user\" does not exist | - | ROLE_NOT_FOUND",
                "28P01 | Iam Authentication Failed for user \"app\" | - | CREDENTIALS_EXPIRED",
                "XX000 | the server is unavailable | - | SERVER_UNAVAILABLE",
                "XX000 | flux capacitor empty | - | UNKNOWN",
                "08006 | unable to accept connection, moon phase | full | UNKNOWN"
            })
    void matchesVariantsOfTheTexts(String state, String message, String hint, Cause cause) {
        Diagnosis diagnosis = refused("admin", state, message, hint);

        assertThat(diagnosis.cause()).contains(cause);
        if (cause == Cause.UNKNOWN) {
            assertThat(diagnosis.verdict()).isEqualTo(Verdict.UNKNOWN);
            assertThat(diagnosis.explanation()).contains(message).doesNotContain("Trying again");
        }
    }

    @Test
    void writesThePolicyForWhoeverTheServerNames() {
        Diagnosis diagnosis = refused(
                "app",
                "08006",
                DENIED,
                "User: arn:aws-cn:sts::210987654321:assumed-role/AWSReservedSSO_Administrator_0123456789abcDEF/me@example.org"
                        + " is not authorized to perform: dsql:DbConnect because no identity-based policy allows the"
                        + " dsql:DbConnect action");

        assertThat(diagnosis.remedies().get(0))
                .isEqualTo("Attach this policy to"
                        + " `arn:aws-cn:sts::210987654321:assumed-role/AWSReservedSSO_Administrator_0123456789abcDEF/me@example.org`:"
                        + " `{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"dsql:DbConnect\","
                        + "\"Resource\":\"arn:aws-cn:dsql:us-east-1:210987654321:cluster/abc\"}]}`.");
        assertThat(diagnosis.summary()).endsWith("allow `dsql:DbConnect` in the IAM policy");
    }

    @Test
    void blamesTheRegionWhenItContradictsTheHostName() {
        try (LocalDsql local = door()) {
            Endpoint wrong =
                    local.endpoint("app").toBuilder().region("eu-west-1").build();

            Diagnosis diagnosis = check(local, wrong).run().diagnosis();

            assertThat(diagnosis.cause()).contains(Cause.ACCESS_DENIED);
            assertThat(diagnosis.explanation())
                    .contains("The host name contains the region us-east-1, but the token was made for eu-west-1.");
            assertThat(diagnosis.evidence())
                    .contains("Note: the host name says region us-east-1, the configuration eu-west-1.");
            assertThat(diagnosis.remedies().get(0)).contains("`DSQL_REACH_REGION=us-east-1`");
        }
    }

    /** The thread of what is scheduled lives as long as anything is: here an alarm would be due in minutes. */
    @Test
    void aHealthyCheckLeavesNothingRunningNorScheduled() {
        try (LocalDsql local = door()) {
            assertThat(check(local, local.endpoint())
                            .timeout(Duration.ofMinutes(10))
                            .run()
                            .isReachable())
                    .isTrue();

            Awaitility.await()
                    .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                            .extracting(Thread::getName)
                            .noneMatch(name -> name.matches(
                                    "dsql-reach-(dns|token|auth|query|connect|check|experiment|watchdog).*")));
        }
    }

    @Test
    void waitsForAClusterThatWakesUpAndShowsTheWait() {
        try (LocalDsql local = door()) {
            local.refuseWith(Refusal.WAKING_UP, 2);

            Reachability reachability = check(local, local.endpoint())
                    .waitFor(Duration.ofSeconds(60))
                    .run();

            assertThat(reachability.isReachable()).isTrue();
            Waiting waiting = reachability.followUp().waiting().orElseThrow();
            assertThat(waiting.cause()).isEqualTo(Cause.CLUSTER_WAKING_UP);
            assertThat(waiting.attempts()).isEqualTo(3);
            assertThat(reachability.diagnosis().evidence())
                    .anyMatch(text -> text.matches(
                            "The check waited [\\d.]+ m?s for CLUSTER_WAKING_UP to end, 3 attempts" + " in all\\."));
            assertThat(local.connections().accepted()).isEqualTo(3);
        }
    }

    @Test
    void waitsNoLongerThanAllowed() {
        try (LocalDsql local = door()) {
            local.refuseWith(Refusal.RATE_EXCEEDED);

            Reachability reachability = check(local, local.endpoint())
                    .waitFor(Duration.ofMillis(600))
                    .run();

            assertThat(reachability.diagnosis().cause()).contains(Cause.RATE_EXCEEDED);
            Waiting waiting = reachability.followUp().waiting().orElseThrow();
            assertThat(waiting.duration()).isBetween(Duration.ofMillis(590), Duration.ofSeconds(5));
            assertThat(local.connections().accepted())
                    .as("attempts, with growing pauses")
                    .isBetween(2L, 5L);
        }
    }

    @Test
    void doesNotWaitForWhatWaitingDoesNotMend() {
        try (LocalDsql local = door()) {
            local.refuseWith(Refusal.ACCESS_DENIED);

            check(local, local.endpoint()).waitFor(Duration.ofSeconds(30)).run();

            assertThat(local.connections().accepted()).isEqualTo(1);
        }
    }

    @Test
    void stopsWaitingWhenAnotherProblemShows() {
        try (LocalDsql local = door()) {
            local.clockOffset(Duration.ofHours(1));
            local.refuseWith(Refusal.WAKING_UP, 1);

            Reachability reachability = check(local, local.endpoint())
                    .waitFor(Duration.ofSeconds(60))
                    .run();

            assertThat(reachability.diagnosis().cause()).contains(Cause.CLOCK_SKEW);
            assertThat(local.connections().accepted()).isEqualTo(2);
        }
    }

    private static Diagnosis refused(String user, String state, String message, String hint) {
        Endpoint endpoint =
                Endpoint.builder("abc.dsql.us-east-1.on.aws").user(user).build();
        Evidence token = Evidence.builder()
                .put(Evidence.SIGNED_AT, "20261123T080000Z")
                .put(Evidence.EXPIRES_SECONDS, 900)
                .build();
        Evidence auth = Evidence.builder()
                .put(Evidence.SQL_STATE, state)
                .put(Evidence.SERVER_MESSAGE, message)
                .put(Evidence.HINT, hint)
                .build();
        Duration time = Duration.ofMillis(30);
        Attempt attempt = new Attempt(
                Phase.QUERY,
                List.of(
                        PhaseResult.passed(Phase.DNS, time, Evidence.none()),
                        PhaseResult.passed(Phase.TCP, time, Evidence.none()),
                        PhaseResult.passed(Phase.TOKEN, time, token),
                        PhaseResult.passed(Phase.TLS, time, Evidence.none()),
                        PhaseResult.failed(Phase.AUTH, time, auth, new Failure(FailureKind.SERVER_ERROR, message)),
                        PhaseResult.notReached(Phase.QUERY)));
        return Diagnoses.of(endpoint, attempt, FollowUp.none());
    }
}
