package io.github.dsqlreach.local;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The answers that PostgreSQL still owes in one session, in their order. One thread notes what it sends, another one what comes
 * back. An answer ends with ReadyForQuery. Its <em>events</em> are the messages of which PostgreSQL sends exactly one for each
 * Parse, Bind, Close, Execute, or statement of a simple query, unless one before it fails.
 */
final class Answers {
    /** How much of an answer the client gets. */
    enum Share {
        ALL,
        ALL_BUT_READY,
        READY_ONLY,
        NOTHING
    }

    /**
     * A statement that PostgreSQL executes, as one event of an answer.
     *
     * @param tag the command tag for the client, instead of PostgreSQL's; {@code null} to keep that
     * @param makesJob whether it leaves a job that runs when its transaction has committed
     */
    record Execution(@Nullable String tag, boolean makesJob) {
        static final Execution PLAIN = new Execution(null, false);
    }

    /** One answer. All access is synchronized on the {@link Answers}. */
    private static final class Answer {
        private Share share;
        /** Whether a Sync asks for it, and not a query. */
        private final boolean bySync;
        /** Whether everything was sent to which this is the answer. */
        private boolean isSent;

        private int sent;
        private int seen;
        private @Nullable Map<Integer, Execution> executions;

        Answer(Share share, boolean bySync) {
            this.share = share;
            this.bySync = bySync;
        }
    }

    private final Deque<Answer> owed = new ArrayDeque<>();
    /** Whether PostgreSQL reads the data of a COPY; it ignores a Sync among them. */
    private boolean copyingIn;
    /** What PostgreSQL said last of the transaction. */
    private char status = 'I';
    /** Whether the current answer has an error. */
    private boolean failed;

    private boolean ended;

    // ---- what is sent

    /** A message of the extended protocol that has one event. */
    synchronized void expectEvent() {
        open().sent++;
    }

    /** An Execute. */
    synchronized void expect(Execution execution) {
        note(open(), execution);
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
            owed.add(last);
        }
        return last;
    }

    /** A simple query with these statements, or a function call. */
    synchronized void expectQuery(Share share, Iterable<Execution> executions) {
        Answer answer = new Answer(share, false);
        executions.forEach(execution -> note(answer, execution));
        answer.isSent = true;
        owed.add(answer);
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

    /** What PostgreSQL said last of the transaction if it owes no answer; 0 if it does. */
    synchronized char statusWhenIdle() {
        return owed.isEmpty() ? status : 0;
    }

    /** Waits until PostgreSQL has answered everything that was sent since the last Sync. */
    synchronized void awaitEvents() throws IOException {
        Answer open = open();
        try {
            while (!ended && !copyingIn && (owed.peek() != open || open.seen < open.sent && !failed)) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    /** The client has ended the data of its COPY. */
    synchronized void endCopyIn() {
        copyingIn = false;
    }

    // ---- what comes back

    /** How much of the current answer the client gets. */
    synchronized Share share() {
        Answer current = owed.peek();
        return current == null ? Share.ALL : current.share;
    }

    /** The next event of the current answer; its execution if it is one that was noted. */
    synchronized Execution event() {
        Answer current = owed.peek();
        if (current == null) {
            return Execution.PLAIN;
        }
        Execution execution = current.executions == null ? null : current.executions.get(current.seen);
        current.seen++;
        if (current.bySync && !current.isSent && current.seen == current.sent) {
            notifyAll();
        }
        return execution == null ? Execution.PLAIN : execution;
    }

    /** The execution that fails, if it was noted. */
    synchronized Execution failed() {
        copyingIn = false;
        failed = true;
        notifyAll();
        return event();
    }

    /** PostgreSQL has ended the session. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** ReadyForQuery: the current answer ends. */
    synchronized Share ready(char newStatus) {
        status = newStatus;
        failed = false;
        notifyAll();
        Answer finished = owed.poll();
        return finished == null ? Share.ALL : finished.share;
    }

    /** PostgreSQL ignores the Sync that was sent with the COPY, or will be sent before the end of its data. */
    synchronized void beginCopyIn() {
        copyingIn = true;
        notifyAll();
        Answer current = owed.peek();
        if (current != null && current.bySync) {
            current.isSent = false;
        }
    }
}
