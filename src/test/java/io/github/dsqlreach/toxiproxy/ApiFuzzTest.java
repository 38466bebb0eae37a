package io.github.dsqlreach.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.BugDetectors;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text as the body of a request: done or refused, never an internal error. */
class ApiFuzzTest {

    static Stream<byte[]> bodies() {
        return Stream.of(
                        "{\"name\":\"t\",\"type\":\"latency\",\"stream\":\"upstream\",\"toxicity\":0.5,\"attributes\":{\"latency\":10,\"jitter\":5}}",
                        "{\"type\":\"slicer\",\"attributes\":{\"average_size\":1,\"size_variation\":0,\"delay\":-1}}",
                        "{\"type\":\"bandwidth\",\"attributes\":{\"rate\":9223372036854775807}}",
                        "{\"type\":\"limit_data\",\"attributes\":{\"bytes\":1.5}}",
                        "{\"name\":\"q\",\"listen\":\"127.0.0.1:0\",\"upstream\":\"127.0.0.1:1\",\"enabled\":false}",
                        "[{\"name\":\"q\",\"listen\":\"127.0.0.1:0\",\"upstream\":\"x\"}]",
                        "{\"upstream\":\":::\",\"listen\":\"[::1\"}",
                        "null",
                        "[".repeat(5_000))
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("bodies")
    @FuzzTest(maxDuration = "1h")
    void neverAnswersWithAnInternalError(byte[] bytes) throws IOException, InterruptedException {
        BugDetectors.allowNetworkConnections(); // The test's own, to the API.
        String body = new String(bytes, StandardCharsets.UTF_8);
        try (ToxiproxyServer server = ToxiproxyServer.start()) {
            RawApi api = new RawApi(server.uri());
            api.post("/proxies", "{\"name\":\"p\",\"listen\":\"127.0.0.1:0\",\"upstream\":\"127.0.0.1:1\"}");
            for (String path :
                    new String[] {"/proxies/p/toxics", "/proxies/p/toxics/t", "/proxies/p", "/proxies", "/populate"}) {
                assertThat(api.post(path, body).status()).as(path).isLessThan(500);
                assertThat(api.patch(path, body).status()).as(path).isLessThan(500);
            }
        }
    }
}
