package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How much of the table random facts reach. */
class RandomFactsTest {
    private static final int SETS = 40_000;

    private static List<Facts> facts;
    private static List<RuleMatch> matches;

    @BeforeAll
    static void draw() {
        RandomFacts random = new RandomFacts(20_261_129);
        facts = IntStream.range(0, SETS).mapToObj(i -> random.draw().facts()).toList();
        matches = facts.stream().map(DiagnosisTable.TABLE::match).toList();
    }

    @Test
    void makeEachRuleFire() {
        Set<String> fired = matches.stream().map(RuleMatch::rule).collect(Collectors.toCollection(HashSet::new));
        fired.remove("nothing-fits");

        assertThat(fired)
                .containsExactlyInAnyOrderElementsOf(
                        DiagnosisTable.TABLE.rules().stream().map(Rule::id).toList());
    }

    @Test
    void noticeEachBreakOfTheTable() {
        assertThat(Mutants.of(DiagnosisTable.TABLE)).hasSizeGreaterThan(400);
        assertThat(Mutants.of(DiagnosisTable.TABLE).entrySet().stream()
                        .filter(mutant -> !isNoticed(mutant.getValue()))
                        .map(Map.Entry::getKey))
                .isEmpty();
    }

    private static boolean isNoticed(DiagnosisTable mutant) {
        return IntStream.range(0, SETS)
                .anyMatch(i -> !mutant.match(facts.get(i)).equals(matches.get(i)));
    }

    @Test
    void areTheSameForTheSameSeed() {
        assertThat(new RandomFacts(1).draw()).isEqualTo(new RandomFacts(1).draw());
    }
}
