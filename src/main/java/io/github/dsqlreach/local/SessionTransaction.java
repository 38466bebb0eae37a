package io.github.dsqlreach.local;

import io.github.dsqlreach.internal.Quietly;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The current transaction of one session, which gives way to those of other sessions while its client is idle. */
final class SessionTransaction implements DsqlSessions.Session {
    private static final long LONGEST_SECONDS = 5;
    private static final long SENDING_MILLIS = 100;
    private static final int MOST_TEXTS = 1_000;

    private final DsqlSessions sessions;
    private final Answers answers;
    private final ReplacedErrors errors;
    private final InputStream fromServer;
    private final OutputStream toServer;
    private final Runnable close;
    private final long begunAt;
    /** Who may send to PostgreSQL. */
    private final ReentrantLock sending = new ReentrantLock();

    /** Of the statements of the current transaction, the first ones. */
    private final List<String> texts = new ArrayList<>();

    private volatile @Nullable Transaction transaction;

    SessionTransaction(
            DsqlSessions sessions,
            Answers answers,
            ReplacedErrors errors,
            InputStream fromServer,
            OutputStream toServer,
            Runnable close) {
        this.close = close;
        this.begunAt = sessions.nanoTime();
        this.sessions = sessions;
        this.answers = answers;
        this.errors = errors;
        this.fromServer = fromServer;
        this.toServer = toServer;
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

    /** A statement is executed. */
    void executes(String text) {
        if (texts.size() < MOST_TEXTS) {
            texts.add(text);
        }
    }

    List<String> texts() {
        return texts;
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

    // ---- for the thread that reads PostgreSQL

    /**
     * A statement has failed because of a conflict. Whether its transaction may go on over views; then {@link #goOnOverViews} must
     * follow.
     */
    boolean waitsForViews() {
        // On a busy machine the other thread may hold the lock for a while after it has sent the statement.
        if (transaction == null || !canLock(TimeUnit.SECONDS.toMillis(LONGEST_SECONDS))) {
            return false;
        }
        Transaction current = transaction;
        if (current != null
                && current.canHaveViews()
                && texts.size() < MOST_TEXTS
                && answers.isLast()
                && answers.isDigestComplete()) {
            return true;
        }
        sending.unlock();
        return false;
    }

    private boolean canLock(long millis) {
        try {
            return sending.tryLock(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * PostgreSQL is ready again. Whether the messages of the failed statement are sent again, to the views.
     *
     * @param canRead whether all that PostgreSQL has sent is read
     */
    boolean goOnOverViews(boolean canRead) throws IOException {
        try {
            Transaction current = Objects.requireNonNull(transaction);
            PrivateViews views = canRead ? PrivateViews.make(fromServer, toServer, texts) : null;
            if (views == null) {
                return false;
            }
            OptionalLong seen = OptionalLong.of(answers.digestOfWhole());
            if (!texts.stream().allMatch(views::cover)
                    || !views.send(current.messagesBeforeLast(), current.answers() - 1)
                            .equals(seen)) {
                views.fail();
                return false;
            }
            views.send(current.closingLast(), 1);
            current.goesOnOver(views);
            answers.repeat();
            toServer.write(current.lastMessages());
            toServer.flush();
            return true;
        } finally {
            sending.unlock();
        }
    }

    /** PostgreSQL sends no more. */
    void release() {
        if (sending.isHeldByCurrentThread()) {
            sending.unlock();
        }
    }

    // ---- for the watcher

    @Override
    public void endIfOlder(long nanos) {
        // What has just been sent may still hold it for a moment.
        if (sessions.nanoTime() - begunAt > nanos && canLock(SENDING_MILLIS)) {
            try {
                if (transaction == null && answers.statusWhenIdle() == 'I') {
                    close.run();
                }
            } finally {
                sending.unlock();
            }
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
            boolean canGoOn = current.isReplayable() && answers.isDigestComplete();
            if (current.conflict() == null && !canGoOn) {
                return DsqlSessions.Yielded.CANNOT;
            }
            current.park(canGoOn ? exportSnapshot(current) : null);
            answers.expectQuery(Answers.Share.NOTHING, List.of());
            toServer.write(Wire.query("ROLLBACK"));
            toServer.flush();
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

    private HeldSnapshot exportSnapshot(Transaction current)
            throws IOException, SQLException, InterruptedException, ExecutionException, TimeoutException {
        Future<String> exported = answers.expectValue();
        // PostgreSQL does not export the snapshot of a subtransaction.
        String savepoint = OwnStatements.SAVEPOINT + "; ";
        toServer.write(Wire.query((current.hasSavepoint() ? "ROLLBACK TO " + savepoint + "RELEASE " + savepoint : "")
                + "SELECT pg_catalog.pg_export_snapshot()"));
        toServer.flush();
        return sessions.hold(exported.get(LONGEST_SECONDS, TimeUnit.SECONDS));
    }

    @Override
    public void cancelled() {
        errors.cancelledByConflict();
    }
}
