package io.github.dsqlreach.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.internal.results.BuildResults;
import io.github.dsqlreach.internal.results.ClassResult;
import io.github.dsqlreach.internal.results.ResultFiles;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
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
import org.junit.platform.testkit.engine.EngineExecutionResults;

class ReachabilitySummaryListenerTest {
    private static final Map<String, String> GITHUB = Map.of("GITHUB_ACTIONS", "true", "GITHUB_RUN_ID", "1");

    @TempDir
    private Path directory;

    @Test
    void isFoundByJUnit() {
        assertThat(ServiceLoader.load(TestExecutionListener.class))
                .hasAtLeastOneElementOfType(ReachabilitySummaryListener.class);
    }

    @Nested
    class Results {
        @Test
        void haveTheTestsOfEachClassThatDidNotRunAndWhy() throws IOException {
            jvm().run(SkippedCase.class, FailedCase.class, ReachableCase.class, AlsoSkippedCase.class);

            assertThat(total().reports().values())
                    .extracting(Report::toString)
                    .containsExactlyInAnyOrder(
                            "DSQL blocked at TLS: blocked.example.com:5432 (4 tests skipped)",
                            "DSQL denied at authentication: denied.example.com:5432 (2 tests failed)");
            assertThat(total().tally()).isEqualTo("1 of 7 annotated tests ran");
            assertThat(results())
                    .extracting(ClassResult::testClass)
                    .containsExactlyInAnyOrder(
                            SkippedCase.class.getName(),
                            FailedCase.class.getName(),
                            ReachableCase.class.getName(),
                            AlsoSkippedCase.class.getName());
        }

        /** A JVM that is killed later leaves it. */
        @Test
        void ofAClassAreThereWhenTheClassHasEnded() throws IOException {
            OfTheMoment.DIRECTORY.set(directory);

            jvm().run(ReachableCase.class, OfTheMoment.class);

            assertThat(OfTheMoment.SEEN).hasValue(1);
            assertThat(total().tally()).isEqualTo("2 of 2 annotated tests ran");
        }

        @Test
        void countWhatJUnitMultipliesAsOneTest() throws IOException {
            jvm().run(SkippedParameterizedCase.class);
            assertThat(total().tally()).isEqualTo("0 of 1 annotated tests ran");

            jvm().run(MultipliedCase.class, ParameterizedCase.class);
            assertThat(total().tally()).isEqualTo("4 of 5 annotated tests ran");
        }

        /** The assumption may be {@code assumeTrue(canConnect())}: that the tests are green says nothing. */
        @Test
        void doNotCountWhatAnAssumptionOrAFailedSetupEndedAsRun() throws IOException {
            jvm().run(ReachableCase.class, AbortedCase.class, AlsoAbortedCase.class, FailedSetupCase.class);

            assertThat(total().tally())
                    .isEqualTo("3 of 8 annotated tests ran (an assumption or a failed setup ended 5)");
        }

        @Test
        void haveTheTestsOfAClassWhoseCheckEndsWithAnError() throws IOException {
            jvm().run(ReachableCase.class, BugCase.class);

            assertThat(total().tally()).isEqualTo("1 of 2 annotated tests ran");
            assertThat(total().reports()).isEmpty();
        }

        @Test
        void doNotHaveWhatIsDisabledOrFilteredOut() throws IOException {
            jvm().run(SwitchedOffCase.class, AlsoFilteredCase.class);

            assertThat(total().tally()).isEqualTo("0 of 1 annotated tests ran");
        }

        @Test
        void ofATestThatRunsAgainAreTheLastOnes() throws IOException {
            Jvm jvm = jvm();
            OnFakeNetwork.Extension.FLAKY_IS_UP.set(false);
            jvm.run(FlakyCase.class);
            OnFakeNetwork.Extension.FLAKY_IS_UP.set(true);
            String again = jvm.run(Map.of(), selectMethod(FlakyCase.class, "one"));

            assertThat(again).isEmpty();
            assertThat(total().tally()).isEqualTo("1 of 2 annotated tests ran");
            assertThat(total().reports().values())
                    .singleElement()
                    .asString()
                    .contains("flaky.example.com", "(1 test skipped)");
        }

