package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.tuple;

import io.github.dsqlreach.Background;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.BuildRecord.Fate;
import io.github.dsqlreach.report.BuildRecord.Found;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class BuildRecordTest {
    private static final Build BUILD = new Build(1, 1_700_000_000_000L, "");
    private static final Reachability RESET = SampleReachabilities.reset();

    @TempDir
    private Path directory;

    @Test
    void addsUpWhatSeveralJvmsTell() throws IOException {
        add(BUILD, "/it", found(RESET, Map.of("[engine:e]/[class:a.B]/[method:m()]", Fate.SKIPPED)));
        add(BUILD, "/it", found(RESET, Map.of("[engine:e]/[class:a.B]/[nested-class:C]/[method:m()]", Fate.FAILED)));

        BuildRecord record = BuildRecord.read(directory);

        assertThat(record.reports())
                .singleElement()
                .isEqualTo(Report.of(RESET).affecting("a.B", 1, 0).affecting("a.B$C", 0, 1));
        assertThat(directory.resolve(BuildRecord.name(RESET) + ".md"))
                .content()
                .contains("1 test skipped, 1 test failed because of this");
    }

    @Test
    void theLastWordOnATestCounts() throws IOException {
        add(BUILD, "/it", found(RESET, Map.of("one", Fate.FAILED, "two", Fate.FAILED)));
        add(BUILD, "/it", found(RESET, Map.of("one", Fate.RAN)));

        BuildRecord record = BuildRecord.read(directory);

        assertThat(record.report(RESET)).isEqualTo(Report.of(RESET).affecting("two", 0, 1));
        assertThat(record.tooFewRan("50%")).isEmpty();
        assertThat(record.tooFewRan("2")).hasValue("only 1 of 2 annotated tests ran, and dsql.reach.min-run is 2");
    }

    @Test
    void theSameTestOfAnotherModuleOrAtAnotherEndpointIsAnotherOne() throws IOException {
        Reachability other = SampleReachabilities.reset(
                SampleReachabilities.endpoint().toBuilder().user("app").build());
        add(BUILD, "/it", found(RESET, Map.of("one", Fate.SKIPPED)));
        add(BUILD, "/other", found(RESET, Map.of("one", Fate.SKIPPED)));
        add(BUILD, "/it", found(other, Map.of("one", Fate.FAILED)));

        assertThat(BuildRecord.read(directory).reports())
                .extracting(Report::reachability, Report::affectedTests)
                .containsExactly(tuple(RESET, "2 tests skipped"), tuple(other, "1 test failed"));
    }

    @Test
    void aTestThatRunsAgainHasOneResultWhateverIsInTheWayThen() throws IOException {
        add(BUILD, "/it", found(RESET, Map.of("one", Fate.FAILED, "two", Fate.FAILED)));
        add(BUILD, "/it", found(SampleReachabilities.denied(), Map.of("two", Fate.FAILED)));
        add(BUILD, "/it", found(SampleReachabilities.reachable(), Map.of("one", Fate.RAN)));

        BuildRecord record = BuildRecord.read(directory);

        assertThat(record.reports())
                .extracting(Report::reachability, Report::affectedTests)
                .containsExactly(tuple(SampleReachabilities.denied(), "1 test failed"));
        assertThat(record.tally()).isEqualTo("1 of 2 annotated tests ran");
    }

    @Test
    void anotherBuildBeginsAnew() throws IOException {
        add(BUILD, "/it", found(RESET, Map.of("one", Fate.SKIPPED)));
        assertThat(directory.resolve(BuildRecord.name(RESET) + ".html")).exists();

        BuildRecord.Change change = add(
                new Build(1, BUILD.started() + 60_000, ""),
                "/it",
                found(SampleReachabilities.reachable(), Map.of("one", Fate.RAN)));

        assertThat(change.before().reports()).isEmpty();
        assertThat(change.after().reports()).isEmpty();
        assertThat(directory.toFile().list()).containsExactly(BuildRecord.FILE);
    }

    @Test
    void theTestsOfAParameterizedClassReplaceWhatItWasBeforeItStarted() throws IOException {
        String type = "[engine:e]/[class-template:a.B]";
        add(BUILD, "/it", found(RESET, Map.of(type, Fate.FAILED)));
        add(
                BUILD,
                "/it",
                found(
                        SampleReachabilities.reachable(),
                        Map.of(type + "/[method:one()]", Fate.RAN, type + "/[method:two()]", Fate.RAN)));

        assertThat(BuildRecord.read(directory).tally()).isEqualTo("2 of 2 annotated tests ran");
    }

    /** Else a JVM that is killed meanwhile leaves its own head on the other build's tests. */
    @Test
    void aNewBuildEmptiesTheRecordBeforeItWrites() throws Exception {
        Map<String, Fate> many =
                IntStream.range(0, 2_000).boxed().collect(Collectors.toMap(i -> "test" + i, i -> Fate.RAN));
        add(BUILD, "/it", found(RESET, many));
        AtomicBoolean done = new AtomicBoolean();
        CompletableFuture<Boolean> seen = Background.call(() -> {
            File record = directory.resolve(BuildRecord.FILE).toFile();
            while (!done.get()) {
                if (record.length() == 0) {
                    return true;
                }
            }
            return false;
        });

        for (int i = 1; i <= 500 && !seen.isDone(); i++) {
            add(new Build(1, BUILD.started() + i * 60_000L, ""), "/it", found(RESET, many));
        }
        done.set(true);

        assertThat(seen.join()).isTrue();
    }

    @Test
    void aDaemonIsABuildOnlyAsFarAsJvmsOverlapOrItsJobSaysSo() {
        Build daemon = new Build(7, 7, Build.UNKNOWN_JOB);
        Build job = new Build(7, 7, "/tmp/step_summary_1");

        assertThat(daemon.isSame(daemon, true)).isTrue();
        assertThat(daemon.isSame(daemon, false)).isFalse();
        assertThat(job.isSame(job, false)).isTrue();
        assertThat(job.isSame(new Build(7, 7, "/tmp/step_summary_2"), true)).isFalse();
    }

    @Test
    void halfALineOfAKilledJvmAndForeignLinesArePassedOver() throws IOException {
        add(BUILD, "/it", found(RESET, Map.of("one", Fate.SKIPPED)));
        String line = "{\"ended\":1,\"module\":\"/it\",\"simulated\":[],\"detours\":[],\"reports\":%s}\n";
        Files.writeString(
                directory.resolve(BuildRecord.FILE),
                "{}\n[1]\n" + line.formatted("{\"a\":null}") + line.formatted("{\"a\":{\"ran\":[null]}}")
                        + line.formatted("{\"a\":{\"ran\":1}}") + "{\"ended\":1,\"module\":\"/i",
                StandardOpenOption.APPEND);
        add(BUILD, "/it", found(RESET, Map.of("two", Fate.SKIPPED)));

        assertThat(BuildRecord.read(directory).reports())
                .extracting(Report::affectedTests)
                .containsExactly("2 tests skipped");
    }

    @Test
    void whatIsNoRecordIsReplaced() throws IOException {
        for (String foreign : List.of("", "\n", "no JSON", "{}", "[1]", "{\"schema\":\"dsql-reach-record/2\"}")) {
            Files.writeString(directory.resolve(BuildRecord.FILE), foreign);
            assertThat(BuildRecord.read(directory).reports()).isEmpty();
            assertThat(add(BUILD, "/it", found(RESET, Map.of("one", Fate.SKIPPED)))
                            .after()
                            .reports())
                    .hasSize(1);
        }
    }

    /** A record that a test of the build wrote shall lead neither out of the directory nor to another file. */
    @Test
    void reportsOutsideOfTheDirectoryAreNone() throws IOException {
        Path reports = Files.createDirectory(directory.resolve("reports"));
        Path outside = Files.writeString(directory.resolve("outside.json"), "precious");
        Files.writeString(reports.resolve(BuildRecord.FILE), """
                {"schema":"dsql-reach-record/1","pid":1,"started":1,"job":""}
                {"ended":1,"module":"/it","simulated":[],"detours":["../outside"],"reports":{"../outside":{"ran":[],"skipped":["one"],"failed":[]}}}
                """);

        assertThat(BuildRecord.read(reports).reports()).isEmpty();
        BuildRecord.add(reports, List.of(), BUILD, "/it");

        assertThat(outside).hasContent("precious");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "a link needs a privilege")
    void aLinkIsNotFollowed() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "precious");
        Files.createSymbolicLink(directory.resolve(BuildRecord.FILE), victim);

        assertThatIOException().isThrownBy(() -> add(BUILD, "/it"));
        assertThatIOException().isThrownBy(() -> BuildRecord.read(directory));

        assertThat(victim).hasContent("precious");
    }

    @Test
    void saysThatThereIsNone() {
        assertThatIOException().isThrownBy(() -> BuildRecord.read(directory)).isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void writersAtTheSameTimeLoseNothing() throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(4);
        try {
            List<Callable<BuildRecord.Change>> writers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String test = "test" + i;
                writers.add(() -> add(BUILD, "/it", found(RESET, Map.of(test, Fate.SKIPPED))));
            }
            for (Future<BuildRecord.Change> writer : pool.invokeAll(writers)) {
                writer.get();
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(BuildRecord.read(directory).reports())
                .extracting(Report::affectedTests)
                .containsExactly("20 tests skipped");
    }

    @Test
    void modulesAddUp() throws IOException {
        Path other = directory.resolve("other");
        add(BUILD, "/it", found(RESET, Map.of("one", Fate.SKIPPED)));
        BuildRecord.add(other, List.of(found(RESET, Map.of("one", Fate.RAN, "two", Fate.FAILED))), BUILD, "/other");

        BuildRecord merged = BuildRecord.merged(List.of(BuildRecord.read(directory), BuildRecord.read(other)));

        assertThat(merged.reports()).extracting(Report::affectedTests).containsExactly("1 test skipped, 1 test failed");
        assertThat(merged.tooFewRan("34%"))
                .hasValueSatisfying(tooFew -> assertThat(tooFew).startsWith("only 1 of 3 annotated tests ran"));
    }

    @Test
    void ofNothingNoShareIsEnough() {
        assertThat(BuildRecord.of(List.of()).tooFewRan("1%")).isPresent();
        assertThat(BuildRecord.of(List.of()).tooFewRan("0")).isEmpty();
    }

    @Test
    void theStepSummaryTellsOfAllModulesOfABuild() throws IOException {
        Path other = directory.resolve("other module");
        Path summary = directory.resolve("summary.md");
        add(BUILD, "/it", found(RESET, Map.of("one", Fate.SKIPPED)));
        BuildRecord.add(other, List.of(found(RESET, Map.of("one", Fate.SKIPPED))), BUILD, "/other");

        assertThat(StepSummary.write(summary, List.of(directory))).isTrue();
        assertThat(StepSummary.write(summary, List.of(other))).isTrue();

        assertThat(summary).content().containsOnlyOnce("## ❌ DSQL").contains("2 tests skipped because of this");

        Path another = directory.resolve("another build");
        BuildRecord.add(another, List.of(found(RESET, Map.of("one", Fate.SKIPPED))), new Build(2, 2, ""), "/another");
        assertThat(StepSummary.write(summary, List.of(another))).isTrue();

        assertThat(summary).content().contains("2 tests skipped").contains("1 test skipped because of this");
    }

    /** Such as UTF-16, in which PowerShell appends to it. */
    @Test
    void theStepSummaryKeepsWhatOthersWroteInWhateverEncoding() throws IOException {
        Path summary = directory.resolve("summary.md");
        byte[] before = "\ufeffédité\n".getBytes(StandardCharsets.UTF_16LE);
        byte[] behind = {(byte) 0xe9, '\n'};
        Files.write(summary, before);
        add(BUILD, "/it", found(RESET, Map.of("one", Fate.SKIPPED)));
        StepSummary.write(summary, List.of(directory));
        Files.write(summary, behind, StandardOpenOption.APPEND);
        add(BUILD, "/it", found(RESET, Map.of("two", Fate.SKIPPED)));

        StepSummary.write(summary, List.of(directory));

        assertThat(Files.readAllBytes(summary)).startsWith(before).endsWith(behind);
        String bytes = Files.readString(summary, StandardCharsets.ISO_8859_1).substring(before.length);
        assertThat(bytes).startsWith("<!-- dsql-reach ").containsOnlyOnce("2 tests skipped because of this");
        assertThat(new String(bytes.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
                .containsOnlyOnce("## ❌ DSQL");
    }

    private BuildRecord.Change add(Build build, String module, Found... found) throws IOException {
        return BuildRecord.add(directory, List.of(found), build, module);
    }

    private static Found found(Reachability reachability, Map<String, Fate> tests) {
        return new Found(Optional.of(reachability), tests);
    }
}
