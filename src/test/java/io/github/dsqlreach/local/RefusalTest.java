package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.DriverProperties;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

/** Every refusal as the real driver sees it. */
class RefusalTest {
    private static final String DENIED = "unable to accept connection, access denied";

    @AutoClose
    private static final LocalDsql postgres = LocalDsql.start();

    @AutoClose
    private final LocalDsql local =
            LocalDsql.builder().inFrontOf(postgres).clusterId("abc").start();

    static Stream<Arguments> ordered() {
        String cluster = "arn:aws:dsql:us-east-1:123456789012:cluster/abc";
        return Stream.of(
                arguments(
                        Refusal.WAKING_UP,
                        "08006",
                        "unable to accept connection, waking up cluster, please retry later",
                        null),
                arguments(
                        Refusal.TOO_MANY_CONNECTIONS,
                        "53300",
                        "Unable to accept connection, too many open connections.",
                        null),
                arguments(Refusal.RATE_EXCEEDED, "53400", "Unable to accept connection, rate exceeded.", null),
                arguments(Refusal.SERVER_UNAVAILABLE, "XX000", "server unavailable", null),
                arguments(Refusal.SNI_NOT_RECEIVED, "08006", "unable to accept connection, sni was not received", null),
                arguments(Refusal.ACCESS_DENIED, "28000", DENIED, null),
                arguments(Refusal.ROLE_NOT_MAPPED, "28000", DENIED, null),
                arguments(
                        Refusal.SIGNATURE_EXPIRED,
                        "08006",
                        DENIED,
                        "Signature expired: \\d{8}T\\d{6}Z is now earlier than \\d{8}T\\d{6}Z"
                                + " \\(\\d{8}T\\d{6}Z - 15 min\\.\\)"),
                arguments(
                        Refusal.WRONG_ACTION,
                        "08006",
                        DENIED,
                        "Wrong user to action mapping\\. user: admin, action: DbConnect"),
                arguments(
                        Refusal.NOT_AUTHORIZED,
                        "08006",
                        DENIED,
                        "User: arn:aws:iam::123456789012:user/tester is not authorized to perform: dsql:DbConnectAdmin"
                                + " on resource: " + cluster),
                arguments(
                        Refusal.NOT_AUTHORIZED_FOR_RESOURCE,
                        "08006",
                        DENIED,
                        "User: arn:aws:iam::123456789012:user/tester is not authorized to access this resource"),
                arguments(
                        Refusal.IAM_AUTHENTICATION_FAILED,
                        "28000",
                        "IAM authentication failed for user \"admin\"",
                        null),
                arguments(Refusal.ROLE_NOT_FOUND, "28000", "role \"admin\" does not exist", null));
    }

    @ParameterizedTest
    @MethodSource("ordered")
    void refusesByOrder(Refusal refusal, String sqlState, String message, String hint) {
        local.refuseWith(refusal);

        ServerErrorMessage error = refusal(local, "admin", local.token("admin"));

        assertThat(error.getSeverity()).isEqualTo("FATAL");
        assertThat(error.getSQLState()).isEqualTo(sqlState).isEqualTo(refusal.sqlState());
        assertThat(error.getMessage()).isEqualTo(message);
        if (hint == null) {
            assertThat(error.getHint()).isNull();
        } else {
            assertThat(error.getHint()).matches(hint);
        }
    }

    @ParameterizedTest
    @EnumSource
    void hasARowForEveryRefusal(Refusal refusal) {
        assertThat(ordered().map(row -> row.get()[0])).contains(refusal);
    }

    @Test
    void refusesSoManyTimesAndThenAccepts() throws SQLException {
        local.refuseWith(Refusal.RATE_EXCEEDED, 2);

        for (int i = 0; i < 2; i++) {
            assertThat(refusal(local, "admin", local.token("admin")).getSQLState())
                    .isEqualTo("53400");
        }
        try (Connection connection = connect(local, "admin", local.token("admin"))) {
            assertThat(connection.isValid(5)).isTrue();
        }
        assertThat(local.connections().refused()).isEqualTo(2);
    }

    @Test
    void refusesByOrderWhenThePasswordHasArrivedWhateverItIsWorth() {
        local.refuseWith(Refusal.RATE_EXCEEDED);

        assertThat(refusal(local, "admin", "no token").getSQLState()).isEqualTo("53400");
        assertThat(local.connections().passwordsReceived()).isEqualTo(1);
        assertThat(local.connections().tokensVerified()).isZero();
    }

