package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.internal.results.CiAnnotations;
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
                Report.of(SIMULATED).text(TextStyle.plain()),
                Report.of(SIMULATED).markdown(),
                Report.of(SIMULATED).html(),
                Report.of(SIMULATED).json(),
                SIMULATED.toString(),
                CiAnnotations.of(Map.of("GITHUB_ACTIONS", "true")).lines(Report.of(SIMULATED)));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void saysSoInEveryFormat(String report) {
        assertThat(report).contains("SIMULATED (LATENCY): DSQL blocked");
    }

    @Test
    void offersItselfToNobody() {
        for (String page : List.of(
                Report.of(SIMULATED).html(),
                Report.of(SIMULATED).markdown(),
                Report.of(SIMULATED).text(TextStyle.plain()))) {
            assertThat(page.replaceAll("\\s+", " "))
                    .contains("What to do (simulated failure)")
                    .contains("do not send it to anyone");
        }
        assertThat(Report.of(SIMULATED).html())
                .contains("✗ blocked at TLS (SIMULATED)")
                .contains("<title>DSQL blocked at TLS (SIMULATED)");
    }

    @Test
    void namesFaultAndParametersInJsonAndIsReadAgain() {
        assertThat(Report.of(SIMULATED).json()).contains("\"fault\": \"LATENCY\"", "\"latency\": 500.0");
        assertThat(Report.parse(Report.of(SIMULATED).json()).reachability()).isEqualTo(SIMULATED);
        assertThat(Report.of(REAL).json()).contains("\"simulated\": null");
    }
}
