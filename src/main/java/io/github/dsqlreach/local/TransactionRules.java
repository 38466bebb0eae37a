package io.github.dsqlreach.local;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the current transaction of one session has done so far, for the rules that are about a whole transaction. Without BEGIN, a
 * transaction is what stands before a Sync, or one simple query.
 */
final class TransactionRules {
    static final int MOST_ROWS = 3_000;

    // Of the thread that reads the client.
    private boolean isExplicit;
    private boolean hasFailed;
    private boolean hasDdl;
    private boolean hasDml;

    // Of the thread that reads PostgreSQL.
    private long rows;
    /** Whether PostgreSQL does not know yet that the transaction has failed. */
    private volatile boolean isOver;

    // ---- what is sent

    /** Nothing is under way, and this is what PostgreSQL said last. */
    void resume(char status) {
        isExplicit = status != 'I';
        hasFailed = status == 'E';
        if (!isExplicit) {
            forget();
        }
    }

    /** What belongs together without BEGIN has ended. */
    void endImplicit() {
        if (!isExplicit) {
            forget();
        }
    }

    private void forget() {
        hasDdl = false;
        hasDml = false;
    }

    /** Whether PostgreSQL has refused to go on with the transaction. */
    boolean hasFailed() {
        return hasFailed;
    }

    /** Whether a statement that is executed now is a transaction of its own. */
    boolean isAutocommit() {
        return !isExplicit;
    }

    /** A statement of that kind is executed, unless this tells why it is refused. */
    Optional<ErrorText> execute(StatementPlan.Kind kind) {
        switch (kind) {
            case BEGIN -> {
                isExplicit = true;
                forget();
            }
            case COMMIT, ROLLBACK -> {
                isExplicit = false;
                forget();
            }
            case DDL, DML -> {
                String refusal = hasFailed ? null : refusal(kind);
                if (refusal != null) {
                    return Optional.of(Refusals.of(refusal, ""));
                }
            }
            default -> {
                // It changes nothing.
            }
        }
        return Optional.empty();
    }

    private @Nullable String refusal(StatementPlan.Kind kind) {
        boolean isDdl = kind == StatementPlan.Kind.DDL;
        String refusal = isDdl && hasDdl ? "two-ddl" : isDdl && hasDml || !isDdl && hasDdl ? "ddl-dml" : null;
        hasDdl |= isDdl;
        hasDml |= !isDdl;
        return refusal;
    }

    /** Whether the transaction is to fail before anything else is sent; once for each such transaction. */
    boolean takeOver() {
        boolean wasOver = isOver;
        isOver = false;
        hasFailed |= wasOver;
        return wasOver;
    }

    // ---- what comes back

    /** A statement has changed so many rows; why that is refused, if it is. */
    Optional<ErrorText> changed(long count) {
        boolean wasOver = rows > MOST_ROWS;
        rows += count;
        if (rows <= MOST_ROWS || wasOver) {
            return Optional.empty();
        }
        isOver = true;
        return Optional.of(Refusals.of("rows", ""));
    }

    /** A transaction begins or ends. */
    void resetRows() {
        rows = 0;
        isOver = false;
    }
}
