package io.github.dsqlreach.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a ClientHello: read, not yet complete, or refused. */
class ClientHelloFuzzTest {

    static Stream<byte[]> hellos() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("abc.dsql.us-east-1.on.aws", 5432);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"postgresql"});
        engine.setSSLParameters(parameters);
        ByteBuffer out = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), out);
        byte[] hello = Arrays.copyOf(out.array(), out.position());
        assertThat(read(hello).protocols()).containsExactly("postgresql");
        return Stream.of(hello, Arrays.copyOf(hello, 60), new byte[] {22, 3, 1, 0, 4, 1, 0, 0, 0});
    }

    private static ClientHello read(byte[] bytes) {
        return new ClientHello.Reader().read(bytes, 0, bytes.length);
    }

    @MethodSource("hellos")
    @FuzzTest(maxDuration = "1h")
    void isReadOrRefused(byte[] bytes) {
        PostgresRequest.isStartup(bytes);
        ClientHello.starts(bytes);
        try {
            ClientHello hello = read(bytes);
            if (hello != null) {
                assertThat(String.join("", hello.names()).length()).isLessThanOrEqualTo(bytes.length);
            }
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isIn("not a ClientHello", "a broken ClientHello", "not a handshake");
        }
    }
}
