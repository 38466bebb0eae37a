package io.github.dsqlreach.junit;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.AffectedTests;
import io.github.dsqlreach.report.AffectedTests.Outcome;
import io.github.dsqlreach.report.Reported;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Collects, for each endpoint, what was found and which tests did not run because of it. Safe for several threads. */
final class RunSummary {
    /** Reachabilities without an endpoint are one if they say the same. */
    private record Key(Optional<Endpoint> endpoint, String summary) {}

    private record Tests(String className, Outcome outcome) {}

    private static final class Entry {
        private final Reachability reachability;
        private final Map<Tests, Integer> tests = new LinkedHashMap<>();

        private Entry(Reachability reachability) {
            this.reachability = reachability;
        }
    }

    private final Map<Key, Entry> entries = new LinkedHashMap<>();

    /** An endpoint was asked for. */
    synchronized void found(Reachability reachability) {
        entry(reachability);
    }

    /** So many tests of a class did not run because of that. */
    synchronized void affected(Reachability reachability, String className, int count, Outcome outcome) {
        entry(reachability).tests.merge(new Tests(className, outcome), count, Integer::sum);
    }

    /** Everything, in the order in which it came. */
    synchronized List<Reported> all() {
        return entries.values().stream()
                .map(entry -> new Reported(
                        entry.reachability,
                        entry.tests.entrySet().stream()
                                .map(tests -> new AffectedTests(
                                        tests.getKey().className(),
                                        tests.getValue(),
                                        tests.getKey().outcome()))
                                .toList()))
                .toList();
    }

    private Entry entry(Reachability reachability) {
        return entries.computeIfAbsent(
                new Key(reachability.endpoint(), reachability.summary()), key -> new Entry(reachability));
    }
}
