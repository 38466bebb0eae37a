package io.github.dsqlreach.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The messages of one session after its login. PostgreSQL does the work; the handlers make it answer as a cluster does where
 * PostgreSQL alone would not.
 *
 * <p>One thread calls {@link #copyToServer}, another one {@link #copyToClient}.
 */
final class SessionRelay {
    /** A cluster closes the connection, without an error, when a message is longer. */
    static final int MOST_CLIENT_BYTES = 10 * 1024 * 1024;

    private final DsqlSessions sessions;
    private final int pid;
    private final StatementFaults faults;
    private final InputStream fromServer;
    private final OutputStream toServer;
    private final Runnable reset;
    private final Answers answers = new Answers();
    private final ReplacedErrors errors = new ReplacedErrors();
    private final TransactionRules rules = new TransactionRules();
    private final SessionTransaction transaction;

    /**
     * The relay of a session.
     *
     * @param pid the number by which PostgreSQL knows the session
     * @param reset resets the connection of the client
     * @param close ends the session in order
     */
    SessionRelay(
            DsqlSessions sessions,
            int pid,
            InputStream fromServer,
            OutputStream toServer,
            StatementFaults faults,
            Runnable reset,
            Runnable close) {
        this.sessions = sessions;
        this.pid = pid;
        this.faults = faults;
        this.reset = reset;
        this.fromServer = fromServer;
        this.toServer = toServer;
        this.transaction = new SessionTransaction(sessions, answers, errors, fromServer, toServer, close);
    }

    void copyToServer(InputStream client) throws IOException {
        sessions.add(pid, transaction);
        try {
            MessageStream stream = new MessageStream(client, toServer, MOST_CLIENT_BYTES);
            stream.copy(new ClientMessages(stream, transaction, answers, errors, rules, faults, reset));
        } finally {
            sessions.remove(pid);
            transaction.end();
        }
    }

    void copyToClient(OutputStream client) throws IOException {
        try {
            MessageStream stream = new MessageStream(fromServer, client, Integer.MAX_VALUE);
            stream.copy(new ServerMessages(stream, transaction, answers, errors, rules, sessions, reset));
        } finally {
            answers.end();
            transaction.release();
        }
    }
}
