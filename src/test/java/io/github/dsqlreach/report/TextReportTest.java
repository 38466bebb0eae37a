package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.AffectedTests.Outcome;
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
    void showsVerdictPhasesCauseExperimentsAndRemedies() {
        String text = TextReport.of(SampleReachabilities.reset(), TextStyle.plain());
        assertThat(text)
                .startsWith("✗ DSQL blocked at TLS: connection reset")
                .contains("\n  ✓ TCP        83 ms  3.219.14.2:5432\n")
                .contains("\n  ✗ TLS       0.4 ms  connection reset 0.3 ms after the SSLRequest\n")
                .contains("\n  – AUTH              not reached\n")
                .contains("\n  Why: POSTGRES_NEGOTIATION_BLOCKED, confirmed\n")
                .contains("\n  • Direct TLS to the same server passed in 171 ms.\n")
                .containsPattern("\n  ✗ a start without TLS {12}10 s  no answer\n")
                .contains("\n  1. Start with TLS at once: `sslNegotiation=direct`")
                .endsWith("\n");
    }

    @Test
    void isShortWhenReachable() {
        assertThat(TextReport.of(SampleReachabilities.reachable(), TextStyle.plain())
                        .lines())
                .hasSize(9)
                .first()
                .asString()
                .startsWith("✓ DSQL reachable");
        assertThat(TextReport.of(SampleReachabilities.through(Phase.TCP), TextStyle.plain()))
                .contains("– AUTH              not asked for");
    }

    @Test
    void showsTheServersHint() {
        assertThat(TextReport.of(SampleReachabilities.denied(), TextStyle.plain()))
                .contains("unable to accept connection, access denied (Wrong user to action mapping.");
    }

    @Test
    void tellsWhatToDoWithoutAnEndpoint() {
        assertThat(TextReport.of(SampleReachabilities.notConfigured(), TextStyle.plain()))
                .startsWith("✗ DSQL misconfigured: no endpoint is configured")
                .contains("`export DSQL_ENDPOINT=<cluster-id>.dsql.<region>.on.aws`")
                .doesNotContain("this machine");
    }

    @Test
    void countsTheTestsThatDidNotRun() {
        Reported reported = new Reported(
                SampleReachabilities.reset(),
                List.of(
                        new AffectedTests("com.acme.OrderIT", 12, Outcome.SKIPPED),
                        new AffectedTests("com.acme.StockIT", 1, Outcome.FAILED)));
        assertThat(TextReport.of(reported, TextStyle.plain()))
                .contains("\n  12 tests skipped, 1 test failed because of this\n")
                .contains("\n  • com.acme.OrderIT: 12 skipped\n");
    }

    @ParameterizedTest
    @MethodSource("samples")
    void isAtMost100ColumnsWideButForCommands(Reachability reachability) {
        assertThat(TextReport.of(reachability, TextStyle.plain()).lines())
                .filteredOn(line -> !line.contains("`") && !line.contains("# #") && !line.contains(": :"))
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void isAsciiWhereNothingElseCanBeShown(Reachability reachability) {
        String text = TextReport.of(reachability, TextStyle.ascii());
        assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(text)).isTrue();
    }

    @Test
    void keepsCommandsInOnePiece() {
        assertThat(TextReport.of(SampleReachabilities.denied(), TextStyle.plain()))
                .contains("`aws dsql generate-db-connect-admin-auth-token --hostname " + SampleReachabilities.HOST
                        + " --region us-east-1`");
    }

    @Test
    void coloursOnlyWhereAsked() {
        Reachability reset = SampleReachabilities.reset();
        String colourful = TextReport.of(reset, new TextStyle(true, true));
        assertThat(colourful).contains("\u001b[31m✗\u001b[0m");
        assertThat(colourful.replaceAll("\u001b\\[\\d+m", "")).isEqualTo(TextReport.of(reset, TextStyle.plain()));
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
