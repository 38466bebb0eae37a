package io.github.dsqlreach.internal.results;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.internal.results.ClassResult.TestResult;
import io.github.dsqlreach.report.SampleReachabilities;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes class results for tests. */
public final class Results {
    public static final Reachability RESET = SampleReachabilities.reset();
    private static final String ENDPOINT = "e-0123abcd";

    private final List<TestResult> tests = new ArrayList<>();
    private final String testClass;
    private String build = "github-1";
    private String module = "/it";
    private long finished = 1;
    private String minRun;
    private String simulated;
    private Long struck;
    private String endpoint = ENDPOINT;

    private Results(String testClass) {
        this.testClass = testClass;
    }

    public static Results of(String testClass) {
        return new Results(testClass);
    }

    public Results build(String build) {
        this.build = build;
        return this;
    }

    public Results module(String module) {
        this.module = module;
        return this;
    }

    public Results finished(long finished) {
        this.finished = finished;
        return this;
    }

    public Results minRun(String minRun) {
        this.minRun = minRun;
        return this;
    }

    public Results simulated(String simulated) {
        this.simulated = simulated;
        return this;
    }

    /** How many connections the simulated fault has struck. */
    public Results struck(long struck) {
        this.struck = struck;
        return this;
    }

    /** Of the tests from here on. */
    public Results endpoint(String endpoint) {
        this.endpoint = endpoint;
        return this;
    }

    public Results ran(String... names) {
        return add(TestOutcome.RAN, null, names);
    }

    public Results aborted(String... names) {
        return add(TestOutcome.ABORTED, null, names);
    }

    public Results skipped(Reachability because, String... names) {
        return add(TestOutcome.SKIPPED, ReportNames.of(because), names);
    }

    public Results failed(Reachability because, String... names) {
        return add(TestOutcome.FAILED, ReportNames.of(because), names);
    }

    /** Over a WebSocket. */
    public Results ranBy(Reachability fallback, String... names) {
        return add(TestOutcome.RAN, ReportNames.of(fallback), names);
    }

    private Results add(TestOutcome outcome, String report, String... names) {
        for (String name : names) {
            tests.add(new TestResult(
                    "[engine:e]/[class:" + testClass + "]/[method:" + name + "()]",
                    testClass,
                    outcome,
                    endpoint,
                    report));
        }
        return this;
    }

    public ClassResult result() {
        return new ClassResult(
                ClassResult.SCHEMA, build, finished, module, testClass, minRun, simulated, struck, tests);
    }

    /** Writes it, with the reports that it names. */
    public void writeTo(Path directory, Reachability... reports) throws IOException {
        Map<String, Reachability> named = new java.util.HashMap<>();
        for (Reachability report : reports) {
            named.put(ReportNames.of(report), report);
        }
        new ResultFiles(directory).write(result(), named);
    }

    public static BuildResults total(Results... results) {
        List<ClassResult> all = new ArrayList<>();
        for (Results one : results) {
            all.add(one.result());
        }
        return new BuildResults(
                all,
                name -> SampleReachabilities.all().stream()
                        .filter(sample -> ReportNames.of(sample).equals(name))
                        .findFirst());
    }

    /** What a directory comes to. */
    public static BuildResults total(Path directory, String build) throws IOException {
        ResultFiles files = new ResultFiles(directory);
        return new BuildResults(
                files.read().stream()
                        .filter(result -> result.build().equals(build))
                        .toList(),
                files::report);
    }

    static Optional<String> reportOf(BuildResults results) {
        return results.reports().values().stream().map(Object::toString).findFirst();
    }
}