        @Test
        void ofTheSameClassForTwoEndpointsAreApart() throws IOException {
            jvm().run(Map.of("dsql.reach.endpoint", "denied.example.com"), ConfiguredCase.class);
            jvm().run(Map.of("dsql.reach.endpoint", "up.example.com"), ConfiguredCase.class);

            assertThat(total().tally()).isEqualTo("2 of 4 annotated tests ran");
        }

        @Test
        void haveTheSettingsThatAreJudgedAtTheEndOfTheBuild() throws IOException {
            jvm().set(Setting.MIN_RUN, "80%")
                    .set(Setting.BUILD_ID, "mine")
                    .set(Setting.SIMULATE, "LATENCY")
                    .run(ReachableCase.class);

            assertThat(results()).singleElement().satisfies(result -> {
                assertThat(result.minRun()).isEqualTo("80%");
                assertThat(result.build()).startsWith("id-");
                assertThat(result.simulated()).isEqualTo("LATENCY");
            });
        }

        @Test
        void ofASuiteAreThoseOfItsClasses() throws IOException {
            jvm().run(ValidSuiteCase.class);

            assertThat(total().tally()).isEqualTo("0 of 3 annotated tests ran");
            assertThat(results())
                    .singleElement()
                    .satisfies(result -> assertThat(result.testClass()).isEqualTo(SkippedCase.class.getName()));
        }

        /** As with {@code endpoint = "${AWS_SECRET_ACCESS_KEY}.x"}. */
        @Test
        void haveNoSecretInNamesAndContents() throws IOException {
            String secret = "s3cr3tvalueofthelistenertest";
            Scrubber.keepSecret(secret);
            Path step = directory.resolve("step-summary.md");

            String text = jvm().in(github(step))
                    .run(Map.of("dsql.reach.endpoint", "blocked." + secret + ".x"), ConfiguredCase.class);

            assertThat(text).contains("2 tests skipped").doesNotContain(secret);
            assertThat(total().reports()).hasSize(1);
            try (Stream<Path> files = Files.list(directory)) {
                assertThat(files).hasSize(6).allSatisfy(file -> {
                    assertThat(file.getFileName().toString()).doesNotContain(secret);
                    assertThat(file).content().doesNotContain(secret);
                });
            }
        }

        @Test
        void ofAnEarlierBuildAreDeleted() throws IOException {
            jvm().in(GITHUB).run(SkippedCase.class);
            jvm().in(Map.of("GITHUB_ACTIONS", "true", "GITHUB_RUN_ID", "2")).run(ReachableCase.class);

            assertThat(total().tally()).isEqualTo("1 of 1 annotated tests ran");
            assertThat(files()).singleElement().asString().endsWith(ResultFiles.SUFFIX);
        }
    }

    @Nested
    class UnknownParameters {
        @Test
        void failTheTests() {
            SummaryGeneratingListener result = new SummaryGeneratingListener();

            jvm().with(result).run(Map.of("dsql.reach.on-bloked", "fail"), SkippedCase.class);

            assertThat(result.getSummary().getFailures())
                    .isNotEmpty()
                    .allSatisfy(failure -> assertThat(failure.getException())
                            .hasMessage("dsql.reach.on-bloked (JUnit configuration parameter) is not a setting;"
                                    + " did you mean dsql.reach.on-blocked?"));
            assertThat(result.getSummary().getTestsSucceededCount()).isZero();
        }

        @Test
        void ofASuiteDoSoToo() {
            SummaryGeneratingListener result = new SummaryGeneratingListener();

            jvm().with(result).run(SuiteCase.class);

            assertThat(result.getSummary().getFailures())
                    .singleElement()
                    .satisfies(failure -> assertThat(failure.getException())
                            .hasMessage("dsql.reach.min-rnu (parameter of a suite) is not a setting;"
                                    + " did you mean dsql.reach.min-run?"));
            assertThat(result.getSummary().getTestsSucceededCount()).isZero();
        }
    }

