package io.github.dsqlreach.report;

import static io.github.dsqlreach.report.Html.block;
import static io.github.dsqlreach.report.Html.inline;
import static io.github.dsqlreach.report.Html.line;

import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.report.Html.Attribute;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Several reports side by side: the phases are rows, the networks columns, and one sentence says what follows.
 *
 * <pre>{@code
 * Comparison comparison = Comparison.of(List.of(Report.read(Path.of("cafe.json")), Report.read(Path.of("home.json"))));
 * System.out.print(comparison.text(TextStyle.detect()));
 * }</pre>
 */
public final class Comparison {
    private static final int WIDTH = 100;
    private static final int WIDEST = 30;
    private static final int NARROWEST = 16;

    /** A row of the table: a title, and a cell for each report. */
    private record Row(String title, List<Cell> cells) {}

    /** One cell; the mark may be empty. */
    private record Cell(PhaseResult.@Nullable Status status, String text) {
        String marked() {
            return status == null ? text : Phrases.mark(status) + " " + text;
        }
    }

    private final List<Report> reports;
    private final String conclusion;
    private final List<String> remarks;

    private Comparison(List<Report> reports) {
        this.reports = reports;
        this.conclusion = Conclusion.of(reports);
        this.remarks = Conclusion.remarks(reports);
    }

    /**
     * Compares reports, in the order given. Reports with the same label get numbers.
     *
     * @throws IllegalArgumentException if there are none
     */
    public static Comparison of(List<Report> reports) {
        if (reports.isEmpty()) {
            throw new IllegalArgumentException("there are no reports to compare");
        }
        Map<String, Integer> seen = new HashMap<>();
        List<Report> distinct = new ArrayList<>();
        for (Report report : reports) {
            int count = seen.merge(report.label(), 1, Integer::sum);
            distinct.add(count == 1 ? report : report.labelled(report.label() + " (" + count + ")"));
        }
        return new Comparison(List.copyOf(distinct));
    }

    /** The conclusion, in one sentence. */
    public String conclusion() {
        return conclusion;
    }

    /** What a reader must know to judge the conclusion: endpoints that differ, checks that did not go all the way. */
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
        if (report.attempt().isEmpty()) {
            return new Cell(PhaseResult.Status.NOT_REACHED, "");
        }
        PhaseResult result = report.attempt().get().result(phase);
        String text = switch (result.status()) {
            case PASSED -> Numbers.print(result.duration());
            case FAILED -> result.failure().orElseThrow().kind().label() + ", " + Numbers.print(result.duration());
            case NOT_REACHED -> phase.compareTo(report.attempt().get().through()) > 0 ? "not checked" : "";
        };
        return new Cell(result.status(), text);
    }

    /** The comparison as text, at most 100 columns wide; each line ends with a line feed. Many networks make several tables. */
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
        for (Report report : reports.subList(from, to)) {
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
        List<String> titles = new ArrayList<>(List.of(""));
        reports.forEach(report -> titles.add(report.label()));
        List<List<String>> rows = new ArrayList<>();
        for (Row row : rows()) {
            List<String> cells = new ArrayList<>(List.of(row.title()));
            row.cells().forEach(cell -> cells.add(cell.marked()));
            rows.add(cells);
        }
        return Markdown.of(
                        Markdown.heading("DSQL reachability compared"),
                        Markdown.paragraph(Markdown.strong(conclusion)),
                        remarks.isEmpty()
                                ? ""
                                : Markdown.line(Markdown.bullets(
                                        remarks.stream().map(Markdown::of).toList())),
                        Markdown.table(titles, rows))
                .toString();
    }

    /** The comparison as a self-contained HTML page, followed by the reports themselves. */
    public String html() {
        List<String> endpoints = reports.stream()
                .map(report ->
                        report.reachability().endpoint().map(Object::toString).orElse("no endpoint"))
                .toList();
        boolean same = endpoints.stream().distinct().count() == 1;
        List<Html> columns = new ArrayList<>(List.of(inline("td")));
        List<Html> pages = new ArrayList<>();
        for (int i = 0; i < reports.size(); i++) {
            String label = reports.get(i).label();
            Html where = same ? Html.of() : inline("small", endpoints.get(i));
            columns.add(inline("th", new Attribute("scope", "col"), label, where));
            pages.add(line("h2.label", label));
            pages.add(HtmlReport.article(Content.of(reports.get(i).reachability())));
        }
        List<Html> rows = new ArrayList<>();
        for (Row row : rows()) {
            List<Html> cells = row.cells().stream().map(Comparison::htmlCell).toList();
            rows.add(line("tr", inline("th", new Attribute("scope", "row"), row.title()), cells));
        }
        Html header = block(
                "header.none",
                line("h1", conclusion),
                same ? line("p.endpoint", endpoints.get(0)) : "",
                remarks.stream().map(remark -> line("p.dim", remark)).toList());
        Html table = block("table.compare", line("thead", inline("tr", columns)), block("tbody", rows));
        Html comparison = block("article", header, block("section.scroll", table));
        return Html.page("DSQL reachability compared", Html.of(comparison, pages));
    }

    private static Html htmlCell(Cell cell) {
        if (cell.status() == null) {
            return inline("td", Html.breakable(cell.text()));
        }
        return inline(
                "td." + HtmlReport.tone(cell.status()), inline("b", Phrases.mark(cell.status())), " " + cell.text());
    }
}
