package io.github.dsqlreach.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.report.BuildRecord;
import io.github.dsqlreach.report.Report;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.suite.api.ConfigurationParameter;
import org.junit.platform.suite.api.SelectClasses;
import org.junit.platform.suite.api.Suite;

class ReachabilitySummaryListenerTest {
    @TempDir
    private Path directory;

    @Test
    void isFoundByJUnit() {
        assertThat(ServiceLoader.load(TestExecutionListener.class))
                .hasAtLeastOneElementOfType(ReachabilitySummaryListener.class);
    }

    @Test
    void tellsForEachFindingHowManyTestsOfWhichClassesDidNotRun() throws IOException {
        written(Map.of(), Map.of(), SkippedCase.class, FailedCase.class, ReachableCase.class, AlsoSkippedCase.class);

        List<Report> reports = BuildRecord.read(directory).reports();
        assertThat(reports)
                .extracting(report -> report.reachability().summary(), Report::affectedTests)
                .containsExactlyInAnyOrder(
                        tuple("DSQL blocked at TLS: blocked.example.com:5432", "4 tests skipped"),
                        tuple("DSQL denied at authentication: denied.example.com:5432", "2 tests failed"));
    }

    /** JUnit finds its tests when it starts. */
    @Test
    void aParameterizedClassThatDoesNotStartIsOneTest() throws IOException {
        written(Map.of(), Map.of(), SkippedParameterizedCase.class);

        assertThat(BuildRecord.read(directory).tally()).isEqualTo("0 of 1 annotated tests ran");
    }

    @Test
    void aParameterThatThereIsNotFailsTheTests() {
        SummaryGeneratingListener result = new SummaryGeneratingListener();

        run(Map.of("dsql.reach.on-bloked", "fail"), Map.of(), List.of(result), SkippedCase.class);

        assertThat(result.getSummary().getFailures())
                .isNotEmpty()
                .allSatisfy(failure -> assertThat(failure.getException())
                        .hasMessage("dsql.reach.on-bloked (JUnit configuration parameter) is not a setting;"
                                + " did you mean dsql.reach.on-blocked?"));
        assertThat(result.getSummary().getTestsSucceededCount()).isZero();
    }

