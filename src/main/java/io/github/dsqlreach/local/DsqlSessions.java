package io.github.dsqlreach.local;

import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Daemon;
import java.io.Closeable;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the sessions of one embedded PostgreSQL have in common where it answers as a cluster does: the jobs, and the conflicts of
 * their transactions.
 *
 * <p>On a cluster no statement waits for another transaction. Here a session that has waited a few milliseconds is found by asking
 * PostgreSQL, and the idle transaction for which it waits gives way.
 */
final class DsqlSessions implements Closeable {
    private static final System.Logger LOG = System.getLogger(DsqlSessions.class.getName());
    /** A cluster takes some seconds to a minute. */
    private static final long JOB_MILLIS = 1_000;

    private static final long JOIN_MILLIS = 5_000;
    private static final long LOOK_MILLIS = 4;
    private static final String WAITING = "SELECT w.pid, blocker, wait_event = 'relation' FROM pg_stat_activity w,"
            + " unnest(pg_blocking_pids(w.pid)) AS blocker WHERE w.pid = ANY (?)";

    /** One of the sessions, for the one that watches them. */
    interface Session {
        /** Whether PostgreSQL has owed an answer for so long that it may be worth asking why. */
        boolean isLate(long now);

        /** The one that BEGIN began; {@code null} outside of it. */
        @Nullable
        Transaction transaction();

        /** Takes an idle transaction off what it has locked. */
        Yielded yield();

        /** Ends it if it has lasted longer than that and is not in a transaction. */
        void endIfOlder(long nanos);

        /** Its statement is cancelled because it waits for a transaction that has to stay as it is. */
        void cancelled();
    }

    /** What became of a transaction for which another session waits. */
    enum Yielded {
        /** It no longer has locks. */
        GONE,
        /** It is at work, and will end or wait by itself. */
        BUSY,
        /** It is idle and has to stay as it is. */
        CANNOT
    }

    private static final long LONGEST_SESSION_NANOS = TimeUnit.MINUTES.toNanos(60);
    private static final long SWEEP_SECONDS = 5;

    private final Roles roles;
    private final ScheduledThreadPoolExecutor background;
    private final ScheduledThreadPoolExecutor watcher;
    private final Map<Integer, Session> sessions = new ConcurrentHashMap<>();
    private final Deque<Connection> idleHolders = new ConcurrentLinkedDeque<>();
    /** How much later it is for sessions and transactions. */
    private final AtomicLong elapsedNanos = new AtomicLong();

    private boolean isWatching;
    private @Nullable Connection owner;

    DsqlSessions(Roles roles) {
        this.roles = roles;
        this.background = executor("background");
        this.watcher = executor("watcher");
        background.scheduleWithFixedDelay(this::endOldSessions, SWEEP_SECONDS, SWEEP_SECONDS, TimeUnit.SECONDS);
    }

    private static ScheduledThreadPoolExecutor executor(String name) {
        ScheduledThreadPoolExecutor executor =
                new ScheduledThreadPoolExecutor(1, task -> Daemon.thread(DsqlListener.THREADS + name, task));
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
        return executor;
    }

    // ---- time

    /** The time of sessions and transactions, which tests can move. */
    long nanoTime() {
        return System.nanoTime() + elapsedNanos.get();
    }

    /** Lets time pass. */
    void elapse(Duration duration) {
        elapsedNanos.addAndGet(duration.toNanos());
        endOldSessions();
    }

    private void endOldSessions() {
        sessions.values().forEach(session -> session.endIfOlder(LONGEST_SESSION_NANOS));
    }

    // ---- jobs