    @Test
    void acceptsAgainWhenTold() throws SQLException {
        local.refuseWith(Refusal.SERVER_UNAVAILABLE);
        assertThat(refusal(local, "admin", local.token("admin")).getMessage()).isEqualTo("server unavailable");

        local.accept();

        try (Connection connection = connect(local, "admin", local.token("admin"))) {
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @Test
    void keepsOpenSessionsWhileItRefuses() throws SQLException {
        try (Connection connection = connect(local, "admin", local.token("admin"))) {
            local.refuseWith(Refusal.TOO_MANY_CONNECTIONS);

            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @Test
    void refusesWithATextOfOnesOwn() {
        local.refuseWith("57P03", "FATAL: UNABLE to accept connection, Waking Up cluster", "some hint");

        ServerErrorMessage error = refusal(local, "admin", local.token("admin"));

        assertThat(error.getSQLState()).isEqualTo("57P03");
        assertThat(error.getMessage()).isEqualTo("FATAL: UNABLE to accept connection, Waking Up cluster");
        assertThat(error.getHint()).isEqualTo("some hint");
    }

    @Test
    void refusesAFreshTokenWhenTheClusterIsAhead() {
        local.clockOffset(Duration.ofMinutes(17));
        String token = local.token("admin");

        ServerErrorMessage error = refusal(local, "admin", token);

        String signedAt = token.replaceAll(".*X-Amz-Date=([^&]+).*", "$1");
        assertThat(error.getMessage()).isEqualTo(DENIED);
        assertThat(error.getHint())
                .matches("Signature expired: " + signedAt
                        + " is now earlier than \\d{8}T\\d{6}Z \\(\\d{8}T\\d{6}Z - 15 min\\.\\)");
        assertThat(local.connections().tokensVerified()).isZero();
    }

    @Test
    void refusesAShortLivedTokenAfterItsTime() {
        local.clockOffset(Duration.ofSeconds(90));
        String token = token(local.endpoint(), local.credentialsProvider().resolveCredentials(), Duration.ofMinutes(1));

        assertThat(refusal(local, "admin", token).getHint())
                .startsWith("Signature expired: ")
                .endsWith(" - 1 min.)");
    }

    @Test
    void acceptsALongLivedTokenWhenTheClusterIsAhead() throws SQLException {
        local.clockOffset(Duration.ofDays(6));
        String token = token(local.endpoint(), local.credentialsProvider().resolveCredentials(), Duration.ofDays(7));

        try (Connection connection = connect(local, "admin", token)) {
            assertThat(connection.isValid(5)).isTrue();
        }
    }

    @Test
    void refusesATokenForMoreThanAWeek() {
        String token = local.token("admin").replace("X-Amz-Expires=900", "X-Amz-Expires=604801");

        ServerErrorMessage error = refusal(local, "admin", token);

        assertThat(error.getMessage()).isEqualTo(DENIED);
        assertThat(error.getHint()).isEqualTo("X-Amz-Expires must be less than a week (in seconds)");
    }

    @Test
    void refusesATokenFromTheFuture() {
        local.clockOffset(Duration.ofMinutes(-20));

        assertDeniedWithoutHint(refusal(local, "admin", local.token("admin")));
    }

    @Test
    void refusesTheOtherKindOfTokenForAdmin() {
        assertThat(refusal(local, "admin", local.token("app")).getHint())
                .isEqualTo("Wrong user to action mapping. user: admin, action: DbConnect");
    }

    @Test
    void refusesAnAdminTokenForAnotherRole() {
        assertThat(refusal(local, "app", local.token("admin")).getHint())
                .isEqualTo("Wrong user to action mapping. user: app, action: DbConnectAdmin");
    }

    @Test
    void refusesARoleThatDoesNotExist() {
        ServerErrorMessage error = refusal(local, "nobody", local.token("nobody"));

        assertThat(error.getMessage()).isEqualTo("role \"nobody\" does not exist");
        assertThat(error.getSQLState()).isEqualTo("28000");
    }

    static Stream<Arguments> tamperings() {
        return Stream.of(
                tampering("one digit of the signature", token -> {
                    char last = token.charAt(token.length() - 1);
                    return token.substring(0, token.length() - 1) + (last == '0' ? '1' : '0');
                }),
                tampering("no signature", token -> token.replaceAll("&X-Amz-Signature=.*", "")),
                tampering("an empty signature", token -> token.replaceAll("(&X-Amz-Signature=).*", "$1")),
                tampering("a longer life", token -> token.replace("Expires=900", "Expires=90000")),
                tampering("no life", token -> token.replace("Expires=900", "Expires=0")),
                tampering("a life that is no number", token -> token.replace("Expires=900", "Expires=x")),
                tampering("another time", token -> token.replaceAll("(X-Amz-Date=\\d{8}T\\d{5})\\d", "$1x")),
                tampering("another host", token -> token.replaceFirst("abc", "xyz")),
                tampering("another region", token -> token.replace("us-east-1%2F", "us-east-2%2F")),
                tampering("another service", token -> token.replace("%2Fdsql%2F", "%2Frds-db%2F")),
                tampering("another day", token -> token.replaceAll("%2F\\d{8}%2F", "%2F20200101%2F")),
                tampering("another key", token -> token.replace("Credential=AKIA", "Credential=AKIB")),
                tampering("another algorithm", token -> token.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1")),
                tampering("other signed headers", token -> token.replace("SignedHeaders=host", "SignedHeaders=none")),
                tampering("an action unknown", token -> token.replace("DbConnectAdmin", "DbDisconnect")),
                tampering("a parameter more", token -> token + "&more=1"),
                tampering("a parameter twice", token -> token + "&Action=DbConnectAdmin"),
                tampering("a broken escape", token -> token + "&more=%zz"),
                tampering("a security token", token -> token + "&X-Amz-Security-Token=x"),
                tampering("no token but a word", token -> "secret"),
                tampering("nothing but a question mark", token -> "/?"));
    }

    private static Arguments tampering(String name, UnaryOperator<String> change) {
        return arguments(name, change);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tamperings")
    void refusesATamperedToken(String name, UnaryOperator<String> change) {
        String token = local.token("admin");
        String tampered = change.apply(token);
        assertThat(tampered).as(name).isNotEqualTo(token);

        assertDeniedWithoutHint(refusal(local, "admin", tampered));
        assertThat(local.connections().tokensVerified()).isZero();
    }

    @Test
    void refusesAChangedActionByItsSignature() {
        assertDeniedWithoutHint(refusal(local, "admin", local.token("app").replace("DbConnect", "DbConnectAdmin")));
    }

    @Test
    void refusesForeignCredentials() {
        String keyId = local.credentialsProvider().resolveCredentials().accessKeyId();
        AwsBasicCredentials sameKeyOtherSecret =
                AwsBasicCredentials.create(keyId, "another-secret-key-of-forty-characters!!");

        assertDeniedWithoutHint(
                refusal(local, "admin", token(local.endpoint(), sameKeyOtherSecret, AuthToken.DEFAULT_LIFETIME)));
    }

    @Test
    void refusesTemporaryCredentialsWithAnotherSessionToken() {
        AwsSessionCredentials good =
                (AwsSessionCredentials) local.temporaryCredentialsProvider().resolveCredentials();
        AwsSessionCredentials stale =
                AwsSessionCredentials.create(good.accessKeyId(), good.secretAccessKey(), "an older session's token");

        assertDeniedWithoutHint(refusal(local, "admin", token(local.endpoint(), stale, AuthToken.DEFAULT_LIFETIME)));
    }

    @Test
    void refusesTheTokenOfAnotherClusterAndOfAnotherRegion() {
        var credentials = local.credentialsProvider().resolveCredentials();
        Endpoint otherCluster = Endpoint.parse("xyz.dsql.us-east-1.on.aws");
        Endpoint otherRegion = local.endpoint().toBuilder().region("eu-west-1").build();

        assertDeniedWithoutHint(refusal(local, "admin", token(otherCluster, credentials, AuthToken.DEFAULT_LIFETIME)));
        assertDeniedWithoutHint(refusal(local, "admin", token(otherRegion, credentials, AuthToken.DEFAULT_LIFETIME)));
    }

    @Test
    void refusesAnotherClusterInTheOption() {
        Endpoint endpoint =
                local.endpoint().toBuilder().options("-c amzn-cluster-id=xyz").build();

        assertDeniedWithoutHint(refusal(DriverProperties.url(endpoint), "admin", local.token("admin")));
    }

    @Test
    void saysThatTheSharedPostgresWasClosed() {
        LocalDsql owner = LocalDsql.start();
        try (LocalDsql sharing = LocalDsql.builder().inFrontOf(owner).start()) {
            owner.close();

            ServerErrorMessage refusal = refusal(sharing, "admin", sharing.token("admin"));
            assertThat(refusal.getSQLState()).isEqualTo("58000");
            assertThat(refusal.getMessage()).contains("the local PostgreSQL was closed");
        }
    }

    private static String token(Endpoint endpoint, AwsCredentials credentials, Duration lifetime) {
        return AuthToken.generate(endpoint, credentials, lifetime).value();
    }

    private static void assertDeniedWithoutHint(ServerErrorMessage error) {
        assertThat(error.getMessage()).isEqualTo(DENIED);
        assertThat(error.getSQLState()).isEqualTo("28000");
        assertThat(error.getHint()).isNull();
    }

    private static Connection connect(LocalDsql local, String user, String token) throws SQLException {
        return DriverManager.getConnection(local.jdbcUrl(), user, token);
    }

    private static ServerErrorMessage refusal(LocalDsql local, String user, String token) {
        return refusal(local.jdbcUrl(user), user, token);
    }

    private static ServerErrorMessage refusal(String url, String user, String token) {
        PSQLException refusal = catchThrowableOfType(
                PSQLException.class,
                () -> DriverManager.getConnection(url, user, token).close());
        assertThat(refusal.getServerErrorMessage())
                .as("the server's answer in " + refusal.getMessage())
                .isNotNull();
        return refusal.getServerErrorMessage();
    }
}
