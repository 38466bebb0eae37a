package io.github.dsqlreach.local;

import java.io.ByteArrayOutputStream;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One transaction that began with BEGIN. When others wait for it while its client is idle, PostgreSQL rolls it back. When the client
 * goes on, its messages are sent again on the same snapshot.
 */
final class Transaction {
    /** What a client sends in one transaction; more is not kept. */
    private static final int MOST_BYTES = 1 << 20;

    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(300);

    /** Since BEGIN; only for the thread that reads the client, and for others while they hold the lock of the session. */
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();

    private final long begunAt;
    private int answers;
    private boolean isReplayable = true;
    private boolean isParked;
    private @Nullable HeldSnapshot snapshot;
    private boolean isToldConflict;

    /** Those of which one waited for the other; guarded by the {@link DsqlSessions}. */
    private final Set<Transaction> contacts = new HashSet<>();

    private volatile @Nullable ErrorText conflict;

    /**
     * A new one.
     *
     * @param now the time of {@link DsqlSessions#nanoTime}
     */
    Transaction(long now) {
        begunAt = now;
    }

    /** Whether a cluster no longer commits it. */
    boolean isTooOld(long now) {
        return now - begunAt > LONGEST_NANOS;
    }

    // ---- its messages

    /** PostgreSQL got these messages. */
    void sent(byte[] bytes, boolean isLastOfAnswer) {
        if (messages.size() + bytes.length > MOST_BYTES) {
            isReplayable = false;
        } else if (isReplayable) {
            messages.writeBytes(bytes);
            answers += isLastOfAnswer ? 1 : 0;
        }
    }

    /** It has done what its messages alone do not tell. */
    void cannotBeReplayed() {
        isReplayable = false;
    }

    boolean isReplayable() {
        return isReplayable;
    }

    byte[] messages() {
        return messages.toByteArray();
    }

    /** How many times PostgreSQL says that it is ready, for all its messages. */
    int answers() {
        return answers;
    }

    boolean isParked() {
        return isParked;
    }

    /**
     * PostgreSQL rolls it back.
     *
     * @param held what it sees of the data; {@code null} if it cannot go on
     */
    void park(@Nullable HeldSnapshot held) {
        isParked = true;
        snapshot = held;
    }

    /** It goes on; with what it sees of the data. */
    @Nullable
    HeldSnapshot unpark() {
        HeldSnapshot held = snapshot;
        isParked = false;
        snapshot = null;
        return held;
    }

    // ---- its conflicts

    /** Why it cannot commit; {@code null} if nothing is known against it. */
    @Nullable
    ErrorText conflict() {
        return conflict;
    }

    void lose(ErrorText why) {
        if (conflict == null) {
            conflict = why;
        }
    }

    /** Why it fails now; {@code null} if it does not, or was told so before. */
    @Nullable
    ErrorText takeConflict() {
        ErrorText why = isToldConflict ? null : conflict;
        isToldConflict |= why != null;
        return why;
    }

    void meets(Transaction other) {
        contacts.add(other);
        other.contacts.add(this);
    }

    /** It has ended; if it has committed, those that it met cannot. */
    void end(@Nullable ErrorText conflictOfOthers) {
        for (Transaction other : contacts) {
            other.contacts.remove(this);
            if (conflictOfOthers != null) {
                other.lose(conflictOfOthers);
            }
        }
        contacts.clear();
    }
}
