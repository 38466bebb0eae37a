package io.github.dsqlreach.junit;

import static io.github.dsqlreach.junit.Jupiter.failure;
import static io.github.dsqlreach.junit.Jupiter.run;
import static io.github.dsqlreach.junit.Jupiter.skipReason;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.dsqlreach.Action;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.connect.DsqlDataSource;
import java.io.IOException;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.engine.OutputDirectoryCreator;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.reporting.FileEntry;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

class RequiresDsqlReachabilityTest {
    /** What the code of the test cases did. */
    private static final Set<String> DONE = ConcurrentHashMap.newKeySet();

    private static final String ENDPOINT = "dsql.reach.endpoint";

    @BeforeEach
    void nothingIsDone() {
        DONE.clear();
        MovingTarget.CALLS.set(0);
        OnFakeNetwork.Extension.CHECKS.clear();
    }

    @Nested
    class Outcomes {
        @Test
        void runsTheTestsWhenTheClusterIsReachable() {
            EngineExecutionResults results = run(Map.of(ENDPOINT, "up.example.com"), ConfiguredCase.class);

            results.testEvents()
                    .assertStatistics(events -> events.succeeded(2).failed(0).skipped(0));
        }

        @Test
        void skipsTheClassWithTheSummaryBeforeAnyOfItsCodeRuns() {
            EngineExecutionResults results = run(Map.of(ENDPOINT, "blocked.example.com"), ConfiguredCase.class);

            assertThat(skipReason(results)).isEqualTo("DSQL blocked at TLS: blocked.example.com:5432");
            results.containerEvents()
                    .assertStatistics(events -> events.skipped(1).failed(0));
            results.testEvents().assertStatistics(events -> events.started(0));
            assertThat(DONE).isEmpty();
        }

        @Test
        void failsTheClassOnceWithTheWholeAttemptBeforeAnyOfItsCodeRuns() {
            EngineExecutionResults results = run(Map.of(ENDPOINT, "denied.example.com"), ConfiguredCase.class);

            assertThat(failure(results))
                    .isInstanceOfSatisfying(
                            DsqlUnreachableError.class,
                            error -> assertThat(error.reachability().verdict()).isEqualTo(Verdict.DENIED))
                    .hasMessage("DSQL denied at authentication: denied.example.com:5432")
                    .hasStackTraceContaining("TLS    passed")
                    .hasStackTraceContaining("AUTH   FAILED")
                    .hasStackTraceContaining("- remedy");
            results.allEvents().assertStatistics(events -> events.failed(1));
            results.testEvents().assertStatistics(events -> events.started(0));
            assertThat(DONE).isEmpty();
        }

        @Test
        void failsAClassWithOneInstanceBeforeItsConstructorRuns() {
            EngineExecutionResults results = run(Map.of(ENDPOINT, "denied.example.com"), PerClassCase.class);

            assertThat(failure(results)).isInstanceOf(DsqlUnreachableError.class);
            results.allEvents().assertStatistics(events -> events.failed(1));
            assertThat(DONE).isEmpty();
        }

        @Test
        void neverSkipsForABugOfOurs() {
            EngineExecutionResults results =
                    run(Map.of(ENDPOINT, "bug.example.com", "dsql.reach.mode", "skip"), ConfiguredCase.class);

            assertThat(failure(results))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("a bug of ours");
            results.allEvents().assertStatistics(events -> events.skipped(0));
        }

        @ParameterizedTest
        @CsvSource({"blocked.example.com, BLOCKED, TLS_RESET", "denied.example.com, DENIED, NOT_AUTHORIZED"})
        void publishesVerdictAndCauseOnWhatHasStarted(String host, String verdict, String cause) {
            EngineExecutionResults results = run(Map.of(ENDPOINT, host), ConfiguredCase.class);

            assertThat(results.allEvents().reportingEntryPublished().stream()
                            .map(event ->
                                    event.getRequiredPayload(ReportEntry.class).getKeyValuePairs()))
                    .singleElement()
                    .satisfies(entry -> assertThat(entry)
                            .containsEntry("dsql.verdict", verdict)
                            .containsEntry("dsql.cause", cause));
            // A console launcher fails over an entry of what has not started.
            Event entry = results.allEvents().reportingEntryPublished().list().get(0);
            assertThat(results.allEvents().started().stream().map(Event::getTestDescriptor))
                    .contains(entry.getTestDescriptor());
        }

