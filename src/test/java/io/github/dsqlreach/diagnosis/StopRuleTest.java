package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Phase;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A check waits for the experiments that can still change the diagnosis, and for no others. Random facts with running
 * experiments are completed at random.
 */
class StopRuleTest {
    private static final int SETS = 40_000;
    /** Each is matched once for each completion, so there are fewer. */
    private static final int COMPLETED_SETS = Integer.getInteger("facts.completed", 8_000);

    private static final int COMPLETIONS = 8;
    private static final int ENDS = 40;

    private final RandomFacts random = new RandomFacts(99);
    private final RandomFacts completions = new RandomFacts(5);

    /** What a check does and says next. */
    private record Decision(
            String rule, Confidence confidence, Optional<ExperimentName> suspect, boolean anotherAttempt) {}

    private static Decision decision(RandomFacts.Drawn drawn) {
        Facts facts = drawn.facts();
        RuleMatch match = DiagnosisTable.TABLE.match(facts);
        return new Decision(
                match.rule(),
                match.confidence(),
                match.suspect().map(RuleMatch.Suspect::change),
                DiagnosisTable.TABLE.needsAnotherAttempt(facts, match).value());
    }

    private static Set<ExperimentName> awaited(RandomFacts.Drawn drawn) {
        Facts facts = drawn.facts();
        RuleMatch match = DiagnosisTable.TABLE.match(facts);
        Set<ExperimentName> names = EnumSet.noneOf(ExperimentName.class);
        names.addAll(match.waitsFor());
        names.addAll(DiagnosisTable.TABLE.needsAnotherAttempt(facts, match).open());
        names.retainAll(drawn.pending().keySet());
        return names;
    }

    private Stream<RandomFacts.Drawn> running(int sets) {
        return IntStream.range(0, sets)
                .mapToObj(i -> random.draw())
                .filter(drawn -> !drawn.pending().isEmpty());
    }

    @Test
    void nothingIsDecidedTooEarly() {
        List<RandomFacts.Drawn> decided = running(COMPLETED_SETS)
                .filter(drawn -> awaited(drawn).isEmpty())
                .toList();

        assertThat(decided).hasSizeGreaterThan(COMPLETED_SETS / 10).allSatisfy(drawn -> {
            Decision early = decision(drawn);
            for (int i = 0; i < COMPLETIONS; i++) {
                assertThat(decision(completions.completed(drawn)))
                        .as("later than %s", drawn)
                        .isEqualTo(early);
            }
            assertThat(decision(without(drawn)))
                    .as("%s as a report has it", drawn)
                    .isEqualTo(early);
        });
    }

    /** What nobody waits for does not stand in the report. */
    private static RandomFacts.Drawn without(RandomFacts.Drawn drawn) {
        return new RandomFacts.Drawn(drawn.endpoint(), drawn.attempt(), drawn.followUp(), Map.of(), drawn.phase());
    }

    /** For each phase and experiment that is waited for there are facts in which its result decides alone. */
    @Test
    void nothingIsAwaitedInVain() {
        Set<String> awaited = new TreeSet<>();
        Set<String> decisive = new TreeSet<>();
        running(SETS)
                .forEach(drawn -> awaited(drawn).forEach(name -> {
                    String pair = drawn.phase() + " " + name;
                    awaited.add(pair);
                    if (!decisive.contains(pair) && decides(name, drawn)) {
                        decisive.add(pair);
                    }
                }));

        assertThat(decisive).isEqualTo(awaited);
        assertThat(awaited).contains(Phase.TLS + " " + ExperimentName.DIRECT_TLS);
    }

    private boolean decides(ExperimentName name, RandomFacts.Drawn drawn) {
        RandomFacts.Drawn onlyThis = new RandomFacts.Drawn(
                drawn.endpoint(),
                drawn.attempt(),
                drawn.followUp(),
                Map.of(name, drawn.pending().get(name)),
                drawn.phase());
        Set<Decision> ends = new HashSet<>();
        for (int i = 0; i < ENDS && ends.size() < 2; i++) {
            ends.add(decision(completions.completed(onlyThis)));
        }
        return ends.size() > 1;
    }
}
