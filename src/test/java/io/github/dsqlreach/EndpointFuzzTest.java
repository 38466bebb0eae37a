package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text as an endpoint and as each setting: understood, or refused in words that command nobody. */
class EndpointFuzzTest {

    static Stream<byte[]> texts() {
        return Stream.of(
                        "abc.dsql.us-east-1.on.aws",
                        "[::1%eth0]:5432",
                        "a:secret@host",
                        "jdbc:postgresql://abc.dsql.us-east-1.on.aws:5432/postgres?user=app&sslmode=require&sslNegotiation=direct",
                        "jdbc:aws-dsql:postgresql://h/d?options=-c%20amzn-cluster-id%3Dabc&region=eu-west-1&sslrootcert=%00",
                        "jdbc:postgresql://h?socketFactory=io.github.dsqlreach.connect.ConnectToSocketFactory&socketFactoryArg=h:1",
                        "${HOME:x}${user.name}${}",
                        "PT10S",
                        "10m",
                        "::error::x\u001b[31m")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("texts")
    @FuzzTest(maxDuration = "1h")
    void isUnderstoodOrRefusedInWords(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        harmless(() -> {
            Endpoint endpoint = Endpoint.parse(text);
            assertThat(endpoint.toBuilder().build()).isEqualTo(endpoint);
        });
        harmless(() -> HostAndPort.parse(text, 1));
        for (Setting<?> setting : Setting.all()) {
            Configuration configuration = Configuration.of(Map.of(setting.key(), text), Map.of());
            harmless(() -> configuration.get(setting));
            harmless(configuration::endpoint);
            CiCommands.assertHarmless(configuration.toString());
        }
    }

    private static void harmless(Runnable reading) {
        try {
            reading.run();
        } catch (IllegalArgumentException e) {
            CiCommands.assertHarmless(e.getMessage());
        }
    }
}
