package io.github.dsqlreach.report;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The result of a check as text, JSON, Markdown and HTML.
 *
 * <pre>{@code
 * Report report = Report.of(reachability);
 * System.out.print(report.text(TextStyle.detect()));
 * Files.writeString(Path.of("report.html"), report.html());
 * Report saved = Report.read(Path.of("report.json"));
 * }</pre>
 *
 * <p>No format contains a token, a signature or a key. Text from a server, a certificate or a web page is shown as text in
 * every format: markup, terminal sequences and log commands of CI services have no effect. Immutable.
 */
public final class Report {
    private static final int LONGEST_LABEL = 60;

    private final String label;
    private final Content content;

    private Report(String label, Content content) {
        this.label = label;
        this.content = content;
    }

    /** The report of that result, without a label and without tests. */
    public static Report of(Reachability reachability) {
        return new Report("", Content.of(reachability));
    }

    /**
     * Reads a JSON report. Its label is the file's name without {@code .json}.
     *
     * @param json a regular file of at most 5 MB, in UTF-8
     * @throws UnreadableReportException if the file cannot be read or is not a report; the message says why
     */
    public static Report read(Path json) {
        Path name = json.getFileName();
        String label = name == null ? json.toString() : name.toString();
        return of(JsonReport.read(json)).labelled(label.replaceFirst("(?i)\\.json$", ""));
    }

    /**
     * Reads a JSON report of at most 5 million characters.
     *
     * @throws UnreadableReportException if the text is not a report; the message says why
     */
    public static Report parse(String json) {
        return of(JsonReport.read(json, "given as text"));
    }

    /** This report with a label, such as the name of the network; at most 60 characters are kept. */
    public Report labelled(String label) {
        return new Report(Scrubber.line(label, LONGEST_LABEL), content);
    }

    /**
     * This report with tests of one more class that did not run because of its result, or whose connection broke before it was
     * found.
     *
     * @param testClass the name of the test class
     * @param skipped how many of its tests were skipped
     * @param failed how many of its tests were failed
     * @param lost how many of its tests lost the connection
     */
    public Report affecting(String testClass, int skipped, int failed, int lost) {
        List<AffectedTests> all = new ArrayList<>(content.tests());
        all.add(new AffectedTests(testClass, skipped, failed, lost));
        return new Report(label, new Content(content.reachability(), all));
    }

    /** The result that is reported. */
    public Reachability reachability() {
        return content.reachability();
    }

    /** The label; empty if there is none. */
    public String label() {
        return label;
    }

    /** The number of tests that were skipped because of the result. */
    public int skippedTests() {
        return content.skippedTests();
    }

    /** The number of tests that were failed because of the result. */
    public int failedTests() {
        return content.failedTests();
    }

    /** The number of tests that lost their connection before the result was found. */
    public int lostTests() {
        return content.lostTests();
    }

    /** For example {@code 12 tests skipped, 1 test failed}; empty if there are none. */
    public String affectedTests() {
        return content.affectedTests();
    }

    /** Text for a console, at most 100 columns wide except for commands; each line ends with a line feed. */
    public String text(TextStyle style) {
        return TextReport.of(content, style);
    }

    /** JSON as {@code docs/reports.md} specifies it; {@link #parse} reads it. */
    public String json() {
        return JsonReport.write(content.reachability());
    }

    /** Markdown: a section with a heading of the second level, for a build's summary or an issue. */
    public String markdown() {
        return markdown(List.of(this));
    }

    /** Markdown of several reports, a section each. */
    public static String markdown(List<Report> reports) {
        return MarkdownReport.of(contents(reports));
    }

    /** A self-contained HTML page: no script, no request, readable in light and dark, on a phone and on paper. */
    public String html() {
        return html(List.of(this));
    }

    /** One HTML page with several reports. */
    public static String html(List<Report> reports) {
        return HtmlReport.of(contents(reports));
    }

    private static List<Content> contents(List<Report> reports) {
        return reports.stream().map(report -> report.content).toList();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Report that && label.equals(that.label) && content.equals(that.content);
    }

    @Override
    public int hashCode() {
        return Objects.hash(label, content);
    }

    /** The summary and the affected tests, in one line. */
    @Override
    public String toString() {
        return reachability().summary() + (content.tests().isEmpty() ? "" : " (" + affectedTests() + ")");
    }
}
