package io.github.dsqlreach.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The messages of one session after its login. PostgreSQL does the work; the handlers make it answer as a cluster does where
 * PostgreSQL alone would not. A transaction takes its snapshot when BEGIN is processed: a query of the relay follows BEGIN, and
 * the client does not get its answer.
 *
 * <p>One thread calls {@link #copyToServer}, another one {@link #copyToClient}.
 */
final class SessionRelay {
    /** A cluster closes the connection, without an error, when a message is longer. */
    static final int MOST_CLIENT_BYTES = 10 * 1024 * 1024;

    private final DsqlSessions sessions;
    private final Answers answers = new Answers();
    private final ReplacedErrors errors = new ReplacedErrors();
    private final TransactionRules rules = new TransactionRules();

    SessionRelay(DsqlSessions sessions) {
        this.sessions = sessions;
    }

    void copyToServer(InputStream client, OutputStream server) throws IOException {
        MessageStream stream = new MessageStream(client, server, MOST_CLIENT_BYTES);
        stream.copy(new ClientMessages(stream, answers, errors, rules));
    }

    void copyToClient(InputStream server, OutputStream client) throws IOException {
        try {
            new MessageStream(server, client, Integer.MAX_VALUE)
                    .copy(new ServerMessages(answers, errors, rules, sessions));
        } finally {
            answers.end();
        }
    }
}
