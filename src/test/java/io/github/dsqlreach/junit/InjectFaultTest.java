package io.github.dsqlreach.junit;

import static io.github.dsqlreach.junit.Jupiter.failure;
import static io.github.dsqlreach.junit.Jupiter.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.local.LocalDsql;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

class InjectFaultTest {
    private static final List<String> SEEN = new CopyOnWriteArrayList<>();
    private static final int OF_CONNECTIONS =
            (int) Stream.of(Fault.values()).filter(fault -> !fault.isAtCommit()).count();
    private static final List<FaultyDsql> PROXIES = new CopyOnWriteArrayList<>();

    @AutoClose
    private static final LocalDsql cluster = LocalDsql.start();

    @BeforeEach
    void nothingIsSeen() {
        SEEN.clear();
        PROXIES.clear();
    }

    @Test
    void theFaultIsInForceDuringTheTestMethodOnly() {
        EngineExecutionResults results = run(MethodCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(3).failed(0));
        assertThat(reported(results)).containsExactly("TLS_RESET", "TLS_RESET");
    }

    @Test
    void theFaultIsUndoneWhenTheTestFails() {
        EngineExecutionResults results = run(onTheCluster(), FailingCase.class);

        results.testEvents().assertStatistics(events -> events.failed(1));
        assertThat(failure(results)).hasMessage("on purpose").hasNoSuppressedExceptions();
        assertThat(SEEN).containsExactly("after: []", "connected");
    }

    @Test
    void everyProxyIsGoneAfterItsTest() {
        run(onTheCluster(), FailingCase.class, CombinedCase.class);

        assertThat(PROXIES).hasSizeGreaterThan(1).doesNotHaveDuplicates();
        assertThat(PROXIES)
                .allSatisfy(dsql ->
                        assertThatThrownBy(() -> dsql.inject(Fault.LATENCY)).hasMessageContaining("is closed"));
    }

    @Test
    void faultsOfClassesAroundAndOfTheMethodAddUp() {
        EngineExecutionResults results = run(onTheCluster(), CombinedCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(2).failed(0));
        assertThat(SEEN)
                .containsExactlyInAnyOrder(
                        "[LATENCY(latency=20), SLOW_CLOSE, BANDWIDTH(rate=900)]",
                        "[LATENCY(latency=20), JITTER(latency=10, jitter=5)]");
    }

    @Test
    void theCheckOfTheSameClassGoesPastTheFault() {
        EngineExecutionResults results = run(CheckedCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(1).skipped(0));
    }

    @Test
    void aFaultInjectedInTheMiddleIsReportedToo() {
        EngineExecutionResults results = run(onTheCluster(), MiddleCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(1));
        assertThat(reported(results)).containsExactly("AUTH_RESET", "LATENCY(latency=7)");
    }

    @Test
    void urlsGoThroughTheFault() {
        EngineExecutionResults results = run(onTheCluster(), UrlCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(1).failed(0));
    }

    @Test
    void aParameterizedTestRunsUnderEachFault() {
        EngineExecutionResults results = run(onTheCluster(), SourceCase.class);

        results.testEvents().assertStatistics(events -> events.failed(0));
        assertThat(SEEN)
                .contains("part TLS_RESET [TLS_RESET]", "part SILENCE [SILENCE]")
                .contains("matched AUTH_RESET [AUTH_RESET]", "matched AUTH_SILENCE [AUTH_SILENCE]")
                .contains("or none BANDWIDTH [BANDWIDTH]", "or none null []")
                .contains("own LATENCY []");
        assertThat(SEEN).filteredOn(line -> line.startsWith("all ")).hasSize(OF_CONNECTIONS);
        assertThat(SEEN).filteredOn(line -> line.startsWith("most ")).hasSize(OF_CONNECTIONS - 2);
        assertThat(SEEN).filteredOn(line -> line.startsWith("matched ")).hasSize(2);
    }

    @Test
    void anExtensionSaysInCodeWhatFaultsAreInFrontOf() {
        EngineExecutionResults results = run(RegisteredCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(3).failed(0));
        assertThat(SEEN)
                .containsExactlyInAnyOrder(
                        "asked", "[LATENCY(latency=3)]", "asked", "[LATENCY(latency=3), BANDWIDTH]", "nested [JITTER]");
    }

