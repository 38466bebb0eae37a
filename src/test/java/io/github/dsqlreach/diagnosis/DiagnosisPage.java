package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The parts of {@code docs/diagnosis.md} that are printed from the table, each between two comments with its name. */
final class DiagnosisPage {
    private static final String EXPERIMENT = "`[a-z0-9.-]+`";
    private static final String ANY_EXPERIMENT = "*experiment*";
    private static final DiagnosisTable TABLE = DiagnosisTable.TABLE;

    private DiagnosisPage() {}

    /** By the names that stand around them in the page. */
    static Map<String, String> parts() {
        Map<String, String> parts = new LinkedHashMap<>();
        parts.put("rules", rules());
        parts.put("refusals", refusals());
        parts.put("doubts", doubts());
        parts.put("conditions", conditions());
        parts.put("matrix", matrix());
        parts.put("causes", causes());
        return parts;
    }

    private static String rules() {
        Set<String> printed = new HashSet<>();
        return Arrays.stream(Phase.values())
                .map(phase -> "#### " + phase + "\n\n"
                        + table(
                                List.of("rule", "the phase fails with", "and", "cause", "confidence", "because"),
                                TABLE.rules().stream()
                                        .filter(rule ->
                                                !rule.stated() && rule.phases().contains(phase))
                                        .map(rule -> List.of(
                                                id(rule, printed),
                                                failures(rule.failures()),
                                                conditions(rule),
                                                rule.cause()
                                                        .map(cause -> "`" + cause + "`")
                                                        .orElse("*the symptom*"),
                                                rule.confidence().toString(),
                                                rule.because()))
                                        .toList()))
                .collect(Collectors.joining("\n"));
    }

    private static String refusals() {
        return table(
                List.of("rule", "the server's error", "cause", "confidence", "because"),
                TABLE.rules().stream()
                        .filter(Rule::stated)
                        .map(rule -> List.of(
                                id(rule, new HashSet<>()),
                                rule.conditions().stream()
                                        .filter(condition -> condition != Conditions.SERVER_IS_VERIFIED)
                                        .map(Condition::name)
                                        .collect(Collectors.joining("; ")),
                                "`" + rule.cause().orElseThrow() + "`",
                                rule.confidence().toString(),
                                rule.because()))
                        .toList());
    }

    private static String id(Rule rule, Set<String> printed) {
        return printed.add(rule.id())
                ? "<a id=\"rule-" + rule.id() + "\"></a>`" + rule.id() + "`"
                : "[`" + rule.id() + "`](#rule-" + rule.id() + ")";
    }

    private static String failures(Set<FailureKind> failures) {
        if (failures.isEmpty()) {
            return "anything";
        }
        if (failures.equals(Conditions.CONNECTION_LOST)) {
            return "*connection lost*";
        }
        return failures.equals(Conditions.HANDSHAKE_FAILED)
                ? "*handshake failed*"
                : failures.stream().map(FailureKind::label).sorted().collect(Collectors.joining(", "));
    }

    private static String conditions(Rule rule) {
        List<String> names = new ArrayList<>();
        rule.conditions().forEach(condition -> names.add(condition.name()));
        rule.change()
                .filter(change -> rule.failures().stream().anyMatch(Conditions.HANDSHAKE_FAILED::contains))
                .ifPresent(change -> names.add("*reproduced*"));
        return String.join("; ", names);
    }

    private static String doubts() {
        return table(
                List.of("doubt", "if", "steps", "what the report says"),
                TABLE.doubts().stream()
                        .map(doubt -> List.of(
                                "`" + doubt.id() + "`",
                                doubt.applies(),
                                String.valueOf(doubt.steps()),
                                doubt.because()))
                        .toList());
    }

