package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Base64;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScrubberTest {
    private static final String SIGNATURE = "0123456789abcdef".repeat(4);
    private static final String SESSION = "IQoJb3JpZ2luX2VjEAAaCXVzLWVhc3QtMSJHMEUCIQD3%2Bx%2FyZ0a1b2c3d4";
    private static final String TOKEN =
            "abc.dsql.us-east-1.on.aws/?Action=DbConnectAdmin&X-Amz-Security-Token=" + SESSION
                    + "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261123T084014Z&X-Amz-SignedHeaders=host"
                    + "&X-Amz-Expires=900&X-Amz-Credential=AKIDSECRETSECRET%2F20261123%2Fus-east-1%2Fdsql%2Faws4_request"
                    + "&X-Amz-Signature=" + SIGNATURE;

    @Test
    void masksTheSecretsOfATokenAndKeepsItsAnatomy() {
        assertThat(Scrubber.scrub("FATAL: bad password '" + TOKEN + "'"))
                .isEqualTo("FATAL: bad password 'abc.dsql.us-east-1.on.aws/?Action=DbConnectAdmin"
                        + "&X-Amz-Security-Token=***&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261123T084014Z"
                        + "&X-Amz-SignedHeaders=host&X-Amz-Expires=900&X-Amz-Credential=***&X-Amz-Signature=***'");
    }

    @Test
    void masksATokenInsideAUrl() {
        String encoded = java.net.URLEncoder.encode(TOKEN, java.nio.charset.StandardCharsets.UTF_8);

        assertThat(Scrubber.scrub("password=" + encoded)).isEqualTo("password=***");
        assertThat(Scrubber.scrub("tried " + encoded)).doesNotContain(SIGNATURE).doesNotContain("IQoJ");
    }

    @Test
    void masksASignatureThatStandsAlone() {
        assertThat(Scrubber.scrub("got " + SIGNATURE + ", expected another")).isEqualTo("got ***, expected another");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password=hunter2",
                "Password: hunter2",
                "PGPASSWORD=hunter2 psql",
                "\"password\": \"hunter2\"",
                "password='a hunter2 b'",
                "password=x,hunter2",
                "aws_secret_access_key = hunter2",
                "aws.secretAccessKey=hunter2",
                "AWS_SECRET_ACCESS_KEY=hunter2",
                "secretAccessKey: hunter2",
                "\"SecretAccessKey\" : \"hunter2\",",
                "aws_session_token=hunter2",
                "AWS_SESSION_TOKEN=hunter2",
                "SessionToken=hunter2,",
                "Authorization: Bearer hunter2",
                "authorization: AWS4-HMAC-SHA256 Credential=x/y, Signature=hunter2",
                "jdbc:postgresql://h/db?user=u&password=hunter2&x=y",
                "https://user:hunter2@example.com/path",
                "postgresql://user:p:hunter2@example.com",
            })
    void masksASecretBehindItsName(String text) {
        assertThat(Scrubber.scrub(text)).doesNotContain("hunter2").contains("***");
    }

    @Test
    void keepsWhatStandsAroundASecret() {
        assertThat(Scrubber.scrub("jdbc:postgresql://h/db?user=u&password=hunter2&x=y"))
                .isEqualTo("jdbc:postgresql://h/db?user=u&password=***&x=y");
        assertThat(Scrubber.scrub("https://user:hunter2@example.com/p")).isEqualTo("https://user:***@example.com/p");
    }

    @Test
    void masksAnnouncedSecretsAlsoInsideAUrl() {
        Scrubber.keepSecret("very/secret+text");

        assertThat(Scrubber.scrub("a very/secret+text, and very%2Fsecret%2Btext"))
                .isEqualTo("a ***, and ***");
    }

    @Test
    void masksTheLongerOfTwoSecretsAsAWhole() {
        Scrubber.keepSecret("beginning-of");
        Scrubber.keepSecret("beginning-of-something-longer");

        assertThat(Scrubber.scrub("x beginning-of-something-longer y")).isEqualTo("x *** y");
    }

    @Test
    void ignoresSecretsTooShortToBeOne() {
        Scrubber.keepSecret("the");
        Scrubber.keepSecret(null);

        assertThat(Scrubber.scrub("the end")).isEqualTo("the end");
    }

    static Stream<String> randomSecrets() {
        Random random = new Random(42);
        return IntStream.of(30, 30, 30, 30, 30, 30, 64, 300, 700).mapToObj(bytes -> {
            byte[] secret = new byte[bytes];
            random.nextBytes(secret);
            return Base64.getEncoder().encodeToString(secret);
        });
    }

    @ParameterizedTest
    @MethodSource("randomSecrets")
    void masksRandomRunsOfTheLengthOfAKey(String secret) {
        assertThat(Scrubber.scrub("provider failed with " + secret + " in hand"))
                .isEqualTo("provider failed with *** in hand");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fooabcdefghijklmnopqrstuvw.dsql.us-east-1.on.aws:5432",
                "4iabtwnq2a7tyoj3hpuvgsrfxm.dsql.eu-central-1.on.aws",
                "vpce-0a1b2c3d4e5f67890-a1b2c3d4.dsql-fnh4.us-east-1.vpce.amazonaws.com",
                "arn:aws:iam::123456789012:role/MyApplicationRole",
                "User: arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/jane.doe"
                        + " is not authorized to perform: dsql:DbConnectAdmin on resource:"
                        + " arn:aws:dsql:us-east-1:123456789012:cluster/fooabcdefghijklmnopqrstuvw",
                "arn:aws:sts::123456789012:assumed-role/GitHubActionsDeployment2024ProductionRole/GitHubActions-1234567",
                "arn:aws:secretsmanager:us-east-1:123456789012:secret",
                "io.github.dsqlreach.junit.RequiresDsqlReachabilityExtension$Checks$1",
                "software.amazon.awssdk.auth.credentials.internal.SystemSettingsCredentialsProvider",
                "/home/Jane/IdeaProjects/Dsql-Reach-2026/target/test-classes/io/github/dsqlreach/SomeLongNamedTest123",
                "/var/lib/jenkins/workspace/PROJ-1234-Fix-Things/target/surefire-reports",
                "/tmp/JUnit-3f2504e0-4f89-11d3-9a0c-0305e82c3301/LocalDsql",
                "C:\\Users\\Jane\\AppData\\Local\\Temp\\junit5",
                "SQLSTATE 08006, 28P01, 53300, XX000",
                "2026-11-23T08:40:14.123456Z and 20261123T084014Z",
                "Signature expired: 20261123T081514Z is now earlier than 20261123T082514Z (20261123T084014Z - 15 min.)",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLSv1.3",
                "CN=Amazon RSA 2048 M02,O=Amazon,C=US",
                "password authentication failed for user \"admin\"",
                "unable to accept connection, access denied",
                "Wrong user to action mapping. user: admin, action: DbConnect",
                "secret key missing; session token expired",
                "securityToken true, signature true, \"securityToken\": true",
                "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
                "java.net.SocketException: Connection reset\n at Socket.java:12",
                "no route to ::1, fe80::1 or 2001:db8::ff00 port 5432, ::ffff:127.0.0.1",
                "std::string, Foo::bar(), '1'::text, 2",
                "-----BEGIN CERTIFICATE-----",
                "a - b -- c, 1 + 2, ~/x",
                "Gr\u00fc\u00dfe, \u65e5\u672c\u8a9e, 31\u00a0ms \u2026 \u2713",
            })
    void leavesOrdinaryTextsAlone(String text) {
        assertThat(Scrubber.scrub(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u001b[31mred",
                "\u0000",
                "a\u0008b",
                "\u009b31m",
                "\u202eevil",
                "\u2066x\u2069",
                "\u200bx",
                "\ufeffx",
                "\u061cx",
                "\u2028",
                "\u0007",
                "\u007f",
                "\u00adx"
            })
    void makesControlCharactersVisible(String text) {
        String scrubbed = Scrubber.scrub(text);

        assertThat(scrubbed).contains("\\u");
        assertThat(scrubbed.chars())
                .noneMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT);
    }

    @Test
    void breaksTheCommandsOfCiServices() {
        assertThat(Scrubber.scrub(
                        "  ::error::x\n\t::mask b\nb ::c-d\n##[group]\n###vso[x]\n+++ y\n--- z\n## Title [x]"))
                .isEqualTo(
                        "  : :error: :x\n : :mask b\nb : :c-d\n# #[group]\n## #vso[x]\n++ + y\n-- - z\n## Title [x]");
        assertThat(Scrubber.scrub("[[ATTACHMENT|/etc/passwd]] section_start:1:x"))
                .isEqualTo("[ [ATTACHMENT|/etc/passwd]] section_start :1:x");
    }

    @Test
    void breaksThemBehindEverythingThatARunnerTrims() {
        CiCommands.corpus().forEach(text -> {
            CiCommands.assertHarmless(Scrubber.scrub(text));
            CiCommands.assertHarmless(Scrubber.line(text, 500));
        });
    }

    @Test
    void changesNothingAnyMoreTheSecondTime() {
        CiCommands.corpus().forEach(text -> {
            String once = Scrubber.scrub(text);
            assertThat(Scrubber.scrub(once)).isEqualTo(once);
            String line = Scrubber.line(text, 500);
            assertThat(Scrubber.line(line, 500)).isEqualTo(line);
        });
    }

    @Test
    void keepsLineFeedsAndMakesBlanksOfTabsAndCarriageReturns() {
        assertThat(Scrubber.scrub("a\tb\r\nc")).isEqualTo("a b \nc");
    }

    @Test
    void makesOneLineAndCutsIt() {
        assertThat(Scrubber.line(" a\n b\t c ", 100)).isEqualTo("a b c");
        assertThat(Scrubber.line("abcdefgh", 5)).isEqualTo("abcd…");
        assertThat(Scrubber.line("abcde", 5)).isEqualTo("abcde");
    }

    @Test
    void cutsNothingSecretIntoTheOpen() {
        assertThat(Scrubber.line("password=" + "hunter2 ".repeat(3), 12)).isEqualTo("password=**…");
    }

    @Test
    void isQuickWithHostileTexts() {
        String text = "password=\"" + "secret".repeat(20_000) + "://" + ":".repeat(20_000) + "a1B".repeat(20_000);

        assertThat(Scrubber.scrub(text)).doesNotContain("secretsecret");
    }
}