    @Test
    void aSourceOfFaultsThatNobodyTakesFailsTheTest() {
        EngineExecutionResults results = run(onTheCluster(), NotParameterizedCase.class);

        assertThat(Jupiter.failure(results)).hasMessageContaining("@FaultSource has no effect");
    }

    @Test
    void theTestsOfAFactoryRunUnderItsFaults() {
        EngineExecutionResults results = run(onTheCluster(), FactoryCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(2).failed(1));
        assertThat(SEEN).containsExactly("one [TLS_RESET]", "two [TLS_RESET]");
        assertThat(Jupiter.failure(results))
                .hasMessageContaining("no connection used the proxy while the fault was active");
    }

    @Test
    void testsThatMeetEachOthersFaultsFailAndSayWhy() {
        Map<String, String> parameters = new HashMap<>(onTheCluster());
        parameters.put("junit.jupiter.execution.parallel.enabled", "true");
        parameters.put("junit.jupiter.execution.parallel.mode.default", "concurrent");
        parameters.put("junit.jupiter.execution.parallel.config.strategy", "fixed");
        parameters.put("junit.jupiter.execution.parallel.config.fixed.parallelism", "2");

        EngineExecutionResults results = run(parameters, AtTheSameTimeCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(1).failed(1));
        assertThat(Jupiter.failure(results)).hasMessageContaining("@Execution(ExecutionMode.SAME_THREAD)");
    }