        @ParameterizedTest
        @ValueSource(strings = {"blocked.example.com", "denied.example.com"})
        void attachesThePageOnceToWhatHasStarted(String host, @TempDir Path directory) throws IOException {
            EngineExecutionResults results = EngineTestKit.engine("junit-jupiter")
                    .configurationParameters(Map.of(Jupiter.MARK, "true", ENDPOINT, host))
                    .outputDirectoryCreator(directoryFor(directory))
                    .selectors(selectClass(ConfiguredCase.class), selectClass(ConfiguredCase.class))
                    .execute();

            assertThat(results.allEvents().fileEntryPublished().stream()
                            .map(event ->
                                    event.getRequiredPayload(FileEntry.class).getPath()))
                    .singleElement()
                    .satisfies(file -> assertThat(file)
                            .isEqualTo(directory.resolve("dsql-reach.html"))
                            .content()
                            .startsWith("<!DOCTYPE html>")
                            .contains(host));
        }

        private static OutputDirectoryCreator directoryFor(Path directory) {
            return new OutputDirectoryCreator() {
                @Override
                public Path getRootDirectory() {
                    return directory;
                }

                @Override
                public Path createOutputDirectory(TestDescriptor descriptor) {
                    return directory;
                }
            };
        }
    }

    @Nested
    class ThePolicy {
        @ParameterizedTest
        @CsvSource({
            "blocked, SKIP",
            "unavailable, SKIP",
            "'', SKIP",
            "denied, FAIL",
            "misconfigured, FAIL",
            "unknown, FAIL",
            "ftp:, FAIL"
        })
        void skipsWhatIsNotTheTestersFaultAndFailsWhatASkipWouldHide(String host, Action expected) {
            assertThat(outcome(Map.of(ENDPOINT, endpoint(host)))).isEqualTo(expected);
        }

        @ParameterizedTest
        @CsvSource({
            "blocked, blocked",
            "unavailable, unavailable",
            "'', not-configured",
            "denied, denied",
            "misconfigured, misconfigured",
            "ftp:, misconfigured",
            "unknown, unknown"
        })
        void isChangedForOneVerdictByItsSetting(String host, String name) {
            assertThat(outcome(Map.of(ENDPOINT, endpoint(host), "dsql.reach.on-" + name, "fail")))
                    .isEqualTo(Action.FAIL);
            assertThat(outcome(Map.of(ENDPOINT, endpoint(host), "dsql.reach.on-" + name, "skip")))
                    .isEqualTo(Action.SKIP);
        }

        @ParameterizedTest
        @ValueSource(strings = {"blocked", "unavailable", "", "denied", "misconfigured", "unknown", "ftp:"})
        void isOverruledByTheModeOfTheRun(String host) {
            Map<String, String> contrary = Map.of("dsql.reach.on-blocked", "fail", "dsql.reach.on-denied", "skip");

            assertThat(outcome(with(contrary, ENDPOINT, endpoint(host), "dsql.reach.mode", "skip")))
                    .isEqualTo(Action.SKIP);
            assertThat(outcome(with(contrary, ENDPOINT, endpoint(host), "dsql.reach.mode", "FAIL")))
                    .isEqualTo(Action.FAIL);
        }

        @Test
        void ofTheAnnotationIsStrongerThanThatOfTheConfiguration() {
            Map<String, String> contrary = Map.of("dsql.reach.on-blocked", "skip", "dsql.reach.on-denied", "fail");

            assertThat(failure(run(contrary, FailsWhenBlockedCase.class))).isInstanceOf(DsqlUnreachableError.class);
            assertThat(skipReason(run(contrary, SkipsWhenDeniedCase.class))).startsWith("DSQL denied");
        }

        @Test
        void checksNothingWhenItIsOff() {
            EngineExecutionResults results =
                    run(Map.of(ENDPOINT, "blocked.example.com", "dsql.reach.mode", "off"), ConfiguredCase.class);

            results.testEvents().assertStatistics(events -> events.succeeded(2));
            assertThat(OnFakeNetwork.Extension.CHECKS).isEmpty();
        }

