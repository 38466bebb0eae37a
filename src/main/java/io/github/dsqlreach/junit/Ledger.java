package io.github.dsqlreach.junit;

import io.github.dsqlreach.Reachability;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the extension hands to the end-of-run listener: JUnit makes both by itself and connects them by nothing but the
 * unique identifiers of classes and tests.
 */
final class Ledger {
    private static final Map<String, Reachability> ENTRIES = new ConcurrentHashMap<>();

    private Ledger() {}

    static void put(String uniqueId, Reachability reachability) {
        ENTRIES.put(uniqueId, reachability);
    }

    /** The entry, which is forgotten by that. */
    static Optional<Reachability> take(String uniqueId) {
        return Optional.ofNullable(ENTRIES.remove(uniqueId));
    }
}
