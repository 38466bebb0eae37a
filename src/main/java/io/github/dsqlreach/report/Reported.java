package io.github.dsqlreach.report;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.AffectedTests.Outcome;
import java.util.List;
import java.util.Objects;

/**
 * What was found about an endpoint, and which tests did not run because of it.
 *
 * @param reachability what was found
 * @param tests the tests that did not run; empty outside of a test run
 */
public record Reported(Reachability reachability, List<AffectedTests> tests) {
    public Reported {
        Objects.requireNonNull(reachability, "reachability");
        tests = List.copyOf(tests);
    }

    /** A report that no tests depend on. */
    public static Reported of(Reachability reachability) {
        return new Reported(reachability, List.of());
    }

    /** For example {@code 12 tests skipped, 1 test failed}; empty if there are none. */
    public String count() {
        String skipped = count(Outcome.SKIPPED, "skipped");
        String failed = count(Outcome.FAILED, "failed");
        return skipped + (skipped.isEmpty() || failed.isEmpty() ? "" : ", ") + failed;
    }

    private String count(Outcome outcome, String word) {
        int sum = tests.stream()
                .filter(t -> t.outcome() == outcome)
                .mapToInt(AffectedTests::count)
                .sum();
        return sum == 0 ? "" : sum + (sum == 1 ? " test " : " tests ") + word;
    }
}
