package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.CiCommands;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a hostile server says is shown as text, in every format. */
// SECURITY.md: untrusted text is never interpreted.
class OutputSafetyTest {
    private static final Pattern TAG = Pattern.compile("<\\s*/?\\s*([a-zA-Z!][a-zA-Z0-9]*)");

    /** Every text output that may end up in a log, without those that are commands themselves. */
    static Map<String, String> outputs(String said) {
        Reachability hostile = SampleReachabilities.hostile(said);
        Report reported = Report.of(hostile).affecting(said, 2, 0, 0);
        Comparison comparison = Comparison.of(List.of(
                Report.of(hostile).labelled(said),
                Report.of(SampleReachabilities.reachable()).labelled("home"),
                Report.of(SampleReachabilities.odd()).labelled("::error::")));
        Map<String, String> outputs = new LinkedHashMap<>();
        outputs.put("value", hostile.toString());
        outputs.put("evidence", hostile.attempt().orElseThrow().phases().toString());
        outputs.put("line", TextReport.line(hostile, said, TextStyle.plain()));
        outputs.put("message", TextReport.message(said, TextStyle.plain()));
        outputs.put("text", reported.text(TextStyle.plain()));
        outputs.put("ascii", reported.text(TextStyle.ascii()));
        outputs.put("phase", TextReport.phase(hostile.attempt().orElseThrow().result(Phase.TLS), TextStyle.plain()));
        outputs.put("diagram", PhaseDiagram.of(hostile, TextStyle.plain()));
        outputs.put("markdown", Report.markdown(List.of(reported)));
        outputs.put("html", Report.html(List.of(reported)));
        outputs.put("json", Report.of(hostile).json());
        outputs.put("comparison", comparison.text(TextStyle.plain()));
        outputs.put("comparison ascii", comparison.text(TextStyle.ascii()));
        outputs.put("comparison markdown", comparison.markdown());
        outputs.put("comparison html", comparison.html());
        return outputs;
    }

    static Stream<Arguments> everyOutput() {
        return outputs(SampleReachabilities.HOSTILE).entrySet().stream()
                .map(e -> Arguments.of(e.getKey(), e.getValue()));
    }

    static Stream<Arguments> everyPage() {
        return outputs(SampleReachabilities.HOSTILE).entrySet().stream()
                .filter(e -> e.getKey().contains("html"))
                .map(e -> Arguments.of(e.getKey(), e.getValue()));
    }

    static Stream<Arguments> everyMarkdown() {
        return outputs(SampleReachabilities.HOSTILE).entrySet().stream()
                .filter(e -> e.getKey().contains("markdown"))
                .map(e -> Arguments.of(e.getKey(), e.getValue()));
    }

    /** The texts of the corpus, each said by the server wherever it may say something. */
    @Test
    void commandsOfCiServicesAreDefused() {
        for (String text : CiCommands.texts()) {
            outputs(text).forEach((name, output) -> CiCommands.assertHarmless(output));
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyOutput")
    void noControlCharacterAndNoSecretIsShown(String name, String output) {
        assertThat(output.chars().filter(c -> c < ' ' && c != '\n' || c == 127)).isEmpty();
        assertThat(output).doesNotContain("0123456789abcdef0123456789abcdef");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyPage")
    void aPageHasOnlyItsOwnElementsAndAsksForNothing(String name, String page) {
        Set<String> elements = new TreeSet<>();
        Matcher tags = TAG.matcher(page);
        while (tags.find()) {
            elements.add(tags.group(1));
        }
        assertThat(elements)
                .doesNotContain("script", "img", "iframe", "a", "svg")
                .isSubsetOf(Set.of(
                        ("!DOCTYPE html head meta link title style body main article header section footer p h1 h2 table"
                                        + " thead tbody tr th td div span i b ul ol li code small wbr")
                                .split(" ")));
        assertThat(page).doesNotContain("http:", "https:", "url(", "@import");
        assertThat(page).contains("default-src 'none'").contains("&lt;/script&gt;&lt;script&gt;alert(1)");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("everyMarkdown")
    void markdownHasNoMarkupOfOthers(String name, String markdown) {
        String outsideOfCode =
                markdown.replaceAll("(?s)```text.*?```", "").replaceAll("(`+)(?!`).*?(?<!`)\\1(?!`)", "");
        assertThat(outsideOfCode).doesNotContain("<script", "<img", "](", "@octocat");
        if (name.equals("markdown")) {
            assertThat(outsideOfCode).contains("&lt;script", "\\[link\\]", "@<!-- -->octocat");
        }
        // Every row of a table has as many cells as its header.
        List<Long> cells = new ArrayList<>();
        for (String line : markdown.split("\n")) {
            if (!line.startsWith("|")) {
                cells.clear();
                continue;
            }
            cells.add(line.replace("\\|", "").chars().filter(c -> c == '|').count());
            assertThat(cells).as(line).containsOnly(cells.get(0));
        }
    }

    @Test
    void aSecretThatIsKnownIsMaskedEverywhere() {
        String secret = "s3cr3t-Value-Of-OutputSafetyTest";
        Scrubber.keepSecret(secret);
        Reachability reset = SampleReachabilities.reset(SampleReachabilities.endpoint().toBuilder()
                .user("user-" + secret)
                .options("-c x=" + secret)
                .build());
        Report reported = Report.of(reset).affecting(secret, 0, 1, 0);
        Comparison comparison = Comparison.of(
                List.of(Report.of(reset).labelled(secret), Report.of(reset).labelled("b")));
        assertThat(List.of(
                        reported.text(TextStyle.plain()),
                        Report.markdown(List.of(reported)),
                        Report.html(List.of(reported)),
                        Report.of(reset).json(),
                        comparison.text(TextStyle.plain()),
                        comparison.markdown(),
                        comparison.html()))
                .allSatisfy(output -> assertThat(output.replace("\\", ""))
                        .doesNotContain(secret)
                        .contains("***"));
    }
}
