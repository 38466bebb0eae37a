package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forms in which a secret could slip through, and texts that must not be taken for one. */
class ScrubberGapsTest {
    private static final String SIGNATURE = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: AWS4-HMAC-SHA256 Credential=AKIA/20261123/us-east-1/dsql/aws4_request, SignedHeaders=host, Signature=S3CR3T",
                "authorization=Bearer S3CR3T",
                "sent Bearer S3CR3Tsecret to it",
                "Basic UzNDUjNUOlMzQ1IzVA==S3CR3T",
                "{\"SecretAccessKey\" : \"S3CR3T\"}",
                "{\\\"SecretAccessKey\\\":\\\"S3CR3T\\\"}",
                "{\"sessionToken\":\"S3CR3T with spaces S3CR3T\"}",
                "secret_access_key = 'S3CR3T'",
                "aws_secret_access_key=S3CR3T",
                "AWS_SESSION_TOKEN: S3CR3T",
                "<SecretAccessKey>S3CR3T</SecretAccessKey>",
                "<SessionToken>S3CR3T</SessionToken>",
                "password=S3CR3T&user=admin",
                "password => S3CR3T",
                "the password 'S3CR3T' is wrong",
                "secret key \"S3CR3T\" is wrong",
                "X-Amz-Security-Token: S3CR3T",
                "X-Amz-Security-Token=S3CR3T&x=1",
                "X-Amz-Security-Token%3DS3CR3T",
                "X-Amz-Security-Token%253DS3CR3T",
                "x-amz-signature=S3CR3T",
                "Cookie: id=S3CR3T; path=/",
                "access_token=S3CR3T"
            })
    void masksASecretBehindItsName(String text) {
        assertThat(Scrubber.scrub(text)).doesNotContain("S3CR3T").contains(Scrubber.MASK);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "password authentication failed for user \"admin\"",
                "The password has expired.",
                "secretAccessKey is not set",
                "security token present: true, securityToken true",
                "the security token included in the request is expired",
                "basic authentication is not offered",
                "Profile property 'aws_secret_access_key' was not configured for 'half'.",
                "role \"app\" does not exist",
                "sslpassword \", \"x",
                "User: arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcDEF/Me.Myself",
                "arn:aws:dsql:us-east-1:123456789012:cluster/abcdefghijklmnopqrstuvwxyz",
                "/home/me/src/main/java/io/github/dsqlreach/connect/DsqlDataSource",
                "Signature expired: 20261123T073000Z is now earlier than 20261123T074500Z (20261123T080000Z - 15 min.)"
            })
    void leavesOtherTextsAlone(String text) {
        assertThat(Scrubber.scrub(text)).isEqualTo(text);
    }

    @Test
    void masksASignatureBrokenOverLines() {
        String broken = "X-Amz-Signature=" + SIGNATURE.substring(0, 30) + "\n    " + SIGNATURE.substring(30) + "\nnext";

        assertThat(Scrubber.scrub(broken)).isEqualTo("X-Amz-Signature=***\nnext");
    }

    @Test
    void masksAnAnnouncedSecretBrokenOverLinesOrEncoded() {
        String secret = "an/announced+secret=of-" + System.nanoTime();
        Scrubber.keepSecret(secret);

        assertThat(Scrubber.scrub("a " + secret + " b")).isEqualTo("a *** b");
        assertThat(Scrubber.scrub("a " + secret.substring(0, 5) + "\r\n\t" + secret.substring(5) + " b " + secret))
                .isEqualTo("a *** b ***");
        assertThat(Scrubber.scrub(
                        "t=" + secret.replace("/", "%2F").replace("+", "%2B").replace("=", "%3D")))
                .isEqualTo("t=***");
    }

    @Test
    void masksSecretKeysThatNobodyAnnouncedAndNothingNames() {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        Random random = new Random(5);
        long shown = random.longs(2_000)
                .mapToObj(seed -> new Random(seed)
                        .ints(40, 0, alphabet.length())
                        .mapToObj(i -> alphabet.substring(i, i + 1))
                        .collect(Collectors.joining()))
                .filter(key -> Scrubber.scrub("cannot decrypt " + key + " here").contains(key))
                .count();

        assertThat(shown).as("of 2,000 random keys").isLessThan(10);
    }

    @Test
    void isQuickOnLongHostileTexts() {
        for (String part : new String[] {"password ", "secret", "X-Amz-Signature=0 ", "\"'", "arn:aws:", "a", "= "}) {
            String hostile = part.repeat(100_000 / part.length());
            long start = System.nanoTime();
            Scrubber.scrub(hostile);
            assertThat((System.nanoTime() - start) / 1_000_000)
                    .as("ms for " + part)
                    .isLessThan(3_000);
        }
    }
}