        private static String endpoint(String host) {
            return host.isEmpty() ? "" : host.equals("ftp:") ? "ftp://example.com" : host + ".example.com";
        }

        private static Action outcome(Map<String, String> parameters) {
            EngineExecutionResults results = run(parameters, ConfiguredCase.class);
            assertThat(DONE).isEmpty();
            if (results.allEvents().skipped().count() == 1) {
                return Action.SKIP;
            }
            assertThat(failure(results)).isInstanceOf(DsqlUnreachableError.class);
            return Action.FAIL;
        }
    }

    @Nested
    class WithoutAnEndpoint {
        @Test
        void saysWhatToSet() {
            EngineExecutionResults results = run(ConfiguredCase.class);

            assertThat(skipReason(results))
                    .isEqualTo("DSQL misconfigured: no endpoint is configured - set DSQL_ENDPOINT");
        }

        @Test
        void saysWhatIsWrongWithTheOneThatCannotBeUnderstood() {
            EngineExecutionResults results = run(Map.of(ENDPOINT, "ftp://example.com"), ConfiguredCase.class);

            assertThat(failure(results))
                    .isInstanceOfSatisfying(
                            DsqlUnreachableError.class,
                            error -> assertThat(error.reachability().diagnosis().cause())
                                    .contains(Cause.ENDPOINT_INVALID))
                    .hasMessageContaining("'ftp://example.com'")
                    .hasMessageContaining("JUnit configuration parameter dsql.reach.endpoint")
                    .hasMessageContaining("jdbc:postgresql://");
        }
    }

    @Nested
    class Places {
        @Test
        void onAMethodConcernsThatMethodOnly() {
            EngineExecutionResults results = run(MethodCase.class);

            results.testEvents()
                    .assertStatistics(events -> events.skipped(2).succeeded(1).failed(1));
            assertThat(failure(results)).isInstanceOf(DsqlUnreachableError.class);
            assertThat(DONE).containsExactly("free");
        }

        @ParameterizedTest
        @ValueSource(
                classes = {
                    SubclassCase.class,
                    InterfaceCase.class,
                    MetaCase.class,
                    NestedCase.class,
                    OwnNestedCase.class,
                    ParameterizedCase.class
                })
        void isFoundOnSuperclassesInterfacesAnnotationsAndAroundNestedClasses(Class<?> type) {
            EngineExecutionResults results = run(type);

            assertThat(skipReason(results)).startsWith("DSQL blocked");
            assertThat(DONE).doesNotContain("needs the cluster");
        }

        @Test
        void aNestedClassesOwnAnnotationAddsToTheOuterOne() {
            EngineExecutionResults results = run(OwnNestedCase.class);

            results.testEvents().assertStatistics(events -> events.succeeded(1));
            results.containerEvents().assertStatistics(events -> events.skipped(1));
        }

        @Test
        void dynamicAndParameterizedTestsRun() {
            EngineExecutionResults results = run(ManyTestsCase.class);

            results.testEvents().assertStatistics(events -> events.succeeded(4).failed(0));
        }

        @Test
        void everyInvocationOfAParameterizedTestFails() {
            EngineExecutionResults results = run(FailingParameterizedCase.class);

            results.testEvents().assertStatistics(events -> events.started(2).failed(2));
        }
    }

    @Nested
    class TheCheck {
        @Test
        void isRunOnceForAllClassesEvenInParallel() {
            EngineExecutionResults results = run(
                    Map.of(
                            ENDPOINT,
                            "up.example.com",
                            "junit.jupiter.execution.parallel.enabled",
                            "true",
                            "junit.jupiter.execution.parallel.mode.default",
                            "concurrent",
                            "junit.jupiter.execution.parallel.config.strategy",
                            "fixed",
                            "junit.jupiter.execution.parallel.config.fixed.parallelism",
                            "8"),
                    ConfiguredCase.class,
                    PerClassCase.class,
                    ParametersCase.class,
                    ThroughTcpCase.class);

            results.testEvents().assertStatistics(events -> events.failed(0));
            assertThat(OnFakeNetwork.Extension.CHECKS.stream().map(SharedCheck::through))
                    .containsOnlyOnce(Phase.QUERY)
                    .hasSizeBetween(1, 2);
        }

