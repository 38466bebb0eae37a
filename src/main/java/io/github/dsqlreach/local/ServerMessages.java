package io.github.dsqlreach.local;

import java.nio.charset.StandardCharsets;

/** What PostgreSQL sends in a session, on its way to the client. */
final class ServerMessages implements MessageStream.Handler {
    private static final byte[] NOTHING = new byte[0];

    private final Answers answers;
    private final ReplacedErrors errors;
    private final DsqlSessions sessions;

    private boolean isOwn;
    private boolean isFirst = true;
    private boolean hasNewJobs;

    ServerMessages(Answers answers, ReplacedErrors errors, DsqlSessions sessions) {
        this.answers = answers;
        this.errors = errors;
        this.sessions = sessions;
    }

    @Override
    public boolean wants(char type) {
        if (isFirst) {
            isOwn = answers.share() == Answers.Share.READY_ONLY;
            isFirst = false;
        }
        return isOwn || "ZECG123Is".indexOf(type) >= 0;
    }

    @Override
    public byte[] message(char type, byte[] buffer, int body, int end) {
        switch (type) {
            case 'Z' -> {
                isFirst = true;
                if (hasNewJobs && buffer[body] == 'I') {
                    hasNewJobs = false;
                    sessions.finishJobsSoon();
                }
                return answers.ready() == Answers.Share.ALL_BUT_READY ? NOTHING : MessageStream.KEEP;
            }
            case 'N', 'S', 'A' -> {
                // Notices, changes of parameters and notifications come at any time.
                return MessageStream.KEEP;
            }
            case 'G' -> {
                answers.beginCopyIn();
                return MessageStream.KEEP;
            }
            case 'E' -> {
                Answers.Execution failed = answers.failed();
                String fields = new String(buffer, body, end - body, StandardCharsets.ISO_8859_1);
                return isOwn ? NOTHING : errors.forClient(fields, failed != Answers.Execution.PLAIN);
            }
            case 'C', '1', '2', '3', 'I', 's' -> {
                Answers.Execution execution = answers.event();
                if (isOwn) {
                    return NOTHING;
                }
                if (type != 'C' || execution.tag() == null) {
                    return MessageStream.KEEP;
                }
                hasNewJobs |= execution.makesJob();
                return Wire.message('C', new Wire.Body().text(execution.tag()).bytes());
            }
            default -> {
                return NOTHING;
            }
        }
    }
}
