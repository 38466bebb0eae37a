package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.junit.BuildMemory.Merged;
import io.github.dsqlreach.report.AffectedTests;
import io.github.dsqlreach.report.AffectedTests.Outcome;
import io.github.dsqlreach.report.CiAnnotations;
import io.github.dsqlreach.report.MarkdownReport;
import io.github.dsqlreach.report.Reported;
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

    private final SummaryMode mode;
    private final Optional<Path> directory;
    private final Optional<String> policyMode;
    private final Optional<String> simulated;
    private final CiAnnotations ci;
    private final PrintStream out;
    private final TextStyle style = TextStyle.detect();

    SummaryWriter(Configuration configuration, Map<String, String> environment, PrintStream out) {
        this.mode = SummaryMode.valueOf(configuration
                .get(Setting.SUMMARY)
                .or(Setting.SUMMARY::standard)
                .orElseThrow()
                .toUpperCase(Locale.ROOT));
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

    void write(List<Reported> all) {
        // Also if all passed: a forgotten variable must not make a green build of tests that met no real network.
        simulated.ifPresent(fault -> out.print(ci.warning(
                "DSQL simulated",
                Setting.SIMULATE + "=" + fault + " is set: nothing in this run tells of the real network")));
        for (Reported reported : all) {
            if (!reported.tests().isEmpty()) {
                writeAffected(reported);
            } else if (mode == SummaryMode.ALWAYS) {
                writeReachable(reported);
            }
        }
    }

    private void writeReachable(Reported reported) {
        store(reported);
        print(TextReport.line(reported.reachability(), "", style));
    }

    private void writeAffected(Reported reported) {
        Optional<Stored> stored = store(reported);
        if (stored.isPresent() && !stored.get().isNew()) {
            // What is new in a further JVM of a build is only which tests are concerned.
            String note =
                    count(reported) + " in this JVM too, see " + stored.get().html();
            print(TextReport.line(reported.reachability(), note, style));
            return;
        }
        if (mode != SummaryMode.NEVER) {
            out.print("\n" + TextReport.of(reported, style) + "\n" + whatElse(reported)
                    + stored.map(files -> (reported.reachability().simulation().isPresent()
                                            ? "  Simulated report: "
                                            : "  Report to send: ")
                                    + files.html() + "\n")
                            .orElse("")
                    + "\n");
        }
        out.print(ci.lines(reported));
        out.flush();
        appendSummary(reported);
    }

    private static String count(Reported reported) {
        int tests = reported.tests().stream().mapToInt(AffectedTests::count).sum();
        boolean failed = reported.tests().stream().anyMatch(test -> test.outcome() == Outcome.FAILED);
        return tests + (tests == 1 ? " test " : " tests ") + (failed ? "failed" : "skipped");
    }

    /** Which setting would have done what. */
    private String whatElse(Reported reported) {
        boolean skipped = reported.tests().stream().anyMatch(test -> test.outcome() == Outcome.SKIPPED);
        boolean failed = reported.tests().stream().anyMatch(test -> test.outcome() == Outcome.FAILED);
        String verdict = Policy.Rule.of(reported.reachability()).setting().key();
        StringBuilder text = new StringBuilder("  Settings\n");
        policyMode.ifPresent(set -> text.append("    " + Setting.MODE + "=" + set + " decided this.\n"));
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

    private record Stored(Path html, boolean isNew) {}

    private Optional<Stored> store(Reported reported) {
        if (directory.isEmpty()) {
            return Optional.empty();
        }
        try {
            Path html = Reports.write(directory.get(), reported).html();
            String name = html.getFileName().toString();
            Merged merged = BuildMemory.merge(directory.get(), name, reported);
            if (!merged.isNew()) {
                Reports.write(directory.get(), merged.reported());
            }
            return Optional.of(new Stored(html, merged.isNew()));
        } catch (IOException | RuntimeException e) {
            print("dsql-reach: no report in " + directory.get() + ": " + Scrubber.line(e.toString(), LONGEST_LINE)
                    + "\n");
            return Optional.empty();
        }
    }

    private void appendSummary(Reported reported) {
        try {
            ci.appendSummary(MarkdownReport.of(List.of(reported)));
        } catch (IOException | RuntimeException e) {
            print("dsql-reach: no step summary: " + Scrubber.line(e.toString(), LONGEST_LINE) + "\n");
        }
    }

    private void print(String line) {
        if (mode != SummaryMode.NEVER) {
            out.print(line);
            out.flush();
        }
    }
}
