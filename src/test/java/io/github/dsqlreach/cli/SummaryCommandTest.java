package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.diagnosis.Diagnoses;
import io.github.dsqlreach.report.BuildRecord;
import io.github.dsqlreach.report.BuildRecord.Fate;
import io.github.dsqlreach.report.BuildRecord.Found;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryCommandTest {
    private static final Reachability NOT_CONFIGURED =
            Diagnoses.notChecked(Cause.ENDPOINT_NOT_CONFIGURED, "no endpoint is configured");

    @TempDir
    private Path project;

    @Test
    void tellsOfAllModulesAndEndsWellWhereTestsWereOnlySkipped() throws IOException {
        record("a", Map.of("one", Fate.SKIPPED, "two", Fate.RAN));
        record("b", Map.of("one", Fate.SKIPPED));

        Run run = Run.of("summary", project.toString());

        assertThat(run.exit()).isZero();
        assertThat(run.out()).contains("2 tests skipped because of this").endsWith("1 of 3 annotated tests ran.\n");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void endsWithTheCodeOfWhatFailedTests() throws IOException {
        record("a", Map.of("one", Fate.FAILED));

        assertThat(Run.of("summary", project.toString()).exit()).isEqualTo(2);
    }

    @Test
    void failsWhereTooFewRanInAllModulesTogether() throws IOException {
        record("a", Map.of("one", Fate.SKIPPED));
        record("b", Map.of("one", Fate.RAN));

        Run enough = Run.of("summary", project.toString(), "--min-run", "50%");
        Run tooFew = Run.of("summary", project.toString(), "--min-run", "51%");
        Run byEnvironment =
                new Run.Shell().environment(Map.of("DSQL_REACH_MIN_RUN", "2")).run("summary", project.toString());

        assertThat(enough.exit()).isZero();
        assertThat(tooFew.exit()).isEqualTo(1);
        assertThat(tooFew.err()).contains("only 1 of 2 annotated tests ran, and dsql.reach.min-run is 51%");
        assertThat(byEnvironment.exit()).isEqualTo(1);
    }

    @Test
    void annotatesAndWritesOneSectionOfTheStepSummary() throws IOException {
        record("a", Map.of("one", Fate.SKIPPED));
        record("b", Map.of("one", Fate.SKIPPED));
        Path summary = project.resolve("summary.md");
        Run.Shell github = new Run.Shell()
                .environment(Map.of("GITHUB_ACTIONS", "true", "GITHUB_STEP_SUMMARY", summary.toString()));

        Run run = github.run("summary", project.toString(), "--min-run", "1");
        github.run("summary", project.toString());

        assertThat(run.out().lines().filter(line -> line.startsWith("::")))
                .containsExactly(
                        "::warning title=2 tests skipped::" + NOT_CONFIGURED.summary(),
                        "::error title=Too few DSQL tests ran::only 0 of 2 annotated tests ran, and"
                                + " dsql.reach.min-run is 1");
        assertThat(summary).content().containsOnlyOnce("2 tests skipped because of this");
    }

    @Test
    void saysThatARunWasSimulatedEvenIfAllPassed() throws IOException {
        BuildRecord.add(
                project,
                List.of(found(
                        NOT_CONFIGURED.simulated(new Reachability.Simulation("LATENCY", Map.of())),
                        Map.of("one", Fate.RAN))));

        Run run = new Run.Shell().environment(Map.of("TF_BUILD", "True")).run("summary", project.toString());

        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .contains("1 of 1 annotated tests ran.")
                .contains("##vso[task.logissue type=warning]DSQL simulated: dsql.reach.simulate=LATENCY was set");
    }

    @Test
    void tellsOfTestsThatRanOverTheOtherTransport() throws IOException {
        Endpoint endpoint = Endpoint.parse("abc.dsql.us-east-1.on.aws").over(Transport.WEBSOCKET);
        Reachability detour = Reachability.of(
                Optional.of(endpoint),
                Optional.empty(),
                List.of(new Experiment(
                        Experiment.OVER_TCP,
                        Duration.ofMillis(30),
                        Evidence.none(),
                        Optional.of(Failure.of(FailureKind.RESET)))),
                Diagnosis.of(
                        Verdict.REACHABLE,
                        Optional.empty(),
                        Optional.empty(),
                        Confidence.CONFIRMED,
                        "DSQL reachable over WebSocket on 443, because TCP to the cluster's own port is blocked"));
        BuildRecord.add(project, List.of(found(detour, Map.of("one", Fate.RAN))));
        Path summary = project.resolve("summary.md");

        Run run = new Run.Shell()
                .environment(Map.of("GITHUB_ACTIONS", "true", "GITHUB_STEP_SUMMARY", summary.toString()))
                .run("summary", project.toString());

        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .contains("✓ " + detour.summary(), "1 of 1 annotated tests ran.")
                .containsOnlyOnce("::warning title=DSQL over WebSocket::" + detour.summary());
        assertThat(summary).content().contains("## ✅ DSQL", "because TCP");
    }

    @Test
    void writesMarkdownWithNothingBesideIt() throws IOException {
        record("a", Map.of("one", Fate.SKIPPED));

        Run run = new Run.Shell()
                .environment(Map.of("GITHUB_ACTIONS", "true"))
                .run("summary", project.toString(), "--format", "markdown");

        assertThat(run.out()).startsWith("0 of 1 annotated tests ran.\n\n## ").doesNotContain("::warning");
    }

    @Test
    void exitsWith64WhereThereIsNothingToTellOf() {
        Run nothing = Run.of("summary", project.toString());
        Run nowhere = Run.of("summary", project.resolve("nowhere").toString());

        assertThat(nothing.exit()).isEqualTo(64);
        assertThat(nothing.err()).contains("no record of a build in", "@RequiresDsqlReachability");
        assertThat(nowhere.exit()).isEqualTo(64);
        assertThat(Run.of("summary", "--min-run", "many").err()).contains("a per cent such as 80%");
        assertThat(Run.of("summary", "--format", "json").err()).contains("text, markdown and html");
    }

    /** The same test in each module, which only the module tells apart. */
    private void record(String module, Map<String, Fate> tests) throws IOException {
        Map<String, Fate> ofModule = new java.util.HashMap<>();
        tests.forEach((test, fate) -> ofModule.put("[engine:e]/[class:" + module + "]/[method:" + test + "()]", fate));
        BuildRecord.add(
                project.resolve(module).resolve("target").resolve("dsql-reach"),
                List.of(found(NOT_CONFIGURED, ofModule)));
    }

    private static Found found(Reachability reachability, Map<String, Fate> tests) {
        return new Found(Optional.of(reachability), tests);
    }
}
