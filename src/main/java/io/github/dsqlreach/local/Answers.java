package io.github.dsqlreach.local;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The answers that PostgreSQL still owes in one session, in their order. One thread notes what it sends, another one what comes
 * back. An answer ends with ReadyForQuery. Its <em>events</em> are the messages of which PostgreSQL sends exactly one for each
 * Parse, Bind, Close, Execute, or statement of a simple query, unless one before it fails.
 */
final class Answers {
    private static final long FIRST_LOOK_NANOS = 4_000_000;
    private static final long LAST_LOOK_NANOS = 100_000_000;

    /** How much of an answer the client gets. */
    enum Share {
        ALL,
        ALL_BUT_READY,
        READY_ONLY,
        NOTHING,
        /** Nothing, and then its connection is reset. */
        RESET
    }

    /**
     * A statement that PostgreSQL executes, as one event of an answer.
     *
     * @param tag the command tag for the client, instead of PostgreSQL's; {@code null} to keep that
     * @param makesJob whether it leaves a job that runs when its transaction has committed
     */
    record Execution(@Nullable String tag, boolean makesJob) {
        static final Execution PLAIN = new Execution(null, false);
        /** An event of the relay's own, of which the client is told nothing. */
        static final Execution OWN = new Execution(null, false);
    }

    /** One answer. All access is synchronized on the {@link Answers}. */
    private static final class Answer {
        private Share share;
        /** Whether a Sync asks for it, and not a query. */
        private final boolean bySync;
        /** Whether everything was sent to which this is the answer. */
        private boolean isSent;
        /** Whether the same messages can be sent again, and nothing else is needed for the same answer. */
        private boolean canRepeat = true;
        /** Whether the client has sent a simple query, and the relay its statements one by one. */
        private boolean isOfQuery;

        private int sent;
        private int seen;
        private @Nullable Map<Integer, Execution> executions;
        /** Of which messages that were sent before it is an answer; {@code null} if they are sent for the first time. */
        private @Nullable Replay replay;
        /** For the value that it brings; {@code null} if the relay does not want to know it. */
        private @Nullable CompletableFuture<String> value;

        Answer(Share share, boolean bySync) {
            this.share = share;
            this.bySync = bySync;
        }

        /** Of the next event. */
        Execution execution() {
            return executions == null ? Execution.PLAIN : executions.getOrDefault(seen, Execution.PLAIN);
        }
    }

    /** What the client has seen in a transaction, in short; or what it would have seen if its messages are sent again. */
    private static final class Digest {
        private static final int MOST_BYTES = 1 << 20;
        private final CRC32C sum = new CRC32C();
        private long bytes;
        /** The sum at the end of the last whole answer. */
        private long whole = sum.getValue();

        void add(byte[] buffer, int from, int end) {
            bytes += end - from;
            sum.update(buffer, from, end - from);
        }

        boolean isComplete() {
            return bytes <= MOST_BYTES;
        }
    }

    /** The answers to messages that are sent again. */
    static final class Replay {
        private final Digest digest = new Digest();
        private int remaining;
        private boolean failed;

        Replay(int remaining) {
            this.remaining = remaining;
        }
    }

    private final Deque<Answer> owed = new ArrayDeque<>();
    /** Whether PostgreSQL reads the data of a COPY; it ignores a Sync among them. */
    private boolean copyingIn;

    private boolean copyEndedEarly;
    /** What PostgreSQL said last of the transaction. */
    private char status = 'I';
    /** Whether the current answer has an error. */
    private boolean failed;

    private boolean ended;
    /** Since when PostgreSQL owes an answer. */
    private long busySince;

    private long nextLook;
    /** Of the transaction that BEGIN began; {@code null} outside, and if it is not to be known. */
    private @Nullable Digest digest;

    private volatile boolean digesting;

    // ---- what is sent

    /** A message of the extended protocol that has one event. */
    synchronized void expectEvent() {
        open().sent++;
    }

    /** An Execute. */
    synchronized void expect(Execution execution) {
        note(open(), execution);
    }

    /** Messages of the relay's own among those of the client. */
    synchronized void expectOwn(int events) {
        for (int i = 0; i < events; i++) {
            note(open(), Execution.OWN);
        }
    }

    /** The transaction begins in the current answer. */
    synchronized void expectBegin() {
        open().canRepeat = false;
    }

    private static void note(Answer answer, Execution execution) {
        if (execution != Execution.PLAIN) {
            if (answer.executions == null) {
                answer.executions = new HashMap<>();
            }
            answer.executions.put(answer.sent, execution);
        }
        answer.sent++;
    }

    /** A message of the extended protocol. The answer to all of them up to the next Sync is one. */
    private Answer open() {
        Answer last = owed.peekLast();
        if (last == null || last.isSent) {
            last = new Answer(Share.ALL, true);
            add(last);
        }
        return last;
    }

