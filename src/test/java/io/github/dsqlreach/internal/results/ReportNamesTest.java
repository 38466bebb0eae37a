package io.github.dsqlreach.internal.results;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.report.SampleReachabilities;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReportNamesTest {
    private static final Endpoint ENDPOINT = SampleReachabilities.endpoint();

    static Stream<Reachability> samples() {
        return SampleReachabilities.all().stream();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void areTheirOwnPatternAndFitIntoAFileName(Reachability reachability) {
        String name = ReportNames.of(reachability);

        assertThat(ReportNames.isReport(name)).as(name).isTrue();
        assertThat(name + ".html").hasSizeLessThan(255);
    }

    @Test
    void tellHostUserAndCause() {
        assertThat(ReportNames.of(SampleReachabilities.reset()))
                .matches(SampleReachabilities.HOST + "-[0-9a-f]{8}-POSTGRES_NEGOTIATION_BLOCKED");
        assertThat(ReportNames.of(ENDPOINT))
                .isNotEqualTo(ReportNames.of(ENDPOINT.toBuilder().user("app").build()))
                .isNotEqualTo(ReportNames.of(ENDPOINT.toBuilder()
                        .connectTo(new HostAndPort("10.0.0.1", 5432))
                        .build()));
        assertThat(ReportNames.of(SampleReachabilities.notConfigured()))
                .isEqualTo("no-endpoint-ENDPOINT_NOT_CONFIGURED");
        assertThat(ReportNames.of(
                        SampleReachabilities.reset().simulated(new Reachability.Simulation("TLS_RESET", Map.of()))))
                .startsWith("simulated-TLS_RESET-" + SampleReachabilities.HOST);
    }

    @Test
    void areTheSameForALocalClusterInEachJvm() {
        List<String> names = Stream.of(1, 2)
                .map(jvm -> {
                    try (LocalDsql local =
                            LocalDsql.builder().clusterId("orders").start()) {
                        return ReportNames.of(local.endpoint());
                    }
                })
                .toList();

        assertThat(names.get(1)).isEqualTo(names.get(0));
    }

    /** As of {@code endpoint = "${AWS_SECRET_ACCESS_KEY}.x"}. */
    @Test
    void holdNoSecret() {
        String secret = "s3cr3tvalueofreportnamestest";
        Scrubber.keepSecret(secret);
        Endpoint endpoint = Endpoint.parse(secret + ".x");

        assertThat(ReportNames.of(endpoint)).doesNotContain(secret).matches("x-[0-9a-f]{8}");
        assertThat(ReportNames.safe("com.acme." + secret, 120)).doesNotContain(secret);
    }

    @ParameterizedTest
    @CsvSource({
        "con.example.com, _con.example.com",
        "AUX, _AUX",
        "lpt1.x, _lpt1.x",
        "console.example.com, console.example.com",
        "'com.acme.Größe$Inner', com.acme.Gr--e-Inner",
        "'../../etc/passwd', etc-passwd",
        "'.hidden', hidden",
        "'a:b*c?d\"e<f>g|h', a-b-c-d-e-f-g-h",
        "'', _",
        "'...', _"
    })
    void areValidOnAllSystems(String text, String expected) {
        assertThat(ReportNames.safe(text, 120)).isEqualTo(expected);
    }

    @Test
    void areShort() {
        assertThat(ReportNames.safe("a".repeat(5_000), 120)).hasSize(120);
    }

    /** Files of these names would be read and deleted. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "README",
                "pom",
                "no-endpoint/../../x",
                "../x-0123abcd",
                "/etc/x-0123abcd",
                "..",
                "",
                "x-0123abcd-",
                "x-0123abcd-CAUSE/../..",
                "x\\-0123abcd",
                "C:x-0123abcd",
                "package-lock"
            })
    void areNothingElse(String name) {
        assertThat(ReportNames.isReport(name)).isFalse();
    }
}
