package io.github.dsqlreach.local;

import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Daemon;
import java.io.Closeable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** What the sessions of one embedded PostgreSQL have in common where it answers as a cluster does. */
final class DsqlSessions implements Closeable {
    private static final System.Logger LOG = System.getLogger(DsqlSessions.class.getName());
    /** A cluster takes some seconds to a minute. */
    private static final long JOB_MILLIS = 1_000;

    private static final long JOIN_MILLIS = 5_000;

    private final Roles roles;
    private final ScheduledThreadPoolExecutor background;

    DsqlSessions(Roles roles) {
        this.roles = roles;
        this.background =
                new ScheduledThreadPoolExecutor(1, task -> Daemon.thread(DsqlListener.THREADS + "background", task));
        background.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** A transaction with new jobs has ended; a moment later they are done. */
    void finishJobsSoon() {
        try {
            background.schedule(this::finishJobs, JOB_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // It is closed.
        }
    }

    private void finishJobs() {
        try (Connection owner = roles.connect("postgres");
                Statement statement = owner.createStatement()) {
            statement.execute("SELECT dsql_reach.finish_jobs(NULL)");
        } catch (SQLException e) {
            // A client waits for one of them at the same time, or PostgreSQL is ending.
            LOG.log(System.Logger.Level.DEBUG, () -> "jobs: " + Scrubber.line(String.valueOf(e.getMessage()), 200));
        }
    }

    @Override
    public void close() {
        background.shutdownNow();
        try {
            background.awaitTermination(JOIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
