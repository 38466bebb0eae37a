package io.github.dsqlreach.report;

import java.util.Objects;

/**
 * Tests of a class that did not run, because of what was found about an endpoint.
 *
 * @param className the test class
 * @param count how many tests
 * @param outcome what became of them
 */
public record AffectedTests(String className, int count, Outcome outcome) {
    /** What became of tests that did not run. */
    public enum Outcome {
        /** They were skipped. */
        SKIPPED,
        /** They were failed. */
        FAILED
    }

    public AffectedTests {
        Objects.requireNonNull(className, "className");
        Objects.requireNonNull(outcome, "outcome");
        if (count < 0) {
            throw new IllegalArgumentException(count + " tests of " + className);
        }
    }
}