        @Test
        void isRunAgainForWhatChangesIt() {
            run(Map.of(ENDPOINT, "up.example.com"), ConfiguredCase.class, OtherUserCase.class);

            assertThat(OnFakeNetwork.Extension.CHECKS).hasSize(2);
        }

        @Test
        void getsTheAttributes() {
            run(
                    Map.of(
                            "dsql.reach.timeout", "1s",
                            "dsql.reach.experiments", "false",
                            "dsql.reach.control", "127.0.0.1:443",
                            "dsql.reach.control-dns", "127.0.0.1:53",
                            "dsql.reach.user", "weaker"),
                    EverythingCase.class);

            assertThat(OnFakeNetwork.Extension.CHECKS).singleElement().satisfies(check -> {
                Endpoint endpoint = check.endpoint();
                assertThat(endpoint.user()).isEqualTo("app");
                assertThat(endpoint.region()).contains("eu-west-1");
                assertThat(endpoint.negotiation()).isEqualTo(Negotiation.DIRECT);
                assertThat(endpoint.transport()).isEqualTo(Transport.AUTO);
                assertThat(endpoint.connectTo()).contains(new HostAndPort("127.0.0.1", 15432));
                assertThat(check.through()).isEqualTo(Phase.AUTH);
                assertThat(check.settings().find(Setting.TIMEOUT)).contains(Duration.ofSeconds(5));
                assertThat(check.settings().find(Setting.WAIT_FOR)).contains(Duration.ofMinutes(2));
                assertThat(check.settings().find(Setting.PROFILE)).contains("ci");
                assertThat(check.credentials().orElseThrow().provider()).isInstanceOf(TestCredentials.class);
                assertThat(check.settings().find(Setting.EXPERIMENTS)).contains(false);
                assertThat(check.settings().find(Setting.CONTROL)).contains(new HostAndPort("127.0.0.1", 443));
                assertThat(check.settings().find(Setting.CONTROL_DNS)).contains(new HostAndPort("127.0.0.1", 53));
            });
        }

        @Test
        void isThroughWhatTheConfigurationSaysWhereTheAnnotationSaysNothing() {
            run(Map.of(ENDPOINT, "up.example.com", "dsql.reach.through", "tls"), ConfiguredCase.class);

            assertThat(OnFakeNetwork.Extension.CHECKS)
                    .singleElement()
                    .extracting(SharedCheck::through)
                    .isEqualTo(Phase.TLS);
        }

        @Test
        void usesTheCustomizedEndpoint() {
            run(Map.of(ENDPOINT, "up.example.com"), CustomizedCase.class);

            assertThat(OnFakeNetwork.Extension.CHECKS)
                    .singleElement()
                    .extracting(check -> check.endpoint().toString())
                    .isEqualTo("up.example.com:5432 via 127.0.0.1:7");
        }

        @Test
        void injectsTheCustomizedEndpointThatWasCheckedAndAsksForItOnce() {
            run(Map.of(ENDPOINT, "up.example.com"), MovingTargetCase.class)
                    .testEvents()
                    .assertStatistics(events -> events.succeeded(5));

            assertThat(MovingTarget.CALLS).hasValue(1);
            assertThat(DONE).containsExactly("up.example.com:5432 via 127.0.0.1:1");
            assertThat(OnFakeNetwork.Extension.CHECKS)
                    .singleElement()
                    .extracting(check -> check.endpoint().toString())
                    .isEqualTo("up.example.com:5432 via 127.0.0.1:1");
        }

        @Test
        void checksAMethodsOwnEndpointAndInjectsIt() {
            EngineExecutionResults results = run(Map.of(ENDPOINT, "up.example.com"), OwnEndpointCase.class);

            assertThat(skipReason(results)).isEqualTo("DSQL blocked at TLS: blocked.example.com:5432");
            results.testEvents().assertStatistics(events -> events.succeeded(2).skipped(1));
            assertThat(DONE).containsExactlyInAnyOrder("up.example.com:5432", "up.example.com:5432 via 127.0.0.1:1");
            assertThat(MovingTarget.CALLS).hasValue(1);
        }
    }

    @Nested
    class Attributes {
        static Stream<Method> all() {
            return Stream.of(RequiresDsqlReachability.class.getDeclaredMethods());
        }

