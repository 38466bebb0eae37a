package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.GoldenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a reader is told, for the first case of each rule: a file for each in {@code src/test/resources/golden/diagnoses}. */
class DiagnosisTextsTest {
    private static final String FOLDER = "diagnoses";
    private static final Map<String, DiagnosisCase> SAMPLES = samples();

    private static Map<String, DiagnosisCase> samples() {
        Map<String, DiagnosisCase> samples = new LinkedHashMap<>();
        DiagnosisCases.all().forEach(each -> samples.putIfAbsent(each.rule(), each));
        return samples;
    }

    static Stream<DiagnosisCase> perRule() {
        return SAMPLES.values().stream();
    }

    @ParameterizedTest
    @MethodSource("perRule")
    void readsAsInItsFile(DiagnosisCase sample) {
        GoldenFile.assertMatches(
                FOLDER + "/" + sample.rule() + ".txt",
                text(sample.facts().diagnosed().diagnosis()));
    }

    @Test
    void hasAFileForEachRuleAndNoOther() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/test/resources/golden", FOLDER))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(
                            SAMPLES.keySet().stream().map(rule -> rule + ".txt").toList());
        }
    }

    private static String text(Diagnosis diagnosis) {
        return diagnosis.summary()
                + "\n\n" + diagnosis.cause().orElseThrow()
                + ", " + diagnosis.confidence().name().toLowerCase(Locale.ROOT)
                + ", rule " + diagnosis.rule().orElseThrow()
                + "\n" + diagnosis.explanation() + "\n"
                + lines("Evidence", diagnosis.evidence())
                + lines("What to do", diagnosis.remedies());
    }

    private static String lines(String title, List<String> lines) {
        return "\n" + title + "\n- " + String.join("\n- ", lines) + "\n";
    }
}
