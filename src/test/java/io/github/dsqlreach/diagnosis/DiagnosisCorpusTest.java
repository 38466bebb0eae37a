package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.ReportSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every cause, through real parts where loopback has them. All scenarios run once, side by side; then each is compared
 * with what it stands for. The confusion matrix is written to {@code target/confusion-matrix.txt}, and the reports as a
 * user reads them to {@code target/corpus-reports.txt}; to see the matrix:
 *
 * <pre>{@code mvn -q test -Dtest=DiagnosisCorpusTest -Dcorpus.print=true}</pre>
 *
 * <p>What does not come out as expected is played once more, alone and with more time, and said on standard error; with
 * {@code -Dcorpus.once=true}, for a quiet machine, it is not.
 */
class DiagnosisCorpusTest {
    private static final int SIDE_BY_SIDE = 6;
    private static final Duration LONGER = Stage.TIMEOUT.multipliedBy(4);
    private static final int LONGEST_SUMMARY = 300;
    private static final Pattern PLACEHOLDER = Pattern.compile("(?<!\\$)\\{\\w+}");

    private static final Map<Scenario, Reachability> RESULTS = new LinkedHashMap<>();

    static List<Scenario> scenarios() {
        return Stream.of(
                        CorpusLocalErrors.scenarios(),
                        CorpusClient.scenarios(),
                        CorpusBeforeTls.scenarios(),
                        CorpusTls.scenarios(),
                        CorpusServers.scenarios(),
                        CorpusLogin.scenarios())
                .flatMap(List::stream)
                .filter(scenario -> scenario.toString().matches(System.getProperty("corpus.only", "(?s).*")))
                .toList();
    }

    @BeforeAll
    static void playAll() throws Exception {
        ExecutorService players = Executors.newFixedThreadPool(SIDE_BY_SIDE);
        try (Stage stage = new Stage()) {
            Map<Scenario, Future<Reachability>> running = new LinkedHashMap<>();
            scenarios()
                    .forEach(scenario ->
                            running.put(scenario, players.submit(() -> play(scenario, stage, Stage.TIMEOUT))));
            for (Map.Entry<Scenario, Future<Reachability>> each : running.entrySet()) {
                RESULTS.put(each.getKey(), each.getValue().get());
            }
            if (!Boolean.getBoolean("corpus.once")) {
                playAgainAlone(stage);
            }
        } finally {
            players.shutdownNow();
        }
    }

    /** On a machine that is busy, cluster and middlebox do not answer in time either: alone and with more time they do. */
    private static void playAgainAlone(Stage stage) throws Exception {
        for (Map.Entry<Scenario, Reachability> each : RESULTS.entrySet()) {
            if (!each.getKey().fits(each.getValue().diagnosis())) {
                System.err.println("played again, because it came out as "
                        + Scenario.label(each.getValue().diagnosis()) + ": " + each.getKey());
                each.setValue(play(each.getKey(), stage, LONGER));
            }
        }
    }

    private static Reachability play(Scenario scenario, Stage stage, Duration timeout) throws Exception {
        try (Stage.Scene scene = stage.scene(timeout)) {
            return scenario.play().in(scene);
        }
    }

    @AfterAll
    static void writeDown() throws IOException {
        ConfusionMatrix matrix = new ConfusionMatrix();
        RESULTS.forEach((scenario, got) -> matrix.add(scenario.expected(), Scenario.label(got.diagnosis())));
        Path target = Files.createDirectories(Path.of("target"));
        Files.writeString(target.resolve("confusion-matrix.txt"), matrix.toString());
        Files.writeString(
                target.resolve("corpus-reports.txt"),
                RESULTS.entrySet().stream()
                        .map(each -> "##### " + each.getKey() + "\n" + each.getValue() + "\n  explanation: "
                                + each.getValue().diagnosis().explanation() + "\n  confidence: "
                                + each.getValue().diagnosis().confidence())
                        .collect(Collectors.joining("\n\n")));
        if (Boolean.getBoolean("corpus.print")) {
            System.out.println(matrix);
        }
    }

    @TestFactory
    Stream<DynamicTest> diagnosesExactly() {
        return eachResult((scenario, got) -> {
            Diagnosis diagnosis = got.diagnosis();
            assertThat(Scenario.label(diagnosis)).as("cause of%n%s", got).isEqualTo(scenario.expected());
            assertThat(diagnosis.verdict()).as("verdict of%n%s", got).isEqualTo(scenario.verdict());
            assertThat(diagnosis.layer()).as("layer of%n%s", got).isEqualTo(scenario.layer());
            scenario.confidence()
                    .ifPresent(expected -> assertThat(diagnosis.confidence())
                            .as("confidence of%n%s", got)
                            .isEqualTo(expected));
        });
    }

    @TestFactory
    Stream<DynamicTest> aSavedReportIsDiagnosedAgainTheSame() {
        return eachResult((scenario, got) -> {
            String json = Report.of(got).json();
            Reachability saved = Report.parse(json).reachability();
            assertThat(ReportSchema.problems(json)).isEmpty();
            if (saved.attempt().isPresent()) {
                assertThat(Diagnoses.of(
                                saved.endpoint().orElseThrow(), saved.attempt().orElseThrow(), saved.followUp()))
                        .isEqualTo(saved.diagnosis())
                        .isEqualTo(got.diagnosis());
            }
        });
    }

    @TestFactory
    Stream<DynamicTest> doesNotContradictItself() {
        return eachResult((scenario, got) -> assertThat(Contradictions.in(got))
                .as("contradictions of%n%s", got)
                .isEmpty());
    }

    @TestFactory
    Stream<DynamicTest> readsWell() {
        return eachResult((scenario, got) -> {
            Diagnosis diagnosis = got.diagnosis();
            assertThat(diagnosis.summary())
                    .doesNotContain("\n")
                    .hasSizeLessThanOrEqualTo(LONGEST_SUMMARY)
                    .doesNotContainPattern(PLACEHOLDER);
            assertThat(diagnosis.explanation()).endsWith(".").doesNotContainPattern("\\{\\w+}");
            assertThat(diagnosis.evidence())
                    .doesNotHaveDuplicates()
                    .allMatch(line -> line.endsWith(".") || line.endsWith(".\""));
            assertThat(diagnosis.remedies())
                    .doesNotHaveDuplicates()
                    .allSatisfy(remedy -> assertThat(remedy)
                            .doesNotContainPattern(PLACEHOLDER)
                            .matches(text -> text.chars().filter(c -> c == '`').count() % 2 == 0, "quotes in pairs"));
            if (!got.isReachable() && diagnosis.cause().get() != Cause.UNKNOWN) {
                assertThat(diagnosis.remedies()).isNotEmpty();
            }
        });
    }

    @Test
    void hasTwoScenariosForEveryCauseAtLeast() {
        Map<Cause, Long> counts = scenarios().stream()
                .flatMap(scenario -> scenario.cause().stream())
                .collect(Collectors.groupingBy(cause -> cause, Collectors.counting()));
        if (System.getProperty("corpus.only") == null) {
            assertThat(Arrays.stream(Cause.values()).filter(cause -> counts.getOrDefault(cause, 0L) < 2))
                    .isEmpty();
        }
    }

    private interface Check {
        void of(Scenario scenario, Reachability got);
    }

    private static Stream<DynamicTest> eachResult(Check check) {
        return new ArrayList<>(RESULTS.entrySet())
                .stream()
                        .map(each -> DynamicTest.dynamicTest(
                                each.getKey().toString(), () -> check.of(each.getKey(), each.getValue())));
    }
}