    /** A simple query with these statements, or a function call. It ends an answer that no Sync has ended. */
    synchronized void expectQuery(Share share, Iterable<Execution> executions) {
        Answer answer = isAllSent() ? new Answer(share, false) : open();
        answer.share = share;
        executions.forEach(execution -> note(answer, execution));
        if (isAllSent()) {
            add(answer);
        }
        answer.isSent = true;
    }

    /** Whether everything is sent to which the last answer belongs. */
    synchronized boolean isAllSent() {
        Answer last = owed.peekLast();
        return last == null || last.isSent;
    }

    /** Whether PostgreSQL has asked for the rows of a COPY. */
    synchronized boolean isCopyingIn() {
        return copyingIn;
    }

    /** A query of the relay; the result is its first value. */
    synchronized Future<String> expectValue() {
        Answer answer = new Answer(Share.NOTHING, false);
        answer.isSent = true;
        answer.value = new CompletableFuture<>();
        add(answer);
        return answer.value;
    }

    private void add(Answer answer) {
        if (owed.isEmpty()) {
            busySince = System.nanoTime();
            nextLook = busySince + FIRST_LOOK_NANOS;
        }
        owed.add(answer);
    }

    /** A simple query, which is sent as messages of the extended protocol: the client is told nothing of these. */
    synchronized void expectPartsOfQuery() {
        open().isOfQuery = true;
    }

    /** Whether the client has sent the current statements as a simple query. */
    synchronized boolean isOfQuery() {
        Answer current = owed.peek();
        return current != null && current.isOfQuery;
    }

    /** A message of the extended protocol that has no event. */
    synchronized void expectNothing() {
        open();
    }

    /** A Sync; false if PostgreSQL will ignore it. */
    synchronized boolean expectReady(Share share) {
        if (copyingIn) {
            return false;
        }
        Answer open = open();
        open.share = share;
        open.isSent = true;
        return true;
    }

    /** The client is not told the end of the last answer before another one has come; false if that cannot be. */
    synchronized boolean holdReady() {
        Answer last = owed.peekLast();
        if (last == null || !last.isSent || last.share != Share.ALL) {
            return false;
        }
        last.share = Share.ALL_BUT_READY;
        return true;
    }

    /** What PostgreSQL said last of the transaction if it owes no answer; 0 if it does. */
    synchronized char statusWhenIdle() {
        return owed.isEmpty() ? status : 0;
    }

