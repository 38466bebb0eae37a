package io.github.dsqlreach.report;

import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.internal.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A report as Markdown, for a build's summary or an issue.
 *
 * <pre>{@code
 * Files.writeString(Path.of("report.md"), MarkdownReport.of(reachability));
 * }</pre>
 */
public final class MarkdownReport {
    private final Reported reported;
    private final Reachability reachability;
    private final StringBuilder text = new StringBuilder();

    private MarkdownReport(Reported reported) {
        this.reported = reported;
        this.reachability = reported.reachability();
    }

    /** One report as a section with a heading of the second level. */
    public static String of(Reachability reachability) {
        return of(List.of(Reported.of(reachability)));
    }

    /** Several reports, a section each. */
    public static String of(List<Reported> reports) {
        List<String> sections = new ArrayList<>();
        reports.forEach(reported -> sections.add(new MarkdownReport(reported).write()));
        return String.join("\n", sections);
    }

    private String write() {
        text.append("## ")
                .append(reachability.isReachable() ? "✅" : "❌")
                .append(" DSQL ")
                .append(Phrases.verdict(reachability))
                .append("\n\n**")
                .append(Markdown.text(reachability.summary()))
                .append("**\n\n");
        Phrases.simulation(reachability)
                .ifPresent(note -> text.append("> ").append(Markdown.text(note)).append("\n\n"));
        reachability
                .endpoint()
                .ifPresent(endpoint ->
                        text.append(Markdown.code(Phrases.endpoint(endpoint))).append("\n\n"));
        phases();
        if (!reachability.isReachable()) {
            remedies(reachability.diagnosis());
            diagram();
            why(reachability.diagnosis());
        }
        experiments();
        tests();
        footer();
        return text.toString();
    }

    private void phases() {
        List<PhaseResult> results = Phrases.results(reachability);
        if (results.isEmpty()) {
            return;
        }
        Markdown.header(text, "phase", "", "time", "");
        for (PhaseResult result : results) {
            boolean tried = result.status() != PhaseResult.Status.NOT_REACHED;
            Markdown.row(
                    text,
                    result.phase().name(),
                    Phrases.mark(result.status()),
                    tried ? Numbers.print(result.duration()) : "",
                    Markdown.cell(Phrases.note(result, Phrases.through(reachability))));
        }
        text.append('\n');
    }

    private void remedies(Diagnosis diagnosis) {
        if (diagnosis.remedies().isEmpty()) {
            return;
        }
        text.append("### ").append(Phrases.whatToDo(reachability)).append("\n\n");
        for (int i = 0; i < diagnosis.remedies().size(); i++) {
            text.append(i + 1)
                    .append(". ")
                    .append(Markdown.rich(diagnosis.remedies().get(i)))
                    .append('\n');
        }
        text.append('\n');
    }

    private void diagram() {
        String diagram = PhaseDiagram.of(reachability, TextStyle.plain());
        if (!diagram.isEmpty()) {
            text.append("### Where it broke\n\n")
                    .append(Markdown.block(diagram))
                    .append('\n');
        }
    }

    private void why(Diagnosis diagnosis) {
        text.append("### Why\n\n")
                .append(Markdown.rich(diagnosis.explanation()))
                .append(" (");
        text.append(Markdown.code(diagnosis.cause().map(Enum::name).orElse("")))
                .append(", ")
                .append(diagnosis.confidence().name().toLowerCase(Locale.ROOT))
                .append(")\n\n");
        diagnosis
                .evidence()
                .forEach(fact -> text.append("- ").append(Markdown.rich(fact)).append('\n'));
        text.append(diagnosis.evidence().isEmpty() ? "" : "\n");
    }

    private void experiments() {
        if (reachability.experiments().isEmpty()) {
            return;
        }
        text.append("### Experiments\n\n");
        Markdown.header(text, "changed", "", "time", "");
        for (Experiment experiment : reachability.experiments()) {
            Markdown.row(
                    text,
                    Markdown.cell(Phrases.name(experiment)),
                    experiment.passed() ? "✓" : "✗",
                    Numbers.print(experiment.duration()),
                    Markdown.cell(Phrases.note(experiment)));
        }
        text.append('\n');
    }

    private void tests() {
        if (reported.count().isEmpty()) {
            return;
        }
        text.append("### ").append(reported.count()).append(" because of this\n\n");
        Markdown.header(text, "class", "tests", "");
        for (AffectedTests tests : reported.tests()) {
            Markdown.row(
                    text,
                    Markdown.cell(tests.className()),
                    String.valueOf(tests.count()),
                    tests.outcome().name().toLowerCase(Locale.ROOT));
        }
        text.append('\n');
    }

    private void footer() {
        Reachability.Tool tool = reachability.tool();
        text.append("Checked at ")
                .append(reachability.startedAt())
                .append(" in ")
                .append(Numbers.print(reachability.took()))
                .append(" by dsql-reach ")
                .append(Markdown.text(tool.version() + ", Java " + tool.java() + ", " + tool.os()))
                .append("\n");
    }
}
