package io.github.dsqlreach.report;

import java.util.Objects;

/**
 * The tests of a class that did not run because of the result of a check.
 *
 * @param className the test class
 * @param skipped how many were skipped
 * @param failed how many were failed
 */
record AffectedTests(String className, int skipped, int failed) {
    AffectedTests {
        Objects.requireNonNull(className, "className");
        if (skipped < 0 || failed < 0) {
            throw new IllegalArgumentException(skipped + " skipped and " + failed + " failed tests of " + className);
        }
    }

    /** For example {@code 2 skipped, 1 failed}. */
    String outcome() {
        return join(skipped == 0 ? "" : skipped + " skipped", failed == 0 ? "" : failed + " failed");
    }

    /** For example {@code 12 tests skipped, 1 test failed}; empty if there are none. */
    static String count(int skipped, int failed) {
        return join(tests(skipped, "skipped"), tests(failed, "failed"));
    }

    private static String tests(int number, String what) {
        return number == 0 ? "" : number + (number == 1 ? " test " : " tests ") + what;
    }

    private static String join(String one, String other) {
        return one + (one.isEmpty() || other.isEmpty() ? "" : ", ") + other;
    }
}
