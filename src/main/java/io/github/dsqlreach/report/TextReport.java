package io.github.dsqlreach.report;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Numbers;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A report for a console: the verdict, each phase with its time, where it broke, why, and what to do. At most 100
 * columns wide, but for commands, which are never broken.
 *
 * <pre>{@code
 * System.out.print(TextReport.of(reachability, TextStyle.detect()));
 * }</pre>
 */
public final class TextReport {
    private static final int WIDTH = 98;
    private static final int MOST_CLASSES = 20;
    private static final int LONGEST_MESSAGE = 1_000;

    private final Reported reported;
    private final Reachability reachability;
    private final TextStyle style;
    private final StringBuilder text = new StringBuilder();

    private TextReport(Reported reported, TextStyle style) {
        this.reported = reported;
        this.reachability = reported.reachability();
        this.style = style;
    }

    /** The report as text, each line ended. */
    public static String of(Reachability reachability, TextStyle style) {
        return of(Reported.of(reachability), style);
    }

    /** The report as text, with the tests that did not run; each line ended. */
    public static String of(Reported reported, TextStyle style) {
        return style.finish(new TextReport(reported, style).write());
    }

    /** The summary alone, on one line, ended; with a note behind it where the note is not empty. */
    public static String line(Reachability reachability, String note, TextStyle style) {
        String end = note.isEmpty() ? "" : " (" + Phrases.line(note) + ")";
        return style.finish(mark(reachability, style) + " " + Phrases.line(reachability.summary()) + end + "\n");
    }

    private static String mark(Reachability reachability, TextStyle style) {
        String mark = Phrases.mark(reachability);
        return reachability.isReachable() ? style.passed(mark) : style.failed(mark);
    }

    /** One phase as a line of the report, ended; for showing each phase as it finishes. */
    public static String phase(PhaseResult result, TextStyle style) {
        return style.finish(phaseLines(result, Phrases.note(result, result.phase()), style));
    }

    /**
     * What is left to show when some phases were shown as they finished: the other phases, the verdict, where it broke,
     * why, and what to do; each line ended.
     */
    public static String after(Set<Phase> shown, Reachability reachability, TextStyle style) {
        return style.finish(new TextReport(Reported.of(reachability), style).writeAfter(shown));
    }

    /** Where, who and how, as lines above the phases, ended. */
    public static String heading(Endpoint endpoint, TextStyle style) {
        StringBuilder heading = new StringBuilder();
        Wrap.lines(Phrases.endpoint(endpoint), WIDTH)
                .forEach(line -> heading.append(style.strong(line)).append('\n'));
        return style.finish(heading.toString());
    }

    /** A message as one line, ended: scrubbed, and nothing in it can steer a terminal or a CI service. */
    public static String message(String message, TextStyle style) {
        return style.finish(Scrubber.line(message, LONGEST_MESSAGE) + "\n");
    }

    private String write() {
        verdict();
        simulation();
        reachability.endpoint().ifPresent(e -> wrapped("  ", Phrases.endpoint(e), style::dim));
        phases();
        reasons();
        tests();
        return text.toString();
    }

    private String writeAfter(Set<Phase> shown) {
        phases(Phrases.results(reachability).stream()
                .filter(result -> !shown.contains(result.phase()))
                .toList());
        text.append('\n');
        verdict();
        simulation();
        reasons();
        return text.toString();
    }

    private void reasons() {
        if (!reachability.isReachable()) {
            diagram();
            why();
        }
        experiments();
        whatToDo();
    }

    private void verdict() {
        List<String> lines = Wrap.lines(Phrases.line(reachability.summary()), WIDTH);
        for (int i = 0; i < lines.size(); i++) {
            String start = i > 0 ? "  " : mark(reachability, style) + " ";
            text.append(start).append(style.strong(lines.get(i))).append('\n');
        }
    }

    private void simulation() {
        Phrases.simulation(reachability).ifPresent(note -> wrapped("  ", note, style::strong));
    }

    private void phases() {
        List<PhaseResult> results = Phrases.results(reachability);
        if (!results.isEmpty()) {
            text.append('\n');
        }
        phases(results);
    }