    @Nested
    class TheQuota {
        /** Of two forks with 1 and 2 tests the first would judge before the second has run. */
        @ParameterizedTest
        @CsvSource({"3", "100%"})
        void isNotJudgedByAJvmWhichSaysSo(String minRun) {
            SummaryGeneratingListener result = new SummaryGeneratingListener();

            String text = jvm().with(result).set(Setting.MIN_RUN, minRun).run(AlsoSkippedCase.class);

            assertThat(result.getSummary().getFailures()).isEmpty();
            assertThat(text)
                    .contains("dsql-reach: dsql.reach.min-run=" + minRun
                            + " is not judged by this JVM; run `doctor summary` at the end of the build");
        }

        @Test
        void isLeftToTheDoctorInSilenceIfTheSummaryIs() {
            assertThat(jvm().set(Setting.MIN_RUN, "3")
                            .set(Setting.SUMMARY, "doctor")
                            .run(AlsoSkippedCase.class))
                    .isEmpty();
        }

        @Test
        void failsARunWithoutThisListenerBecauseItHasNoResults() {
            EngineExecutionResults results = Jupiter.run(Map.of("dsql.reach.min-run", "1"), ReachableCase.class);

            assertThat(Jupiter.failure(results))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("dsql.reach.min-run is set, and there are no test results to judge");
        }
    }

    @Nested
    class TheConsole {
        @Test
        void showsTheReportTheTestsAndTheSettings() {
            String text = jvm().run(SkippedCase.class, ReachableCase.class);

            assertThat(text)
                    .contains("DSQL blocked at TLS: blocked.example.com:5432")
                    .contains("3 tests skipped because of this")
                    .contains(SkippedCase.class.getName() + ": 2 skipped")
                    .contains("dsql.reach.on-blocked=fail fails these tests")
                    .contains("doctor summary --min-run 80%")
                    .contains("Report to send: " + directory)
                    .doesNotContain("up.example.com");
        }

        @Test
        void asksToSendNoReportAboutASettingOfThisMachine() {
            assertThat(jvm().run(ConfiguredCase.class))
                    .contains("no endpoint is configured", "  Report: " + directory)
                    .doesNotContain("Report to send");
        }

        @Test
        void saysNothingIfAllTestsRan() throws IOException {
            assertThat(jvm().run(ReachableCase.class)).isEmpty();
            assertThat(files()).singleElement().asString().endsWith(ResultFiles.SUFFIX);
        }

        @Test
        void saysOneLineForAReachableEndpointOnRequest() {
            String text = jvm().set(Setting.SUMMARY, "always").run(ReachableCase.class);

            assertThat(text.lines()).singleElement().asString().contains("DSQL reachable: up.example.com:5432");
        }

        @Test
        void saysNothingOnRequestWhileTheFilesAreWritten() throws IOException {
            assertThat(jvm().set(Setting.SUMMARY, "never").run(SkippedCase.class))
                    .isEmpty();
            assertThat(files()).anyMatch(name -> name.endsWith(".html"));
        }

        @Test
        void showsTheReportInOneJvmOfABuildAndALineInTheOthers() throws IOException {
            assertThat(jvm().in(GITHUB).run(SkippedCase.class)).contains("Report to send:");
            String second = jvm().in(GITHUB).run(AlsoSkippedCase.class);

            assertThat(second.lines())
                    .first()
                    .asString()
                    .contains("DSQL blocked at TLS: blocked.example.com:5432")
                    .contains("(1 more, 4 tests skipped so far, see " + directory);
            assertThat(second).doesNotContain("Report to send:");
            assertThat(report(".md"))
                    .contains(SkippedCase.class.getSimpleName())
                    .contains(AlsoSkippedCase.class.getSimpleName());
        }

        /** On a laptop no JVM knows which build it belongs to. */
        @Test
        void tellsOfTheTestsOfThisJvmAloneWhereTheBuildHasNoId() {
            jvm().run(SkippedCase.class);

            assertThat(jvm().run(AlsoSkippedCase.class))
                    .contains("1 test skipped because of this", "Report to send:")
                    .doesNotContain("so far");
        }

        @Test
        void saysNothingOfTestsThatRunAgainWithTheSameOutcome() throws IOException {
            Jvm jvm = jvm().in(GITHUB);
            jvm.run(FailedCase.class);

            assertThat(jvm.run(FailedCase.class)).isEmpty();
            assertThat(report(".md")).contains("2 tests failed because of this");
        }

