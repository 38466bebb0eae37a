package io.github.dsqlreach.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Scrubber;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;

class AuthTokenTest {
    private static final String HOST = "fooabcdefghijklmnopqrstuvw.dsql.us-east-1.on.aws";
    private static final AwsBasicCredentials LASTING =
            AwsBasicCredentials.create("AKIDEXAMPLE", "authTokenTestSecretKey/1+2");
    private static final AwsSessionCredentials TEMPORARY =
            AwsSessionCredentials.create("ASIDEXAMPLE", "authTokenTestSecretKey/3+4", "authTokenTestSession/Token+5==");

    private static AuthToken token(Endpoint endpoint) {
        return AuthToken.generate(endpoint, LASTING, AuthToken.DEFAULT_LIFETIME);
    }

    @Test
    void tellsItsAnatomy() {
        Evidence anatomy = token(Endpoint.parse(HOST)).anatomy();

        assertThat(anatomy.text(Evidence.ACTION)).contains("DbConnectAdmin");
        assertThat(anatomy.text(Evidence.TOKEN_HOST)).contains(HOST);
        assertThat(anatomy.text(Evidence.ALGORITHM)).contains("AWS4-HMAC-SHA256");
        assertThat(anatomy.get(Evidence.EXPIRES_SECONDS)).contains(900L);
        assertThat(anatomy.text(Evidence.SIGNED_AT))
                .hasValueSatisfying(at -> assertThat(at).matches("\\d{8}T\\d{6}Z"));
        assertThat(anatomy.text(Evidence.SCOPE))
                .hasValueSatisfying(scope -> assertThat(scope).matches("\\d{8}/us-east-1/dsql"));
        assertThat(anatomy.is(Evidence.SIGNATURE)).isTrue();
        assertThat(anatomy.has(Evidence.SECURITY_TOKEN)).isTrue();
        assertThat(anatomy.is(Evidence.SECURITY_TOKEN)).isFalse();
    }

    @Test
    void saysWhetherCredentialsAreTemporary() {
        assertThat(AuthToken.generate(Endpoint.parse(HOST), TEMPORARY, AuthToken.DEFAULT_LIFETIME)
                        .anatomy()
                        .is(Evidence.SECURITY_TOKEN))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"admin, DbConnectAdmin", "app, DbConnect", "Admin, DbConnect", "administrator, DbConnect"})
    void letsTheActionFollowTheUser(String user, String action) {
        AuthToken token = token(Endpoint.builder(HOST).user(user).build());

        assertThat(token.anatomy().text(Evidence.ACTION)).contains(action);
        assertThat(token.value()).contains("Action=" + action + "&");
    }

    @Test
    void isForThePublicNameBehindAVpceName() {
        Endpoint endpoint = Endpoint.builder("vpce-1.dsql-fnh4.eu-west-1.vpce.amazonaws.com")
                .options("-c amzn-cluster-id=fooabc")
                .build();

        assertThat(token(endpoint).value()).startsWith("fooabc.dsql.eu-west-1.on.aws/?");
    }

    @Test
    void isForTheRegionThatIsConfigured() {
        Endpoint endpoint = Endpoint.builder(HOST).region("eu-west-2").build();

        assertThat(token(endpoint).anatomy().text(Evidence.SCOPE))
                .hasValueSatisfying(scope -> assertThat(scope).contains("/eu-west-2/"));
    }

    @Test
    void needsARegion() {
        assertThatIllegalStateException()
                .isThrownBy(() -> token(Endpoint.parse("localhost")))
                .withMessage("no AWS region is known for localhost");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 900, 604_800})
    void livesAsLongAsAsked(long seconds) {
        AuthToken token = AuthToken.generate(Endpoint.parse(HOST), LASTING, Duration.ofSeconds(seconds));

        assertThat(token.anatomy().get(Evidence.EXPIRES_SECONDS)).contains(seconds);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S, 0",
        "PT-1S, -1",
        "PT0.999S, 0.999",
        "PT604801S, 604801",
        "PT604800.5S, 604800.5",
        "PT9223372036854775807S, 9223372036854775807"
    })
    void refusesALifetimeThatTheClusterWouldRefuse(Duration lifetime, String shown) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AuthToken.generate(Endpoint.parse(HOST), LASTING, lifetime))
                .withMessage("a token lifetime of " + shown + " s is not between 1 s and 604800 s");
    }

    @Test
    void showsNoSecret() {
        AuthToken token = AuthToken.generate(Endpoint.parse(HOST), TEMPORARY, AuthToken.DEFAULT_LIFETIME);
        String signature = token.value().substring(token.value().indexOf("X-Amz-Signature=") + 16);

        assertThat(signature).matches("[0-9a-f]{64}.*");
        assertThat(token.toString())
                .startsWith("token (action DbConnectAdmin, tokenHost " + HOST)
                .doesNotContain(signature.substring(0, 64))
                .doesNotContain("authTokenTest")
                .doesNotContain("ASIDEXAMPLE");
    }

    @Test
    void announcesItsSecretsToTheScrubber() {
        AuthToken.generate(Endpoint.parse(HOST), TEMPORARY, AuthToken.DEFAULT_LIFETIME);

        assertThat(Scrubber.scrub("boom authTokenTestSecretKey/3+4 authTokenTestSession/Token+5=="))
                .isEqualTo("boom *** ***");
    }
}
