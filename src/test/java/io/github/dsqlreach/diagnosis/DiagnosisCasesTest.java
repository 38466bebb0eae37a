package io.github.dsqlreach.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table says about each case what the case expects, and the cases notice each break of the table. */
class DiagnosisCasesTest {
    private static final List<DiagnosisCase> CASES = DiagnosisCases.all();

    static Stream<DiagnosisCase> cases() {
        return CASES.stream();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isDiagnosed(DiagnosisCase each) {
        Facts facts = each.facts().facts();
        RuleMatch match = DiagnosisTable.TABLE.match(facts);

        assertThat(match.rule()).as(each.what()).isEqualTo(each.rule());
        assertThat(match.confidence()).as(each.what()).isEqualTo(each.confidence());
        each.retry()
                .ifPresent(expected -> assertThat(DiagnosisTable.TABLE
                                .needsAnotherAttempt(facts, match)
                                .value())
                        .as(each.what())
                        .isEqualTo(expected));
    }

    @Test
    void makeEachRuleApply() {
        assertThat(cases().map(DiagnosisCase::rule).collect(Collectors.toSet()))
                .containsAll(DiagnosisTable.TABLE.rules().stream().map(Rule::id).toList());
    }

    @Test
    void noticeEachBreakOfTheTable() {
        Map<String, DiagnosisTable> mutants = Mutants.of(DiagnosisTable.TABLE);

        assertThat(mutants).hasSizeGreaterThan(300);
        assertThat(mutants.entrySet().stream()
                        .filter(mutant -> CASES.stream().allMatch(each -> each.holds(mutant.getValue())))
                        .map(Map.Entry::getKey))
                .isEmpty();
    }
}
