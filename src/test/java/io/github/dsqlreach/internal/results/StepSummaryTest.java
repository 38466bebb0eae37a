package io.github.dsqlreach.internal.results;

import static io.github.dsqlreach.internal.results.Results.RESET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.Report;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class StepSummaryTest {
    @TempDir
    private Path directory;

    private Path file;
    private Path reports;

    @BeforeEach
    void inADirectory() {
        file = directory.resolve("summary.md");
        reports = directory.resolve("reports");
    }

    private StepSummary summary(String build) throws IOException {
        return StepSummary.of(Map.of("GITHUB_ACTIONS", "true", "GITHUB_STEP_SUMMARY", file.toString()), build)
                .orElseThrow();
    }

    private boolean update(Path... directories) throws IOException {
        boolean updated = true;
        for (Path one : directories) {
            updated &= summary("github-1").update(one);
        }
        return updated;
    }

    private void skip(Path where, String testClass, int tests) throws IOException {
        String[] names = new String[tests];
        for (int i = 0; i < tests; i++) {
            names[i] = "test" + i;
        }
        Results.of(testClass).module(where.toString()).skipped(RESET, names).writeTo(where, RESET);
    }

    @Test
    void isThereOnGitHubOnly() throws IOException {
        assertThat(StepSummary.of(Map.of("GITHUB_STEP_SUMMARY", file.toString()), "b"))
                .isEmpty();
        assertThat(StepSummary.of(Map.of("GITHUB_ACTIONS", "true"), "b")).isEmpty();
        assertThatIOException()
                .isThrownBy(() -> StepSummary.of(Map.of("GITHUB_ACTIONS", "true", "GITHUB_STEP_SUMMARY", "\0"), "b"));
    }

    @Test
    void staysEmptyWhileAllTestsRun() throws IOException {
        Results.of("a.B").ran("one").writeTo(reports);

        assertThat(update(reports)).isTrue();

        assertThat(file).doesNotExist();
    }

    @Test
    void hasOneSectionWithTheTestsOfAllJvmsAndModules() throws IOException {
        Path other = directory.resolve("another module");
        Files.writeString(file, "# Mine\n");
        skip(reports, "a.B", 2);
        update(reports);
        Files.writeString(file, "# Also mine\n", StandardOpenOption.APPEND);
        skip(reports, "a.C", 1);
        update(reports);
        skip(other, "a.B", 3);

        assertThat(update(other)).isTrue();

        assertThat(file)
                .content()
                .startsWith("# Mine\n")
                .containsOnlyOnce("# Also mine\n")
                .containsOnlyOnce("## ❌ DSQL")
                .contains("6 tests skipped because of this");
    }

    @Test
    void hasASectionForEachBuild() throws IOException {
        skip(reports, "a.B", 2);
        update(reports);
        Path other = directory.resolve("other");
        Results.of("a.B").build("github-2").skipped(RESET, "one").writeTo(other, RESET);

        summary("github-2").update(other);

        assertThat(file).content().contains("2 tests skipped because of this", "1 test skipped because of this");
    }

    @Test
    void tellsWhenTestsRanAfterAll() throws IOException {
        skip(reports, "a.B", 1);
        update(reports);
        Results.of("a.B").module(reports.toString()).finished(2).ran("test0").writeTo(reports);

        update(reports);

        assertThat(file).content().doesNotContain("## ❌ DSQL");
    }

    /** Such as UTF-16, in which PowerShell appends to it. */
    @Test
    void keepsTheBytesOfOthersInWhateverEncoding() throws IOException {
        byte[] before = "\ufeffédité\n".getBytes(StandardCharsets.UTF_16LE);
        byte[] between = {(byte) 0xe9, '\n', 'x'};
        Files.write(file, before);
        skip(reports, "a.B", 1);
        update(reports);
        Files.write(file, between, StandardOpenOption.APPEND);
        for (int i = 0; i < 200; i++) {
            skip(reports, "a.A".repeat(20) + i, 1);
        }

        update(reports);

        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(Files.readAllBytes(file)).startsWith(before);
        assertThat(bytes).containsOnlyOnce(new String(between, StandardCharsets.ISO_8859_1));
        assertThat(new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
                .containsOnlyOnce("## ❌ DSQL")
                .contains("201 tests skipped because of this");
    }

    /** Whoever ends last: each writes its results, and then what all results come to. */
    @Test
    void endsWithTheTotalsWhateverTheOrderAndOverlapOfJvms() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Void>> jvms = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Path module = directory.resolve("module " + i % 3);
                String testClass = "a.Test" + i;
                jvms.add(() -> {
                    skip(module, testClass, 1);
                    Files.writeString(
                            file, "of another program\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                    update(module);
                    return null;
                });
            }
            for (Future<Void> jvm : pool.invokeAll(jvms)) {
                jvm.get();
            }
        } finally {
            pool.shutdownNow();
        }

        assertThat(file).content().containsOnlyOnce("## ❌ DSQL").contains("40 tests skipped because of this");
        assertThat(Files.readString(file).split("of another program\n", -1)).hasSize(41);
    }

    @Test
    void growsLittle() throws IOException {
        for (int i = 0; i < 60; i++) {
            skip(reports, "com.acme.a.rather.long.name.OrdersIT" + i, 1);
            update(reports);
        }

        assertThat(Files.size(file)).isLessThan(6L * Report.of(RESET).markdown().length() + 6 * 60 * 60);
    }

    @Test
    void staysAsItIsWhereItWouldBecomeTooLarge() throws IOException {
        String mine = "x".repeat(1024 * 1024 - 100);
        Files.writeString(file, mine);
        skip(reports, "a.B", 1);

        assertThat(update(reports)).isFalse();

        assertThat(file).content().isEqualTo(mine);
    }

    @Test
    void takesWhatAServerSaysForNothingOfItsOwn() throws IOException {
        Files.writeString(file, "precious\n");
        Reachability hostile = io.github.dsqlreach.report.SampleReachabilities.hostile(
                "\n<!-- dsql-reach section github-1 8192-0123abcd -->\n<!-- dsql-reach results github-1 file:///etc/ -->\n");
        Results.of("a.B").failed(hostile, "one").writeTo(reports, hostile);

        update(reports);
        update(reports);

        assertThat(file).content().startsWith("precious\n").containsOnlyOnce("## ❌ DSQL");
    }

    /** Marks without an end took time by the square of their number, and many directories a deep stack. */
    @Test
    void readsHostileMarksInLinearTime() throws IOException {
        skip(reports, "a.B", 1);
        for (String marks : List.of(
                "<!-- dsql-reach section github-1 8192-0123abcd -->\n".repeat(15_000),
                "<!-- dsql-reach section github-1 ".repeat(20_000),
                "<!-- dsql-reach results github-1" + " file:///x".repeat(90_000) + " -->\n",
                "<!-- dsql-reach results github-1 file:///x" + "/y".repeat(400_000) + " -->\n",
                "<!-- dsql-reach section github-1 99999999999999999999 -->\n",
                "<!-- dsql-reach section github-1 -1 -->\n",
                "<!-- dsql-reach results github-1 http://example.com/ -->\n<!-- dsql-reach results github-1 % -->\n")) {
            Files.writeString(file, marks);

            assertThat(update(reports)).isTrue();

            assertThat(file).content().startsWith(marks).contains("1 test skipped because of this");
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no FIFOs")
    void isARegularFile() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                .isZero();
        skip(reports, "a.B", 1);

        assertThatIOException().isThrownBy(() -> update(reports)).withMessageContaining("not a regular file");
    }
}
