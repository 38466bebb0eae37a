package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.fault.Fault;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A report of a simulated fault cannot be taken for one of the real network. */
class SimulatedReportTest {
    private static final Reachability REAL = SampleReachabilities.reset();
    private static final Reachability SIMULATED =
            REAL.simulated(Fault.LATENCY.with("latency", 500).simulation());

    static Stream<String> formats() {
        return Stream.of(
                TextReport.of(SIMULATED, TextStyle.plain()),
                MarkdownReport.of(SIMULATED),
                HtmlReport.of(SIMULATED),
                JsonReport.write(SIMULATED),
                SIMULATED.toString(),
                CiAnnotations.of(Map.of("GITHUB_ACTIONS", "true")).lines(Reported.of(SIMULATED)));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void saysSoInEveryFormat(String report) {
        assertThat(report).contains("SIMULATED (LATENCY): DSQL blocked");
    }

    @Test
    void offersItselfToNobody() {
        for (String page : List.of(
                HtmlReport.of(SIMULATED), MarkdownReport.of(SIMULATED), TextReport.of(SIMULATED, TextStyle.plain()))) {
            assertThat(page.replaceAll("\\s+", " "))
                    .contains("What to do, were it real")
                    .contains("there is nobody to send it to");
        }
        assertThat(HtmlReport.of(SIMULATED))
                .contains("✗ blocked at TLS (SIMULATED)")
                .contains("<title>DSQL blocked at TLS (SIMULATED)");
    }

    @Test
    void namesFaultAndParametersInJsonAndIsReadAgain() {
        assertThat(JsonReport.write(SIMULATED)).contains("\"fault\": \"LATENCY\"", "\"latency\": 500.0");
        assertThat(JsonReport.read(JsonReport.write(SIMULATED))).isEqualTo(SIMULATED);
        assertThat(JsonReport.write(REAL)).contains("\"simulated\": null");
    }

    @Test
    void takesNoFileOfARealReport() {
        assertThat(Reports.name(SIMULATED)).startsWith("simulated-LATENCY-").isNotEqualTo(Reports.name(REAL));
    }
}
