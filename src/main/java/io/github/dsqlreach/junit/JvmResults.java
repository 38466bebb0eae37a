package io.github.dsqlreach.junit;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.internal.results.BuildResults;
import io.github.dsqlreach.internal.results.ClassResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The test results of this JVM, and what it has printed: failed tests that run again are a further run of JUnit in one JVM. */
final class JvmResults {
    static final JvmResults OF_THIS_JVM = new JvmResults();

    private final List<ClassResult> results = new ArrayList<>();
    private final Map<String, Reachability> reports = new HashMap<>();
    private final Map<String, Integer> printedTests = new HashMap<>();
    private final Set<String> printed = new HashSet<>();

    synchronized void add(ClassResult result, Map<String, Reachability> named) {
        results.add(result);
        reports.putAll(named);
    }

    synchronized BuildResults total() {
        return new BuildResults(results, this::report);
    }

    synchronized Optional<Reachability> report(String name) {
        return Optional.ofNullable(reports.get(name));
    }

    /** Whether that is to be printed for the first time. */
    synchronized boolean isNew(String text) {
        return printed.add(text);
    }

    /** The number of tests that was printed with that report; 0 if it was not printed. */
    synchronized int printedTests(String report) {
        return printedTests.getOrDefault(report, 0);
    }

    synchronized void print(String report, int tests) {
        printedTests.put(report, tests);
    }
}
