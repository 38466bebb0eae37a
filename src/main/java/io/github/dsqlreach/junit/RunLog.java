package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/**
 * Which annotated tests of a run ran and which did not. At the end of the run it lets the run fail if too few did: a
 * listener could not, JUnit swallows its exceptions.
 */
final class RunLog {
    private final Optional<Quota> quota;
    private final JUnitReports reports;
    private final Set<String> ran = ConcurrentHashMap.newKeySet();
    private final Set<String> stopped = ConcurrentHashMap.newKeySet();
    private final Set<String> reasons = ConcurrentHashMap.newKeySet();

    private RunLog(Configuration configuration) {
        this.quota = Quota.of(configuration);
        // The listener needs these, and could not fail for a value that cannot be used.
        configuration.get(Setting.SUMMARY);
        // Also where no endpoint is configured, and nothing would be put in front of it.
        SimulatedFault.of(configuration);
        this.reports = new JUnitReports(configuration);
    }

    /** The log of this run. */
    static RunLog of(ExtensionContext context) {
        return RunStore.computeOnce(
                context, RunLog.class, () -> new RunLog(Settings.of(context)), RunLog::failIfTooFewRan);
    }

    /** An annotated class or method was decided about. */
    void decided(ExtensionContext context, Decision decision) {
        decision.reachability().ifPresent(reachability -> Ledger.put(context.getUniqueId(), reachability));
        if (decision.outcome() == Decision.Outcome.RUN) {
            return;
        }
        tests(context).forEach(stopped::add);
        decision.reachability().ifPresent(reachability -> {
            reasons.add(reachability.summary());
            if (decision.outcome() == Decision.Outcome.SKIP) {
                reports.skipped(context, reachability);
            }
        });
    }

    /** A class or method that was decided about starts, and fails. */
    void failed(ExtensionContext context, Reachability reachability) {
        reports.failed(context, reachability);
    }

    /** A test in force of an annotation starts. */
    void ran(ExtensionContext context) {
        tests(context).forEach(ran::add);
    }

    private static Stream<String> tests(ExtensionContext context) {
        Class<?> type = context.getRequiredTestClass();
        return context.getTestMethod()
                .map(method -> Stream.of(name(type, method)))
                .orElseGet(() -> testsOf(type));
    }

    private static Stream<String> testsOf(Class<?> type) {
        Stream<String> own = ReflectionSupport.findMethods(
                        type,
                        method -> AnnotationSupport.isAnnotated(method, Testable.class),
                        HierarchyTraversalMode.TOP_DOWN)
                .stream()
                .map(method -> name(type, method));
        Stream<String> nested =
                ReflectionSupport.findNestedClasses(type, inner -> AnnotationSupport.isAnnotated(inner, Nested.class))
                        .stream()
                        .flatMap(RunLog::testsOf);
        return Stream.concat(own, nested);
    }

    private static String name(Class<?> type, Method method) {
        return Stream.of(method.getParameterTypes())
                .map(Class::getName)
                .collect(Collectors.joining(",", type.getName() + "." + method.getName() + "(", ")"));
    }

    private void failIfTooFewRan() {
        stopped.removeAll(ran);
        int all = ran.size() + stopped.size();
        if (quota.isPresent() && !quota.get().isMetBy(ran.size(), all)) {
            throw new AssertionError("only " + ran.size() + " of " + all + " annotated tests ran, and "
                    + Setting.MIN_RUN + " is " + quota.get()
                    + reasons.stream().sorted().map(reason -> "\n  " + reason).collect(Collectors.joining()));
        }
    }

    /**
     * How many annotated tests must run.
     *
     * @param number that many
     * @param perCent of all, rather than absolutely
     */
    record Quota(int number, boolean perCent) {
        static Optional<Quota> of(Configuration configuration) {
            return configuration.get(Setting.MIN_RUN).map(Quota::parse);
        }

        private static Quota parse(String text) {
            boolean perCent = text.endsWith("%");
            int number = Integer.parseInt(
                    perCent ? text.substring(0, text.length() - 1).strip() : text);
            return new Quota(number, perCent);
        }

        boolean isMetBy(int ran, int all) {
            return perCent ? ran * 100L >= (long) number * all : ran >= number;
        }

        @Override
        public String toString() {
            return number + (perCent ? "%" : "");
        }
    }
}
