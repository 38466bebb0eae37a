package io.github.dsqlreach.report;

import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.internal.Numbers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Several reports side by side: phases by rows, networks by columns, and what follows from them in one sentence.
 *
 * <pre>{@code
 * Comparison comparison = Comparison.of(List.of(
 *         LabelledReport.read(Path.of("cafe.json")), LabelledReport.read(Path.of("home.json"))));
 * System.out.print(comparison.text(TextStyle.detect()));
 * }</pre>
 */
public final class Comparison {
    private static final int WIDTH = 100;
    private static final int WIDEST = 30;
    private static final int NARROWEST = 16;

    /** A row of the table: a title, and for each report a mark and what there is to say. */
    private record Row(String title, List<Cell> cells) {}

    /** One cell; the mark may be empty. */
    private record Cell(PhaseResult.Status status, String text) {
        String marked() {
            return status == null ? text : Phrases.mark(status) + " " + text;
        }
    }

    private final List<LabelledReport> reports;
    private final String conclusion;
    private final List<String> remarks;

    private Comparison(List<LabelledReport> reports) {
        this.reports = reports;
        this.conclusion = Conclusion.of(reports);
        this.remarks = Conclusion.remarks(reports);
    }

    /**
     * Compares reports, in the order given. Two of the same label are told apart by a number.
     *
     * @throws IllegalArgumentException if there are none
     */
    public static Comparison of(List<LabelledReport> reports) {
        if (reports.isEmpty()) {
            throw new IllegalArgumentException("there are no reports to compare");
        }
        Map<String, Integer> seen = new HashMap<>();
        List<LabelledReport> distinct = new ArrayList<>();
        for (LabelledReport report : reports) {
            int count = seen.merge(report.label(), 1, Integer::sum);
            distinct.add(
                    count == 1
                            ? report
                            : new LabelledReport(report.label() + " (" + count + ")", report.reachability()));
        }
        return new Comparison(List.copyOf(distinct));
    }

    /** What follows, in one sentence. */
    public String conclusion() {
        return conclusion;
    }

    /** What the reader has to know to judge the conclusion: endpoints that differ, walks that did not go all the way. */
    public List<String> remarks() {
        return remarks;
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (Phase phase : Phase.values()) {
            rows.add(row(phase.name(), report -> cell(report, phase)));
        }
        rows.add(row(
                "verdict",
                report -> new Cell(
                        null,
                        report.verdict().name().toLowerCase(Locale.ROOT)
                                + report.simulation()
                                        .map(simulation -> " (simulated)")
                                        .orElse(""))));
        rows.add(row(
                "cause",
                report -> new Cell(
                        null, report.diagnosis().cause().map(Enum::name).orElse(""))));
        return rows;
    }

    private Row row(String title, Function<Reachability, Cell> cell) {
        return new Row(
                title,
                reports.stream()
                        .map(report -> cell.apply(report.reachability()))
                        .toList());
    }

    private static Cell cell(Reachability report, Phase phase) {
        if (report.walk().isEmpty()) {
            return new Cell(PhaseResult.Status.NOT_REACHED, "");
        }
        PhaseResult result = report.walk().get().result(phase);
        String text = switch (result.status()) {
            case PASSED -> Numbers.print(result.duration());
            case FAILED -> result.failure().orElseThrow().kind().label() + ", " + Numbers.print(result.duration());
            case NOT_REACHED -> phase.compareTo(report.walk().get().through()) > 0 ? "not asked for" : "";
        };
        return new Cell(result.status(), text);
    }

    /** The comparison as text, at most 100 columns wide, each line ended; many networks go below each other. */
    public String text(TextStyle style) {
        int columns = Math.max(1, Math.min(reports.size(), (WIDTH - 11) / (NARROWEST + 2)));
        StringBuilder text = new StringBuilder();
        for (int from = 0; from < reports.size(); from += columns) {
            table(text, from, Math.min(from + columns, reports.size()), style);
            text.append('\n');
        }
        Wrap.lines(conclusion, WIDTH - 2)
                .forEach(line -> text.append("  ").append(style.strong(line)).append('\n'));
        for (String remark : remarks) {
            Wrap.lines(remark, WIDTH - 2)
                    .forEach(line -> text.append("  ").append(line).append('\n'));
        }
        return style.finish(text.toString());
    }

