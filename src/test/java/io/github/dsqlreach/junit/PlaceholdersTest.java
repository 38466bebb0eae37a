package io.github.dsqlreach.junit;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyTcp;
import io.github.dsqlreach.local.LocalDsql;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.platform.testkit.engine.EngineExecutionResults;

/** Every text of every annotation takes the same placeholders. */
class PlaceholdersTest {
    private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

    /** A text that a test below forgets is a text whose placeholders nobody has tried. */
    @Test
    void everyTextOfEveryAnnotationIsTriedHere() {
        Stream<String> texts = new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages(getClass().getPackageName())
                        .stream()
                        .filter(JavaClass::isAnnotation)
                        .flatMap(annotation -> Stream.of(annotation.reflect().getDeclaredMethods()))
                        .filter(attribute -> attribute.getReturnType() == String.class
                                || attribute.getReturnType() == String[].class)
                        .map(PlaceholdersTest::name);

        assertThat(texts)
                .containsExactlyInAnyOrder(
                        "RequiresDsqlReachability.endpoint",
                        "RequiresDsqlReachability.region",
                        "RequiresDsqlReachability.user",
                        "RequiresDsqlReachability.connectTo",
                        "RequiresDsqlReachability.rootCertificate",
                        "RequiresDsqlReachability.timeout",
                        "RequiresDsqlReachability.waitFor",
                        "RequiresDsqlReachability.profile",
                        "WithLocalDsql.region",
                        "WithLocalDsql.clusterId",
                        "InjectFault.upstream",
                        "InjectFault.parameters",
                        "FaultSource.upstream",
                        "FaultSource.names",
                        "ThroughFault.upstream");
    }

    private static String name(Method attribute) {
        return attribute.getDeclaringClass().getSimpleName() + "." + attribute.getName();
    }

    @Test
    void ofTheRequirementAreReplaced(@TempDir Path directory) throws IOException {
        Path root = Files.createFile(directory.resolve("root.pem"));
        OnFakeNetwork.Extension.CHECKS.clear();

        Jupiter.run(Map.of("P.HOST", "up", "P.ROOT", root.toString()), RequirementCase.class)
                .testEvents()
                .assertStatistics(events -> events.succeeded(1));

        assertThat(OnFakeNetwork.Extension.CHECKS).singleElement().satisfies(check -> {
            assertThat(check.endpoint().host()).isEqualTo("up.example.com");
            assertThat(check.endpoint().region()).contains("eu-west-1");
            assertThat(check.endpoint().user()).isEqualTo("app");
            assertThat(check.endpoint().connectTo()).hasToString("Optional[127.0.0.1:7]");
            assertThat(check.endpoint().trust().rootCertificate()).contains(root);
            assertThat(check.settings().get(Setting.TIMEOUT)).isEqualTo(Duration.ofSeconds(3));
            assertThat(check.settings().get(Setting.WAIT_FOR)).isEqualTo(Duration.ofMinutes(2));
            assertThat(check.settings().get(Setting.PROFILE)).isEqualTo("ci");
        });
    }

    @Test
    void ofTheLocalClusterAreReplaced() {
        Jupiter.run(Map.of("P.ID", "orders"), LocalCase.class)
                .testEvents()
                .assertStatistics(events -> events.succeeded(1));
    }

    @Test
    void ofFaultsAreReplaced() throws IOException {
        SEEN.clear();
        EngineExecutionResults results;
        try (LoopbackServer server = new LoopbackServer((client, connection) -> {})) {
            results =
                    Jupiter.run(Map.of("P.SERVER", server.address().toString(), "P.FAULT", "LATENCY"), FaultCase.class);
        }

        results.testEvents().assertStatistics(events -> events.succeeded(2).failed(0));
        assertThat(SEEN).containsExactlyInAnyOrder("LATENCY(latency=5)", "LATENCY");
    }

    @Test
    void withoutAValueFailTheTestAndNameTheAttribute() {
        for (Class<?> type : new Class<?>[] {NoRegionCase.class, NoParameterCase.class, NoNameCase.class}) {
            assertThat(Jupiter.failure(Jupiter.run(type)))
                    .isInstanceOf(ExtensionConfigurationException.class)
                    .hasMessageMatching(
                            "(?s)@(WithLocalDsql\\(region|InjectFault\\(parameters|FaultSource\\(names)\\) is '[^']*';"
                                    + " allowed is a text whose placeholder \\$\\{P.NONE} names a JUnit configuration parameter.*");
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(
            endpoint = "${P.HOST}.example.com",
            region = "${P.REGION:eu-west-1}",
            user = "${P.USER:app}",
            connectTo = "${P.ADDRESS:127.0.0.1}:7",
            rootCertificate = "${P.ROOT}",
            timeout = "${P.TIMEOUT:3s}",
            waitFor = "${P.MINUTES:2}m",
            profile = "${P.PROFILE:${P.STAGE:ci}}")
    static class RequirementCase {
        @Test
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql(region = "${P.REGION:eu-west-1}", clusterId = "${P.ID}")
    static class LocalCase {
        @Test
        void test(LocalDsql local) {
            assertThat(local.endpoint().host()).isEqualTo("orders.dsql.eu-west-1.on.aws");
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class FaultCase {
        @Test
        @InjectFault(
                value = Fault.LATENCY,
                parameters = "latency=${P.LATENCY:5}",
                upstream = "${P.SERVER}",
                allowUnused = true)
        void injected(@ThroughFault(upstream = "${P.NONE:${P.SERVER}}") FaultyTcp server) {
            SEEN.addAll(server.faults().stream().map(Object::toString).toList());
        }

        @ParameterizedTest
        @FaultSource(names = "${P.FAULT}", upstream = "${P.SERVER}", allowUnused = true)
        void fromTheSource(Fault fault, FaultyTcp server) {
            SEEN.addAll(server.faults().stream().map(Object::toString).toList());
        }
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    @WithLocalDsql(region = "${P.NONE}")
    static class NoRegionCase {
        @Test
        void test(LocalDsql local) {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class NoParameterCase {
        @Test
        @InjectFault(value = Fault.LATENCY, parameters = "latency=${P.NONE}", upstream = "localhost:1")
        void test() {}
    }

    @ExtendWith(Jupiter.OnlyByTheTest.class)
    static class NoNameCase {
        @ParameterizedTest
        @FaultSource(names = "${P.NONE}")
        void test(Fault fault) {}
    }
}
