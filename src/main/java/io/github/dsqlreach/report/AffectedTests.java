package io.github.dsqlreach.report;

import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The tests of a class that did not run because of the result of a check, or lost their connection before it.
 *
 * @param className the test class
 * @param skipped how many were skipped
 * @param failed how many were failed
 * @param lost how many failed because their connection broke
 */
record AffectedTests(String className, int skipped, int failed, int lost) {
    AffectedTests {
        Objects.requireNonNull(className, "className");
        if (skipped < 0 || failed < 0 || lost < 0) {
            throw new IllegalArgumentException(
                    skipped + " skipped, " + failed + " failed, " + lost + " lost tests of " + className);
        }
    }

    /** For example {@code 2 skipped, 1 failed}. */
    String outcome() {
        return join(part(skipped, "", "skipped"), part(failed, "", "failed"), part(lost, "", "lost the connection"));
    }

    /** For example {@code 12 tests skipped, 1 test failed}; empty if there are none. */
    static String count(int skipped, int failed, int lost) {
        return join(
                part(skipped, tests(skipped), "skipped"),
                part(failed, tests(failed), "failed"),
                part(lost, tests(lost), "lost the connection"));
    }

    private static String tests(int number) {
        return number == 1 ? "test " : "tests ";
    }

    private static String part(int number, String unit, String what) {
        return number == 0 ? "" : number + " " + unit + what;
    }

    private static String join(String... parts) {
        return Stream.of(parts).filter(part -> !part.isEmpty()).collect(Collectors.joining(", "));
    }
}
