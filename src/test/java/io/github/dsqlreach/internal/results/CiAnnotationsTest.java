package io.github.dsqlreach.internal.results;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.CiCommands;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.SampleReachabilities;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CiAnnotationsTest {
    private static final Map<String, String> GITHUB = Map.of("GITHUB_ACTIONS", "true");

    private final Report skipped = Report.of(SampleReachabilities.reset()).affecting("a.B", 12, 0, 0);
    private final Report failed = Report.of(SampleReachabilities.denied()).affecting("a.B", 0, 1, 0);
    private final Report hostile = Report.of(SampleReachabilities.hostile());

    @Test
    void saysNothingElsewhereAndWhenReachable() {
        assertThat(CiAnnotations.of(Map.of()).lines(skipped)).isEmpty();
        assertThat(CiAnnotations.of(Map.of("CI", "true")).lines(skipped)).isEmpty();
        assertThat(CiAnnotations.of(GITHUB).lines(Report.of(SampleReachabilities.reachable())))
                .isEmpty();
    }

    @Test
    void annotatesOnGitHub() {
        assertThat(CiAnnotations.of(GITHUB).lines(skipped))
                .startsWith("::warning title=12 tests skipped::DSQL blocked at TLS: connection reset 0.3 ms")
                .hasLineCount(1);
        assertThat(CiAnnotations.of(GITHUB).lines(failed)).startsWith("::error title=1 test failed::DSQL denied");
    }

    @Test
    void annotatesOnAzureTeamCityAndBuildkite() {
        assertThat(CiAnnotations.of(Map.of("TF_BUILD", "True")).lines(skipped))
                .startsWith("##vso[task.logissue type=warning]12 tests skipped: DSQL blocked at TLS")
                .hasLineCount(1);
        assertThat(CiAnnotations.of(Map.of("TEAMCITY_VERSION", "2026.1")).lines(skipped))
                .startsWith("##teamcity[message text='12 tests skipped: DSQL blocked at TLS")
                .contains("PostgreSQL|'s")
                .endsWith("' status='WARNING']\n")
                .hasLineCount(1);
        assertThat(CiAnnotations.of(Map.of("BUILDKITE", "true")).lines(skipped))
                .startsWith("+++ :warning: 12 tests skipped\nDSQL blocked at TLS");
    }

    @Test
    void saysHowManyTestsAreNewInThisJvm() {
        assertThat(CiAnnotations.of(GITHUB).lines(skipped, 3))
                .startsWith("::warning title=12 tests skipped so far (3 of them new)::DSQL blocked at TLS");
    }

    @ParameterizedTest
    @CsvSource({
        "GITHUB_ACTIONS, true, ::warning title=",
        "TF_BUILD, True, ##vso[task.logissue type=warning]",
        "TEAMCITY_VERSION, 1, ##teamcity[message text='",
        "BUILDKITE, true, +++ :warning:"
    })
    void aServerCannotAddACommand(String variable, String value, String own) {
        for (String text : CiCommands.texts()) {
            Report said = Report.of(SampleReachabilities.hostile(text));
            String lines = CiAnnotations.of(Map.of(variable, value)).lines(said);
            assertThat(lines).startsWith(own);
            CiCommands.assertHarmless(lines, List.of(own));
        }
        String lines = CiAnnotations.of(Map.of(variable, value)).lines(hostile);
        assertThat(lines).doesNotContain("0123456789abcdef0123456789abcdef");
    }

    @Test
    void escapesWhatIsSpecial() {
        Report special = Report.of(SampleReachabilities.of(
                SampleReachabilities.endpoint(),
                SampleReachabilities.reset().attempt().orElseThrow(),
                List.of(),
                SampleReachabilities.diagnosis(
                        Cause.TLS_RESET, Confidence.LIKELY, "100%, [a] 'b' | é\n::error::c", List.of(), List.of())));
        assertThat(CiAnnotations.of(GITHUB).lines(special))
                .isEqualTo("::warning title=DSQL blocked::100%25, [a] 'b' | é : :error::c\n");
        assertThat(CiAnnotations.of(Map.of("TF_BUILD", "True")).lines(special))
                .isEqualTo("##vso[task.logissue type=warning]DSQL blocked: 100%AZP25, [a] 'b' | é : :error::c\n");
        assertThat(CiAnnotations.of(Map.of("TEAMCITY_VERSION", "1")).lines(special))
                .contains("100%, |[a|] |'b|' || |0x00E9 : :error::c");
    }
}
