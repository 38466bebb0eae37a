package io.github.dsqlreach.connect;

import io.github.dsqlreach.Scrubber;
import java.sql.SQLException;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Exceptions of the driver, the SDK or a provider without the secrets that they may quote. */
final class SafeExceptions {
    private static final int DEEPEST = 20;

    private SafeExceptions() {}

    /** The same exception if it and its causes quote no secret, else a copy without secrets. */
    static SQLException of(SQLException e) {
        return isSafe(e) ? e : copy(e);
    }

    /** The same exception if it and its causes quote no secret, else a copy without secrets. */
    static Throwable of(Throwable e) {
        return isSafe(e) ? e : copy(e, 0);
    }

    private static boolean isSafe(Throwable e) {
        return isSafe(e, Collections.newSetFromMap(new IdentityHashMap<>()));
    }

    private static boolean isSafe(@Nullable Throwable e, Set<Throwable> seen) {
        if (e == null || !seen.add(e)) {
            return true;
        }
        String text = String.valueOf(e);
        if (seen.size() > DEEPEST || !Scrubber.scrub(text).equals(text) || !isSafe(e.getCause(), seen)) {
            return false;
        }
        for (Throwable suppressed : e.getSuppressed()) {
            if (!isSafe(suppressed, seen)) {
                return false;
            }
        }
        return !(e instanceof SQLException sql) || isSafe(sql.getNextException(), seen);
    }

    /** Keeps SQLSTATE, vendor code and stack trace. */
    private static SQLException copy(SQLException e) {
        SQLException copy = new SQLException(
                Scrubber.scrub(String.valueOf(e.getMessage())),
                e.getSQLState(),
                e.getErrorCode(),
                e.getCause() == null ? null : copy(e.getCause(), 1));
        copy.setStackTrace(e.getStackTrace());
        return copy;
    }

    private static Throwable copy(Throwable e, int depth) {
        Throwable cause = e.getCause() == null || depth >= DEEPEST ? null : copy(e.getCause(), depth + 1);
        return new Copy(e, cause);
    }

    /** Replaces an exception that quotes a secret, without its suppressed exceptions. */
    private static final class Copy extends Exception {
        private static final long serialVersionUID = 1;

        private final String type;

        Copy(Throwable original, @Nullable Throwable cause) {
            super(Scrubber.scrub(String.valueOf(original.getMessage())), cause, false, true);
            this.type = original.getClass().getName();
            setStackTrace(original.getStackTrace());
        }

        /** As of the original: its type and message. */
        @Override
        public String toString() {
            return type + ": " + getMessage();
        }
    }
}
