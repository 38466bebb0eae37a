package io.github.dsqlreach.samples.orders;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Tries a piece of work again after failures that pass: a connection that could not be made or broke (SQLSTATE class
 * 08), and DSQL's conflicts of concurrent transactions (40001). The work is a whole transaction, since that is what a conflict
 * undoes, and must be safe to repeat, since a connection that broke at a commit does not tell whether it was committed.
 */
public final class Retry {
    private final int attempts;
    private final Duration pause;

    public Retry(int attempts, Duration pause) {
        this.attempts = attempts;
        this.pause = pause;
    }

    /** A piece of work with the database. */
    public interface Work<T> {
        T run() throws SQLException;
    }

    public <T> T call(Work<T> work) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                return work.run();
            } catch (SQLException e) {
                if (attempt == attempts || !passes(e)) {
                    throw e;
                }
                pause(attempt);
            }
        }
    }

    private static boolean passes(SQLException e) {
        String state = e.getSQLState();
        return state != null && (state.startsWith("08") || state.equals("40001"));
    }

    /** Twice as long each time, and by chance up to a half less, so that those who met do not meet again. */
    private void pause(int attempt) throws SQLException {
        double jitter = 1 - ThreadLocalRandom.current().nextDouble() / 2;
        try {
            Thread.sleep((long) ((pause.toMillis() << (attempt - 1)) * jitter));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("interrupted while waiting for the next attempt", e);
        }
    }
}
