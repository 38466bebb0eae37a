package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.internal.results.BuildId;
import io.github.dsqlreach.internal.results.BuildResults;
import io.github.dsqlreach.internal.results.CiAnnotations;
import io.github.dsqlreach.internal.results.ClassResult;
import io.github.dsqlreach.internal.results.ClassResult.TestResult;
import io.github.dsqlreach.internal.results.ResultFiles;
import io.github.dsqlreach.internal.results.StepSummary;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.TextReport;
import io.github.dsqlreach.report.TextStyle;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes the result of each test class when it ends, and at the end of the run the reports, the summary on the console, and
 * what the CI service shows. It never fails the run: a problem becomes a line on the console.
 *
 * <p>The console tells of the tests of this JVM. Pages, annotations and the step's summary count those of the whole build until
 * now, if the build has an id.
 */
final class RunSummary {
    private static final int LONGEST_LINE = 500;
    private static final int MOST_TRIES = 10;

    private final Setting.Summary mode;
    private final Optional<Setting.Mode> decidedBy;
    private final Optional<String> simulated;
    private final Optional<String> minRun;
    private final Optional<Path> directory;
    private final String build;
    private final Map<String, String> environment;
    private final CiAnnotations ci;
    private final PrintStream out;
    private final JvmResults jvm;
    private final TextStyle style = TextStyle.detect();
    private final Set<Reachability> reachable = new LinkedHashSet<>();
    private volatile boolean broken;

    RunSummary(Configuration configuration, Map<String, String> environment, PrintStream out, JvmResults jvm) {
        this.mode = configuration.getOrDefault(Setting.SUMMARY).orElseThrow();
        this.decidedBy = configuration.get(Setting.MODE);
        this.simulated = SimulatedFault.of(configuration).map(of -> of.fault().toString());
        this.minRun = configuration.get(Setting.MIN_RUN);
        this.directory = directory(configuration);
        this.build = BuildId.of(configuration, environment);
        this.environment = environment;
        this.ci = CiAnnotations.of(environment);
        this.out = out;
        this.jvm = jvm;
    }

    /** The reports' directory: beside the other results of the build; empty if there is no build. */
    static Optional<Path> directory(Configuration configuration) {
        return configuration
                .get(Setting.REPORTS_DIR)
                .or(() -> Stream.of("target", "build")
                        .map(Path::of)
                        .filter(Files::isDirectory)
                        .findFirst()
                        .map(found -> found.resolve("dsql-reach")));
    }

    /** An endpoint was checked. */
    synchronized void checked(Reachability reachability) {
        if (mode == Setting.Summary.ALWAYS && reachability.isReachable()) {
            reachable.add(reachability);
        }
    }

    /**
     * A test class has ended.
     *
     * @param struck how many connections the simulated fault has struck since the class before
     */
    void ended(String testClass, List<TestResult> tests, Map<String, Reachability> reports, Optional<Long> struck) {
        ClassResult result = new ClassResult(
                ClassResult.SCHEMA,
                build,
                System.currentTimeMillis(),
                Path.of("").toAbsolutePath().toString(),
                testClass,
                minRun.orElse(null),
                simulated.orElse(null),
                struck.orElse(null),
                tests);
        jvm.add(result, reports);
        inDirectory(files -> files.write(result, reports));
    }

    /** What is done with the files, unless that failed before. */
    @FunctionalInterface
    private interface Task {
        void run(ResultFiles files) throws IOException;
    }

    private void inDirectory(Task task) {
        if (directory.isPresent() && !broken) {
            try {
                task.run(new ResultFiles(directory.get()));
            } catch (IOException | RuntimeException e) {
                broken = true;
                print("dsql-reach: no reports in " + directory.get() + ": " + line(e) + "\n");
            }
        }
    }

    private static String line(Exception e) {
        return Scrubber.line(e.toString(), LONGEST_LINE);
    }

    /**
     * The end of the run.
     *
     * @param strikes what the simulated fault has struck
     */
    void print(Optional<SimulationStrikes> strikes) {
        Map<String, Report> own = jvm.total().reports();
        inDirectory(files -> {
            writePages(files, own);
            files.deleteStale(build);
        });
        if (mode == Setting.Summary.DOCTOR) {
            return;
        }
        // Also if all tests passed: a forgotten setting must not make a green build whose tests met no real network.
        simulated.filter(fault -> jvm.isNew("simulated")).ifPresent(fault -> {
            Optional<String> unused = strikes.flatMap(of -> of.unused(ran()));
            unused.ifPresent(
                    sentence -> print("\ndsql-reach: " + Setting.SIMULATE + "=" + fault + ": " + sentence + ".\n"));
            out.print(ci.warning(
                    "DSQL simulated",
                    Setting.SIMULATE + "=" + fault + " is set: the results say nothing about the real network"
                            + unused.map(sentence -> ". " + sentence).orElse("")));
        });
        Map<String, Report> build = own.isEmpty() ? own : build().reports();
        own.forEach((name, report) -> printReport(name, report, build.getOrDefault(name, report)));
        reachable.stream()
                .filter(reachability -> !reachability.usedWebSocketFallback())
                .filter(reachability -> jvm.isNew(reachability.summary()))
                .forEach(reachability -> print(TextReport.line(reachability, "", style)));
        // Not by a JVM: the first of two would judge before the second has run.
        minRun.filter(quota -> jvm.isNew("min-run"))
                .ifPresent(
                        quota -> out.print(
                                "dsql-reach: " + Setting.MIN_RUN + "=" + quota
                                        + " is not judged by this JVM; run `doctor summary` at the end of the build (docs/doctor.md)\n"));
        writeStepSummary(own);
        out.flush();
    }

