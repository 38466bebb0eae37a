package io.github.dsqlreach.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.report.AffectedTests;
import io.github.dsqlreach.report.AffectedTests.Outcome;
import io.github.dsqlreach.report.Reported;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

class ReachabilitySummaryListenerTest {
    @TempDir
    private Path directory;

    @Test
    void isFoundByJUnit() {
        assertThat(ServiceLoader.load(TestExecutionListener.class))
                .hasAtLeastOneElementOfType(ReachabilitySummaryListener.class);
    }

    @Test
    void tellsForEachEndpointHowManyTestsOfWhichClassesDidNotRun() {
        List<Reported> reports =
                collected(SkippedCase.class, FailedCase.class, ReachableCase.class, AlsoSkippedCase.class);

        assertThat(reports)
                .extracting(reported -> reported.reachability().summary(), Reported::tests)
                .containsExactlyInAnyOrder(
                        tuple(
                                "DSQL blocked at TLS: blocked.example.com:5432",
                                List.of(
                                        new AffectedTests(SkippedCase.class.getName(), 3, Outcome.SKIPPED),
                                        new AffectedTests(AlsoSkippedCase.class.getName(), 1, Outcome.SKIPPED))),
                        tuple(
                                "DSQL denied at authentication: denied.example.com:5432",
                                List.of(new AffectedTests(FailedCase.class.getName(), 2, Outcome.FAILED))),
                        tuple("DSQL reachable: up.example.com:5432", List.of()));
    }

