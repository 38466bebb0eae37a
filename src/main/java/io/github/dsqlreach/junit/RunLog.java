package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.fault.ToxiproxySource;
import io.github.dsqlreach.internal.StrictJson;
import io.github.dsqlreach.report.BuildRecord;
import io.github.dsqlreach.report.BuildRecord.Fate;
import io.github.dsqlreach.report.BuildRecord.Found;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Which annotated tests of a run ran and which did not, and why. At the end of the run it goes into the record of the build,
 * and to the console; and the run fails if too few ran: a listener could not do that, JUnit swallows its exceptions.
 */
final class RunLog {
    private final Configuration configuration;
    private final Optional<ReachabilitySummaryListener> listener;
    private final JUnitReports reports;
    /** The report that decided about a class or method, by its identifier; empty where nothing was checked. */
    private final Map<String, Optional<String>> decided = new ConcurrentHashMap<>();

    private final Map<Optional<String>, Reachability> reachabilities = new LinkedHashMap<>();
    private final Map<Optional<String>, Map<String, Fate>> fates = new LinkedHashMap<>();

    private RunLog(Configuration configuration, Optional<ReachabilitySummaryListener> listener) {
        this.configuration = configuration;
        this.listener = listener;
        StrictJson.check();
        // Read now, because at the end of the run nobody could tell of a value that cannot be used.
        configuration.get(Setting.MIN_RUN);
        configuration.get(Setting.SUMMARY);
        // Also where no endpoint is configured and no test asks for a fault, and nothing would be put in front of it.
        SimulatedFault.of(configuration);
        ToxiproxySource.configured(configuration);
        this.reports = new JUnitReports(configuration);
    }

    /** The log of this run. */
    static RunLog of(ExtensionContext context) {
        return RunStore.computeOnce(
                context,
                RunLog.class,
                () -> new RunLog(TestSettings.of(context), ReachabilitySummaryListener.of(context.getUniqueId())),
                RunLog::close);
    }

    /** An annotated class or method was decided about. */
    void decided(ExtensionContext context, Optional<Reachability> reachability, Optional<Fate> stopped) {
        Optional<String> report = reachability.map(BuildRecord::name);
        decided.put(context.getUniqueId(), report);
        synchronized (this) {
            reachability.ifPresent(found -> reachabilities.putIfAbsent(report, found));
            Map<String, Fate> tests = testsOf(report);
            stopped.ifPresent(fate -> testsOf(context).forEach(test -> tests.putIfAbsent(test, fate)));
        }
        if (stopped.filter(Fate.SKIPPED::equals).isPresent()) {
            reports.skipped(context, reachability.orElseThrow());
        }
    }

    private Map<String, Fate> testsOf(Optional<String> report) {
        return fates.computeIfAbsent(report, unused -> new LinkedHashMap<>());
    }

    private Set<String> testsOf(ExtensionContext context) {
        return listener.map(of -> of.testsOf(context.getUniqueId()))
                .orElse(Set.of(ReachabilitySummaryListener.test(context.getUniqueId())));
    }

    /** A class or method that was decided about starts, and fails. */
    void failed(ExtensionContext context, Reachability reachability) {
        reports.failed(context, reachability);
    }

    /** A test in force of annotations starts. */
    void ran(ExtensionContext context) {
        String test = ReachabilitySummaryListener.test(context.getUniqueId());
        for (Optional<ExtensionContext> place = Optional.of(context);
                place.isPresent();
                place = place.get().getParent()) {
            Optional<String> report = decided.get(place.get().getUniqueId());
            if (report != null) {
                synchronized (this) {
                    testsOf(report).put(test, Fate.RAN);
                }
            }
        }
    }

    /** An assumption ended what had been let run: whoever counts on tests must not count on these. */
    private synchronized void aborted(String test) {
        decided.forEach((place, report) -> {
            String decidedTest = ReachabilitySummaryListener.test(place);
            if (test.equals(decidedTest) || test.startsWith(decidedTest + "/")) {
                testsOf(report).merge(test, Fate.ABORTED, (fate, aborted) -> fate == Fate.RAN ? aborted : fate);
            }
        });
    }

    private void close() {
        listener.ifPresent(of -> of.aborted().forEach(this::aborted));
        List<Found> found = found();
        Optional<BuildRecord> build = listener.map(of -> of.say(configuration, found));
        configuration.get(Setting.MIN_RUN).ifPresent(quota -> failIfTooFewRan(quota, build));
    }

    private synchronized List<Found> found() {
        List<Found> found = new ArrayList<>();
        fates.forEach((report, tests) -> found.add(new Found(Optional.ofNullable(reachabilities.get(report)), tests)));
        return found;
    }

    /** Of all JVMs of the build that came to their end until now. */
    private void failIfTooFewRan(String quota, Optional<BuildRecord> build) {
        if (build.isEmpty()) {
            throw new AssertionError(
                    Setting.MIN_RUN + " is " + quota + ", and nobody knows which tests there are: JUnit's"
                            + " launcher did not use the listener of this jar");
        }
        build.get().tooFewRan(quota).ifPresent(tooFew -> {
            throw new AssertionError(tooFew
                    + reachabilities.values().stream()
                            .filter(found -> !found.isReachable())
                            .map(found -> "\n  " + found.summary())
                            .sorted()
                            .collect(Collectors.joining()));
        });
    }
}
