package io.github.dsqlreach.local;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Snapshot isolation, which is what a cluster has: other levels are refused, and so is everything that would change the level.
 * Texts as of September 2026.
 */
final class IsolationRules {
    private static final String NOT_SUPPORTED = "0A000";
    private static final Set<String> PARAMETERS = Set.of("transaction_isolation", "default_transaction_isolation");

    private IsolationRules() {}

    /** Why a cluster refuses that statement; empty if it does not for this reason. */
    static Optional<ErrorText> refusal(SqlStatement statement) {
        if (statement.begins("begin") || statement.begins("start")) {
            return unsupportedLevel(statement);
        }
        if (!statement.begins("set")) {
            return Optional.empty();
        }
        if (statement.has(1, "session", "characteristics")) {
            return unsupportedLevel(statement).or(() -> refusedParameter("SESSION CHARACTERISTICS"));
        }
        int name = statement.has(1, "session") || statement.has(1, "local") ? 2 : 1;
        if (statement.has(name, "transaction")) {
            return unsupportedLevel(statement).or(() -> refusedParameter("TRANSACTION"));
        }
        return refusal(statement.name(name));
    }

    /** Why a cluster refuses a session that sets that parameter at its start; empty if it does not for this reason. */
    static Optional<ErrorText> refusal(String parameter) {
        String name = parameter.toLowerCase(Locale.ROOT);
        return PARAMETERS.contains(name) ? refusedParameter(name) : Optional.empty();
    }

    private static Optional<ErrorText> unsupportedLevel(SqlStatement statement) {
        for (Map.Entry<String, String[]> level : UNSUPPORTED.entrySet()) {
            if (statement.find(level.getValue()) >= 0) {
                return Optional.of(
                        new ErrorText(NOT_SUPPORTED, "Unsupported isolation level: " + level.getKey(), null));
            }
        }
        return Optional.empty();
    }

    private static final Map<String, String[]> UNSUPPORTED = Map.of(
            "SERIALIZABLE", new String[] {"isolation", "level", "serializable"},
            "READ COMMITTED", new String[] {"isolation", "level", "read", "committed"},
            "READ UNCOMMITTED", new String[] {"isolation", "level", "read", "uncommitted"});

    private static Optional<ErrorText> refusedParameter(String name) {
        return Optional.of(
                new ErrorText(NOT_SUPPORTED, "setting configuration parameter \"" + name + "\" not supported", null));
    }
}
