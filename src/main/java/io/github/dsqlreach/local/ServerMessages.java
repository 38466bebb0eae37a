package io.github.dsqlreach.local;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What PostgreSQL sends in a session, on its way to the client. */
final class ServerMessages implements MessageStream.Handler {
    private static final byte[] NOTHING = new byte[0];

    private final Answers answers;
    private final ReplacedErrors errors;
    private final TransactionRules rules;
    private final DsqlSessions sessions;
    private final Runnable reset;

    /** Whether the client gets nothing of the current answer but its end, or not even that. */
    private boolean isOwn;

    private boolean isFirst = true;
    /** Whether the client has been told that its transaction has failed, of which PostgreSQL knows nothing yet. */
    private boolean isRefused;

    private boolean copiesIn;
    private boolean hasNewJobs;

    ServerMessages(
            Answers answers, ReplacedErrors errors, TransactionRules rules, DsqlSessions sessions, Runnable reset) {
        this.answers = answers;
        this.errors = errors;
        this.rules = rules;
        this.sessions = sessions;
        this.reset = reset;
    }

    @Override
    public boolean wants(char type) {
        if (isFirst) {
            Answers.Share share = answers.share();
            isOwn = share == Answers.Share.READY_ONLY || share == Answers.Share.NOTHING || share == Answers.Share.RESET;
            isFirst = false;
        }
        return isOwn || isRefused || type == 'D' && answers.isDigesting() || "ZHECG123Isn".indexOf(type) >= 0;
    }

    @Override
    public byte[] message(char type, byte[] buffer, int body, int end) {
        if ("DCIs".indexOf(type) >= 0) {
            answers.digest(buffer, body - MessageStream.HEADER_BYTES, end);
        }
        switch (type) {
            case 'Z' -> {
                isFirst = true;
                return ready(buffer, body);
            }
            case 'N', 'S', 'A' -> {
                // Notices, changes of parameters and notifications come at any time.
                return MessageStream.KEEP;
            }
            case 'D' -> {
                if (isOwn) {
                    answers.value(buffer, body, end);
                }
                return isOwn || isRefused ? NOTHING : MessageStream.KEEP;
            }
            case 'H' -> {
                answers.breakDigest();
                return isOwn || isRefused ? NOTHING : MessageStream.KEEP;
            }
            case 'G' -> {
                answers.breakDigest();
                copiesIn = true;
                answers.beginCopyIn();
                return isRefused ? NOTHING : MessageStream.KEEP;
            }
            case 'E' -> {
                Answers.Execution failed = answers.failed();
                String fields = new String(buffer, body, end - body, StandardCharsets.ISO_8859_1);
                return isOwn || isRefused ? NOTHING : errors.forClient(fields, failed != Answers.Execution.PLAIN);
            }
            case 'n' -> {
                return isOwn || isRefused || answers.isOfQuery() ? NOTHING : MessageStream.KEEP;
            }
            case 'C', '1', '2', '3', 'I', 's' -> {
                byte[] refused = type == 'C' && !isOwn ? refusal(buffer, body, end) : NOTHING;
                Answers.Execution execution = answers.event();
                if (isOwn || isRefused) {
                    return refused;
                }
                if ("123".indexOf(type) >= 0 && answers.isOfQuery()) {
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

    private byte[] ready(byte[] buffer, int body) {
        char status = (char) buffer[body];
        if (hasNewJobs && status == 'I') {
            hasNewJobs = false;
            sessions.finishJobsSoon();
        }
        Answers.Share share = answers.ready(status);
        if (share == Answers.Share.RESET) {
            reset.run();
            return NOTHING;
        }
        if (status == 'I' && share != Answers.Share.NOTHING) {
            rules.resetRows();
            answers.breakDigest();
        }
        if (share == Answers.Share.ALL_BUT_READY || share == Answers.Share.NOTHING) {
            return NOTHING;
        }
        boolean isFailed = isRefused && status == 'T';
        isRefused = false;
        return isFailed ? Wire.message('Z', new byte[] {'E'}) : MessageStream.KEEP;
    }

    /** The error for the client if the statement with that tag changed too much; empty if not. */
    private byte[] refusal(byte[] buffer, int body, int end) {
        switch (buffer[body]) {
            case 'I', 'U', 'D' -> {
                return changed(buffer, end);
            }
            case 'C' -> {
                boolean isCopy = end - body > 6 && buffer[body + 3] == 'Y' && buffer[body + 4] == ' ';
                if (isCopy && copiesIn) {
                    copiesIn = false;
                    return changed(buffer, end);
                }
                if (!isCopy && buffer[body + 1] == 'O') { // COMMIT
                    rules.resetRows();
                }
                return NOTHING;
            }
            case 'R', 'B', 'S' -> {
                String tag = new String(buffer, body, 5, StandardCharsets.ISO_8859_1);
                if (tag.equals("ROLLB") || tag.equals("BEGIN") || tag.equals("START")) {
                    rules.resetRows();
                }
                if (tag.equals("BEGIN") || tag.equals("START")) {
                    answers.beginDigest();
                }
                return NOTHING;
            }
            default -> {
                return NOTHING;
            }
        }
    }

    private byte[] changed(byte[] buffer, int end) {
        long count = 0;
        long factor = 1;
        for (int at = end - 2; buffer[at] >= '0' && buffer[at] <= '9'; at--) {
            count += factor * (buffer[at] - '0');
            factor *= 10;
        }
        Optional<ErrorText> refusal = isRefused ? Optional.empty() : rules.changed(count);
        isRefused |= refusal.isPresent();
        return refusal.map(error -> Wire.error("ERROR", error)).orElse(NOTHING);
    }
}
