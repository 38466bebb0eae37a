package io.github.dsqlreach.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.internal.results.BuildResults;
import io.github.dsqlreach.internal.results.ResultFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** The JVMs of a build, as forks of a build tool are. */
@Timeout(120)
class SeveralJvmsTest {
    @TempDir
    private Path directory;

    @Test
    void thatIsKilledLeavesTheResultsOfTheClassesThatHaveEnded() throws Exception {
        Process jvm = jvm(Map.of(), SkippedOne.class, Endless.class)
                .redirectErrorStream(true)
                .start();
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> names().contains("endless"));
        } finally {
            jvm.destroyForcibly().waitFor();
        }

        assertThat(total().tally()).isEqualTo("0 of 1 annotated tests ran");
        assertThat(total().reports().values())
                .singleElement()
                .asString()
                .contains("blocked.example.com", "(1 test skipped)");
        assertThat(names()).noneMatch(name -> name.endsWith(".part"));
    }

    @Test
    void thatRunAtTheSameTimeEndWithTheTotals() throws Exception {
        Path step = directory.resolve("step-summary.md");
        Map<String, String> github = Map.of(
                "GITHUB_ACTIONS", "true",
                "GITHUB_RUN_ID", "1",
                "GITHUB_STEP_SUMMARY", step.toString());
        List<Process> jvms = new ArrayList<>();
        StringBuilder console = new StringBuilder();
        try {
            for (Class<?> type : List.of(SkippedOne.class, SkippedTwo.class, Failed.class)) {
                jvms.add(jvm(github, type).redirectErrorStream(true).start());
            }
            for (Process jvm : jvms) {
                console.append(new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
                assertThat(jvm.waitFor(1, TimeUnit.MINUTES)).isTrue();
            }
        } finally {
            jvms.forEach(Process::destroyForcibly);
        }

        assertThat(total().tally()).isEqualTo("0 of 4 annotated tests ran");
        assertThat(step)
                .content()
                .containsOnlyOnce("3 tests skipped because of this")
                .containsOnlyOnce("1 test failed because of this");
        // Each page once, and the JVM that ended last told the total.
        assertThat(console.toString().split("Report to send:", -1)).hasSize(3);
        assertThat(console.toString()).contains("::warning title=3 tests skipped");
        try (Stream<Path> pages = Files.list(directory)) {
            assertThat(pages.filter(page -> page.toString().endsWith("TLS_RESET.html")))
                    .singleElement()
                    .satisfies(page -> assertThat(page).content().contains("3 tests skipped because of this"));
        }
    }

    private ProcessBuilder jvm(Map<String, String> environment, Class<?>... types) {
        ProcessBuilder jvm = Jvm.running(
                Main.class,
                List.of("-XX:TieredStopAtLevel=1", "-Ddsql.reach.reports-dir=" + directory),
                Stream.of(types).map(Class::getName).toArray(String[]::new));
        jvm.environment()
                .keySet()
                .removeIf(name -> name.matches("GITHUB_.*|.*CI.*|BUILD.*|TF_BUILD|TEAMCITY.*|JENKINS.*"));
        jvm.environment().putAll(environment);
        return jvm;
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private BuildResults total() throws IOException {
        ResultFiles files = new ResultFiles(directory);
        return new BuildResults(files.read(), files::report);
    }

    /** As a build tool's fork does it. */
    static final class Main {
        public static void main(String... types) {
            LauncherFactory.create()
                    .execute(LauncherDiscoveryRequestBuilder.request()
                            .configurationParameter(Jupiter.MARK, "true")
                            .selectors(Stream.of(types)
                                    .map(type -> selectClass(type))
                                    .toList())
                            .build());
        }
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "blocked.example.com")
    static class SkippedOne {
        @Test
        void one() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "blocked.example.com")
    static class SkippedTwo {
        @Test
        void one() {}

        @Test
        void two() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "denied.example.com")
    static class Failed {
        @Test
        void one() {}
    }

    @OnFakeNetwork
    @RequiresDsqlReachability(endpoint = "up.example.com")
    static class Endless {
        @Test
        void waits() throws Exception {
            Files.createFile(Path.of(System.getProperty("dsql.reach.reports-dir"), "endless"));
            new CountDownLatch(1).await();
        }
    }
}
