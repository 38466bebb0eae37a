package io.github.dsqlreach.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What PostgreSQL sends in a session, on its way to the client. */
final class ServerMessages implements MessageStream.Handler {
    private static final byte[] NOTHING = new byte[0];

    private final MessageStream stream;
    private final SessionTransaction session;
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

    /** What the client has got of the current answer. */
    private int told;

    private boolean hasRows;
    /** How much of the current answer the client has got before its messages were sent again. */
    private int toldBefore;
    /** The error for the client if its transaction cannot go on over views; {@code null} if nothing has failed. */
    private byte @Nullable [] heldError;

    ServerMessages(
            MessageStream stream,
            SessionTransaction session,
            Answers answers,
            ReplacedErrors errors,
            TransactionRules rules,
            DsqlSessions sessions,
            Runnable reset) {
        this.stream = stream;
        this.session = session;
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
        return isOwn || isRefused || type == 'D' && answers.isDigesting() || "ZHECG123IsntT".indexOf(type) >= 0;
    }

    @Override
    public byte[] message(char type, byte[] buffer, int body, int end) throws IOException {
        if (type == 'N' || type == 'S' || type == 'A') {
            // Notices, changes of parameters and notifications come at any time.
            return MessageStream.KEEP;
        }
        if (type == 'Z') {
            return ready(buffer, body, end);
        }
        if (toldBefore > 0 && type != 'E') {
            toldBefore--;
            if ("tTn".indexOf(type) < 0) {
                answers.event();
            }
            return NOTHING;
        }
        if (Answers.isDigested(type)) {
            answers.digest(buffer, body - MessageStream.HEADER_BYTES, end);
        }
        byte[] result = handle(type, buffer, body, end);
        if (result != NOTHING) {
            told++;
            hasRows |= type == 'D';
        }
        return result;
    }

    private byte[] handle(char type, byte[] buffer, int body, int end) {
        switch (type) {
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
                if (isOwn || isRefused) {
                    return NOTHING;
                }
                String fields = new String(buffer, body, end - body, StandardCharsets.ISO_8859_1);
                byte[] error = errors.forClient(fields, failed != Answers.Execution.PLAIN);
                if (!hasRows && errors.isLostConflict(fields) && session.waitsForViews()) {
                    heldError = error;
                    return NOTHING;
                }
                return error;
            }
            case 'n', 't', 'T' -> {
                return isOwn || isRefused || answers.isOfQuery() && type == 'n' || answers.isOwnEvent()
                        ? NOTHING
                        : MessageStream.KEEP;
            }
            case 'C', '1', '2', '3', 'I', 's' -> {
                // The event lets the other thread go on, which then asks for what was refused.
                byte[] refused = type == 'C' && !isOwn ? refusal(buffer, body, end) : NOTHING;
                Answers.Execution execution = answers.event();
                if (isOwn || isRefused) {
                    return refused;
                }
                if (execution == Answers.Execution.OWN || "123".indexOf(type) >= 0 && answers.isOfQuery()) {
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

    private byte[] ready(byte[] buffer, int body, int end) throws IOException {
        byte[] error = heldError;
        heldError = null;
        boolean isRepeated = error != null && session.goOnOverViews(!stream.hasReadBeyond(end));
        toldBefore = isRepeated ? told : 0;
        told = 0;
        hasRows = false;
        if (isRepeated) {
            return NOTHING;
        }
        isFirst = true;
        byte[] ready = ready(buffer, body);
        return error == null ? ready : Wire.concatenated(error, Wire.message('Z', new byte[] {'E'}));
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