        /** Else no effect, or a ClassCastException. */
        @ParameterizedTest
        @MethodSource("all")
        void haveTheNameAndTheTypeOfASetting(Method attribute) {
            Setting<?> setting = Setting.all().stream()
                    .filter(candidate -> candidate.attribute().equals(attribute.getName()))
                    .findFirst()
                    .orElseThrow();
            Class<?> type = attribute.getReturnType();
            if (type.isArray()) {
                assertThat(type.getComponentType().getEnumConstants())
                        .allSatisfy(constant ->
                                assertThat(setting.parse(constant.toString())).isSameAs(constant));
            } else {
                assertThat(type).isIn(String.class, Class.class);
            }
        }

        @ParameterizedTest
        @MethodSource("all")
        void areNotSetByDefault(Method attribute) {
            Object value = attribute.getDefaultValue();

            assertThat(
                            value instanceof Object[] values
                                    ? values.length == 0
                                    : value.equals("") || value == AwsCredentialsProvider.class)
                    .isTrue();
        }

        @Test
        void canSayTheDefaultAgainstASetting() {
            run(
                    Map.of(
                            ENDPOINT,
                            "up.example.com",
                            "dsql.reach.transport",
                            "websocket",
                            "dsql.reach.negotiation",
                            "direct",
                            "dsql.reach.through",
                            "tcp",
                            "dsql.reach.timeout",
                            "1s",
                            "dsql.reach.wait-for",
                            "1m",
                            "dsql.reach.user",
                            "app"),
                    DefaultsSaidCase.class);

            assertThat(OnFakeNetwork.Extension.CHECKS).singleElement().satisfies(check -> {
                assertThat(check.endpoint().transport()).isEqualTo(Transport.TCP);
                assertThat(check.endpoint().port()).isEqualTo(5432);
                assertThat(check.endpoint().negotiation()).isEqualTo(Negotiation.POSTGRES);
                assertThat(check.endpoint().user()).isEqualTo("admin");
                assertThat(check.settings()).isEqualTo(CheckSettings.defaults());
            });
        }

        @ParameterizedTest
        @CsvSource({
            "blocked, fail, SKIP",
            "unavailable, fail, SKIP",
            "'', fail, SKIP",
            "denied, skip, FAIL",
            "misconfigured, skip, FAIL",
            "unknown, skip, FAIL"
        })
        void canSayTheDefaultActionAgainstASetting(String host, String contrary, Action expected) {
            Map<String, String> parameters = new HashMap<>(Map.of(ENDPOINT, ThePolicy.endpoint(host)));
            Setting.all().stream()
                    .map(Setting::key)
                    .filter(key -> key.startsWith("dsql.reach.on-"))
                    .forEach(key -> parameters.put(key, contrary));

            EngineExecutionResults results = run(parameters, DefaultsSaidCase.class);

            assertThat(results.allEvents().skipped().count() == 1 ? Action.SKIP : Action.FAIL)
                    .isEqualTo(expected);
        }

        @Test
        void takeOneValue() {
            assertThat(failure(run(TwoTransportsCase.class)))
                    .isInstanceOf(ExtensionConfigurationException.class)
                    .hasMessage("dsql.reach.transport is [TCP, AUTO] (@RequiresDsqlReachability(transport) on "
                            + TwoTransportsCase.class.getName() + "); allowed is one value");
        }
    }

    @Nested
    class BadSettings {
        @Test
        void ofTheSimulationFailAlsoWhereNoEndpointIsConfigured() {
            assertThat(failure(run(Map.of("dsql.reach.simulate", "TLS_REST"), ConfiguredCase.class)))
                    .isInstanceOf(ExtensionConfigurationException.class)
                    .hasMessageContaining("'TLS_REST'")
                    .hasMessageContaining("TLS_RESET");
        }

        @Test
        void ofTheAnnotationFailAndSayWhere() {
            assertThat(failure(run(BadTimeoutCase.class)))
                    .isInstanceOf(ExtensionConfigurationException.class)
                    .hasMessage("dsql.reach.timeout is 'soon' (@RequiresDsqlReachability(timeout) on "
                            + BadTimeoutCase.class.getName()
                            + "); allowed is a duration from 1ms to 10m, such as 500ms, 10s, 2m or PT10S");
        }

