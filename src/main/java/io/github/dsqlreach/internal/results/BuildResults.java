package io.github.dsqlreach.internal.results;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.internal.results.ClassResult.TestResult;
import io.github.dsqlreach.report.Report;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** The totals of the class results of a build or of a part of it. If a test ran several times, its last outcome counts. */
public final class BuildResults {
    /** The last one counts. The class decides between those of the same millisecond, so that each reader decides alike. */
    static final Comparator<ClassResult> ORDER =
            Comparator.comparingLong(ClassResult::finished).thenComparing(ClassResult::toJson);

    /** What makes a test the same one: a test that runs for two endpoints is two. */
    record Key(String module, String id, String endpoint) {
        static Key of(ClassResult result, TestResult test) {
            return new Key(result.module(), test.id(), test.endpoint());
        }
    }

    private final Map<Key, TestResult> last = new LinkedHashMap<>();
    private final Set<String> minRuns = new TreeSet<>();
    private final Set<String> simulated = new TreeSet<>();
    private long struck;
    private boolean strikesUnknown;
    private final Function<String, Optional<Reachability>> reports;

    /**
     * Adds up class results.
     *
     * @param reports finds the report of a name
     */
    public BuildResults(List<ClassResult> results, Function<String, Optional<Reachability>> reports) {
        this.reports = reports;
        results.stream().sorted(ORDER).forEach(result -> {
            result.tests().forEach(test -> last.put(Key.of(result, test), test));
            Optional.ofNullable(result.minRun()).ifPresent(minRuns::add);
            if (result.simulated() != null) {
                simulated.add(result.simulated());
                strikesUnknown |= result.struck() == null;
                struck += result.struck() == null ? 0 : result.struck();
            }
        });
    }

    /** The reports that tests name, each with the tests that did not run because of it. */
    public Map<String, Report> reports() {
        Map<String, Map<String, int[]>> classes = new LinkedHashMap<>();
        for (TestResult test : last.values()) {
            if (test.report() != null) {
                int[] counts = classes.computeIfAbsent(test.report(), unused -> new TreeMap<>())
                        .computeIfAbsent(test.testClass(), unused -> new int[3]);
                counts[0] += test.outcome() == TestOutcome.SKIPPED ? 1 : 0;
                counts[1] += test.outcome() == TestOutcome.FAILED ? 1 : 0;
                counts[2] += test.outcome() == TestOutcome.LOST ? 1 : 0;
            }
        }
        Map<String, Report> result = new LinkedHashMap<>();
        classes.forEach((name, counts) ->
                reports.apply(name).map(Report::of).ifPresent(plain -> result.put(name, affecting(plain, counts))));
        return result;
    }

    private static Report affecting(Report plain, Map<String, int[]> classes) {
        Report report = plain;
        for (Map.Entry<String, int[]> type : classes.entrySet()) {
            int skipped = type.getValue()[0];
            int failed = type.getValue()[1];
            int lost = type.getValue()[2];
            if (skipped + failed + lost > 0) {
                report = report.affecting(type.getKey(), skipped, failed, lost);
            }
        }
        return report;
    }

    /** The values of {@code dsql.reach.min-run} that JVMs had. */
    public Set<String> minRuns() {
        return Set.copyOf(minRuns);
    }

    /** How many tests ran. */
    public long ran() {
        return count(TestOutcome.RAN) + count(TestOutcome.LOST);
    }

    /** A sentence about the simulated faults; empty for the real network. */
    public Optional<String> simulation() {
        return simulated.isEmpty()
                ? Optional.empty()
                : Optional.of(Setting.SIMULATE + "=" + String.join(", ", simulated)
                        + " was set: the results say nothing about the real network."
                        + (ran() > 0 && struck == 0 && !strikesUnknown
                                ? " The fault struck no connection of the " + ran()
                                        + " tests that ran, so these tests met no fault."
                                : ""));
    }

    /**
     * A sentence if fewer of the tests ran than must.
     *
     * @param minRun a value of {@link Setting#MIN_RUN}
     */
    public Optional<String> tooFewRan(String minRun) {
        long ran = count(TestOutcome.RAN);
        int number = Integer.parseInt(minRun.replace("%", "").strip());
        boolean enough = minRun.endsWith("%") ? ran * 100 >= (long) number * last.size() : ran >= number;
        // Of no tests no share is enough: perhaps they were not run by mistake.
        return enough && (number == 0 || !last.isEmpty())
                ? Optional.empty()
                : Optional.of("only " + tally() + ", and " + Setting.MIN_RUN + " is " + minRun);
    }

    /** For example {@code 9 of 12 annotated tests ran}. */
    public String tally() {
        long aborted = count(TestOutcome.ABORTED);
        long lost = count(TestOutcome.LOST);
        return count(TestOutcome.RAN) + " of " + last.size() + " annotated tests ran"
                + (lost == 0 ? "" : ", " + lost + " lost the connection")
                + (aborted == 0 ? "" : " (an assumption or a failed setup ended " + aborted + ")");
    }

    private long count(TestOutcome outcome) {
        return last.values().stream().filter(test -> test.outcome() == outcome).count();
    }
}
