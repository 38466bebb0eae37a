package io.github.dsqlreach.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.dsqlreach.CiCommands;
import io.github.dsqlreach.Evidence;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a server's answer in plain text. */
class ErrorResponseFuzzTest {

    static Stream<byte[]> answers() {
        return Stream.of(
                        "E\0\0\0\u001aSFATAL\0C28000\0Mdenied\0\0",
                        "E\0\0\0\u0020C28000\0M::error::x\0H##vso[x]\0\0",
                        "E\u007f\uffff\uffff\uffffM",
                        "HTTP/1.1 302 Found\r\n<title>x</title>",
                        "\u0015\u0003\u0003\0\u0002\u0002\u0028",
                        "SSH-2.0-x")
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @MethodSource("answers")
    @FuzzTest(maxDuration = "1h")
    void isNotedInBounds(byte[] bytes) {
        Evidence.Builder evidence = Evidence.builder();
        ErrorResponse.parse(bytes).ifPresent(error -> error.note(evidence));
        ProtocolDetector.note(evidence, bytes);
        evidence.put(Evidence.ALERT, ProtocolDetector.plainAlert(bytes));
        String noted = evidence.build().toString();
        assertThat(noted.length()).isLessThan(100_000);
        CiCommands.assertHarmless(noted);
    }
}
