package io.github.dsqlreach.report;

import io.github.dsqlreach.Reachability;
import java.util.List;
import java.util.Objects;

/**
 * What a report shows.
 *
 * @param reachability the result of the check
 * @param tests the tests that did not run because of it, or lost their connection
 */
record Content(Reachability reachability, List<AffectedTests> tests) {
    Content {
        Objects.requireNonNull(reachability, "reachability");
        tests = List.copyOf(tests);
    }

    static Content of(Reachability reachability) {
        return new Content(reachability, List.of());
    }

    int skippedTests() {
        return tests.stream().mapToInt(AffectedTests::skipped).sum();
    }

    int failedTests() {
        return tests.stream().mapToInt(AffectedTests::failed).sum();
    }

    int lostTests() {
        return tests.stream().mapToInt(AffectedTests::lost).sum();
    }

    /** For example {@code 12 tests skipped, 1 test failed}; empty if there are none. */
    String affectedTests() {
        return AffectedTests.count(skippedTests(), failedTests(), lostTests());
    }

    /** The title of the list of tests. */
    String titleOfTests() {
        return affectedTests() + (skippedTests() + failedTests() > 0 ? " because of this" : "");
    }
}