        @ParameterizedTest
        @CsvSource({
            "mode, never, 'skip, fail, off'",
            "on-blocked, ignore, 'skip, fail'",
            "credentials-provider, com.acme.Missing, an AwsCredentialsProvider class",
            "credentials-provider, java.lang.String, an AwsCredentialsProvider class",
            "credentials-provider, software.amazon.awssdk.auth.credentials.StaticCredentialsProvider, without parameters",
            "min-run, many, a per cent",
            "simulate-must-strike, maybe, 'true or false'",
            "toxiproxy-url, ftp:here, 'http://127.0.0.1:8474'",
            "connect-to, here, HOST:PORT"
        })
        void ofTheConfigurationFailAndSayWhatIsAllowed(String name, String value, String allowed) {
            Map<String, String> parameters = Map.of(ENDPOINT, "blocked.example.com", "dsql.reach." + name, value);

            assertThat(failure(run(parameters, ConfiguredCase.class)))
                    .isInstanceOf(ExtensionConfigurationException.class)
                    .hasMessageContaining("'" + value + "'")
                    .hasMessageContaining("JUnit configuration parameter dsql.reach." + name)
                    .hasMessageContaining(allowed);
        }
    }

    @Nested
    class Parameters {
        /** It has no constructor without parameters. */
        @Test
        void areOfAProviderThatAStaticMethodCreates() {
            Map<String, String> parameters = Map.of(
                    ENDPOINT,
                    "up.example.com",
                    "dsql.reach.credentials-provider",
                    DefaultCredentialsProvider.class.getName());

            run(parameters, ParametersCase.class).allEvents().assertStatistics(events -> events.failed(0));
        }

        @Test
        void areInjectedIntoConstructorsLifecycleMethodsAndTests() {
            EngineExecutionResults results = run(Map.of(ENDPOINT, "up.example.com"), ParametersCase.class);

            results.allEvents().assertStatistics(events -> events.failed(0));
            assertThat(DONE).containsExactlyInAnyOrder("constructor", "beforeAll", "beforeEach", "test");
        }

        @Test
        void butNoReachabilityWhenNothingIsChecked() {
            EngineExecutionResults results =
                    run(Map.of(ENDPOINT, "up.example.com", "dsql.reach.mode", "off"), OffCase.class);

            results.testEvents().assertStatistics(events -> events.succeeded(1).failed(1));
            assertThat(failure(results))
                    .isInstanceOf(ParameterResolutionException.class)
                    .hasMessageContaining("dsql.reach.mode is off");
        }

        @Test
        void needTheAnnotationAround() {
            assertThat(failure(run(ParameterWithoutAnnotationCase.class)))
                    .isInstanceOf(ParameterResolutionException.class)
                    .hasMessageContaining("@RequiresDsqlReachability on the class");
        }
    }

    private static Map<String, String> with(Map<String, String> map, String... pairs) {
        Map<String, String> all = new HashMap<>(map);
        for (int i = 0; i < pairs.length; i += 2) {
            all.put(pairs[i], pairs[i + 1]);
        }
        return all;
    }

    // The test cases, run by the tests above.

    @OnFakeNetwork
    @RequiresDsqlReachability
    static class ConfiguredCase {
        @BeforeAll
        static void connect() {
            DONE.add("connected");
        }

        ConfiguredCase() {
            DONE.add("made");
        }

        @Test
        void one() {}

        @Test
        void two() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class PerClassCase {
        PerClassCase() {
            DONE.add("made");
        }

        @BeforeAll
        void connect() {
            DONE.add("connected");
        }

        @Test
        void test() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "blocked.example.com", onBlocked = Action.FAIL)
    static class FailsWhenBlockedCase {
        @Test
        void test() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "denied.example.com", onDenied = Action.SKIP)
    static class SkipsWhenDeniedCase {
        @Test
        void test() {}
    }

    @OnFakeNetwork
    static class MethodCase {
        @Test
        void free() {
            DONE.add("free");
        }

        @Test
        @RequiresDsqlReachability(endpoint = "blocked.example.com")
        void blocked() {
            DONE.add("blocked");
        }

        @Test
        @RequiresDsqlReachability(endpoint = "unavailable.example.com")
        void unavailable() {
            DONE.add("unavailable");
        }