        @ParameterizedTest
        @CsvSource({"auto", "always"})
        void saysThatTheTestsUsedAWebSocketInsteadOfTcp(String mode) {
            assertThat(jvm().in(GITHUB).set(Setting.SUMMARY, mode).run(DetourCase.class))
                    .containsOnlyOnce("DSQL reachable: detour.example.com:443 over WebSocket\n::warning"
                            + " title=DSQL over WebSocket::DSQL reachable: detour.example.com:443 over WebSocket");
        }

        @Test
        void isLeftToTheDoctorOnRequest() throws IOException {
            Path step = directory.resolve("step-summary.md");
            Jvm jvm = jvm().in(github(step)).set(Setting.SUMMARY, "doctor");

            assertThat(jvm.run(SkippedCase.class)).isEmpty();
            assertThat(jvm.run(DetourCase.class)).isEmpty();
            assertThat(step).doesNotExist();
            assertThat(total().reports()).hasSize(2);
        }

        @Test
        void saysWhyThereIsNoReport() throws IOException {
            Path file = Files.createFile(directory.resolve("a file"));
            String text = jvm().set(Setting.REPORTS_DIR, file.toString()).run(SkippedCase.class);

            assertThat(text).contains("dsql-reach: no reports in " + file).contains("3 tests skipped");
        }
    }

    @Test
    void theFilesNameTheTests() throws IOException {
        jvm().run(SkippedCase.class);

        assertThat(report("BLOCKED.json", "RESET.json")).contains("\"dsql-reach/1\"");
        assertThat(report(".md")).contains(SkippedCase.class.getSimpleName());
        assertThat(report(".html")).contains(SkippedCase.class.getSimpleName());
    }

    @Nested
    class ACiService {
        @ParameterizedTest
        @ValueSource(classes = {SkippedCase.class, FailedCase.class})
        void isTold(Class<?> type) {
            Path step = directory.resolve("step-summary.md");

            String text = jvm().in(github(step)).run(type);

            assertThat(text).contains(type == FailedCase.class ? "\n::error title=" : "\n::warning title=");
            assertThat(step).content().contains(type.getSimpleName());
        }

        @Test
        void isToldTheTotalsOfAllJvmsOfABuild() throws IOException {
            Path step = Files.writeString(directory.resolve("step-summary.md"), "# Mine\n");

            String first = jvm().in(github(step)).run(SkippedCase.class);
            Files.writeString(step, "# Also mine\n", StandardOpenOption.APPEND);
            String second = jvm().in(github(step)).run(AlsoSkippedCase.class);
            String third = jvm().in(github(step)).run(FailedCase.class);

            assertThat(first).contains("\n::warning title=3 tests skipped::");
            assertThat(second).contains("\n::warning title=4 tests skipped so far (1 of them new)::");
            assertThat(third).contains("\n::error title=2 tests failed::");
            assertThat(step)
                    .content()
                    .startsWith("# Mine\n")
                    .containsOnlyOnce("# Also mine\n")
                    .containsOnlyOnce("DSQL blocked at TLS\n")
                    .containsOnlyOnce("4 tests skipped because of this")
                    .containsOnlyOnce("2 tests failed because of this");
        }

        @Test
        void isToldWithoutADirectoryForReports() throws IOException {
            Path step = directory.resolve("step-summary.md");
            Path file = Files.createFile(directory.resolve("a file"));

            jvm().in(github(step)).set(Setting.REPORTS_DIR, file.toString()).run(SkippedCase.class);

            assertThat(step).content().contains("3 tests skipped because of this");
        }

        @Test
        void isToldOfASimulationOnceInAJvmEvenIfAllTestsPassed() {
            Jvm jvm = jvm().in(GITHUB).set(Setting.SIMULATE, "LATENCY");

            assertThat(jvm.run(ReachableCase.class).lines().filter(line -> line.startsWith("::")))
                    .singleElement()
                    .asString()
                    .startsWith("::warning title=DSQL simulated::dsql.reach.simulate=LATENCY is set:"
                            + " the results say nothing about the real network");
            assertThat(jvm.run(AlsoReachableCase.class)).isEmpty();
        }
    }