    @Test
    void soDoesOneOfASuite() {
        SummaryGeneratingListener result = new SummaryGeneratingListener();

        run(Map.of(), Map.of(), List.of(result), SuiteCase.class);

        assertThat(result.getSummary().getFailures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.getException())
                        .hasMessage("dsql.reach.min-rnu (parameter of a suite) is not a setting;"
                                + " did you mean dsql.reach.min-run?"));
        assertThat(result.getSummary().getTestsSucceededCount()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"50%, true", "51%, false", "2, true", "3, false", "0, true", "100%, false"})
    void aRunFailsWhenTooFewOfTheAnnotatedTestsRan(String quota, boolean enough) {
        SummaryGeneratingListener result = new SummaryGeneratingListener();

        run(
                parameters(Map.of(Setting.MIN_RUN, quota)),
                Map.of(),
                List.of(result),
                ReachableCase.class,
                AlsoReachableCase.class,
                AlsoSkippedCase.class,
                AlsoFilteredCase.class);

        if (enough) {
            assertThat(result.getSummary().getFailures()).isEmpty();
        } else {
            assertThat(result.getSummary().getFailures())
                    .singleElement()
                    .satisfies(failure -> assertThat(failure.getException())
                            .isInstanceOf(AssertionError.class)
                            .hasMessageContaining("only 2 of 4 annotated tests ran, and dsql.reach.min-run is " + quota)
                            .hasMessageContaining("DSQL blocked at TLS"));
        }
    }

    /** The assumption may be {@code assumeTrue(canConnect())}: that tests are green without it tells nothing. */
    @Test
    void whatAnAssumptionEndedDidNotRun() {
        SummaryGeneratingListener result = new SummaryGeneratingListener();

        run(
                parameters(Map.of(Setting.MIN_RUN, "4")),
                Map.of(),
                List.of(result),
                ReachableCase.class,
                AbortedCase.class,
                AlsoAbortedCase.class,
                SwitchedOffCase.class);

        assertThat(result.getSummary().getFailures())
                .singleElement()
                .satisfies(failure -> assertThat(failure.getException())
                        .hasMessage("only 3 of 7 annotated tests ran (an assumption ended 4),"
                                + " and dsql.reach.min-run is 4"));
    }

    @Test
    void theTestsOfAllJvmsOfABuildCountForTheQuota() {
        Map<Setting<?>, String> quota = Map.of(Setting.MIN_RUN, "50%");
        written(Map.of(), Map.of(), ReachableCase.class);
        SummaryGeneratingListener result = new SummaryGeneratingListener();

        run(parameters(quota), Map.of(), List.of(result), AlsoSkippedCase.class);

        assertThat(result.getSummary().getFailures()).isEmpty();
    }

    @Nested
    class TheConsole {
        @Test
        void showsTheReportTheTestsAndTheSettings() {
            String text = written(Map.of(), Map.of(), SkippedCase.class, ReachableCase.class);

            assertThat(text)
                    .contains("DSQL blocked at TLS: blocked.example.com:5432")
                    .contains("3 tests skipped because of this")
                    .contains(SkippedCase.class.getName() + ": 2 skipped")
                    .contains("dsql.reach.on-blocked=fail fails these tests")
                    .contains("dsql.reach.min-run=80%")
                    .contains("Report to send: " + directory)
                    .doesNotContain("up.example.com");
        }

        @Test
        void saysNothingWhenEverythingRan() throws IOException {
            assertThat(written(Map.of(), Map.of(), ReachableCase.class)).isEmpty();
            assertThat(files()).containsExactly(BuildRecord.FILE);
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
                    .contains("1 more, 4 tests skipped so far");
            assertThat(report(".md"))
                    .contains(SkippedCase.class.getSimpleName())
                    .contains(AlsoSkippedCase.class.getSimpleName());
        }

        @Test
        void saysNothingOfTestsThatRunAgainWithTheSameResult() throws IOException {
            written(Map.of(), Map.of(), FailedCase.class);

            assertThat(written(Map.of(), Map.of("GITHUB_ACTIONS", "true"), FailedCase.class))
                    .isEmpty();
            assertThat(report(".md")).contains("2 tests failed because of this");
        }

        @ParameterizedTest
        @CsvSource({"auto", "always"})
        void saysThatTheTestsTookAnotherWay(String mode) {
            String written = written(Map.of(Setting.SUMMARY, mode), Map.of("GITHUB_ACTIONS", "true"), DetourCase.class);

            assertThat(written)
                    .containsOnlyOnce("DSQL reachable: detour.example.com:443 over WebSocket\n::warning"
                            + " title=DSQL over WebSocket::DSQL reachable: detour.example.com:443 over WebSocket");
        }

        @Test
        void leavesItToTheDoctorOnRequest() throws IOException {
            Path stepSummary = directory.resolve("step-summary.md");
            Map<String, String> environment =
                    Map.of("GITHUB_ACTIONS", "true", "GITHUB_STEP_SUMMARY", stepSummary.toString());

            assertThat(written(Map.of(Setting.SUMMARY, "doctor"), environment, SkippedCase.class))
                    .isEmpty();
            assertThat(stepSummary).doesNotExist();
            assertThat(BuildRecord.read(directory).reports()).hasSize(1);
            assertThat(written(Map.of(Setting.SUMMARY, "doctor"), environment, DetourCase.class))
                    .isEmpty();
            assertThat(BuildRecord.read(directory).reports()).hasSize(2);
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
    void theStepSummaryHasOneSectionForAllJvmsOfABuild() throws IOException {
        Path stepSummary = Files.writeString(directory.resolve("step-summary.md"), "# Mine\n");
        Map<String, String> environment =
                Map.of("GITHUB_ACTIONS", "true", "GITHUB_STEP_SUMMARY", stepSummary.toString());

        String first = written(Map.of(), environment, SkippedCase.class);
        Files.writeString(stepSummary, "# Also mine\n", StandardOpenOption.APPEND);
        String second = written(Map.of(), environment, AlsoSkippedCase.class);
        String third = written(Map.of(), environment, FailedCase.class);

        assertThat(first).contains("\n::warning title=3 tests skipped::");
        assertThat(second).contains("\n::warning title=4 tests skipped so far (1 of them new)::");
        assertThat(third).contains("\n::error title=2 tests failed::");
        assertThat(stepSummary)
                .content()
                .startsWith("# Mine\n")
                .endsWith("# Also mine\n")
                .containsOnlyOnce("DSQL blocked at TLS\n")
                .containsOnlyOnce("4 tests skipped because of this")
                .containsOnlyOnce("2 tests failed because of this");
    }

    @Test
    void aCiServiceIsToldOfASimulationOnceEvenIfAllPassed() {
        Map<Setting<?>, String> simulated = Map.of(Setting.SIMULATE, "LATENCY");

        assertThat(written(simulated, Map.of("GITHUB_ACTIONS", "true"), ReachableCase.class)
                        .lines())
                .containsExactly("::warning title=DSQL simulated::dsql.reach.simulate=LATENCY is set:"
                        + " nothing in this run tells of the real network");
        assertThat(written(simulated, Map.of("GITHUB_ACTIONS", "true"), AlsoReachableCase.class))
                .isEmpty();
    }

    private String written(Map<Setting<?>, String> settings, Map<String, String> environment, Class<?>... types) {
        return run(parameters(settings), environment, List.of(), types);
    }

    private Map<String, String> parameters(Map<Setting<?>, String> settings) {
        Map<String, String> parameters = new HashMap<>();
        parameters.put(Setting.REPORTS_DIR.key(), directory.toString());
        settings.forEach((setting, value) -> parameters.put(setting.key(), value));
        return parameters;
    }

    /** With the launcher that build tools use; gives back what was printed. */
    private static String run(
            Map<String, String> parameters,
            Map<String, String> environment,
            List<TestExecutionListener> listeners,
            Class<?>... types) {
        LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                .enableImplicitConfigurationParameters(false)
                .configurationParameter(Jupiter.MARK, "true")
                .configurationParameters(parameters)
                .filters(TagFilter.excludeTags("filtered"));
        Stream.of(types).forEach(type -> request.selectors(selectClass(type)));
        Launcher launcher = LauncherFactory.create(LauncherConfig.builder()
                .enableTestExecutionListenerAutoRegistration(false)
                .build());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        List<TestExecutionListener> all = new ArrayList<>(listeners);
        all.add(new ReachabilitySummaryListener(environment, new PrintStream(bytes, true, StandardCharsets.UTF_8)));
        launcher.execute(request.build(), all.toArray(TestExecutionListener[]::new));
        return bytes.toString(StandardCharsets.UTF_8);
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
    @RequiresDsqlReachability(endpoint = "blocked.example.com")
    @ParameterizedClass
    @ValueSource(ints = {1, 2, 3})
    record SkippedParameterizedCase(int number) {
        @Test
        void one() {}

        @Test
        void two() {}
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
    @RequiresDsqlReachability(endpoint = "detour.example.com", transport = Transport.AUTO)
    static class DetourCase {
        @Test
        void runs() {}
    }

    @Suite
    @SelectClasses(ReachableCase.class)
    @ConfigurationParameter(key = Jupiter.MARK, value = "true")
    @ConfigurationParameter(key = "dsql.reach.min-rnu", value = "80%")
    static class SuiteCase {}

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class ReachableCase {
        @Test
        void one() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class AlsoReachableCase {
        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3})
        void several(int number) {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "blocked.example.com")
    static class AlsoFilteredCase {
        @Test
        void one() {}

        @Test
        @Tag("filtered")
        void two() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class AbortedCase {
        @BeforeAll
        static void connects() {
            abort();
        }

        @Test
        void one() {}

        @Nested
        class Inner {
            @TestFactory
            Stream<DynamicTest> two() {
                return Stream.empty();
            }
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class AlsoAbortedCase {
        @Test
        void one() {
            abort();
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void all(int number) {
            abort();
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3})
        void some(int number) {
            assumeTrue(number == 2);
        }

        @TestFactory
        Stream<DynamicTest> notOfThese() {
            return Stream.of(dynamicTest("one", () -> {}), dynamicTest("two", () -> abort()));
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    @Disabled
    static class SwitchedOffCase {
        @Test
        void one() {}
    }
}
