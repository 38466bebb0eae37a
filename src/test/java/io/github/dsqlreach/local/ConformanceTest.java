package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** A local cluster answers as a real one did, but for the differences that are listed with their reasons. */
class ConformanceTest {
    @AutoClose
    private static final LocalDsql cluster = LocalDsql.start();

    /** Why the answer to a probe differs. */
    private static final class Differences extends java.util.LinkedHashMap<String, String> {
        private static final long serialVersionUID = 1;
    }

    private static Map<String, String> known() throws IOException {
        return Probe.json("differences.json", Differences.class);
    }

    @TestFactory
    Stream<DynamicTest> answersAsRecorded() throws Exception {
        Map<String, String> known = known();
        List<Conformance.Outcome> outcomes = new Conformance(cluster.endpoint(), cluster.credentialsProvider()).run();
        if (Boolean.getBoolean("conformance.print")) {
            System.out.println(Conformance.counts(outcomes) + "\n" + Conformance.differences(outcomes));
        }
        return outcomes.stream()
                .map(outcome -> dynamicTest(
                        outcome.probe().id(),
                        () -> check(outcome, known.get(outcome.probe().id()))));
    }

    private static void check(Conformance.Outcome outcome, String reason) {
        if (reason == null) {
            assertThat(outcome.differences()).isEmpty();
        } else {
            assertThat(outcome.differences())
                    .as("is as recorded by now, so that it must not be listed as different (" + reason + ")")
                    .isNotEmpty();
        }
    }

    @Test
    void everyKnownDifferenceIsOfAProbe() throws IOException {
        assertThat(Probe.Suite.read().probes())
                .extracting(Probe::id)
                .doesNotHaveDuplicates()
                .containsAll(known().keySet());
    }
}