        @Test
        @RequiresDsqlReachability(endpoint = "denied.example.com")
        void denied() {
            DONE.add("denied");
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "blocked.example.com")
    abstract static class Superclass {}

    @OnFakeNetwork
    static class SubclassCase extends Superclass {
        @Test
        void test() {
            DONE.add("needs the cluster");
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "blocked.example.com")
    interface NeedsCluster {}

    @OnFakeNetwork
    static class InterfaceCase implements NeedsCluster {
        @Test
        void test() {
            DONE.add("needs the cluster");
        }
    }

    @Retention(RetentionPolicy.RUNTIME)
    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "blocked.example.com")
    @interface ClusterTest {}

    @ClusterTest
    static class MetaCase {
        @Test
        void test() {
            DONE.add("needs the cluster");
        }
    }

    @ClusterTest
    static class NestedCase {
        @Nested
        class Inner {
            @Test
            void test() {
                DONE.add("needs the cluster");
            }
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class OwnNestedCase {
        @Test
        void test() {}

        @Nested
        @RequiresDsqlReachability(endpoint = "blocked.example.com")
        class Inner {
            @Test
            void test() {
                DONE.add("needs the cluster");
            }
        }
    }

    @OnFakeNetwork
    static class ParameterizedCase {
        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        @RequiresDsqlReachability(endpoint = "blocked.example.com")
        void test(int number) {
            DONE.add("needs the cluster");
        }
    }

