package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.report.BuildRecord;
import io.github.dsqlreach.report.BuildRecord.Change;
import io.github.dsqlreach.report.BuildRecord.Found;
import io.github.dsqlreach.report.CiAnnotations;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.Reports;
import io.github.dsqlreach.report.TextReport;
import io.github.dsqlreach.report.TextStyle;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Writes the end of a run: console, files, CI annotations. Never fails the run: trouble becomes a line. */
final class SummaryWriter {
    private static final int LONGEST_LINE = 500;

    private final Setting.Summary mode;
    private final Optional<Path> directory;
    private final Optional<Setting.Mode> policyMode;
    private final Optional<String> simulated;
    private final CiAnnotations ci;
    private final PrintStream out;
    private final TextStyle style = TextStyle.detect();

    SummaryWriter(Configuration configuration, Map<String, String> environment, PrintStream out) {
        this.mode = configuration.getOrDefault(Setting.SUMMARY).orElseThrow();
        this.directory = directory(configuration);
        this.policyMode = configuration.get(Setting.MODE);
        this.simulated = configuration.get(Setting.SIMULATE);
        this.ci = CiAnnotations.of(environment);
        this.out = out;
    }

    /** Where reports go; empty where nobody wants any. */
    static Optional<Path> directory(Configuration configuration) {
        return configuration.get(Setting.REPORTS_DIR).or(SummaryWriter::buildDirectory);
    }

    /** Beside the build's other results; nowhere, where there is no build. */
    private static Optional<Path> buildDirectory() {
        return Stream.of("target", "build")
                .map(Path::of)
                .filter(Files::isDirectory)
                .findFirst()
                .map(build -> build.resolve("dsql-reach"));
    }

    /** Adds to the record of the build, and says what is new in it. */
    BuildRecord write(List<Found> found) {
        Optional<Change> change = record(found);
        BuildRecord before = change.map(Change::before).orElseGet(() -> BuildRecord.of(List.of()));
        BuildRecord after = change.map(Change::after).orElseGet(() -> BuildRecord.of(found));
        if (mode != Setting.Summary.DOCTOR) {
            // Also if all passed: a forgotten variable must not make a green build of tests that met no real network.
            simulated
                    .filter(fault -> before.simulated().isEmpty())
                    .ifPresent(fault -> out.print(ci.warning(
                            "DSQL simulated",
                            Setting.SIMULATE + "=" + fault
                                    + " is set: nothing in this run tells of the real network")));
            found.stream().flatMap(one -> one.reachability().stream()).forEach(reachability -> {
                if (!reachability.isReachable()) {
                    writeAffected(after.report(reachability), before);
                } else if (mode == Setting.Summary.ALWAYS || reachability.usedWebSocketFallback()) {
                    print(TextReport.line(reachability, "", style));
                    out.print(ci.lines(Report.of(reachability)));
                }
            });
            writeStepSummary(change.isPresent(), after);
        }
        return after;
    }

    private Optional<Change> record(List<Found> found) {
        if (directory.isEmpty()) {
            return Optional.empty();
        }
        try {
            Change change = BuildRecord.add(directory.get(), found);
            for (Found one : found) {
                Optional<Reachability> reachable = one.reachability().filter(Reachability::isReachable);
                if (reachable.isPresent() && mode == Setting.Summary.ALWAYS) {
                    Reports.write(directory.get(), Report.of(reachable.get()));
                }
            }
            return Optional.of(change);
        } catch (IOException | RuntimeException e) {
            print("dsql-reach: no report in " + directory.get() + ": " + Scrubber.line(e.toString(), LONGEST_LINE)
                    + "\n");
            return Optional.empty();
        }
    }

    private void writeAffected(Report reported, BuildRecord before) {
        Report known = before.report(reported.reachability());
        int fresh = count(reported) - count(known);
        if (reported.equals(known)) {
            return; // Run again, with the same result.
        }
        Optional<Path> html = directory
                .map(reports -> reports.resolve(BuildRecord.name(reported.reachability()) + ".html"))
                .filter(Files::exists);
        if (count(known) == 0) {
            if (mode != Setting.Summary.NEVER) {
                out.print("\n" + reported.text(style) + "\n" + whatElse(reported)
                        + html.map(page -> (reported.reachability().simulation().isPresent()
                                                ? "  Simulated report: "
                                                : "  Report to send: ")
                                        + page + "\n")
                                .orElse("")
                        + "\n");
            }
            out.print(ci.lines(reported));
        } else {
            print(TextReport.line(
                    reported.reachability(),
                    fresh + " more, " + reported.affectedTests() + " so far"
                            + html.map(page -> ", see " + page).orElse(""),
                    style));
            out.print(ci.lines(reported, fresh));
        }
        out.flush();
    }

    private static int count(Report report) {
        return report.skippedTests() + report.failedTests();
    }

    /** Which setting would have done what. */
    private String whatElse(Report reported) {
        boolean skipped = reported.skippedTests() > 0;
        boolean failed = reported.failedTests() > 0;
        String verdict = Policy.setting(reported.reachability()).key();
        StringBuilder text = new StringBuilder("  Settings\n");
        policyMode.ifPresent(set ->
                text.append("    " + Setting.MODE + "=" + set.name().toLowerCase(Locale.ROOT) + " decided this.\n"));
        if (skipped) {
            text.append("    " + verdict + "=fail fails these tests, " + Setting.MODE
                    + "=fail all that cannot connect;\n" + "    " + Setting.MIN_RUN
                    + "=80% fails a run in which fewer of the annotated tests ran.\n");
        }
        if (failed) {
            text.append(
                    "    " + verdict + "=skip skips these tests, " + Setting.MODE + "=skip all that cannot connect.\n");
        }
        return text + "    " + Setting.MODE + "=off runs them unchecked.\n";
    }

    /** One section for all JVMs; without a record the own one. */
    private void writeStepSummary(boolean recorded, BuildRecord own) {
        try {
            if (recorded) {
                ci.summarize(List.of(directory.orElseThrow()));
            } else if (!own.reports().isEmpty()) {
                ci.appendSummary(Report.markdown(own.reports()));
            }
        } catch (IOException | RuntimeException e) {
            print("dsql-reach: no step summary: " + Scrubber.line(e.toString(), LONGEST_LINE) + "\n");
        }
    }

    private void print(String line) {
        if (mode != Setting.Summary.NEVER) {
            out.print(line);
            out.flush();
        }
    }
}
