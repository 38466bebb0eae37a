package io.github.dsqlreach.local;

import io.github.dsqlreach.internal.Quietly;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The current transaction of one session, which gives way to those of other sessions while its client is idle. */
final class SessionTransaction implements DsqlSessions.Session {
    private static final long EXPORT_SECONDS = 5;
    private static final long SENDING_MILLIS = 100;

    private final DsqlSessions sessions;
    private final Answers answers;
    private final ReplacedErrors errors;
    private final OutputStream server;
    private final Runnable close;
    private final long begunAt;
    /** Who may send to PostgreSQL. */
    private final ReentrantLock sending = new ReentrantLock();

    private volatile @Nullable Transaction transaction;

    SessionTransaction(
            DsqlSessions sessions, Answers answers, ReplacedErrors errors, OutputStream server, Runnable close) {
        this.close = close;
        this.begunAt = sessions.nanoTime();
        this.sessions = sessions;
        this.answers = answers;
        this.errors = errors;
        this.server = server;
    }

    // ---- for the thread that reads the client

    void lock() {
        sending.lock();
    }

    void unlock() {
        sending.unlock();
    }

    @Override
    public @Nullable Transaction transaction() {
        return transaction;
    }

    void begin() {
        end();
        transaction = new Transaction(sessions.nanoTime());
    }

    /** Whether the transaction may commit. */
    boolean commits() {
        Transaction current = transaction;
        return current == null || sessions.commits(current);
    }

    void end() {
        Transaction current = transaction;
        if (current != null) {
            sessions.rollsBack(current);
            transaction = null;
            Quietly.close(current.unpark());
        }
    }

    /** Whether the transaction is older than a cluster allows. */
    boolean isTooOld() {
        Transaction current = transaction;
        return current != null && current.isTooOld(sessions.nanoTime());
    }

    // ---- for the watcher

    @Override
    public void endIfOlder(long nanos) {
        try {
            // What has just been sent may still hold it for a moment.
            if (sessions.nanoTime() - begunAt > nanos && sending.tryLock(SENDING_MILLIS, TimeUnit.MILLISECONDS)) {
                try {
                    if (transaction == null && answers.statusWhenIdle() == 'I') {
                        close.run();
                    }
                } finally {
                    sending.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isLate(long now) {
        return answers.isLate(now);
    }

    @Override
    public DsqlSessions.Yielded yield() {
        if (!sending.tryLock()) {
            return DsqlSessions.Yielded.BUSY;
        }
        try {
            Transaction current = transaction;
            if (current == null || current.isParked()) {
                return current != null && current.isParked() ? DsqlSessions.Yielded.GONE : DsqlSessions.Yielded.BUSY;
            }
            if (answers.statusWhenIdle() != 'T') {
                return DsqlSessions.Yielded.BUSY;
            }
            if (current.conflict() == null && !(current.isReplayable() && answers.isDigestComplete())) {
                return DsqlSessions.Yielded.CANNOT;
            }
            current.park(current.conflict() == null ? exportSnapshot() : null);
            answers.expectQuery(Answers.Share.NOTHING, List.of());
            server.write(Wire.query("ROLLBACK"));
            server.flush();
            return DsqlSessions.Yielded.GONE;
        } catch (IOException | CancellationException e) {
            // The session is ending.
            return DsqlSessions.Yielded.BUSY;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return DsqlSessions.Yielded.BUSY;
        } catch (ExecutionException | TimeoutException | SQLException e) {
            return DsqlSessions.Yielded.CANNOT;
        } finally {
            sending.unlock();
        }
    }

    private HeldSnapshot exportSnapshot()
            throws IOException, SQLException, InterruptedException, ExecutionException, TimeoutException {
        Future<String> exported = answers.expectValue();
        server.write(Wire.query("SELECT pg_catalog.pg_export_snapshot()"));
        server.flush();
        return sessions.hold(exported.get(EXPORT_SECONDS, TimeUnit.SECONDS));
    }

    @Override
    public void cancelled() {
        errors.cancelledByConflict();
    }
}