    @OnFakeNetwork
    static class FailingParameterizedCase {
        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        @RequiresDsqlReachability(endpoint = "denied.example.com")
        void test(int number) {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class ManyTestsCase {
        @TestFactory
        Stream<DynamicTest> dynamic(Reachability reachability) {
            return Stream.of("a", "b")
                    .map(name -> DynamicTest.dynamicTest(
                            name, () -> assertThat(reachability.isReachable()).isTrue()));
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void parameterized(int number, Endpoint endpoint) {
            assertThat(endpoint.host()).isEqualTo("up.example.com");
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(through = Phase.TCP)
    static class ThroughTcpCase {
        @Test
        void test() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(user = "app")
    static class OtherUserCase {
        @Test
        void test() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(
            endpoint = "jdbc:postgresql://${dsqlreach.test.host:up.example.com}/postgres?user=url",
            region = "eu-west-1",
            user = "app",
            negotiation = Negotiation.DIRECT,
            transport = Transport.AUTO,
            connectTo = "127.0.0.1:15432",
            through = Phase.AUTH,
            timeout = "5s",
            waitFor = "2m",
            profile = "ci",
            credentialsProvider = TestCredentials.class)
    static class EverythingCase {
        @Test
        void test() {}
    }

    static final class TestCredentials implements AwsCredentialsProvider {
        private TestCredentials() {}

        @Override
        public AwsCredentials resolveCredentials() {
            return AwsBasicCredentials.create("AKIDEXAMPLE", "not a secret");
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(
            user = "admin",
            negotiation = Negotiation.POSTGRES,
            transport = Transport.TCP,
            through = Phase.QUERY,
            timeout = "10s",
            waitFor = "0s",
            onBlocked = Action.SKIP,
            onUnavailable = Action.SKIP,
            onNotConfigured = Action.SKIP,
            onDenied = Action.FAIL,
            onMisconfigured = Action.FAIL,
            onUnknown = Action.FAIL)
    static class DefaultsSaidCase {
        @Test
        void test() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(transport = {Transport.TCP, Transport.AUTO})
    static class TwoTransportsCase {
        @Test
        void test() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(timeout = "soon")
    static class BadTimeoutCase {
        @Test
        void test() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability
    static class ParametersCase {
        ParametersCase(Endpoint endpoint, Reachability reachability, DataSource dataSource) {
            check("constructor", endpoint, reachability, dataSource);
        }

        @BeforeAll
        static void beforeAll(Endpoint endpoint, Reachability reachability, DataSource dataSource) {
            check("beforeAll", endpoint, reachability, dataSource);
        }

        @BeforeEach
        void beforeEach(Endpoint endpoint, Reachability reachability, DataSource dataSource) {
            check("beforeEach", endpoint, reachability, dataSource);
        }

        @Test
        void test(Endpoint endpoint, Reachability reachability, DataSource dataSource) {
            check("test", endpoint, reachability, dataSource);
        }

        private static void check(String where, Endpoint endpoint, Reachability reachability, DataSource dataSource) {
            assertThat(reachability.endpoint()).contains(endpoint);
            assertThat(dataSource)
                    .isInstanceOfSatisfying(
                            DsqlDataSource.class,
                            source -> assertThat(source.endpoint()).isEqualTo(endpoint));
            DONE.add(where);
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability
    static class OffCase {
        @Test
        void runs(Endpoint endpoint, DataSource dataSource) {
            assertThat(endpoint.host()).isEqualTo("up.example.com");
        }

        @Test
        void fails(Reachability reachability) {}
    }

    @OnFakeNetwork
    static class ParameterWithoutAnnotationCase {
        ParameterWithoutAnnotationCase(Endpoint endpoint) {}

        @Test
        @RequiresDsqlReachability(endpoint = "up.example.com")
        void test() {}
    }

    @RequiresDsqlReachability
    @OnFakeNetwork
    @Retention(RetentionPolicy.RUNTIME)
    @CustomizesEndpoint(ToPortSeven.class)
    @interface BehindProxy {}

    static final class ToPortSeven implements EndpointCustomizer {
        @Override
        public Endpoint customize(Endpoint endpoint, ExtensionContext context) {
            return endpoint.toBuilder()
                    .connectTo(new HostAndPort("127.0.0.1", 7))
                    .build();
        }
    }

    @OnFakeNetwork
    @BehindProxy
    static class CustomizedCase {
        @Test
        void test(Endpoint endpoint) {
            assertThat(endpoint.connectTo()).isEqualTo(Optional.of(new HostAndPort("127.0.0.1", 7)));
        }
    }

    /** Another endpoint each time it is asked. */
    static final class MovingTarget implements EndpointCustomizer {
        static final AtomicInteger CALLS = new AtomicInteger();

        @Override
        public Endpoint customize(Endpoint endpoint, ExtensionContext context) {
            return endpoint.toBuilder()
                    .connectTo(new HostAndPort("127.0.0.1", CALLS.incrementAndGet()))
                    .build();
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability
    @CustomizesEndpoint(MovingTarget.class)
    static class MovingTargetCase {
        MovingTargetCase(Endpoint endpoint, Reachability reachability, DataSource dataSource) {
            note(endpoint, reachability, dataSource);
        }

        @BeforeEach
        void beforeEach(Endpoint endpoint, Reachability reachability, DataSource dataSource) {
            note(endpoint, reachability, dataSource);
        }

        @Test
        void test(Endpoint endpoint, Reachability reachability, DataSource dataSource) {
            note(endpoint, reachability, dataSource);
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void parameterized(int number, Endpoint endpoint, Reachability reachability, DataSource dataSource) {
            note(endpoint, reachability, dataSource);
        }

        @Nested
        class Inner {
            @Test
            void test(Endpoint endpoint, Reachability reachability, DataSource dataSource) {
                note(endpoint, reachability, dataSource);
            }

            @Test
            void another(Endpoint endpoint, Reachability reachability, DataSource dataSource) {
                note(endpoint, reachability, dataSource);
            }
        }

        private static void note(Endpoint endpoint, Reachability reachability, DataSource dataSource) {
            DONE.add(endpoint.toString());
            DONE.add(reachability.endpoint().orElseThrow().toString());
            DONE.add(((DsqlDataSource) dataSource).endpoint().toString());
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability
    static class OwnEndpointCase {
        @Test
        void ofTheClass(Endpoint endpoint) {
            DONE.add(endpoint.toString());
        }

        @Test
        @CustomizesEndpoint(MovingTarget.class)
        void ofItsOwn(Endpoint endpoint, Reachability reachability) {
            assertThat(reachability.endpoint()).contains(endpoint);
            DONE.add(endpoint.toString());
        }

        @Test
        @CustomizesEndpoint(ToABlockedHost.class)
        void ofItsOwnThatIsBlocked() {
            DONE.add("needs the cluster");
        }
    }

    static final class ToABlockedHost implements EndpointCustomizer {
        @Override
        public Endpoint customize(Endpoint endpoint, ExtensionContext context) {
            return Endpoint.parse("blocked.example.com");
        }
    }
}
