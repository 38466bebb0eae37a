package io.github.dsqlreach.internal.results;

import static io.github.dsqlreach.internal.results.Results.RESET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.SampleReachabilities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResultFilesTest {
    private static final String NAME = ReportNames.of(RESET);

    @TempDir
    private Path directory;

    private ResultFiles files() {
        return new ResultFiles(directory);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void keepAResultAndTheReportsThatItNames() throws IOException {
        Results result = Results.of("a.B").minRun("80%").skipped(RESET, "one");
        result.writeTo(directory, RESET);

        assertThat(files().read()).containsExactly(result.result());
        assertThat(files().report(NAME)).contains(RESET);
        assertThat(names())
                .hasSize(2)
                .contains(NAME + ".json")
                .anyMatch(name -> name.matches("a.B-[0-9a-f]{8}.result.json"));
    }

    @Test
    void addUpWhatWritersAtTheSameTimeWrite() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Void>> writers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                Results result = Results.of("a.B" + i % 5).skipped(RESET, "test" + i);
                writers.add(() -> {
                    result.writeTo(directory, RESET);
                    files().writePages(NAME, Report.of(RESET));
                    return null;
                });
            }
            for (Future<Void> writer : pool.invokeAll(writers)) {
                writer.get();
            }
        } finally {
            pool.shutdownNow();
        }

        assertThat(Results.total(directory, "github-1").tally()).isEqualTo("0 of 40 annotated tests ran");
        assertThat(names()).hasSize(43).noneMatch(name -> name.endsWith(".part"));
    }

    @Test
    void sayWhereNothingCanBeWritten() throws IOException {
        Path file = Files.createFile(directory.resolve("a file"));

        assertThatIOException().isThrownBy(() -> Results.of("a.B").ran("one").writeTo(file));
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a link needs a privilege")
    void replaceALinkAndNotItsTarget() throws IOException {
        Path target = Files.writeString(directory.resolve("target"), "precious");
        Path reports = Files.createDirectory(directory.resolve("reports"));
        for (String end : List.of(".json", ".md", ".html")) {
            Files.createSymbolicLink(reports.resolve(NAME + end), target);
        }

        Results.of("a.B").skipped(RESET, "one").writeTo(reports, RESET);
        new ResultFiles(reports).writePages(NAME, Report.of(RESET));

        assertThat(target).hasContent("precious");
        assertThat(new ResultFiles(reports).report(NAME)).contains(RESET);
    }

    @Test
    void tellOneOfSeveralJvmsOfABuildThatItIsTheFirst() throws IOException {
        assertThat(files().isFirst(NAME, "github-1")).isTrue();
        assertThat(files().isFirst(NAME, "github-1")).isFalse();
        assertThat(files().isFirst(NAME, "github-2")).isTrue();
    }

    @Nested
    class StaleResults {
        @Test
        void ofAnotherBuildAreDeletedWithTheirReports() throws IOException {
            Reachability denied = SampleReachabilities.denied();
            Results.of("a.Old").build("github-0").skipped(RESET, "one").writeTo(directory, RESET);
            files().writePages(NAME, Report.of(RESET));
            files().isFirst(NAME, "github-0");
            Results.of("a.B").failed(denied, "one").writeTo(directory, denied);
            files().isFirst(ReportNames.of(denied), "github-1");
            Files.writeString(directory.resolve("README.md"), "precious");

            files().deleteStale("github-1");

            assertThat(files().read()).extracting(ClassResult::testClass).containsExactly("a.B");
            assertThat(names())
                    .hasSize(4)
                    .contains(
                            "README.md",
                            ReportNames.of(denied) + ".json",
                            "." + ReportNames.of(denied) + ".github-1.first");
        }

        @Test
        void keepAReportThatResultsOfThisBuildNameToo() throws IOException {
            Results.of("a.Old").build("").skipped(RESET, "one").writeTo(directory, RESET);
            Results.of("a.B").skipped(RESET, "one").writeTo(directory, RESET);

            files().deleteStale("github-1");

            assertThat(files().report(NAME)).isPresent();
        }

        /** Else a directory that nobody cleans would grow with each run. */
        @Test
        void areThoseWhoseTestsAllRanAgain() throws IOException {
            for (int run = 1; run <= 5; run++) {
                Results.of("a.B")
                        .build("")
                        .finished(run)
                        .skipped(RESET, "one", "two")
                        .writeTo(directory, RESET);
            }
            Results.of("a.B").build("").finished(6).ran("one").writeTo(directory);
            assertThat(Results.total(directory, "").tally()).isEqualTo("1 of 2 annotated tests ran");

            files().deleteStale("");

            assertThat(files().read()).hasSize(2);
            assertThat(Results.total(directory, "").tally()).isEqualTo("1 of 2 annotated tests ran");

            Results.of("a.B").build("").finished(7).ran("one", "two").writeTo(directory);
            files().deleteStale("");

            assertThat(names()).singleElement().asString().endsWith(ResultFiles.SUFFIX);
        }

        @Test
        void thatNameFilesOfOthersDeleteAndReadNothing() throws IOException {
            Path reports = Files.createDirectory(directory.resolve("reports"));
            Path outside = Files.writeString(directory.resolve("outside-0123abcd.json"), "precious");
            Path readme = Files.writeString(reports.resolve("README.md"), "precious");
            for (String name : List.of(
                    "README",
                    "../outside-0123abcd",
                    directory.resolve("outside-0123abcd").toString())) {
                Files.writeString(
                        reports.resolve(Math.abs(name.hashCode()) + ResultFiles.SUFFIX),
                        Results.of("a.B")
                                .build("old")
                                .skipped(RESET, "one")
                                .result()
                                .toJson()
                                .replace(NAME, name));
            }

            assertThat(new ResultFiles(reports).read()).isEmpty();
            new ResultFiles(reports).deleteStale("github-1");

            assertThat(outside).hasContent("precious");
            assertThat(readme).hasContent("precious");
        }
    }

    /** Files that a test of the build, or another user, put there. */
    @Nested
    class HostileFiles {
        private final List<String> problems = new ArrayList<>();

        private void assertIgnored(Path file) throws IOException {
            Results.of("a.B").ran("one").writeTo(directory);

            assertThat(files().read(problems::add)).hasSize(1);
            assertThat(problems).singleElement().asString().startsWith("ignoring " + file + ": ");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "\n",
                    "no JSON",
                    "null",
                    "{}",
                    "[1]",
                    "{\"schema\":\"dsql-reach-result/2\"}",
                    "{\"schema\":\"dsql-reach-result/1\",\"tests\":null}",
                    "{\"schema\":\"dsql-reach-result/1\",\"build\":\"\",\"module\":\"\",\"testClass\":\"\",\"tests\":[null]}",
                    "{\"schema\":\"dsql-reach-result/1\",\"build\":\"\",\"module\":\"\",\"testClass\":\"\",\"tests\":[{\"id\":\"\",\"testClass\":\"\",\"outcome\":\"DANCED\",\"endpoint\":\"\"}]}"
                })
        void areIgnoredIfTheyAreNoResults(String content) throws IOException {
            assertIgnored(Files.writeString(directory.resolve("x" + ResultFiles.SUFFIX), content));
        }

        @Test
        void areIgnoredIfTheyAreHalfAResult() throws IOException {
            String whole = Results.of("a.B").ran("one").result().toJson();
            assertIgnored(Files.writeString(
                    directory.resolve("x" + ResultFiles.SUFFIX), whole.substring(0, whole.length() / 2)));
        }

        @Test
        void areIgnoredIfTheyAreDeeplyNested() throws IOException {
            assertIgnored(Files.writeString(
                    directory.resolve("x" + ResultFiles.SUFFIX),
                    "{\"schema\":\"dsql-reach-result/1\",\"x\":" + "[".repeat(4_000_000)));
        }

        @Test
        void areIgnoredIfTheyAreLarge() throws IOException {
            Path file = directory.resolve("x" + ResultFiles.SUFFIX);
            try (var channel = java.nio.channels.FileChannel.open(
                    file, java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.WRITE)) {
                channel.write(java.nio.ByteBuffer.wrap(new byte[1]), 1L << 33); // Sparse.
            }
            assertIgnored(file);
        }

        @Test
        @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no FIFOs")
        void areIgnoredIfTheyAreFifosWhichWouldBlock() throws Exception {
            Path fifo = directory.resolve("x" + ResultFiles.SUFFIX);
            assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                    .isZero();
            assertIgnored(fifo);
        }

        @Test
        @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a link needs a privilege")
        void areIgnoredIfTheyAreLinks() throws IOException {
            Path link = Files.createSymbolicLink(directory.resolve("x" + ResultFiles.SUFFIX), Path.of("/dev/zero"));
            assertIgnored(link);
            Files.delete(link);
        }

        @Test
        @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a link needs a privilege")
        void areNoReportIfTheyAreLinks() throws IOException {
            Path link = Files.createSymbolicLink(directory.resolve(NAME + ".json"), Path.of("/dev/zero"));

            assertThat(files().report(NAME)).isEmpty();
            Files.delete(link);
        }

        /** 3 MB of slashes in an id, which took time by the square of its length. */
        @Test
        void areReadInLinearTimeWhateverTheIdsAre() throws IOException {
            for (String part : List.of("/", "[class:", "[", "]/[nested-class:x")) {
                String id = part.repeat(3_000_000 / part.length());
                Files.writeString(
                        directory.resolve(Math.abs(part.hashCode()) + ResultFiles.SUFFIX),
                        Results.of("a.B").ran("one").result().toJson().replace("[engine:e]", id));
            }

            assertThat(Results.total(directory, "github-1").tally()).isEqualTo("4 of 4 annotated tests ran");
        }

        @Test
        void areManyInOneDirectory() throws IOException {
            for (int i = 0; i < 3_000; i++) {
                Files.writeString(
                        directory.resolve(i + ResultFiles.SUFFIX),
                        Results.of("a.B" + i).ran("one").result().toJson());
            }

            assertThat(Results.total(directory, "github-1").tally()).isEqualTo("3000 of 3000 annotated tests ran");
        }
    }
}