    private static Map<String, String> github(Path step) {
        Map<String, String> environment = new HashMap<>(GITHUB);
        environment.put("GITHUB_STEP_SUMMARY", step.toString());
        return environment;
    }

    private Jvm jvm() {
        return new Jvm(directory);
    }

    /** A JVM of tests as this listener sees it; each run is one of JUnit in it. */
    private static final class Jvm {
        private final JvmResults results = new JvmResults();
        private final Map<String, String> parameters = new HashMap<>();
        private final List<TestExecutionListener> listeners = new ArrayList<>();
        private Map<String, String> environment = Map.of();

        Jvm(Path directory) {
            set(Setting.REPORTS_DIR, directory.toString());
        }

        Jvm set(Setting<?> setting, String value) {
            parameters.put(setting.key(), value);
            return this;
        }

        Jvm in(Map<String, String> environment) {
            this.environment = environment;
            return this;
        }

        Jvm with(TestExecutionListener listener) {
            listeners.add(listener);
            return this;
        }

        String run(Class<?>... types) {
            return run(Map.of(), types);
        }

        String run(Map<String, String> further, Class<?>... types) {
            return run(
                    further,
                    Stream.of(types).map(DiscoverySelectors::selectClass).toArray(DiscoverySelector[]::new));
        }

        /** With the launcher that build tools use; returns what was printed. */
        String run(Map<String, String> further, DiscoverySelector... selectors) {
            LauncherDiscoveryRequestBuilder request = LauncherDiscoveryRequestBuilder.request()
                    .enableImplicitConfigurationParameters(false)
                    .configurationParameter(Jupiter.MARK, "true")
                    .configurationParameters(parameters)
                    .configurationParameters(further)
                    .filters(TagFilter.excludeTags("filtered"));
            request.selectors(selectors);
            Launcher launcher = LauncherFactory.create(LauncherConfig.builder()
                    .enableTestExecutionListenerAutoRegistration(false)
                    .build());
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            List<TestExecutionListener> all = new ArrayList<>(listeners);
            all.add(new ReachabilitySummaryListener(
                    environment, new PrintStream(bytes, true, StandardCharsets.UTF_8), results));
            launcher.execute(request.build(), all.toArray(TestExecutionListener[]::new));
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    private List<ClassResult> results() throws IOException {
        return new ResultFiles(directory).read();
    }

    private BuildResults total() throws IOException {
        return new BuildResults(results(), new ResultFiles(directory)::report);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.startsWith("."))
                    .toList();
        }
    }

    private String report(String... ends) throws IOException {
        String name = files().stream()
                .filter(file -> Stream.of(ends).anyMatch(file::endsWith))
                .findFirst()
                .orElseThrow();
        return Files.readString(directory.resolve(name));
    }

    @Suite
    @SelectClasses(SkippedCase.class)
    @ConfigurationParameter(key = Jupiter.MARK, value = "true")
    static class ValidSuiteCase {}

    @OnFakeNetwork
    @RequiresDsqlReachability
    static class ConfiguredCase {
        @Test
        void one() {}

        @Test
        void two() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "flaky.example.com")
    static class FlakyCase {
        @Test
        void one() {}

        @Test
        void two() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class MultipliedCase {
        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3})
        void parameterized(int number) {}

        @RepeatedTest(3)
        void repeated() {}

        @TestFactory
        Stream<DynamicTest> factory() {
            return Stream.of(dynamicTest("one", () -> {}), dynamicTest("two", () -> {}));
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    @ParameterizedClass
    @ValueSource(ints = {1, 2, 3})
    record ParameterizedCase(int number) {
        @Test
        void one() {}

        @Test
        void two() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class FailedSetupCase {
        @BeforeAll
        static void fails() {
            throw new IllegalStateException("no schema");
        }

        @Test
        void one() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "bug.example.com")
    static class BugCase {
        @Test
        void one() {}
    }

    /** How many results there are while it runs. */
    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class OfTheMoment {
        static final AtomicReference<Path> DIRECTORY = new AtomicReference<>();
        static final AtomicInteger SEEN = new AtomicInteger();

        @Test
        void looks() throws IOException {
            SEEN.set(new ResultFiles(DIRECTORY.get()).read().size());
        }
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