    /** Waits until PostgreSQL has answered everything that was sent since the last Sync. */
    synchronized void awaitEvents() throws IOException {
        open();
        try {
            while (!ended && !copyingIn && !hasAnswered()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    private boolean hasAnswered() {
        Answer last = owed.peekLast();
        return owed.size() == 1 && (last.seen >= last.sent || failed);
    }

    /** Whether an answer is due for so long that it is worth asking why; seldomer and seldomer. */
    synchronized boolean isLate(long now) {
        if (owed.isEmpty() || now < nextLook) {
            return false;
        }
        nextLook = now + Math.min(now - busySince, LAST_LOOK_NANOS);
        return true;
    }

    /** Waits that long, or until PostgreSQL has ended the session. */
    synchronized void pause(Duration duration) throws IOException {
        long end = System.nanoTime() + duration.toNanos();
        try {
            for (long left = duration.toMillis(); !ended && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    /** The client has ended the data of its COPY, perhaps before PostgreSQL has asked for them. */
    synchronized void endCopyIn() {
        copyEndedEarly = !copyingIn;
        copyingIn = false;
    }

    // ---- what the client has seen in its transaction

    /** A transaction has begun. */
    synchronized void beginDigest() {
        digest = new Digest();
        digesting = true;
    }

    /** What the client sees of the transaction is not to be known. */
    synchronized void breakDigest() {
        digest = null;
        digesting = false;
    }

    boolean isDigesting() {
        return digesting;
    }

    synchronized boolean isDigestComplete() {
        return digest != null && digest.isComplete();
    }

    /** Whether a message of that type tells what the client has seen. */
    static boolean isDigested(char type) {
        return type == 'D' || type == 'C' || type == 'I' || type == 's';
    }

    /** A part of the current answer that must be the same if it comes again. */
    synchronized void digest(byte[] buffer, int from, int end) {
        Answer current = owed.peek();
        if (current != null && current.replay != null) {
            current.replay.digest.add(buffer, from, end);
        } else if (digest != null
                && (current == null
                        || (current.share == Share.ALL || current.share == Share.ALL_BUT_READY)
                                && current.execution() != Execution.OWN)) {
            digest.add(buffer, from, end);
            digesting = digest.isComplete();
        }
    }

    /** The messages of the current transaction are sent again; that many answers follow. */
    synchronized Replay expectReplay(int count) {
        Replay replay = new Replay(count);
        for (int i = 0; i < count; i++) {
            Answer answer = new Answer(Share.NOTHING, false);
            answer.isSent = true;
            answer.replay = replay;
            add(answer);
        }
        return replay;
    }

    /** Waits for the answers; whether they are what the client has seen. */
    synchronized boolean isReplayedAsBefore(Replay replay) throws IOException {
        return isReplayed(replay) && digest != null && digest.sum.getValue() == replay.digest.sum.getValue();
    }

    /** Waits for the answers; whether nothing has failed. */
    synchronized boolean isReplayed(Replay replay) throws IOException {
        try {
            while (!ended && replay.remaining > 0) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
        return !replay.failed && status == 'T';
    }

    /** What the client has seen of the transaction, up to the end of the last whole answer. */
    synchronized long digestOfWhole() {
        return digest == null ? 0 : digest.whole;
    }

    /** Whether everything is sent to which the current answer belongs, and nothing behind it. */
    synchronized boolean isLast() {
        Answer current = owed.peek();
        return owed.size() == 1 && current.isSent && current.share == Share.ALL && current.canRepeat;
    }

    /** The messages to which the current answer belongs are sent again; the same answer comes once more. */
    synchronized void repeat() {
        Answer current = owed.peek();
        if (current != null) {
            current.seen = 0;
            current.sent -= forgetOwn(current);
        }
        failed = false;
        breakDigest();
    }

    /** The relay's own messages are not sent again; how many there were. */
    private static int forgetOwn(Answer answer) {
        Map<Integer, Execution> executions = new HashMap<>();
        int own = 0;
        for (int i = 0; answer.executions != null && i < answer.sent; i++) {
            Execution execution = answer.executions.get(i);
            if (execution == Execution.OWN) {
                own++;
            } else if (execution != null) {
                executions.put(i - own, execution);
            }
        }
        answer.executions = executions;
        return own;
    }

    // ---- what comes back

    /** How much of the current answer the client gets. */
    synchronized Share share() {
        Answer current = owed.peek();
        return current == null ? Share.ALL : current.share;
    }

    /** Whether the next event is of the relay's own. */
    synchronized boolean isOwnEvent() {
        Answer current = owed.peek();
        return current != null && current.execution() == Execution.OWN;
    }

    /** The next event of the current answer; its execution if it is one that was noted. */
    synchronized Execution event() {
        Answer current = owed.peek();
        if (current == null) {
            return Execution.PLAIN;
        }
        Execution execution = current.execution();
        current.seen++;
        if (current.bySync && !current.isSent && current.seen == current.sent) {
            notifyAll();
        }
        return execution;
    }

    /** The first value of a row, if the relay has asked for it. */
    synchronized void value(byte[] buffer, int body, int end) {
        Answer current = owed.peek();
        if (current != null && current.value != null) {
            current.value.complete(Wire.firstValue(buffer, body, end));
        }
    }

    /** The execution that fails, if it was noted. */
    synchronized Execution failed() {
        copyingIn = false;
        failed = true;
        Answer current = owed.peek();
        if (current != null && current.replay != null) {
            current.replay.failed = true;
        }
        notifyAll();
        return event();
    }

    /** PostgreSQL has ended the session. */
    synchronized void end() {
        ended = true;
        for (Answer answer : owed) {
            if (answer.value != null) {
                answer.value.cancel(false);
            }
        }
        notifyAll();
    }

    /** ReadyForQuery: the current answer ends. */
    synchronized Share ready(char newStatus) {
        status = newStatus;
        failed = false;
        if (digest != null) {
            digest.whole = digest.sum.getValue();
        }
        notifyAll();
        Answer finished = owed.poll();
        copyEndedEarly &= !owed.isEmpty();
        if (finished != null && finished.value != null) {
            finished.value.cancel(false);
        }
        if (finished != null && finished.replay != null) {
            finished.replay.remaining--;
        }
        busySince = System.nanoTime();
        nextLook = busySince + FIRST_LOOK_NANOS;
        return finished == null ? Share.ALL : finished.share;
    }

    /** PostgreSQL ignores the Sync that was sent with the COPY, or will be sent before the end of its data. */
    synchronized void beginCopyIn() {
        copyingIn = !copyEndedEarly;
        copyEndedEarly = false;
        notifyAll();
        Answer current = owed.peek();
        if (current == null || !current.bySync) {
            return;
        }
        current.isSent = false;
        if (!copyingIn) {
            // The Sync behind the data, if it has come, was taken for one with an answer of its own.
            Answer next = owed.stream().skip(1).findFirst().orElse(null);
            if (next != null && next.bySync) {
                current.isSent = next.isSent;
                owed.remove(next);
            }
        }
    }
}
