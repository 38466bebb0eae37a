package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** No report contradicts itself: those about the cases of the table, and those about random facts. */
class ContradictionsTest {
    private static final int SETS = Integer.getInteger("facts.reports", 10_000);

    private static List<String> in(Facts facts) {
        return Contradictions.of(
                facts.endpoint(),
                facts.attempt(),
                facts.followUp(),
                Diagnoses.of(facts.endpoint(), facts.attempt(), facts.followUp()));
    }

    @Test
    void noCaseOfTheTableContradictsItself() {
        assertThat(DiagnosisCases.all().stream()
                        .flatMap(each -> in(each.facts().facts()).stream().map(text -> each + ": " + text)))
                .isEmpty();
    }

    @Test
    void noReportAboutRandomFactsContradictsItself() {
        RandomFacts random = new RandomFacts(2_024);
        Map<String, Long> found = IntStream.range(0, SETS)
                .mapToObj(i -> random.draw())
                .filter(drawn -> drawn.pending().isEmpty())
                .flatMap(drawn -> in(drawn.facts()).stream())
                .collect(Collectors.groupingBy(text -> text, TreeMap::new, Collectors.counting()));

        assertThat(found).isEmpty();
    }
}
