package io.github.dsqlreach.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.dsqlreach.CiCommands;
import io.github.dsqlreach.Work;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as what a server sends on a WebSocket. */
class WebSocketFrameFuzzTest {

    static Stream<byte[]> frames() {
        return Stream.of(
                bytes(0x82, 3, 'a', 'b', 'c'),
                bytes(0x02, 1, 'a', 0x00, 1, 'b', 0x89, 2, 'h', 'i', 0x80, 1, 'c'),
                bytes(0x82, 126, 0, 2, 'a', 'b'),
                bytes(0x82, 127, 0, 0, 0, 0, 0, 0, 0, 1, 'a'),
                bytes(0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
                bytes(0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 'a'),
                bytes(0x88, 2, 3, 0xe8),
                bytes(0x88, 9, 3, 0xf1, ':', ':', 'e', 'r', 'r', ':', ':'),
                bytes(0x88, 1, 3),
                bytes(0x88, 0),
                bytes(0x8a, 0, 0x82, 0),
                bytes(0x82, 0x81, 1, 2, 3, 4, 'a'),
                bytes(0xc2, 1, 'a'),
                bytes(0x81, 1, 'a'),
                bytes(0x80, 1, 'a'),
                bytes(0x8b, 0),
                bytes(0x09, 0),
                bytes(0x89, 126, 0, 1, 'a'),
                bytes(0x82),
                bytes());
    }

    private static byte[] bytes(int... bytes) {
        byte[] result = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            result[i] = (byte) bytes[i];
        }
        return result;
    }

    /** The same whether the bytes come at once or one by one. */
    @MethodSource("frames")
    @FuzzTest(maxDuration = "1h")
    void isReadOrRefusedHoweverItIsCut(byte[] bytes) {
        String atOnce = read(new ByteArrayInputStream(bytes), bytes.length);
        String oneByOne = read(Work.dripping(bytes), bytes.length);
        assertThat(oneByOne).isEqualTo(atOnce);
    }

    private static String read(InputStream bytes, int length) {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        FrameInput in = new FrameInput(new ReadAhead(bytes), new FrameOutput(sent, Runnable::run));
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        byte[] buffer = new byte[1_000];
        String end = "end";
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                data.write(buffer, 0, count);
            }
            // An end stays the end.
            assertThat(in.read(buffer)).isNegative();
        } catch (IOException e) {
            end = String.valueOf(e.getMessage());
            assertThat(end).isNotBlank().hasSizeLessThan(1_000);
            CiCommands.assertHarmless(end);
        }
        // Each ping is answered at most once, and a message of the server's closes at most once.
        assertThat(data.size()).isLessThanOrEqualTo(length);
        assertThat(sent.size()).isLessThanOrEqualTo(4 * length + 8);
        return data + " " + end;
    }
}
