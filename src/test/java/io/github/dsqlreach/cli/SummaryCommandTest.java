package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.diagnosis.Diagnoses;
import io.github.dsqlreach.internal.results.ReportNames;
import io.github.dsqlreach.internal.results.Results;
import io.github.dsqlreach.report.SampleReachabilities;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SummaryCommandTest {
    private static final Reachability NOT_CONFIGURED =
            Diagnoses.notChecked(Cause.ENDPOINT_NOT_CONFIGURED, "no endpoint is configured");

    @TempDir
    private Path project;

    /** The results of one test class of a module. */
    private Results module(String name) {
        return Results.of("a.B").module("/" + name);
    }

    private Path reports(String module) {
        return project.resolve(module).resolve("target").resolve("dsql-reach");
    }

    private Run summary(String... options) {
        return Run.of(Stream.concat(Stream.of("summary", project.toString()), Stream.of(options))
                .toArray(String[]::new));
    }

    @Test
    void addsUpAllModulesAndEndsWellIfTestsWereOnlySkipped() throws IOException {
        module("a").skipped(NOT_CONFIGURED, "one").ran("two").writeTo(reports("a"), NOT_CONFIGURED);
        module("b").skipped(NOT_CONFIGURED, "one").writeTo(reports("b"), NOT_CONFIGURED);

        Run run = summary();

        assertThat(run.exit()).isZero();
        assertThat(run.out()).contains("2 tests skipped because of this").endsWith("1 of 3 annotated tests ran.\n");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void endsWithTheCodeOfTheVerdictThatFailedTests() throws IOException {
        module("a").failed(NOT_CONFIGURED, "one").writeTo(reports("a"), NOT_CONFIGURED);

        assertThat(summary().exit()).isEqualTo(2);
    }

    @Test
    void failsIfTooFewTestsOfTheWholeBuildRan() throws IOException {
        module("a").skipped(NOT_CONFIGURED, "one").writeTo(reports("a"), NOT_CONFIGURED);
        module("b").ran("one").writeTo(reports("b"));

        Run enough = summary("--min-run", "50%");
        Run tooFew = summary("--min-run", "51%");
        Run byEnvironment =
                new Run.Shell().environment(Map.of("DSQL_REACH_MIN_RUN", "2")).run("summary", project.toString());

        assertThat(enough.exit()).isZero();
        assertThat(tooFew.exit()).isEqualTo(1);
        assertThat(tooFew.err()).contains("only 1 of 2 annotated tests ran, and dsql.reach.min-run is 51%");
        assertThat(byEnvironment.exit()).isEqualTo(1);
    }

    /** Two forks with 1 and 2 tests: in either order, and whatever each of them would find alone. */
    @Test
    void judgesTheQuotaThatTheTestsHadUnlessItHasOneItself() throws IOException {
        module("a").minRun("3").ran("one").writeTo(reports("a"));
        Run first = summary();
        Results.of("a.C").minRun("3").ran("one", "two").writeTo(reports("a"));
        Run both = summary();

        assertThat(first.exit()).isEqualTo(1);
        assertThat(first.err()).contains("only 1 of 1 annotated tests ran, and dsql.reach.min-run is 3");
        assertThat(both.exit()).isZero();
        assertThat(summary("--min-run", "4").exit()).isEqualTo(1);
        assertThat(summary("--min-run", "1").exit()).isZero();
    }

    @Test
    void countsOnlyTheResultsOfTheNewestBuildAndSaysSo() throws IOException {
        module("a").build("github-1").finished(1).failed(NOT_CONFIGURED, "one").writeTo(reports("a"), NOT_CONFIGURED);
        module("b").build("github-2").finished(2).ran("one").writeTo(reports("b"));

        Run run = summary();

        assertThat(run.exit()).isZero();
        assertThat(run.out()).isEqualTo("1 of 1 annotated tests ran.\n");
        assertThat(run.err())
                .contains("not counted", "the results of 1 test classes that belong to other builds than the newest");
    }

    /** Such as the results of the jobs of a matrix, downloaded side by side. */
    @Test
    void countsTheNewestBuildOfEachDirectoryThatIsGiven() throws IOException {
        module("a").build("github-1").finished(1).ran("one").writeTo(reports("java17"));
        module("a")
                .build("github-2")
                .finished(2)
                .skipped(NOT_CONFIGURED, "two")
                .writeTo(reports("java21"), NOT_CONFIGURED);
        Path step = project.resolve("step.md");

        Run run = new Run.Shell()
                .environment(Map.of("GITHUB_ACTIONS", "true", "GITHUB_STEP_SUMMARY", step.toString()))
                .run(
                        "summary",
                        project.resolve("java17").toString(),
                        project.resolve("java21").toString());

        assertThat(run.out()).contains("1 of 2 annotated tests ran.\n");
        assertThat(run.err()).isEmpty();
        assertThat(step).content().contains("1 test skipped because of this");
    }

    @Test
    void annotatesAndWritesOneSectionOfTheStepSummary() throws IOException {
        module("a").skipped(NOT_CONFIGURED, "one").writeTo(reports("a"), NOT_CONFIGURED);
        module("b").skipped(NOT_CONFIGURED, "one").writeTo(reports("b"), NOT_CONFIGURED);
        Path step = project.resolve("step.md");
        Run.Shell github =
                new Run.Shell().environment(Map.of("GITHUB_ACTIONS", "true", "GITHUB_STEP_SUMMARY", step.toString()));

        Run run = github.run("summary", project.toString(), "--min-run", "1");
        github.run("summary", project.toString());

        assertThat(run.out().lines().filter(line -> line.startsWith("::")))
                .containsExactly(
                        "::warning title=2 tests skipped::" + NOT_CONFIGURED.summary(),
                        "::error title=Too few DSQL tests ran::only 0 of 2 annotated tests ran, and"
                                + " dsql.reach.min-run is 1");
        assertThat(step).content().containsOnlyOnce("2 tests skipped because of this");
    }

    @Test
    void saysThatARunWasSimulatedEvenIfAllTestsPassed() throws IOException {
        module("a").simulated("LATENCY").ran("one").writeTo(reports("a"));

        Run run = new Run.Shell().environment(Map.of("TF_BUILD", "True")).run("summary", project.toString());

        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .contains("1 of 1 annotated tests ran.")
                .contains("##vso[task.logissue type=warning]DSQL simulated: dsql.reach.simulate=LATENCY was set");
    }

    @Test
    void tellsOfTestsThatRanOverAWebSocketInsteadOfTcp() throws IOException {
        Endpoint endpoint = Endpoint.parse("abc.dsql.us-east-1.on.aws").over(Transport.WEBSOCKET);
        Reachability fallback = Reachability.of(
                Optional.of(endpoint),
                Optional.empty(),
                FollowUp.none().after(SampleReachabilities.reset()),
                Diagnosis.of(
                        Verdict.REACHABLE,
                        Optional.empty(),
                        Optional.empty(),
                        Confidence.CONFIRMED,
                        "DSQL reachable over WebSocket on 443, because TCP to the cluster's own port is blocked"));
        module("a").ranBy(fallback, "one").writeTo(reports("a"), fallback);
        Path step = project.resolve("step.md");

        Run run = new Run.Shell()
                .environment(Map.of("GITHUB_ACTIONS", "true", "GITHUB_STEP_SUMMARY", step.toString()))
                .run("summary", project.toString());

        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .contains("✓ " + fallback.summary(), "1 of 1 annotated tests ran.")
                .containsOnlyOnce("::warning title=DSQL over WebSocket::" + fallback.summary());
        assertThat(step).content().contains("## ✅ DSQL", "because TCP");
    }

    @Test
    void writesMarkdownWithNothingBesideIt() throws IOException {
        module("a").skipped(NOT_CONFIGURED, "one").writeTo(reports("a"), NOT_CONFIGURED);

        Run run = new Run.Shell()
                .environment(Map.of("GITHUB_ACTIONS", "true"))
                .run("summary", project.toString(), "--format", "markdown");

        assertThat(run.out()).startsWith("0 of 1 annotated tests ran.\n\n## ").doesNotContain("::warning");
    }

    /** A build that ran no test with the annotation is green everywhere else. */
    @Test
    void exitsWith64IfNoAnnotatedTestRan() throws IOException {
        Files.createDirectories(reports("a"));

        for (Run nothing : List.of(summary(), summary("--min-run", "1"))) {
            assertThat(nothing.exit()).isEqualTo(64);
            assertThat(nothing.err()).contains("no test results in", "no test with @RequiresDsqlReachability ran");
        }
    }

    @Test
    void exitsWith64OnWrongUsage() {
        assertThat(Run.of("summary", project.resolve("nowhere").toString()).exit())
                .isEqualTo(64);
        assertThat(summary("--min-run", "many").err()).contains("a per cent such as 80%");
        assertThat(summary("--format", "json").err()).contains("text, markdown and html");
    }

    /** Else the exit code would be that of a build in which nothing failed. */
    @Test
    void exitsWith64IfAReportIsMissing() throws IOException {
        module("a").failed(NOT_CONFIGURED, "one").writeTo(reports("a"));

        assertThat(summary().exit()).isEqualTo(64);
        assertThat(summary().err()).contains("the report " + ReportNames.of(NOT_CONFIGURED) + ".json is missing");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no FIFOs, and a link needs a privilege")
    void readsOnlyRegularFilesAndFollowsNoLinks() throws Exception {
        module("a").ran("one").writeTo(reports("a"));
        Path hostile = reports("hostile");
        Files.createDirectories(hostile.getParent());
        List<Path> links = List.of(
                Files.createSymbolicLink(hostile, Path.of("/")),
                Files.createSymbolicLink(reports("a").resolve("loop"), project),
                Files.createSymbolicLink(reports("a").resolve("zero.result.json"), Path.of("/dev/zero")));
        Path fifo = reports("a").resolve("fifo.result.json");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();

        Run run = summary();

        assertThat(run.exit()).isZero();
        assertThat(run.out()).isEqualTo("1 of 1 annotated tests ran.\n");
        assertThat(run.err()).contains("fifo.result.json: it is not a regular file");
        for (Path link : links) {
            Files.delete(link); // JUnit warns of links that lead out of its directory.
        }
    }
}
