package io.github.dsqlreach.junit;

import io.github.dsqlreach.Reachability;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the extension and the listener of the run hand to each other: JUnit makes both by itself and connects them by nothing but the
 * unique identifiers of classes and tests.
 */
final class Ledger {
    private static final Map<String, Reachability> ENTRIES = new ConcurrentHashMap<>();

    private static volatile Set<String> parameters = Set.of();

    private Ledger() {}

    /** The names of the run's configuration parameters, from the listener to the extension, which can only ask for one. */
    static void parameters(Set<String> names) {
        parameters = Set.copyOf(names);
    }

    static Set<String> parameters() {
        return parameters;
    }

    static void put(String uniqueId, Reachability reachability) {
        ENTRIES.put(uniqueId, reachability);
    }

    /** The entry, which is forgotten by that. */
    static Optional<Reachability> take(String uniqueId) {
        return Optional.ofNullable(ENTRIES.remove(uniqueId));
    }
}
