package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class CompareCommandTest {
    @TempDir
    Path directory;

    private String cafe;
    private String home;

    @BeforeEach
    void report() {
        cafe = check("cafe.json", "127.0.0.1:1", "tcp");
        home = check("home.json", "127.0.0.1:1", "dns");
    }

    private String check(String file, String target, String through) {
        Path path = directory.resolve(file);
        Run.of(
                "abc.dsql.us-east-1.on.aws",
                "--connect-to",
                target,
                "--through",
                through,
                "--format",
                "json",
                "--output",
                path.toString());
        return path.toString();
    }

    @Test
    void putsReportsSideBySideUnderTheirFileNames() {
        Run run = Run.of("compare", cafe, home);

        assertThat(run.exit()).isZero();
        assertThat(run.out()).containsSubsequence("cafe", "home", "DNS", "TCP", "✗", "verdict", "blocked", "reachable");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void takesLabelsInTheOrderOfTheReports() {
        Run run = Run.of("compare", cafe, home, "--label", "Café Müller", "--label", "at home");

        assertThat(run.exit()).isZero();
        assertThat(run.out()).containsSubsequence("Café Müller", "at home").doesNotContain("cafe");
    }

    @Test
    void writesMarkdownHtmlAndFiles() {
        Path file = directory.resolve("comparison.html");

        assertThat(Run.of("compare", cafe, home, "--format", "markdown").out()).contains("| cafe", "home");
        Run html = Run.of("compare", cafe, home, "--format", "html", "--output", file.toString());

        assertThat(html.exit()).isZero();
        assertThat(html.out()).isEmpty();
        assertThat(file).content().startsWith("<!DOCTYPE html>").contains("cafe");
    }

    @Test
    void exitsWith64WhenAReportCannotBeRead() throws IOException {
        Path other = Files.writeString(directory.resolve("other.json"), "{\"schema\":\"dsql-reach/99\"}");

        Run missing = Run.of("compare", cafe, directory + "/missing.json");
        Run foreign = Run.of("compare", cafe, other.toString());

        assertThat(missing.exit()).isEqualTo(64);
        assertThat(missing.err()).contains("missing.json", "there is no such file");
        assertThat(foreign.exit()).isEqualTo(64);
        assertThat(foreign.err()).contains("other.json", "dsql-reach/99");
        assertThat(missing.out() + foreign.out()).isEmpty();
    }

    /** They would block, or never end. */
    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no FIFOs and no /dev/zero")
    void exitsWith64WhenAReportIsNoRegularFile() throws Exception {
        Path fifo = directory.resolve("fifo.json");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();

        for (String file : List.of(fifo.toString(), "/dev/zero", directory.toString())) {
            Run run = Run.of("compare", cafe, file);

            assertThat(run.exit()).isEqualTo(64);
            assertThat(run.err()).contains(file, "it is not a regular file");
        }
    }

    /** As a hostile report may be; what takes the square of such a size never ends here. */
    @Test
    void exitsWith64OnDeepNestingAndLongTexts() throws IOException {
        String valid = Files.readString(Path.of(cafe));
        for (String hostile : List.of(
                "{\"schema\":\"dsql-reach/1\",\"x\":" + "[".repeat(2_000_000),
                "{\"schema\":\"dsql-reach/1\",\"x\":" + "{\"a\":".repeat(400_000),
                valid.replace(
                        "\"simulated\"", "\"x\": " + "[".repeat(400_000) + "]".repeat(400_000) + ", \"simulated\""),
                valid.replace("\"BLOCKED\"", "\"" + "B".repeat(300_000) + "\""),
                valid.replace("\"TCP_REFUSED\"", "\"" + "[class:".repeat(100_000) + "\""))) {
            Path file = Files.writeString(directory.resolve("hostile.json"), hostile);

            Run run = Run.of("compare", cafe, file.toString());

            assertThat(run.exit()).isIn(0, 64);
            assertThat(run.exit() == 0 ? run.out() : run.err()).contains("hostile");
        }
    }

    @Test
    void exitsWith64OnWrongUsage() {
        assertThat(Run.of("compare").exit()).isEqualTo(64);
        assertThat(Run.of("compare").err()).contains("REPORT.json");
        assertThat(Run.of("compare", cafe, home, "--label", "one").err()).contains("1 labels for 2 reports");
        assertThat(Run.of("compare", cafe, "--format", "json").err()).contains("text, markdown and html");
        assertThat(Run.of("compare", cafe, "--output", directory + "/nowhere/x").exit())
                .isEqualTo(64);
    }
}
