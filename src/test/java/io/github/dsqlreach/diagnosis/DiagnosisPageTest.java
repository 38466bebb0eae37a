package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The page and the code say the same. */
class DiagnosisPageTest {
    private static String page;

    @BeforeAll
    static void read() throws IOException {
        page = Files.readString(Path.of("docs/diagnosis.md"));
    }

    @Test
    void hasARowForEachCause() {
        assertThat(page).as("print the table with CauseTable.main").contains(CauseTable.markdown());
    }

    @Test
    void namesEachExperimentAndNoOther() {
        for (ExperimentName name : ExperimentName.values()) {
            assertThat(page).contains("| `" + name.id() + "` |");
        }
        assertThat(page.lines().filter(line -> line.matches("\\| `[a-z0-9.-]+` \\|.*")))
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
