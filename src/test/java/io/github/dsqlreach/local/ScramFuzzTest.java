package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** A server that makes SCRAM's challenge up: answered or refused, and never believed. */
class ScramFuzzTest {

    static Stream<byte[]> challenges() {
        return Stream.of("xyz,s=c2FsdA==,i=1", ",s=,i=1", "x,s=?,i=-1", "x,i=99999999999", "r=,v=AAAA")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("challenges")
    @FuzzTest(maxDuration = "1h")
    void rejectsAServerThatDoesNotKnowThePassword(byte[] bytes) throws IOException {
        Scram scram = new Scram("password");
        String first = new String(scram.first(), StandardCharsets.UTF_8);
        ByteArrayOutputStream challenge = new ByteArrayOutputStream();
        // Ours must come first in a nonce; no fuzzer would guess it.
        challenge.writeBytes(first.substring(first.indexOf("r=")).getBytes(StandardCharsets.UTF_8));
        challenge.writeBytes(bytes);
        for (byte[] sent : new byte[][] {challenge.toByteArray(), bytes}) {
            try {
                assertThat(new String(scram.answer(sent), StandardCharsets.UTF_8))
                        .startsWith("c=biws,r=");
            } catch (ProtocolException e) {
                assertThat(e).hasMessageStartingWith("SCRAM: ");
            }
            boolean believed = true;
            try {
                scram.checkEnd(bytes);
            } catch (ProtocolException e) {
                believed = false;
            }
            assertThat(believed).isFalse();
        }
    }
}