    /** A transaction with new jobs has ended; a moment later they are done. */
    void finishJobsSoon() {
        try {
            background.schedule(this::finishJobs, JOB_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // It is closed.
        }
    }

    private void finishJobs() {
        try (Connection connection = roles.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT dsql_reach.finish_jobs(NULL)");
        } catch (SQLException e) {
            // A client waits for one of them at the same time, or PostgreSQL is ending.
            log("jobs", e);
        }
    }

    private static void log(String what, Exception e) {
        LOG.log(System.Logger.Level.DEBUG, () -> what + ": " + Scrubber.line(String.valueOf(e.getMessage()), 200));
    }

    // ---- conflicts

    /** A session has begun; PostgreSQL knows it by that number. */
    synchronized void add(int pid, Session session) {
        sessions.put(pid, session);
        if (!isWatching && sessions.size() > 1) {
            isWatching = true;
            try {
                watcher.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // It is closed.
            }
        }
    }

    void remove(int pid) {
        sessions.remove(pid);
    }

    /** Whether that transaction may commit; then those that it met may not. */
    synchronized boolean commits(Transaction transaction) {
        if (transaction.conflict() != null) {
            return false;
        }
        transaction.end(Refusals.of("conflict", ""));
        return true;
    }

    synchronized void rollsBack(Transaction transaction) {
        transaction.end(null);
    }

    private synchronized void meet(Transaction one, Transaction other) {
        if (one.conflict() == null && other.conflict() == null) {
            one.meets(other);
        }
    }

    /** Holds a snapshot that a transaction has exported. */
    HeldSnapshot hold(String exported) throws SQLException {
        Connection idle = idleHolders.poll();
        return HeldSnapshot.of(exported, idle == null ? roles.connect("postgres") : idle, idleHolders);
    }

    private void look() {
        try {
            long now = System.nanoTime();
            List<Integer> late = new ArrayList<>();
            sessions.forEach((pid, session) -> {
                if (session.isLate(now)) {
                    late.add(pid);
                }
            });
            if (!late.isEmpty()) {
                ask(late, transactions());
            }
        } catch (SQLException | RuntimeException e) {
            log("who waits for whom", e);
            closeOwner();
        }
    }

    /** What each session is doing before PostgreSQL is asked: when it has answered, another transaction may have begun. */
    private Map<Session, Optional<Transaction>> transactions() {
        Map<Session, Optional<Transaction>> result = new IdentityHashMap<>();
        sessions.values().forEach(session -> result.put(session, Optional.ofNullable(session.transaction())));
        return result;
    }

    private static boolean isStill(Session session, Map<Session, Optional<Transaction>> asked) {
        return Optional.ofNullable(session.transaction()).equals(asked.get(session));
    }

    private void ask(List<Integer> late, Map<Session, Optional<Transaction>> asked) throws SQLException {
        Connection connection = owner == null ? roles.connect("postgres") : owner;
        owner = connection;
        Array pids = connection.createArrayOf("int4", late.toArray());
        try (PreparedStatement query = connection.prepareStatement(WAITING)) {
            query.setArray(1, pids);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    Session waiting = sessions.get(rows.getInt(1));
                    Session blocking = sessions.get(rows.getInt(2));
                    if (waiting != null && blocking != null && isStill(waiting, asked) && isStill(blocking, asked)) {
                        resolve(connection, waiting, rows.getInt(1), blocking, rows.getBoolean(3));
                    }
                }
            }
        }
    }

    private void resolve(Connection connection, Session waiting, int pid, Session blocking, boolean bySchema)
            throws SQLException {
        Transaction first = blocking.transaction();
        if (first == null) {
            return;
        }
        Transaction second = waiting.transaction();
        if (second != null) {
            meet(first, second);
        }
        Yielded yielded = blocking.yield();
        if (yielded == Yielded.GONE && second == null) {
            // What waits commits with its statement, and so before the other one.
            first.lose(Refusals.of(bySchema ? "schema-conflict" : "conflict", ""));
        } else if (yielded == Yielded.CANNOT) {
            waiting.cancelled();
            try (PreparedStatement cancel = connection.prepareStatement("SELECT pg_cancel_backend(?)")) {
                cancel.setInt(1, pid);
                cancel.execute();
            }
        }
    }

    @Override
    public void close() {
        background.shutdownNow();
        watcher.shutdownNow();
        try {
            background.awaitTermination(JOIN_MILLIS, TimeUnit.MILLISECONDS);
            watcher.awaitTermination(JOIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeOwner();
        idleHolders.forEach(DsqlSessions::close);
    }

    private void closeOwner() {
        if (owner != null) {
            close(owner);
        }
        owner = null;
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            log("a connection of the watcher", e);
        }
    }
}
