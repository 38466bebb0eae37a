package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.dsqlreach.CiCommands;
import io.github.dsqlreach.Reachability;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text as a report of somebody else's: refused in words, or read and shown by all renderers without a command. */
class JsonReportFuzzTest {

    static Stream<byte[]> reports() {
        return Stream.concat(
                        SampleReachabilities.all().stream()
                                .map(reachability -> Report.of(reachability).json()),
                        Stream.of(
                                "", "{}", "[]", "{\"schema\":\"dsql-reach/1\"}", "{\"schema\":{}}", "[".repeat(10_000)))
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    @MethodSource("reports")
    @FuzzTest(maxDuration = "1h")
    void isRefusedOrShownWithoutACommand(byte[] bytes) {
        Reachability read;
        try {
            read = Report.parse(new String(bytes, StandardCharsets.UTF_8)).reachability();
        } catch (UnreadableReportException e) {
            CiCommands.assertHarmless(e.getMessage());
            return;
        }
        assertThat(Report.parse(Report.of(read).json()).reachability()).isEqualTo(read);
        Comparison comparison = Comparison.of(
                List.of(Report.of(read).labelled("a"), Report.of(read).labelled("b")));
        List<Report> reported = List.of(Report.of(read));
        for (String shown : List.of(
                read.toString(),
                Report.of(read).text(TextStyle.plain()),
                Report.markdown(reported),
                Report.html(reported),
                Report.of(read).json(),
                comparison.text(TextStyle.plain()),
                comparison.markdown(),
                comparison.html())) {
            CiCommands.assertHarmless(shown);
        }
    }
}