    private void table(StringBuilder text, int from, int to, TextStyle style) {
        int width = Math.min(WIDEST, (WIDTH - 11) / (to - from) - 2);
        StringBuilder head = new StringBuilder(" ".repeat(11));
        for (LabelledReport report : reports.subList(from, to)) {
            head.append(pad(report.label(), width + 2));
        }
        text.append(style.strong(head.toString().stripTrailing())).append('\n');
        for (Row row : rows()) {
            List<List<String>> cells = row.cells().subList(from, to).stream()
                    .map(cell -> Wrap.lines(cell.marked(), width))
                    .toList();
            int height = Math.max(1, cells.stream().mapToInt(List::size).max().orElse(1));
            for (int i = 0; i < height; i++) {
                StringBuilder line = new StringBuilder("  " + pad(i == 0 ? row.title() : "", 9));
                for (int column = 0; column < cells.size(); column++) {
                    String piece =
                            i < cells.get(column).size() ? cells.get(column).get(i) : "";
                    line.append(paint(row.cells().get(from + column), pad(piece, width + 2), style));
                }
                text.append(line.toString().stripTrailing()).append('\n');
            }
        }
    }

    private static String paint(Cell cell, String text, TextStyle style) {
        if (cell.status() == null) {
            return text;
        }
        return switch (cell.status()) {
            case PASSED -> style.passed(text);
            case FAILED -> style.failed(text);
            case NOT_REACHED -> style.dim(text);
        };
    }

    private static String pad(String text, int width) {
        String cut = Wrap.cut(text, width - 1);
        return cut + " ".repeat(width - cut.length());
    }

    /** The comparison as Markdown. */
    public String markdown() {
        StringBuilder text = new StringBuilder("## DSQL reachability compared\n\n**");
        text.append(Markdown.text(conclusion)).append("**\n\n");
        remarks.forEach(
                remark -> text.append("- ").append(Markdown.text(remark)).append('\n'));
        text.append(remarks.isEmpty() ? "" : "\n");
        List<String> titles = new ArrayList<>(List.of(""));
        reports.forEach(report -> titles.add(Markdown.cell(report.label())));
        Markdown.header(text, titles.toArray(String[]::new));
        for (Row row : rows()) {
            List<String> cells = new ArrayList<>(List.of(row.title()));
            row.cells().forEach(cell -> cells.add(Markdown.cell(cell.marked())));
            Markdown.row(text, cells.toArray(String[]::new));
        }
        return text.toString();
    }

    /** The comparison as a self-contained HTML page, with the reports themselves below. */
    public String html() {
        StringBuilder html = new StringBuilder("<article>\n<header class=\"none\">\n<h1>");
        html.append(HtmlPage.line(conclusion)).append("</h1>\n");
        List<String> endpoints = reports.stream()
                .map(report ->
                        report.reachability().endpoint().map(Object::toString).orElse("no endpoint"))
                .toList();
        boolean same = endpoints.stream().distinct().count() == 1;
        html.append(same ? "<p class=\"endpoint\">" + HtmlPage.line(endpoints.get(0)) + "</p>\n" : "");
        remarks.forEach(remark ->
                html.append("<p class=\"dim\">").append(HtmlPage.line(remark)).append("</p>\n"));
        html.append("</header>\n<section class=\"scroll\">\n<table class=\"compare\">\n<thead><tr><td></td>");
        for (int i = 0; i < reports.size(); i++) {
            html.append("<th scope=\"col\">")
                    .append(HtmlPage.line(reports.get(i).label()));
            html.append(same ? "" : "<small>" + HtmlPage.line(endpoints.get(i)) + "</small>")
                    .append("</th>");
        }
        html.append("</tr></thead>\n<tbody>\n");
        for (Row row : rows()) {
            html.append("<tr><th scope=\"row\">").append(row.title()).append("</th>");
            row.cells().forEach(cell -> html.append(htmlCell(cell)));
            html.append("</tr>\n");
        }
        html.append("</tbody>\n</table>\n</section>\n</article>\n");
        for (LabelledReport report : reports) {
            html.append("<h2 class=\"label\">")
                    .append(HtmlPage.line(report.label()))
                    .append("</h2>\n");
            html.append(HtmlReport.article(Reported.of(report.reachability())));
        }
        return HtmlPage.of("DSQL reachability compared", html.toString());
    }

    private static String htmlCell(Cell cell) {
        if (cell.status() == null) {
            return "<td>" + HtmlPage.line(cell.text()).replace("_", "_<wbr>") + "</td>";
        }
        return "<td class=\"" + HtmlReport.tone(cell.status()) + "\"><b>" + Phrases.mark(cell.status()) + "</b> "
                + HtmlPage.line(cell.text()) + "</td>";
    }
}
