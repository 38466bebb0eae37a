package io.github.dsqlreach.report;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Numbers;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A report for a console: the verdict, each phase with its time, the messages up to the failure, the cause, and the remedies.
 * At most 100 columns wide, except for commands, which are never broken. {@link Report#text} has it whole; here are its parts,
 * for a program that shows each phase as it finishes.
 *
 * <pre>{@code
 * TextStyle style = TextStyle.detect();
 * System.out.print(TextReport.heading(endpoint, style));
 * ReachabilityCheck.of(endpoint)
 *         .onPhase(result -> System.out.print(TextReport.phase(result, style)))
 *         .run();
 * }</pre>
 */
public final class TextReport {
    /** That of the cluster's WebSocket. */
    private static final int LONGEST_NAME = 35;

    private static final int WIDTH = 98;
    private static final int MOST_CLASSES = 20;
    private static final int LONGEST_MESSAGE = 1_000;

    private final Content content;
    private final Reachability reachability;
    private final TextStyle style;
    private final StringBuilder text = new StringBuilder();

    private TextReport(Content content, TextStyle style) {
        this.content = content;
        this.reachability = content.reachability();
        this.style = style;
    }

    static String of(Content content, TextStyle style) {
        return style.finish(new TextReport(content, style).write());
    }

    /** The summary on one line, with a note in parentheses if the note is not empty; ends with a line feed. */
    public static String line(Reachability reachability, String note, TextStyle style) {
        String end = note.isEmpty() ? "" : " (" + Phrases.line(note) + ")";
        return style.finish(mark(reachability, style) + " " + Phrases.line(reachability.summary()) + end + "\n");
    }

    private static String mark(Reachability reachability, TextStyle style) {
        String mark = Phrases.mark(reachability);
        return reachability.isReachable() ? style.passed(mark) : style.failed(mark);
    }

    /** One phase as a line of the report; ends with a line feed. */
    public static String phase(PhaseResult result, TextStyle style) {
        return style.finish(phaseLines(result, Phrases.note(result, result.phase()), style));
    }

    /**
     * The rest of the report if some phases were shown as they finished: the other phases, the verdict, the messages up to
     * the failure, the cause, and the remedies; each line ends with a line feed.
     */
    public static String after(Set<Phase> shown, Reachability reachability, TextStyle style) {
        return style.finish(new TextReport(Content.of(reachability), style).writeAfter(shown));
    }

    /** Endpoint, user and settings, as lines above the phases; each ends with a line feed. */
    public static String heading(Endpoint endpoint, TextStyle style) {
        StringBuilder heading = new StringBuilder();
        Wrap.lines(Phrases.endpoint(endpoint), WIDTH)
                .forEach(line -> heading.append(style.strong(line)).append('\n'));
        return style.finish(heading.toString());
    }

    /** A message as one line, scrubbed, without terminal sequences and CI commands; ends with a line feed. */
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
        List<Phrases.Tried> all = Phrases.tried(reachability);
        if (all.isEmpty()) {
            return;
        }
        title("Experiments: the failed step again, with one thing changed");
        int width = all.stream()
                .mapToInt(tried -> Math.min(LONGEST_NAME, tried.what().length()))
                .max()
                .orElse(0);
        for (Phrases.Tried tried : all) {
            String columns = String.format(
                    Locale.ROOT,
                    "%-" + width + "s %9s",
                    Wrap.cut(tried.what(), LONGEST_NAME),
                    Numbers.print(tried.duration()));
            text.append(row(tried.status(), columns, tried.note(), style));
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
        if (content.affectedTests().isEmpty()) {
            return;
        }
        title(content.titleOfTests());
        List<AffectedTests> tests = content.tests();
        for (AffectedTests affected : tests.subList(0, Math.min(MOST_CLASSES, tests.size()))) {
            item("• ", Phrases.line(affected.className()) + ": " + affected.outcome());
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