    @Test
    void faultsReachAPoolThatWasMadeOnceForTheClass() {
        EngineExecutionResults results = run(PerClassCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(4).failed(1));
        assertThat(Jupiter.failure(results))
                .hasMessageContaining("no connection used the proxy while the fault was active");
        assertThat(SEEN).containsExactlyInAnyOrder("broken", "works true", "spring works", "nested broken");
        assertThat(reported(results)).containsExactly("TLS_RESET", "TLS_RESET", "TLS_RESET");
        assertThatThrownBy(() -> FaultExtension.builder().build().dsql()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aPoolThatIsKeptFromOneClassToTheNextKeepsItsProxy() {
        EngineExecutionResults results =
                run(FirstOfAContextCase.class, NextOfAContextCase.class, OneInstanceOfAContextCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(4).failed(0));
        assertThat(SEEN).containsExactly("broken", "broken", "broken");
        assertThat(PROXIES).hasSize(3).allMatch(PROXIES.get(0)::equals);
        assertThatThrownBy(() -> query(ContextCase.cached)).hasStackTraceContaining("is closed");
    }

    @Test
    void aFaultThatMeetsNoConnectionFailsTheTestAndSaysWhy() {
        EngineExecutionResults results = run(UnusedCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(1).failed(1));
        assertThat(failure(results))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("TLS_RESET: no connection used the proxy")
                .hasMessageContaining("DataSource of this test")
                .hasMessageContaining("allowUnused = true");
    }

    @Test
    void aFaultThatStrikesNoConnectionFailsTheTestAndSaysWhatToChange() {
        EngineExecutionResults results = run(onTheCluster(), NotStruckCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(2).failed(3));
        assertThat(results.testEvents().failed().stream()
                        .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                        .map(result -> result.getThrowable().orElseThrow().getMessage()))
                .anySatisfy(message -> assertThat(message)
                        .startsWith(
                                "QUERY_RESET: 0 of 1 connection struck, so nothing was tested. The fault has an effect when"
                                        + " the server has sent that many bytes: read a larger result, or set a smaller number of bytes.")
                        .contains("bytes=16384")
                        .endsWith("set allowUnused = true"))
                .anySatisfy(message -> assertThat(message)
                        .startsWith("INTERMITTENT(toxicity=0, seed=5): 0 of 1 connection struck")
                        .contains(
                                "make more connections, or set parameters such as \"toxicity=1\" or another \"seed\""))
                .anySatisfy(message -> assertThat(message)
                        .as("one of two, although the other one has an effect")
                        .startsWith("QUERY_RESET: 0 of 1 connection struck"));
    }

    @Test
    void theSeedOfAShareIsReported() {
        EngineExecutionResults results = run(onTheCluster(), ShareCase.class);

        assertThat(reported(results)).singleElement().asString().matches("INTERMITTENT\\(toxicity=0.5, seed=\\d+\\)");
    }

    @Test
    void parallelTestsDoNotSeeEachOthersFaults() {
        Map<String, String> parameters = new HashMap<>(onTheCluster());
        parameters.putAll(Map.of(
                "junit.jupiter.execution.parallel.enabled", "true",
                "junit.jupiter.execution.parallel.mode.default", "concurrent",
                "junit.jupiter.execution.parallel.config.strategy", "fixed",
                "junit.jupiter.execution.parallel.config.fixed.parallelism", "2"));

        EngineExecutionResults results = run(parameters, ParallelCase.class);

        results.testEvents().assertStatistics(events -> events.succeeded(2).failed(0));
    }

    @Test
    void saysThatThereIsNothingToStandInFrontOf() {
        assertThat(failure(run(NoEndpointCase.class)))
                .hasMessageContaining("There is nothing to put a fault in front of: no endpoint is configured");
    }

    @Test
    void refusesWhatIsNoParameter() {
        assertThat(failure(run(onTheCluster(), BadParameterCase.class)))
                .hasMessageContaining("@InjectFault: LATENCY has no parameter 'delay'; allowed are {latency=200 (ms)");
    }

    @Test
    void refusesWhatIsNoFault() {
        assertThat(failure(run(onTheCluster(), BadSourceCase.class)))
                .hasMessageContaining(
                        "@FaultSource: 'TLS_RESETS' is not a fault; did you mean TLS_RESET? There are DNS_NAME_NOT_FOUND, ");
    }

    /** Configures the cluster of this class, as a real one would be. */
    private static Map<String, String> onTheCluster() {
        return Map.of(
                Setting.ENDPOINT.key(), cluster.endpoint().host(),
                Setting.CONNECT_TO.key(), cluster.address().toString(),
                Setting.ROOT_CERTIFICATE.key(), cluster.rootCertificate().toString(),
                Setting.CREDENTIALS_PROVIDER.key(), OfTheCluster.class.getName());
    }

    /** Its credentials. */
    static class OfTheCluster implements AwsCredentialsProvider {
        @Override
        public AwsCredentials resolveCredentials() {
            return cluster.credentialsProvider().resolveCredentials();
        }
    }

    private static List<String> reported(EngineExecutionResults results) {
        return results.testEvents().reportingEntryPublished().stream()
                .map(event -> event.getRequiredPayload(ReportEntry.class))
                .map(entry -> entry.getKeyValuePairs().get("dsql.fault"))
                .toList();
    }

    private static void query(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            assertThat(connection.isValid(1)).isTrue();
        }
    }

    private static void assertFails(DataSource dataSource) {
        assertThatThrownBy(dataSource::getConnection).isInstanceOf(SQLException.class);
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class MethodCase {
        @BeforeAll
        static void prepare(DataSource dataSource) throws SQLException {
            query(dataSource);
        }

        @BeforeEach
        void before(DataSource dataSource) throws SQLException {
            query(dataSource);
        }

        @AfterEach
        void after(DataSource dataSource) throws SQLException {
            query(dataSource);
        }

        @Test
        @InjectFault(Fault.TLS_RESET)
        void hit(DataSource dataSource) {
            assertFails(dataSource);
        }

        @Test
        @InjectFault(value = Fault.TLS_RESET, allowUnused = true)
        void healed(FaultyDsql dsql, DataSource dataSource) throws SQLException {
            dsql.clearFaults();
            query(dataSource);
        }

        @Test
        void notHit(DataSource dataSource) throws SQLException {
            query(dataSource);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @InjectFault(Fault.TCP_REFUSED)
    static class FailingCase {
        @Test
        void test(FaultyDsql dsql) {
            PROXIES.add(dsql);
            assertFails(dsql.dataSource());
            throw new AssertionError("on purpose");
        }

        @AfterEach
        void after(FaultyDsql dsql) throws SQLException {
            SEEN.add("after: " + dsql.faults());
            query(dsql.dataSource());
            SEEN.add("connected");
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @InjectFault(value = Fault.LATENCY, parameters = "latency=20")
    static class CombinedCase {
        @Test
        @InjectFault(Fault.SLOW_CLOSE)
        @InjectFault(value = Fault.BANDWIDTH, parameters = "rate=900")
        void repeated(FaultyDsql dsql, DataSource dataSource) throws SQLException {
            PROXIES.add(dsql);
            SEEN.add(dsql.faults().toString());
            query(dataSource);
        }

        @Nested
        @InjectFault(
                value = Fault.JITTER,
                parameters = {"latency=10", "jitter=5"})
        class Inner {
            @Test
            void nested(FaultyDsql dsql, DataSource dataSource) throws SQLException {
                PROXIES.add(dsql);
                SEEN.add(dsql.faults().toString());
                query(dataSource);
            }
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @InjectFault(Fault.TLS_RESET)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class CheckedCase {
        @Test
        void test(DataSource dataSource, Endpoint endpoint, LocalDsql local, FaultyDsql dsql) {
            assertThat(endpoint).isEqualTo(local.endpoint());
            assertThat(dsql.endpoint().host()).isEqualTo(endpoint.host());
            assertThat(dsql.endpoint().target()).isNotEqualTo(endpoint.target());
            assertFails(dataSource);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class MiddleCase {
        @Test
        @InjectFault(value = Fault.AUTH_RESET, allowUnused = true)
        void test(FaultyDsql dsql) {
            dsql.inject(Fault.LATENCY.with("latency", 7));
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class UrlCase {
        @Test
        @InjectFault(Fault.TLS_RESET)
        void test(
                @ThroughFault String url,
                @ThroughFault(ThroughFault.Form.AWS_CONNECTOR) String connectorUrl,
                FaultyDsql dsql)
                throws SQLException {
            assertThat(connectorUrl).isEqualTo("jdbc:aws-dsql:" + url.substring("jdbc:".length()));
            assertThatThrownBy(() -> DriverManager.getConnection(url)).isInstanceOf(SQLException.class);
            dsql.clearFaults();
            try (Connection connection = DriverManager.getConnection(url)) {
                assertThat(connection.isValid(1)).isTrue();
            }
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class SourceCase {
        @ParameterizedTest
        @FaultSource(allowUnused = true)
        void all(Fault fault, FaultyDsql dsql) {
            SEEN.add("all " + fault + " " + dsql.faults());
        }

        @ParameterizedTest
        @FaultSource(
                value = {Fault.TLS_RESET, Fault.SILENCE},
                allowUnused = true)
        void part(Fault fault, FaultyDsql dsql) {
            SEEN.add("part " + fault + " " + dsql.faults());
        }

        @ParameterizedTest
        @FaultSource(value = Fault.TCP_TIMEOUT, names = "LATENCY", mode = EnumSource.Mode.EXCLUDE, allowUnused = true)
        void most(Fault fault) {
            SEEN.add("most " + fault);
        }

        @ParameterizedTest
        @FaultSource(names = "AUTH_.*", mode = EnumSource.Mode.MATCH_ANY, allowUnused = true)
        void matched(Fault fault, FaultyDsql dsql, DataSource dataSource) {
            SEEN.add("matched " + fault + " " + dsql.faults());
        }

        @ParameterizedTest
        @FaultSource(Fault.BANDWIDTH)
        @NullSource
        void orNone(Fault fault, FaultyDsql dsql, DataSource dataSource) throws SQLException {
            SEEN.add("or none " + fault + " " + dsql.faults());
            query(dataSource);
        }

        @ParameterizedTest
        @FaultSource(value = Fault.LATENCY, inject = false)
        void own(Fault fault, FaultyDsql dsql) {
            SEEN.add("own " + fault + " " + dsql.faults());
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class RegisteredCase {
        @RegisterExtension
        static final FaultExtension FAULTS = FaultExtension.builder()
                .inFrontOf(() -> {
                    SEEN.add("asked");
                    return cluster.endpoint();
                })
                .credentials(new OfTheCluster())
                .inject(Fault.LATENCY.with("latency", 3))
                .build();

        @Test
        void one(FaultyDsql dsql, DataSource dataSource) throws SQLException {
            SEEN.add(dsql.faults().toString());
            query(dataSource);
        }

        @Test
        @InjectFault(Fault.BANDWIDTH)
        void withAnnotation(FaultyDsql dsql, DataSource dataSource) throws SQLException {
            SEEN.add(dsql.faults().toString());
            query(dataSource);
        }

        @Nested
        class Inner {
            @RegisterExtension
            final FaultExtension faults = FaultExtension.builder()
                    .inFrontOf(() -> cluster.endpoint())
                    .inject(Fault.JITTER)
                    .allowUnused()
                    .build();

            @Test
            void own(FaultyDsql dsql) {
                SEEN.add("nested " + dsql.faults());
            }
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class NotParameterizedCase {
        @Test
        @FaultSource(Fault.TLS_RESET)
        void one() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class FactoryCase {
        @TestFactory
        @InjectFault(Fault.TLS_RESET)
        Stream<DynamicNode> several(FaultyDsql dsql, DataSource dataSource) {
            return Stream.of(
                    dynamicTest("one", () -> meet("one", dsql, dataSource)),
                    dynamicContainer("inner", Stream.of(dynamicTest("two", () -> meet("two", dsql, dataSource)))),
                    dynamicTest("unused", () -> {}));
        }

        private static void meet(String name, FaultyDsql dsql, DataSource dataSource) {
            SEEN.add(name + " " + dsql.faults());
            assertThatThrownBy(() -> query(dataSource)).isInstanceOf(SQLException.class);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class AtTheSameTimeCase {
        @RegisterExtension
        static final FaultExtension FAULTS =
                FaultExtension.builder().perClass().allowUnused().build();

        /** The one that may run waits for the other's end. */
        private static final CountDownLatch ENDED = new CountDownLatch(1);

        @Test
        @InjectFault(Fault.LATENCY)
        void withAFault() throws InterruptedException {
            ENDED.await(10, TimeUnit.SECONDS);
        }

        @Test
        void without() throws InterruptedException {
            ENDED.await(10, TimeUnit.SECONDS);
        }

        @AfterEach
        void end() {
            ENDED.countDown();
        }
    }

    /** As a Spring context has it: made once. */
    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class PerClassCase {
        @RegisterExtension
        static final FaultExtension FAULTS = FaultExtension.builder().perClass().build();

        private static DataSource ofTheClass;

        @BeforeAll
        static void prepare(DataSource dataSource) {
            ofTheClass = dataSource;
        }

        @Test
        @InjectFault(Fault.TLS_RESET)
        void reset() {
            assertThatThrownBy(() -> query(ofTheClass)).isInstanceOf(SQLException.class);
            SEEN.add("broken");
        }

        @Test
        void withoutAFault(FaultyDsql dsql) throws SQLException {
            query(ofTheClass);
            SEEN.add("works " + (dsql == FAULTS.dsql()));
        }

        /** As Spring Boot makes it: the service's configuration, overridden by the registered properties. */
        @Test
        void aPoolOfSpringsProperties() throws SQLException {
            Map<String, Supplier<Object>> properties = new HashMap<>(Map.of(
                    "spring.datasource.driver-class-name", () -> "software.amazon.dsql.jdbc.DSQLConnector",
                    "spring.datasource.username", () -> "petclinic",
                    "spring.datasource.password", () -> "petclinic"));
            FAULTS.springDataSource(properties::put);

            HikariConfig config = new HikariConfig();
            config.setDriverClassName(text(properties, "driver-class-name"));
            config.setJdbcUrl(text(properties, "url"));
            config.setUsername(text(properties, "username"));
            config.setPassword(text(properties, "password"));
            try (HikariDataSource pool = new HikariDataSource(config)) {
                query(pool);
            }
            SEEN.add("spring works");
        }

        private static String text(Map<String, Supplier<Object>> properties, String name) {
            return properties.get("spring.datasource." + name).get().toString();
        }

        @Test
        @InjectFault(Fault.TLS_RESET)
        void unused() {}

        @Nested
        class Inner {
            @Test
            @InjectFault(Fault.TLS_RESET)
            void reset() {
                assertThatThrownBy(() -> query(ofTheClass)).isInstanceOf(SQLException.class);
                SEEN.add("nested broken");
            }
        }
    }

    /** As classes with a common superclass share a Spring context. */
    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    static class ContextCase {
        @RegisterExtension
        static final FaultExtension FAULTS = FaultExtension.builder().perClass().build();

        private static DataSource cached;

        @BeforeAll
        static void context(DataSource dataSource) {
            cached = cached == null ? dataSource : cached;
        }

        @Test
        @InjectFault(Fault.TLS_RESET)
        void reset() {
            PROXIES.add(FAULTS.dsql());
            assertThatThrownBy(() -> query(cached)).isInstanceOf(SQLException.class);
            SEEN.add("broken");
            FAULTS.dsql().clearFaults();
            assertThatCode(() -> query(cached)).doesNotThrowAnyException();
        }
    }

    static class FirstOfAContextCase extends ContextCase {}

    /** Where a context may be made before the {@code @BeforeAll} methods. */
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class OneInstanceOfAContextCase extends ContextCase {
        private final FaultyDsql early = FAULTS.dsql();

        @Test
        void hasTheProxyFromTheStart() {
            assertThat(early).isSameAs(FAULTS.dsql());
        }
    }

    static class NextOfAContextCase extends ContextCase {}

    /** A pool made for the class, as a test class or a framework may have it. */
    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql
    @RequiresDsqlReachability
    static class UnusedCase {
        private static DataSource ofTheClass;

        @BeforeAll
        static void prepare(DataSource dataSource) {
            ofTheClass = dataSource;
        }

        @Test
        @InjectFault(Fault.TLS_RESET)
        void seemsToSurvive() throws SQLException {
            query(ofTheClass);
        }

        @Test
        @InjectFault(value = Fault.TLS_RESET, allowUnused = true)
        void isMeant() throws SQLException {
            query(ofTheClass);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class NotStruckCase {
        @Test
        @InjectFault(Fault.QUERY_RESET)
        void readsTooLittle(DataSource dataSource) throws SQLException {
            query(dataSource);
        }

        @Test
        @InjectFault(
                value = Fault.INTERMITTENT,
                parameters = {"toxicity=0", "seed=5"})
        void isNeverHit(DataSource dataSource) throws SQLException {
            query(dataSource);
        }

        @Test
        @InjectFault(value = Fault.LATENCY, parameters = "latency=5")
        @InjectFault(Fault.QUERY_RESET)
        void meetsOneOfTwo(DataSource dataSource) throws SQLException {
            query(dataSource);
        }

        @Test
        @InjectFault(value = Fault.LATENCY, parameters = "latency=5")
        @InjectFault(value = Fault.QUERY_RESET, allowUnused = true)
        void meetsTheOneThatMatters(DataSource dataSource) throws SQLException {
            query(dataSource);
        }

        @Test
        @InjectFault(Fault.LATENCY)
        @InjectFault(Fault.TCP_REFUSED)
        void meetsOneThatHidesTheOther(DataSource dataSource) {
            assertFails(dataSource);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class ShareCase {
        @Test
        @InjectFault(value = Fault.INTERMITTENT, parameters = "toxicity=0.5", allowUnused = true)
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class ParallelCase {
        private static final CyclicBarrier BOTH_RUN = new CyclicBarrier(2);
        private static final CyclicBarrier BOTH_TRIED = new CyclicBarrier(2);

        @Test
        @InjectFault(Fault.TLS_RESET)
        void hit(DataSource dataSource) throws Exception {
            BOTH_RUN.await(2, TimeUnit.MINUTES);
            assertFails(dataSource);
            BOTH_TRIED.await(2, TimeUnit.MINUTES);
        }

        @Test
        @InjectFault(value = Fault.LATENCY, parameters = "latency=1")
        void slow(DataSource dataSource) throws Exception {
            BOTH_RUN.await(2, TimeUnit.MINUTES);
            query(dataSource);
            BOTH_TRIED.await(2, TimeUnit.MINUTES);
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class NoEndpointCase {
        @Test
        @InjectFault(Fault.TLS_RESET)
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class BadParameterCase {
        @Test
        @InjectFault(value = Fault.LATENCY, parameters = "delay=5")
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class BadSourceCase {
        @ParameterizedTest
        @FaultSource(names = "TLS_RESETS")
        void test(Fault fault) {}
    }
}
