package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.dsqlreach.internal.StartupCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as what a client or PostgreSQL sends: a message, or an IOException. */
class WireFuzzTest {

    static Stream<byte[]> messages() {
        Startup startup = new Startup(
                StartupCode.PROTOCOL_MAJOR << 16, Map.of("user", "admin", "options", "-c amzn-cluster-id=abc -c x=y"));
        return Stream.of(
                startup.packet(),
                Wire.untyped(new byte[] {4, (byte) 0xd2, 22, 47}),
                Wire.message('p', new byte[] {'x', 0}),
                Wire.error(new ErrorText("28000", "denied", "hint")),
                new byte[] {'E', 0x7f, -1, -1, -1});
    }

    @MethodSource("messages")
    @FuzzTest(maxDuration = "1h")
    void isAMessageOrNone(byte[] bytes) throws IOException {
        try {
            Wire.Message message = Wire.readMessage(new ByteArrayInputStream(bytes), Wire.MOST_PASSWORD_BYTES);
            assertThat(bytes).startsWith(Wire.message(message));
            if (message.type() == 'E') {
                assertThat(new Backend.RefusedByServer(Wire.message(message)).text())
                        .isNotNull();
            }
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotEqualTo("");
        }
        try {
            Startup startup = Startup.parse(Wire.readUntyped(new ByteArrayInputStream(bytes)));
            startup.clusterId();
            Startup behind = startup.forServer("someone", "postgres", "role");
            byte[] packet = Wire.readUntyped(new ByteArrayInputStream(behind.packet()));
            assertThat(Startup.parse(packet)).isEqualTo(behind);
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotEqualTo("");
        }
    }
}
