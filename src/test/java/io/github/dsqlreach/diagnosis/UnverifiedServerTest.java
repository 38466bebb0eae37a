package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.TextStyle;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** A server that the user asked not to verify, as {@code vpce-} names need it. */
// SECURITY.md: the report says where TLS was weakened.
class UnverifiedServerTest {
    private static final String NOTE = "The server's name was not verified: require: not verified.";

    @AutoClose
    private static final LocalDsql local = LocalDsql.builder().clusterId("abc").start();

    /** As in AWS's guide for PrivateLink without private DNS. */
    private static Endpoint privateLink() {
        return Endpoint.parse("jdbc:postgresql://vpce-0a1b2c-3d4e.dsql-fnh4.us-east-1.vpce.amazonaws.com/postgres"
                        + "?sslmode=require&options=-c%20amzn-cluster-id%3Dabc")
                .toBuilder()
                .connectTo(local.address())
                .build();
    }

    @Test
    void theReportSaysThatTheServerWasNotVerified() {
        Reachability reachability = ReachabilityCheck.of(privateLink())
                .credentials(local.credentialsProvider())
                .run();

        assertThat(reachability.isReachable()).as(reachability.toString()).isTrue();
        assertThat(reachability.diagnosis().evidence()).contains(NOTE);
        assertThat(reachability.toString()).contains(NOTE);
        assertThat(Report.of(reachability).text(TextStyle.plain()).replaceAll("\\s+", " "))
                .contains("not verified");
        assertThat(Report.of(reachability).markdown()).contains("not verified");
        assertThat(Report.of(reachability).html()).contains("not verified");
        Evidence token =
                reachability.attempt().orElseThrow().result(Phase.TOKEN).evidence();
        assertThat(token.text(Evidence.TOKEN_HOST)).contains("abc.dsql.us-east-1.on.aws");
    }

    @Test
    void soDoesTheReportOfARefusal() {
        try (LocalDsql other =
                LocalDsql.builder().inFrontOf(local).clusterId("abc").start()) {
            other.refuseWith(Refusal.ACCESS_DENIED);

            Reachability reachability = ReachabilityCheck.of(
                            privateLink().toBuilder().connectTo(other.address()).build())
                    .credentials(other.credentialsProvider())
                    .run();

            assertThat(reachability.diagnosis().evidence()).contains(NOTE);
        }
    }

    @Test
    void withoutTheUsersRequestNothingSecretIsSent() {
        try (LocalDsql other =
                LocalDsql.builder().inFrontOf(local).clusterId("abc").start()) {
            Endpoint strict = Endpoint.parse(
                            "jdbc:postgresql://vpce-0a1b2c-3d4e.dsql-fnh4.us-east-1.vpce.amazonaws.com/postgres"
                                    + "?options=-c%20amzn-cluster-id%3Dabc")
                    .toBuilder()
                    .connectTo(other.address())
                    .build();

            Reachability reachability = ReachabilityCheck.of(strict)
                    .credentials(other.credentialsProvider())
                    .experiments(false)
                    .run();

            assertThat(reachability.diagnosis().layer()).contains(Phase.TLS);
            assertThat(other.connections().passwordsReceived()).isZero();
        }
    }
}
