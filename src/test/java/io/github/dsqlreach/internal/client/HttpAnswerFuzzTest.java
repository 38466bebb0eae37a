package io.github.dsqlreach.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.dsqlreach.CiCommands;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Work;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as the answer of an HTTP proxy, and of a server that is asked for a WebSocket. */
class HttpAnswerFuzzTest {
    private static final HostAndPort SERVER = new HostAndPort("abc.dsql.us-east-1.on.aws", 443);

    static Stream<byte[]> answers() {
        return Stream.of(
                        "HTTP/1.1 200 Connection established\r\n\r\n",
                        "HTTP/1.0 200\r\nVia: a\r\n\r\n",
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>",
                        "HTTP/1.1 407 Login\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\r\n",
                        "HTTP/1.1 407 ::error::x\r\nProxy-Authenticate: ##vso[task]\u001b[2J, b\r\n\r\n",
                        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
                                + "Sec-WebSocket-Accept: x\r\n\r\n",
                        "HTTP/1.1 403 Forbidden\n\n",
                        "HTTP/2 200\r\n\r\n",
                        "HTTP/1.1 999999999999 x\r\n:\r\n : \r\n\r\n",
                        "HTTP/",
                        "::error::no HTTP",
                        "SSH-2.0-OpenSSH\r\n",
                        "")
                .map(text -> text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @MethodSource("answers")
    @FuzzTest(maxDuration = "1h")
    void isReadOrRefusedInWordsThatAreHarmless(byte[] bytes) {
        HttpProxy proxy = HttpProxy.at(new HostAndPort("proxy", 8080));
        assertHarmless(() -> proxy.tunnel(Work.drippingSocket(bytes), SERVER));
        assertHarmless(() -> {
            Socket socket = Work.drippingSocket(bytes);
            WebSocketSocket.upgrade(socket, socket, SERVER);
        });
    }

    private interface Call {
        void run() throws IOException;
    }

    private static void assertHarmless(Call call) {
        try {
            call.run();
        } catch (IOException e) {
            assertThat(e.getMessage()).isNotBlank().hasSizeLessThan(1_000);
            CiCommands.assertHarmless(e.getMessage());
        }
    }
}
