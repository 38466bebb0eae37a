package io.github.dsqlreach.report;

import static io.github.dsqlreach.report.Markdown.line;
import static io.github.dsqlreach.report.Markdown.paragraph;
import static io.github.dsqlreach.report.Markdown.section;

import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.internal.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reports as Markdown, for a build's summary or an issue. */
final class MarkdownReport {
    private MarkdownReport() {}

    static String of(List<Content> reports) {
        return reports.stream().map(content -> whole(content).toString()).collect(Collectors.joining("\n"));
    }

    private static Markdown whole(Content content) {
        Reachability reachability = content.reachability();
        List<Markdown> problem = reachability.isReachable()
                ? List.of()
                : List.of(remedies(reachability), diagram(reachability), why(reachability.diagnosis()));
        return Markdown.of(
                Markdown.heading((reachability.isReachable() ? "✅" : "❌") + " DSQL " + Phrases.verdict(reachability)),
                paragraph(Markdown.strong(reachability.summary())),
                Phrases.simulation(reachability).map(Markdown::quote),
                reachability.endpoint().map(endpoint -> paragraph(Markdown.code(Phrases.endpoint(endpoint)))),
                phases(reachability),
                problem,
                experiments(reachability),
                tests(content),
                footer(reachability));
    }

    private static Markdown phases(Reachability reachability) {
        List<List<String>> rows = new ArrayList<>();
        for (PhaseResult result : Phrases.results(reachability)) {
            boolean tried = result.status() != PhaseResult.Status.NOT_REACHED;
            rows.add(List.of(
                    result.phase().name(),
                    Phrases.mark(result.status()),
                    tried ? Numbers.print(result.duration()) : "",
                    Phrases.note(result, Phrases.through(reachability))));
        }
        return rows.isEmpty() ? Markdown.of() : line(Markdown.table(List.of("phase", "", "time", ""), rows));
    }

    private static Markdown remedies(Reachability reachability) {
        return section(
                Phrases.whatToDo(reachability),
                Markdown.numbered(rich(reachability.diagnosis().remedies())));
    }

    private static List<Markdown> rich(List<String> sentences) {
        return sentences.stream().map(Markdown::rich).toList();
    }

    private static Markdown diagram(Reachability reachability) {
        String diagram = PhaseDiagram.of(reachability, TextStyle.plain());
        return section("Where it failed", diagram.isEmpty() ? "" : Markdown.block(diagram));
    }

    private static Markdown why(Diagnosis diagnosis) {
        Markdown cause = Markdown.code(diagnosis.cause().map(Enum::name).orElse(""));
        String confidence = diagnosis.confidence().name().toLowerCase(Locale.ROOT);
        Optional<Markdown> rule = diagnosis.rule().map(id -> Markdown.of(", rule ", Markdown.code(id)));
        Markdown explanation = line(Markdown.rich(diagnosis.explanation()), " (", cause, ", " + confidence, rule, ")");
        List<Markdown> evidence = rich(diagnosis.evidence());
        return section("Why", explanation, evidence.isEmpty() ? "" : Markdown.of(line(), Markdown.bullets(evidence)));
    }

    private static Markdown experiments(Reachability reachability) {
        List<List<String>> rows = new ArrayList<>();
        for (Phrases.Tried tried : Phrases.tried(reachability)) {
            rows.add(List.of(tried.what(), tried.mark(), Numbers.print(tried.duration()), tried.note()));
        }
        return section("Experiments", Markdown.table(List.of("changed", "", "time", ""), rows));
    }

    private static Markdown tests(Content content) {
        List<List<String>> rows = new ArrayList<>();
        for (AffectedTests tests : content.tests()) {
            rows.add(List.of(tests.className(), tests.outcome()));
        }
        return section(content.titleOfTests(), Markdown.table(List.of("class", "tests"), rows));
    }

    private static Markdown footer(Reachability reachability) {
        Reachability.Tool tool = reachability.tool();
        return line("Checked at " + reachability.startedAt() + " in " + Numbers.print(reachability.took())
                + " by dsql-reach " + tool.version() + ", Java " + tool.java() + ", " + tool.os());
    }
}
