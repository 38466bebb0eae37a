package io.github.dsqlreach.internal.results;

import static io.github.dsqlreach.internal.results.Results.RESET;
import static io.github.dsqlreach.internal.results.Results.total;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.SampleReachabilities;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuildResultsTest {
    private static final Reachability DENIED = SampleReachabilities.denied();

    @Test
    void addUpByReportAndClass() {
        BuildResults build = total(
                Results.of("a.B").skipped(RESET, "one", "two").ran("three"),
                Results.of("a.C").skipped(RESET, "one").failed(DENIED, "two"));

        assertThat(build.reports())
                .containsOnlyKeys(ReportNames.of(RESET), ReportNames.of(DENIED))
                .containsEntry(
                        ReportNames.of(RESET),
                        Report.of(RESET).affecting("a.B", 2, 0, 0).affecting("a.C", 1, 0, 0))
                .containsEntry(ReportNames.of(DENIED), Report.of(DENIED).affecting("a.C", 0, 1, 0));
        assertThat(build.tally()).isEqualTo("1 of 5 annotated tests ran");
    }

    @Test
    void theLastOutcomeOfATestCountsWhateverTheOrderOfTheFiles() {
        Results first = Results.of("a.B").finished(1).failed(RESET, "one", "two");
        Results second = Results.of("a.B").finished(2).failed(DENIED, "two");
        Results third = Results.of("a.B").finished(3).ran("one");

        for (BuildResults build : new BuildResults[] {total(first, second, third), total(third, first, second)}) {
            assertThat(build.tally()).isEqualTo("1 of 2 annotated tests ran");
            assertThat(build.reports()).containsOnlyKeys(ReportNames.of(DENIED));
        }
    }

    @Test
    void theSameTestOfAnotherModuleOrForAnotherEndpointIsAnotherTest() {
        BuildResults build = total(
                Results.of("a.B").module("/a").ran("one"),
                Results.of("a.B").module("/b").skipped(RESET, "one"),
                Results.of("a.B").module("/b").endpoint("other-0123abcd").failed(RESET, "one"));

        assertThat(build.tally()).isEqualTo("1 of 3 annotated tests ran");
        assertThat(build.reports().get(ReportNames.of(RESET)).affectedTests())
                .isEqualTo("1 test skipped, 1 test failed");
    }

    @ParameterizedTest
    @CsvSource({"2, true", "3, false", "50%, true", "51%, false", "0, true", "100 %, false", "0%, true"})
    void areJudgedByNumberOrShare(String minRun, boolean enough) {
        BuildResults build = total(
                Results.of("a.B").ran("one", "two").skipped(RESET, "three").aborted("four"));

        assertThat(build.tooFewRan(minRun).isEmpty()).isEqualTo(enough);
        assertThat(build.tooFewRan("80%"))
                .hasValue("only 2 of 4 annotated tests ran (an assumption or a failed setup ended 1),"
                        + " and dsql.reach.min-run is 80%");
    }

    @Test
    void ofNoTestsNoShareIsEnough() {
        assertThat(total().tooFewRan("1%")).isPresent();
        assertThat(total().tooFewRan("0")).isEmpty();
    }

    @Test
    void sayThatASimulatedFaultStruckNoTest() {
        Results unused = Results.of("a.B").simulated("LATENCY").struck(0).ran("one");
        assertThat(total(unused).simulation()).get().asString().endsWith("so these tests met no fault.");
        assertThat(total(
                                unused,
                                Results.of("a.C").simulated("LATENCY").struck(2).ran("one"))
                        .simulation())
                .hasValue("dsql.reach.simulate=LATENCY was set: the results say nothing about the real network.");
        assertThat(total(Results.of("a.B").simulated("LATENCY").struck(0).skipped(SampleReachabilities.reset(), "one"))
                        .simulation())
                .get()
                .asString()
                .endsWith("real network.");
        assertThat(total(Results.of("a.B").ran("one")).simulation()).isEmpty();
    }

    @Test
    void knowTheSettingsOfAllJvms() {
        BuildResults build = total(
                Results.of("a.B").minRun("80%").simulated("LATENCY").ran("one"),
                Results.of("a.C").minRun("3").ran("one"),
                Results.of("a.D").ran("one"));

        assertThat(build.minRuns()).containsExactlyInAnyOrder("80%", "3");
        assertThat(build.simulation()).get().asString().startsWith("dsql.reach.simulate=LATENCY was set");
    }
}
