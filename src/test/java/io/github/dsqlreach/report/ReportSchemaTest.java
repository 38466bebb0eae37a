package io.github.dsqlreach.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.GoldenFile;
import io.github.dsqlreach.Reachability;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code docs/report.schema.json} is the contract of the JSON. */
class ReportSchemaTest {
    private static final Path PUBLISHED = Path.of("docs", "report.schema.json");

    static List<Reachability> samples() {
        return SampleReachabilities.all();
    }

    @Test
    void isTheSchemaOfTheRecordsThatTheJsonIsBoundTo() {
        GoldenFile.assertFile(PUBLISHED, ReportSchema.published());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void holdsForEachReport(Reachability reachability) {
        String json = Report.of(reachability).json();

        assertThat(ReportSchema.problems(ReportSchema.published(), json)).isEmpty();
        assertThat(ReportSchema.problems(json)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "BLOCKED, BLOCKD",
        "direct-tls, direct-tsl",
        "\"bytesSent\": 8, \"bytesSent\": true",
        "\"rule\", \"role\""
    })
    void refusesAWrongField(String right, String wrong) {
        String json = Report.of(SampleReachabilities.reset()).json();

        assertThat(json).contains(right);
        assertThat(ReportSchema.problems(ReportSchema.published(), json.replace(right, wrong)))
                .isNotEmpty();
    }
}