    private void phases(List<PhaseResult> results) {
        results.forEach(
                result -> text.append(phaseLines(result, Phrases.note(result, Phrases.through(reachability)), style)));
    }

    private static String phaseLines(PhaseResult result, String note, TextStyle style) {
        String time = result.status() == PhaseResult.Status.NOT_REACHED ? "" : Numbers.print(result.duration());
        return row(result.status(), String.format("%-6s %9s", result.phase(), time), note, style);
    }

    private static String row(PhaseResult.Status status, String columns, String note, TextStyle style) {
        String mark = Phrases.mark(status);
        int indent = 4 + columns.length() + 2;
        StringBuilder row = new StringBuilder();
        List<String> lines = note.isEmpty() ? List.of("") : Wrap.lines(note, 100 - indent);
        for (int i = 0; i < lines.size(); i++) {
            String rest = i == 0 ? columns + "  " + lines.get(i) : " ".repeat(columns.length() + 2) + lines.get(i);
            String start = i == 0 ? mark + " " : "  ";
            row.append("  ")
                    .append(style.marked(status, start, rest.stripTrailing()))
                    .append('\n');
        }
        return row.toString();
    }

    private void diagram() {
        String diagram = PhaseDiagram.of(reachability, new TextStyle(style.colour(), true));
        if (!diagram.isEmpty()) {
            text.append('\n').append(diagram);
        }
    }

    private void why() {
        title("Why: " + Phrases.cause(reachability));
        wrapped("  ", Phrases.line(reachability.diagnosis().explanation()), line -> line);
        for (String fact : reachability.diagnosis().evidence()) {
            item("• ", Phrases.line(fact));
        }
    }

    private void experiments() {
        if (reachability.experiments().isEmpty()) {
            return;
        }
        title("Experiments: the failed step again, with one thing changed");
        int width = reachability.experiments().stream()
                .mapToInt(e -> Math.min(30, Phrases.name(e).length()))
                .max()
                .orElse(0);
        for (Experiment experiment : reachability.experiments()) {
            PhaseResult.Status status = experiment.passed() ? PhaseResult.Status.PASSED : PhaseResult.Status.FAILED;
            String columns = String.format(
                    Locale.ROOT,
                    "%-" + width + "s %9s",
                    Wrap.cut(Phrases.name(experiment), 30),
                    Numbers.print(experiment.duration()));
            text.append(row(status, columns, Phrases.note(experiment), style));
        }
    }

    private void whatToDo() {
        List<String> remedies = reachability.diagnosis().remedies();
        if (!remedies.isEmpty()) {
            title(Phrases.whatToDo(reachability));
        }
        for (int i = 0; i < remedies.size(); i++) {
            item((i + 1) + ". ", Phrases.line(remedies.get(i)));
        }
    }

    private void tests() {
        if (reported.count().isEmpty()) {
            return;
        }
        title(reported.count() + " because of this");
        List<AffectedTests> tests = reported.tests();
        for (AffectedTests affected : tests.subList(0, Math.min(MOST_CLASSES, tests.size()))) {
            item(
                    "• ",
                    Phrases.line(affected.className()) + ": " + affected.count() + " "
                            + affected.outcome().name().toLowerCase(Locale.ROOT));
        }
        if (tests.size() > MOST_CLASSES) {
            item("• ", "and " + (tests.size() - MOST_CLASSES) + " more classes");
        }
    }

    private void title(String title) {
        text.append('\n').append("  ").append(style.strong(title)).append('\n');
    }

    private void item(String bullet, String content) {
        List<String> lines = Wrap.lines(content, WIDTH - 2 - bullet.length());
        for (int i = 0; i < lines.size(); i++) {
            text.append("  ")
                    .append(i == 0 ? bullet : " ".repeat(bullet.length()))
                    .append(lines.get(i))
                    .append('\n');
        }
    }

    private void wrapped(String indent, String content, java.util.function.UnaryOperator<String> paint) {
        Wrap.lines(content, WIDTH - indent.length())
                .forEach(line -> text.append(indent).append(paint.apply(line)).append('\n'));
    }
}
