package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever stands around a secret, it is masked, and what comes out commands nobody and stays as it is. */
class ScrubberFuzzTest {
    private static final String SECRET = "fuzz/Secret+0123456789";

    static Stream<byte[]> texts() {
        return Stream.concat(
                        CiCommands.texts().stream(),
                        Stream.of(
                                "password=\"a b\\\" c\" X-Amz-Signature=" + "0a".repeat(32),
                                "Authorization: Basic abcdefghijklmnop",
                                "https://u:p@h/?x=y",
                                "{\"SecretAccessKey\":\"x\",\"token\" : 'y'}",
                                "arn:aws:iam::123456789012:role/Some-Role_Name"))
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("texts")
    @FuzzTest(maxDuration = "1h")
    void masksAndDefuses(byte[] bytes) {
        Scrubber.keepSecret(SECRET);
        String text = new String(bytes, StandardCharsets.UTF_8);
        for (String around : new String[] {text, text + SECRET, SECRET + text, text + SECRET + text}) {
            for (String out : new String[] {Scrubber.scrub(around), Scrubber.oneLine(around)}) {
                check(text, out);
                assertThat(Scrubber.scrub(out)).isEqualTo(out);
            }
            check(text, Scrubber.line(around, 300));
        }
    }

    private static void check(String text, String out) {
        CiCommands.assertHarmless(out);
        if (!text.contains(SECRET.substring(0, 4))) {
            assertThat(out).doesNotContain(SECRET);
        }
    }
}
