package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TextReportTest {
    static List<Reachability> samples() {
        return SampleReachabilities.all();
    }

    @Test
    void isShortWhenReachable() {
        assertThat(Report.of(SampleReachabilities.reachable())
                        .text(TextStyle.plain())
                        .lines())
                .hasSize(9)
                .first()
                .asString()
                .startsWith("✓ DSQL reachable");
        assertThat(Report.of(SampleReachabilities.through(Phase.TCP)).text(TextStyle.plain()))
                .contains("– AUTH              not checked");
    }

    @Test
    void countsTheTestsThatDidNotRun() {
        Report reported = Report.of(SampleReachabilities.reset())
                .affecting("com.acme.OrderIT", 12, 0, 0)
                .affecting("com.acme.StockIT", 2, 1, 0);
        assertThat(reported.text(TextStyle.plain()))
                .contains("\n  14 tests skipped, 1 test failed because of this\n")
                .contains("\n  • com.acme.OrderIT: 12 skipped\n  • com.acme.StockIT: 2 skipped, 1 failed\n");
    }

    @ParameterizedTest
    @MethodSource("samples")
    void isAtMost100ColumnsWideButForCommands(Reachability reachability) {
        assertThat(Report.of(reachability).text(TextStyle.plain()).lines())
                .filteredOn(line -> !line.contains("`") && !line.contains("# #") && !line.contains(": :"))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void isAsciiWhereNothingElseCanBeShown(Reachability reachability) {
        String text = Report.of(reachability).text(TextStyle.ascii());
        assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(text)).isTrue();
    }

    @Test
    void coloursOnlyWhereAsked() {
        Reachability reset = SampleReachabilities.reset();
        String colourful = Report.of(reset).text(new TextStyle(true, true));
        assertThat(colourful).contains("\u001b[31m✗\u001b[0m");
        assertThat(colourful.replaceAll("\u001b\\[\\d+m", ""))
                .isEqualTo(Report.of(reset).text(TextStyle.plain()));
    }

    @Test
    void usesColoursOnATerminalThatWantsThem() {
        assertThat(TextStyle.of(Map.of(), true, StandardCharsets.UTF_8)).isEqualTo(new TextStyle(true, true));
        assertThat(TextStyle.of(Map.of(), false, StandardCharsets.UTF_8)).isEqualTo(TextStyle.plain());
        assertThat(TextStyle.of(Map.of("NO_COLOR", "1"), true, StandardCharsets.UTF_8))
                .isEqualTo(TextStyle.plain());
        assertThat(TextStyle.of(Map.of("TERM", "dumb"), true, StandardCharsets.UTF_8))
                .isEqualTo(TextStyle.plain());
        assertThat(TextStyle.of(Map.of("NO_COLOR", ""), true, StandardCharsets.ISO_8859_1))
                .isEqualTo(new TextStyle(true, false));
    }

    @Test
    void wrapsAtBlanksAndJoints() {
        assertThat(Wrap.lines("one two `a long command` three", 9))
                .containsExactly("one two", "`a long command`", "three");
        assertThat(Wrap.lines("POSTGRES_NEGOTIATION_BLOCKED", 16))
                .containsExactly("POSTGRES_", "NEGOTIATION_", "BLOCKED");
        assertThat(Wrap.lines("x".repeat(25), 10)).containsExactly("x".repeat(10), "x".repeat(10), "x".repeat(5));
    }
}
