package io.github.dsqlreach.report;

import io.github.dsqlreach.GoldenFile;
import io.github.dsqlreach.Reachability;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each sample report looks like as text, Markdown and JSON: a better sentence changes one file per report. */
class GoldenReportsTest {
    static Stream<Arguments> samples() {
        return SampleReachabilities.named().entrySet().stream()
                .map(sample -> Arguments.of(sample.getKey(), sample.getValue()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("samples")
    void aReportLooksLikeItsFile(String name, Reachability reachability) {
        Report report =
                Report.of(reachability).affecting("com.acme.OrdersIT", 12, 0, 0).affecting("com.acme.StockIT", 2, 1, 0);

        GoldenFile.assertMatches(
                "report/" + name + ".txt",
                Stream.of(report.text(TextStyle.plain()), report.markdown(), report.json())
                        .collect(Collectors.joining("=".repeat(100) + "\n")));
    }

    @Test
    void aComparisonLooksLikeItsFile() {
        Map<String, Reachability> samples = SampleReachabilities.named();
        Comparison comparison = Comparison.of(List.of(
                Report.of(samples.get("reset")).labelled("café"),
                Report.of(samples.get("reachable")).labelled("home"),
                Report.of(samples.get("intercepted")).labelled("train"),
                Report.of(samples.get("odd")).labelled("tunnel")));

        GoldenFile.assertMatches(
                "report/comparison.txt",
                comparison.text(TextStyle.plain()) + "=".repeat(100) + "\n" + comparison.markdown());
    }
}