    private static String conditions() {
        Map<String, List<Condition>> families = new LinkedHashMap<>();
        TABLE.rules().forEach(rule -> rule.conditions().forEach(condition -> collect(condition, families)));
        TABLE.doubts().forEach(doubt -> doubt.when().ifPresent(when -> collect(when, families)));
        collect(TABLE.retry(), families);
        collect(Conditions.REPEATED_BOTH_WAYS, families);
        return table(
                List.of("condition", "if not", "means"),
                families.values().stream().map(DiagnosisPage::explained).toList());
    }

    /** Those that differ only in the experiment are one family; what its name says completely is left out. */
    private static void collect(Condition condition, Map<String, List<Condition>> families) {
        if (condition.kind() != Condition.Kind.NOT
                && !(condition.parts().isEmpty() && condition.meaning().isEmpty())) {
            List<Condition> family = families.computeIfAbsent(
                    condition.name().replaceAll(EXPERIMENT, ANY_EXPERIMENT), unused -> new ArrayList<>());
            if (family.stream().noneMatch(other -> other.name().equals(condition.name()))) {
                family.add(condition);
            }
        }
        condition.parts().forEach(part -> collect(part, families));
    }

    private static List<String> explained(List<Condition> family) {
        Condition first = family.get(0);
        List<String> cells = List.of(first.name(), first.opposite(), means(first));
        return family.size() == 1
                ? cells
                : cells.stream()
                        .map(cell -> cell.replaceAll(EXPERIMENT, ANY_EXPERIMENT))
                        .toList();
    }

    private static String means(Condition condition) {
        if (condition.parts().isEmpty()) {
            return condition.meaning();
        }
        String parts = condition.parts().stream().map(Condition::name).collect(Collectors.joining("; "));
        return (condition.kind() == Condition.Kind.ALL ? "**all of:** " : "**any of:** ")
                + parts
                + (condition.meaning().isEmpty() ? "" : " (" + condition.meaning() + ")");
    }

    /** Cause by condition; conditions that only one cause has, and a server's texts, are in the other tables. */
    private static String matrix() {
        Map<String, Set<String>> needed = new LinkedHashMap<>();
        Map<String, Set<String>> excluded = new LinkedHashMap<>();
        TABLE.rules().stream()
                .filter(rule -> !rule.stated())
                .forEach(rule -> rule.conditions().forEach(condition -> {
                    boolean negated = condition.kind() == Condition.Kind.NOT;
                    String name = negated ? condition.parts().get(0).name() : condition.name();
                    needed.computeIfAbsent(name, unused -> new TreeSet<>());
                    excluded.computeIfAbsent(name, unused -> new TreeSet<>());
                    (negated ? excluded : needed).get(name).add(causeOrSymptom(rule));
                }));
        return table(
                List.of("condition", "causes that need it", "causes that exclude it"),
                needed.keySet().stream()
                        .filter(name ->
                                needed.get(name).size() + excluded.get(name).size() > 1)
                        .map(name -> List.of(
                                name, String.join(", ", needed.get(name)), String.join(", ", excluded.get(name))))
                        .toList());
    }

    private static String causeOrSymptom(Rule rule) {
        return rule.cause().map(cause -> "`" + cause + "`").orElse("*the symptom*");
    }

    private static String causes() {
        return table(
                List.of("cause", "layer", "verdict", "what it means", "first remedy"),
                Arrays.stream(Cause.values())
                        .map(cause -> List.of(
                                "`" + cause + "`",
                                cause.layer().map(Enum::name).orElse("–"),
                                "`" + cause.verdict() + "`",
                                cause.explanation(),
                                cause.remedies().isEmpty()
                                        ? "as the evidence says"
                                        : cause.remedies().get(0).text()))
                        .toList());
    }

    private static String table(List<String> titles, List<List<String>> rows) {
        StringBuilder text = new StringBuilder(row(titles))
                .append(row(titles.stream().map(title -> "---").toList()));
        rows.forEach(cells -> text.append(
                row(cells.stream().map(cell -> cell.replace("|", "\\|")).toList())));
        return text.toString();
    }

    private static String row(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }
}