    @Test
    void aParameterThatThereIsNotFailsTheTests() {
        Map<String, String> misspelled = Map.of("dsql.reach.on-bloked", "fail");
        SummaryGeneratingListener result = new SummaryGeneratingListener();

        run(misspelled, List.of(result), SkippedCase.class);

        assertThat(result.getSummary().getFailures())
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure.getException())
                        .hasMessage("dsql.reach.on-bloked (JUnit configuration parameter) is no setting;"
                                + " did you mean dsql.reach.on-blocked?"));
        assertThat(result.getSummary().getTestsSucceededCount()).isZero();
    }

    @Nested
    class TheConsole {
        @Test
        void showsTheReportTheTestsAndTheSettings() {
            String text = written(Map.of(), Map.of(), SkippedCase.class, ReachableCase.class);

            assertThat(text)
                    .contains("DSQL blocked at TLS: blocked.example.com:5432")
                    .contains("3 tests skipped because of this")
                    .contains(SkippedCase.class.getName() + ": 3 skipped")
                    .contains("dsql.reach.on-blocked=fail fails these tests")
                    .contains("dsql.reach.min-run=80%")
                    .contains("Report to send: " + directory)
                    .doesNotContain("up.example.com");
        }

        @Test
        void saysNothingWhenEverythingRan() {
            assertThat(written(Map.of(), Map.of(), ReachableCase.class)).isEmpty();
            assertThat(directory).isEmptyDirectory();
        }

        @Test
        void saysOneLineForWhatIsReachableOnRequest() {
            String text = written(Map.of(Setting.SUMMARY, "always"), Map.of(), ReachableCase.class);

            assertThat(text.lines()).singleElement().asString().contains("DSQL reachable: up.example.com:5432");
        }

        @Test
        void saysNothingOnRequestWhileTheFilesAreWritten() throws IOException {
            assertThat(written(Map.of(Setting.SUMMARY, "never"), Map.of(), SkippedCase.class))
                    .isEmpty();
            assertThat(files()).anyMatch(name -> name.endsWith(".html"));
        }

        @Test
        void saysOneLineForWhatTheBuildHasSaidBefore() throws IOException {
            written(Map.of(), Map.of(), SkippedCase.class);
            String again = written(Map.of(), Map.of(), AlsoSkippedCase.class);

            assertThat(again.lines())
                    .singleElement()
                    .asString()
                    .contains("DSQL blocked at TLS: blocked.example.com:5432")
                    .contains("1 test skipped in this JVM too");
            assertThat(report(".md"))
                    .contains(SkippedCase.class.getSimpleName())
                    .contains(AlsoSkippedCase.class.getSimpleName());
        }

        @Test
        void saysWhyThereIsNoReport() throws IOException {
            Path file = Files.createFile(directory.resolve("a file"));
            String text = written(Map.of(Setting.REPORTS_DIR, file.toString()), Map.of(), SkippedCase.class);

            assertThat(text).contains("dsql-reach: no report in " + file).contains("3 tests skipped");
        }
    }

    @Test
    void theFilesNameTheTests() throws IOException {
        written(Map.of(), Map.of(), SkippedCase.class);

        assertThat(report(".json")).contains("\"dsql-reach/1\"");
        assertThat(report(".md")).contains(SkippedCase.class.getSimpleName());
        assertThat(report(".html")).contains(SkippedCase.class.getSimpleName());
    }

    @ParameterizedTest
    @ValueSource(classes = {SkippedCase.class, FailedCase.class})
    void aCiServiceIsTold(Class<?> type) throws IOException {
        Path stepSummary = directory.resolve("step-summary.md");
        Map<String, String> environment =
                Map.of("GITHUB_ACTIONS", "true", "GITHUB_STEP_SUMMARY", stepSummary.toString());

        String text = written(Map.of(), environment, type);

        assertThat(text).contains(type == FailedCase.class ? "\n::error title=" : "\n::warning title=");
        assertThat(stepSummary).content().contains(type.getSimpleName());
    }

    @Test
    void aCiServiceIsToldOfASimulationEvenIfAllPassed() {
        String text =
                written(Map.of(Setting.SIMULATE, "TLS_RESET"), Map.of("GITHUB_ACTIONS", "true"), ReachableCase.class);

        assertThat(text.lines())
                .containsExactly("::warning title=DSQL simulated::dsql.reach.simulate=TLS_RESET is set:"
                        + " nothing in this run tells of the real network");
    }

    private String written(Map<Setting<?>, String> settings, Map<String, String> environment, Class<?>... types) {
        Map<Setting<?>, String> all = new HashMap<>();
        all.put(Setting.REPORTS_DIR, directory.toString());
        all.putAll(settings);
        Configuration configuration =
                Configuration.of(name -> null, name -> null).preferring(Configuration.Source.of(all, Setting::key));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        new SummaryWriter(configuration, environment, out).write(collected(types));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static List<Reported> collected(Class<?>... types) {
        return run(Map.of(), List.of(), types);
    }

    private static List<Reported> run(
            Map<String, String> parameters, List<TestExecutionListener> listeners, Class<?>... types) {
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .enableImplicitConfigurationParameters(false)
                .configurationParameter(Jupiter.MARK, "true")
                .configurationParameters(parameters);
        Stream.of(types).forEach(type -> request.selectors(selectClass(type)));
        Launcher launcher = LauncherFactory.create(LauncherConfig.builder()
                .enableTestExecutionListenerAutoRegistration(false)
                .build());
        List<Reported> reports = new ArrayList<>();
        List<TestExecutionListener> all = new ArrayList<>(listeners);
        all.add(new ReachabilitySummaryListener((configuration, found) -> reports.addAll(found)));
        launcher.execute(request.build(), all.toArray(TestExecutionListener[]::new));
        return reports;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private String report(String end) throws IOException {
        String name =
                files().stream().filter(file -> file.endsWith(end)).findFirst().orElseThrow();
        return Files.readString(directory.resolve(name));
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "blocked.example.com")
    static class SkippedCase {
        @Test
        void one() {}

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3})
        void two(int number) {}

        @Nested
        class Inner {
            @Test
            void three() {}
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "blocked.example.com")
    static class AlsoSkippedCase {
        @Test
        void one() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "denied.example.com")
    static class FailedCase {
        @Test
        void one() {}

        @Test
        void two() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class ReachableCase {
        @Test
        void one() {}
    }
}