    /** How many tests of this JVM ran. */
    long ran() {
        return jvm.total().ran();
    }

    /** The results of the whole build until now; without an id of the build, those of this JVM. */
    private BuildResults build() {
        BuildResults[] total = {jvm.total()};
        inDirectory(files -> total[0] = build(files));
        return total[0];
    }

    private BuildResults build(ResultFiles files) throws IOException {
        return build.isEmpty() ? jvm.total() : build(files, files.read());
    }

    private BuildResults build(ResultFiles files, List<ClassResult> results) {
        return new BuildResults(
                results.stream().filter(result -> result.build().equals(build)).toList(),
                name -> jvm.report(name).or(() -> files.report(name)));
    }

    /** Again if another JVM wrote results meanwhile, whose tests it may not have written either. */
    private void writePages(ResultFiles files, Map<String, Report> own) throws IOException {
        if (own.isEmpty()) {
            return;
        }
        List<ClassResult> results = files.read();
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Map<String, Report> all =
                    build.isEmpty() ? own : build(files, results).reports();
            for (Map.Entry<String, Report> report : own.entrySet()) {
                files.writePages(report.getKey(), all.getOrDefault(report.getKey(), report.getValue()));
            }
            List<ClassResult> now = files.read();
            if (now.equals(results)) {
                return;
            }
            results = now;
        }
    }

    private void printReport(String name, Report own, Report build) {
        if (own.reachability().isReachable()) {
            if (jvm.isNew(own.toString())) {
                print(TextReport.line(own.reachability(), own.affectedTests(), style));
                out.print(ci.lines(build));
            }
            return;
        }
        int tests = tests(own);
        int before = jvm.printedTests(name);
        if (tests <= before) {
            return; // Tests ran again: with the same outcome, or this time really.
        }
        jvm.print(name, tests);
        int added = tests - before;
        boolean first = before == 0 && isFirst(name);
        if (first) {
            print("\n" + own.text(style) + "\n" + settings(own) + page(own, name) + "\n");
        } else {
            print(TextReport.line(
                    own.reachability(),
                    added + " more, " + build.affectedTests() + " so far"
                            + page(name).map(page -> ", see " + page).orElse(""),
                    style));
        }
        out.print(ci.lines(build, tests(build) > added ? added : 0));
        out.flush();
    }

    /** Of all JVMs of a build one prints the whole report. Without an id of the build each does. */
    private boolean isFirst(String name) {
        boolean[] first = {true};
        inDirectory(files -> first[0] = build.isEmpty() || files.isFirst(name, build));
        return first[0];
    }

    private static int tests(Report report) {
        return report.skippedTests() + report.failedTests() + report.lostTests();
    }

    private Optional<Path> page(String name) {
        return directory.filter(unused -> !broken).map(reports -> new ResultFiles(reports).page(name));
    }

    private String page(Report report, String name) {
        return page(name)
                .map(page -> "  " + label(report.reachability()) + ": " + page + "\n")
                .orElse("");
    }

    private static String label(Reachability reachability) {
        if (reachability.simulation().isPresent()) {
            return "Simulated report";
        }
        // A setting of this machine is for the reader to correct.
        return reachability.verdict() == Verdict.MISCONFIGURED ? "Report" : "Report to send";
    }

    /** Which setting changes what happens. */
    private String settings(Report report) {
        String verdict = Decision.setting(report.reachability()).key();
        StringBuilder text = new StringBuilder("  Settings\n");
        decidedBy.ifPresent(set ->
                text.append("    " + Setting.MODE + "=" + set.name().toLowerCase(Locale.ROOT) + " decided this.\n"));
        if (report.skippedTests() > 0) {
            text.append("    " + verdict + "=fail fails these tests, " + Setting.MODE
                    + "=fail all that cannot connect.\n"
                    + "    `doctor summary --min-run 80%` fails a build in which fewer of the annotated tests ran.\n");
        }
        if (report.failedTests() > 0) {
            text.append(
                    "    " + verdict + "=skip skips these tests, " + Setting.MODE + "=skip all that cannot connect.\n");
        }
        if (report.lostTests() > 0) {
            text.append(
                    "    " + Setting.ON_LOST + "=skip aborts tests whose connection breaks, if a check confirms it.\n");
        }
        return text + "    " + Setting.MODE + "=off runs them unchecked.\n";
    }

    private void writeStepSummary(Map<String, Report> own) {
        try {
            Optional<StepSummary> step = StepSummary.of(environment, build);
            if (step.isPresent() && directory.isPresent() && !broken) {
                step.get().update(directory.get());
            } else if (step.isPresent()) {
                for (Report report : own.values()) {
                    if (jvm.isNew("step summary: " + report)) {
                        step.get().append(report);
                    }
                }
            }
        } catch (IOException | RuntimeException e) {
            print("dsql-reach: no step summary: " + line(e) + "\n");
        }
    }

    private void print(String text) {
        if (mode != Setting.Summary.NEVER) {
            out.print(text);
            out.flush();
        }
    }
}
