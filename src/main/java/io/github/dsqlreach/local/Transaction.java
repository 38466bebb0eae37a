package io.github.dsqlreach.local;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
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
    /** Where the messages of the last answer begin, and where those of the next one will. */
    private int lastAnswer;

    private int nextAnswer;
    private boolean isReplayable = true;
    private boolean isParked;
    private @Nullable HeldSnapshot snapshot;
    private boolean isToldConflict;
    /** Whether PostgreSQL can go back to its beginning and keep what it sees. */
    private boolean hasSavepoint;

    private @Nullable PrivateViews views;

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
            if (isLastOfAnswer) {
                answers++;
                lastAnswer = nextAnswer;
                nextAnswer = messages.size();
            }
        }
    }

    /** It has done what its messages alone do not tell. */
    void cannotBeReplayed() {
        isReplayable = false;
    }

    boolean isReplayable() {
        return isReplayable;
    }

    /** All of them. */
    byte[] messages() {
        return closing(messages.toByteArray(), true);
    }

    /** Those before the ones that belong to the last answer. */
    byte[] messagesBeforeLast() {
        return closing(Arrays.copyOf(messages.toByteArray(), lastAnswer), true);
    }

    /** Those that belong to the last answer, as they were sent. */
    byte[] lastMessages() {
        return Arrays.copyOfRange(messages.toByteArray(), lastAnswer, nextAnswer);
    }

    /** Frees the names that the messages of the last answer give to statements and portals. */
    byte[] closingLast() {
        return Wire.concatenated(closing(lastMessages(), false), Wire.sync());
    }

    /** Frees each name that a message gives to a statement or portal; perhaps with the messages behind it. */
    private static byte[] closing(byte[] messages, boolean withMessages) {
        ByteArrayOutputStream result = new ByteArrayOutputStream(messages.length);
        ByteBuffer all = ByteBuffer.wrap(messages);
        while (all.hasRemaining()) {
            int start = all.position();
            char type = (char) all.get();
            all.position(start + 1 + all.getInt());
            if (type == 'P' || type == 'B') {
                String name = Wire.textAt(messages, start + MessageStream.HEADER_BYTES);
                result.writeBytes(type == 'P' ? Wire.closeStatement(name) : Wire.closePortal(name));
            }
            if (withMessages) {
                result.write(messages, start, all.position() - start);
            }
        }
        return result.toByteArray();
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

    /** It goes on; with what it sees of the data, or {@code null} if that is lost. */
    @Nullable
    HeldSnapshot unpark() {
        HeldSnapshot held = snapshot;
        isParked = false;
        snapshot = null;
        hasSavepoint = held != null;
        if (held == null && views != null) {
            views = null;
            isToldConflict = false;
        }
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

    /** Why a statement of that text fails; {@code null} if it does not, or if another one did. */
    @Nullable
    ErrorText conflictAt(String statement) {
        if (views != null) {
            return views.cover(statement) ? null : conflict;
        }
        ErrorText why = isToldConflict ? null : conflict;
        isToldConflict |= why != null;
        return why;
    }

    /** What makes the views that a statement of that text needs; {@code null} if it needs none. */
    @Nullable
    String makingViewsFor(String statement) {
        return views == null ? null : views.toMakeFor(statement);
    }

    /** Whether PostgreSQL can go back to its beginning. */
    boolean hasSavepoint() {
        return hasSavepoint;
    }

    void setSavepoint() {
        hasSavepoint = true;
    }

    /** Whether it may go on over views if it has lost a conflict. */
    boolean canHaveViews() {
        return hasSavepoint
                && isReplayable
                && views == null
                && (conflict == null || conflict.equals(Refusals.of("conflict", "")));
    }

    /** It goes on over these views, and cannot commit. */
    void goesOnOver(PrivateViews made) {
        views = made;
        lose(Refusals.of("conflict", ""));
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
