package io.github.dsqlreach.diagnosis;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Tables with one thing broken in each. */
final class Mutants {
    private final DiagnosisTable table;
    private final Map<String, DiagnosisTable> all = new LinkedHashMap<>();

    private Mutants(DiagnosisTable table) {
        this.table = table;
    }

    /**
     * By what is broken: a rule, a doubt, or a condition of a rule is left out; a condition is negated wherever it is
     * used; a part of a compound condition is left out wherever that is used.
     */
    static Map<String, DiagnosisTable> of(DiagnosisTable table) {
        Mutants mutants = new Mutants(table);
        mutants.leaveOutRows();
        conditions(table).forEach(mutants::breakCondition);
        return mutants.all;
    }

    /** All conditions of the table and their parts, by family. */
    static Map<String, Condition> conditions(DiagnosisTable table) {
        Map<String, Condition> found = new LinkedHashMap<>();
        table.rules().forEach(rule -> rule.conditions().forEach(condition -> collect(condition, found)));
        table.doubts().forEach(doubt -> doubt.when().ifPresent(when -> collect(when, found)));
        collect(table.retry(), found);
        return found;
    }

    private static void collect(Condition condition, Map<String, Condition> found) {
        if (condition.kind() != Condition.Kind.NOT) {
            found.putIfAbsent(family(condition), condition);
        }
        condition.parts().forEach(part -> collect(part, found));
    }

    /** Compound conditions that differ only in the experiment are broken together. */
    private static String family(Condition condition) {
        return condition.kind() == Condition.Kind.FACT
                ? condition.name()
                : condition.name().replaceAll("`[a-z0-9.-]+`", "`…`");
    }

    private void leaveOutRows() {
        for (int i = 0; i < table.rules().size(); i++) {
            Rule rule = table.rules().get(i);
            all.put(
                    "without " + rule.id(),
                    new DiagnosisTable(without(table.rules(), i), table.doubts(), table.retry()));
            for (int c = 0; c < rule.conditions().size(); c++) {
                List<Rule> rules = new ArrayList<>(table.rules());
                rules.set(i, with(rule, without(rule.conditions(), c)));
                all.put(
                        rule.id() + " without " + rule.conditions().get(c).name(),
                        new DiagnosisTable(rules, table.doubts(), table.retry()));
            }
        }
        for (int i = 0; i < table.doubts().size(); i++) {
            if (table.doubts().get(i).when().isEmpty()) {
                continue;
            }
            all.put(
                    "without doubt " + table.doubts().get(i).id(),
                    new DiagnosisTable(table.rules(), without(table.doubts(), i), table.retry()));
        }
    }

    private void breakCondition(String family, Condition first) {
        all.put("negated: " + family, replaced(family, Condition::not));
        if (first.kind() == Condition.Kind.FACT) {
            return;
        }
        for (int i = 0; i < first.parts().size(); i++) {
            int part = i;
            all.put(
                    family + " without " + first.parts().get(i).name(),
                    replaced(
                            family,
                            condition -> Condition.of(
                                    condition.kind(),
                                    condition.name(),
                                    condition.opposite(),
                                    without(condition.parts(), part))));
        }
    }

    private DiagnosisTable replaced(String family, UnaryOperator<Condition> by) {
        UnaryOperator<Condition> replace = condition -> replace(condition, family, by);
        return new DiagnosisTable(
                table.rules().stream()
                        .map(rule -> with(
                                rule, rule.conditions().stream().map(replace).toList()))
                        .toList(),
                table.doubts().stream()
                        .map(doubt -> new Doubt(
                                doubt.id(),
                                doubt.applies(),
                                doubt.when().map(replace),
                                doubt.steps(),
                                doubt.onlyConfirmed(),
                                doubt.because()))
                        .toList(),
                replace.apply(table.retry()));
    }

    private static Condition replace(Condition condition, String family, UnaryOperator<Condition> by) {
        if (condition.kind() != Condition.Kind.NOT && family(condition).equals(family)) {
            return by.apply(condition);
        }
        return condition.kind() == Condition.Kind.FACT
                ? condition
                : Condition.of(
                        condition.kind(),
                        condition.name(),
                        condition.opposite(),
                        condition.parts().stream()
                                .map(part -> replace(part, family, by))
                                .toList());
    }

    private static Rule with(Rule rule, List<Condition> conditions) {
        return new Rule(
                rule.id(),
                rule.phases(),
                rule.failures(),
                conditions,
                rule.change(),
                rule.cause(),
                rule.confidence(),
                rule.because(),
                rule.advice(),
                rule.stated());
    }

    private static <T> List<T> without(List<T> all, int index) {
        List<T> some = new ArrayList<>(all);
        some.remove(index);
        return some;
    }
}
