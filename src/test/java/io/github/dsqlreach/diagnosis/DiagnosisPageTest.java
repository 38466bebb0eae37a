package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.GoldenFile;
import io.github.dsqlreach.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * {@code docs/diagnosis.md} says what the code does. Its printed parts are written anew by {@code mvn test
 * -Dtest=DiagnosisPageTest -Dgolden.write=true}.
 */
class DiagnosisPageTest {
    private static final Path PAGE = Path.of("docs/diagnosis.md");

    private static String page;

    @BeforeAll
    static void read() throws IOException {
        page = Files.readString(PAGE);
    }

    @Test
    void containsTheTable() {
        GoldenFile.assertContains(PAGE, DiagnosisPage.parts());
    }

    @Test
    void hasAnAnchorForEachRule() {
        DiagnosisTable.TABLE
                .rules()
                .forEach(rule -> assertThat(page).containsOnlyOnce("<a id=\"rule-" + rule.id() + "\"></a>"));
    }

    @Test
    void namesEachExperimentAndNoOther() {
        for (ExperimentName name : ExperimentName.values()) {
            assertThat(page).contains("| `" + name.id() + "` |");
        }
        String experiments = page.substring(page.indexOf("## Experiments"), page.indexOf("## The rules"));
        assertThat(experiments.lines().filter(line -> line.matches("\\| `[a-z0-9.-]+` \\|.*")))
                .hasSize(ExperimentName.values().length);
    }

    @Test
    void explainsEachVerdictAndConfidence() {
        for (Verdict verdict : Verdict.values()) {
            assertThat(page).contains("| `" + verdict + "` |");
        }
        for (Confidence confidence : Confidence.values()) {
            assertThat(page).contains("| `" + confidence + "` |");
        }
    }
}
