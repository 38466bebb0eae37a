package io.github.dsqlreach.local;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one session after its login. PostgreSQL does the work; this class makes it answer as a cluster does where
 * PostgreSQL alone would not.
 *
 * <p>A statement that a cluster refuses is replaced by one that fails, so that PostgreSQL itself fails the transaction and
 * ignores what follows. On the way back the error gets the cluster's text. A transaction takes its snapshot when BEGIN is
 * processed: a query of this class follows BEGIN, and the client does not get its answer.
 *
 * <p>One thread calls {@link #copyToServer}, another one {@link #copyToClient}.
 */
final class SessionRelay {
    /** A cluster closes the connection, without an error, when a message is longer. */
    static final int MOST_CLIENT_BYTES = 10 * 1024 * 1024;

    /** Enough for every statement whose words are looked at. */
    private static final int MOST_WORDS = 40;

    private static final int MOST_REFUSALS = 1_000;
    private static final String OWN = "dsql-reach";
    private static final Pattern REFUSED = Pattern.compile("\"" + OWN + " refusal (\\d{1,9})\"");
    private static final byte[] TAKE_SNAPSHOT = takeSnapshot();

    /** How much of an answer of PostgreSQL the client gets. */
    private enum Share {
        ALL,
        ALL_BUT_READY,
        READY_ONLY
    }

    /**
     * An answer that PostgreSQL still has to finish, by ReadyForQuery.
     *
     * @param toSync whether a Sync asked for it, and not a simple query
     */
    private record Answer(Share share, boolean toSync) {}

    private final Queue<Answer> answers = new ArrayDeque<>();
    /** Whether PostgreSQL reads the data of a COPY; it ignores a Sync among them. */
    private boolean copyingIn;

    private final Map<Integer, ErrorText> refusals = new LinkedHashMap<>();
    private int lastRefusal;

    void copyToServer(InputStream client, OutputStream server) throws IOException {
        new MessageStream(client, server, MOST_CLIENT_BYTES).copy(new ToServer());
    }

    void copyToClient(InputStream server, OutputStream client) throws IOException {
        new MessageStream(server, client, Integer.MAX_VALUE).copy(new ToClient());
    }

    private static byte[] takeSnapshot() {
        byte[] name = new Wire.Body().text(OWN).bytes();
        byte[] statement = new Wire.Body().raw(new byte[] {'S'}).raw(name).bytes();
        byte[] portal = new Wire.Body().raw(new byte[] {'P'}).raw(name).bytes();
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        // Under a name of our own, because the client may still use the unnamed statement.
        messages.writeBytes(Wire.message('C', statement));
        messages.writeBytes(Wire.message(
                'P', new Wire.Body().raw(name).text("SELECT").raw(new byte[2]).bytes()));
        messages.writeBytes(Wire.message(
                'B', new Wire.Body().raw(name).raw(name).raw(new byte[6]).bytes()));
        messages.writeBytes(
                Wire.message('E', new Wire.Body().raw(name).number(0).bytes()));
        messages.writeBytes(Wire.message('C', portal));
        messages.writeBytes(Wire.message('C', statement));
        messages.writeBytes(Wire.message('S', new byte[0]));
        return messages.toByteArray();
    }

    private synchronized void expect(Share share, boolean toSync) {
        answers.add(new Answer(share, toSync));
    }

    private synchronized @Nullable Answer current() {
        return answers.peek();
    }

    private synchronized @Nullable Answer finished() {
        return answers.poll();
    }

    private synchronized boolean isCopyingIn() {
        return copyingIn;
    }

    private synchronized void endCopyIn() {
        copyingIn = false;
    }

    /** PostgreSQL ignores the Sync that was sent with the COPY, or will be sent before the end of its data. */
    private synchronized void beginCopyIn() {
        copyingIn = true;
        Answer answer = answers.peek();
        if (answer != null && answer.toSync()) {
            answers.remove();
        }
    }

    /** The text of a statement that fails, and whose error is replaced by this one. */
    private synchronized String failing(ErrorText refusal) {
        int number = refusals.entrySet().stream()
                .filter(known -> known.getValue().equals(refusal))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseGet(() -> remember(refusal));
        return "EXECUTE \"" + OWN + " refusal " + number + "\"";
    }

    private int remember(ErrorText refusal) {
        if (refusals.size() == MOST_REFUSALS) {
            refusals.remove(refusals.keySet().iterator().next());
        }
        refusals.put(++lastRefusal, refusal);
        return lastRefusal;
    }

    private synchronized @Nullable ErrorText refusal(int number) {
        return refusals.get(number);
    }

    private static String text(byte[] buffer, int from, int end) {
        // One character for each byte, whatever the client's encoding is.
        return new String(buffer, from, end - from, StandardCharsets.ISO_8859_1);
    }

    private static String textAt(byte[] buffer, int from) {
        int end = from;
        while (buffer[end] != 0) {
            end++;
        }
        return text(buffer, from, end);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Whether a transaction begins with it. */
    private static boolean begins(SqlStatement statement) {
        return statement.begins("begin") || statement.begins("start") || statement.find("and", "chain") > 0;
    }

    /** What the client says. */
    private final class ToServer implements MessageStream.Handler {
        /** The prepared statements, and the portals of such, with which a transaction begins. */
        private final Set<String> statements = new HashSet<>();

        private final Set<String> portals = new HashSet<>();
        /** Whether the last statement that was executed was one of them. */
        private boolean begun;

        @Override
        public boolean wants(char type) {
            return "QPBESFcf".indexOf(type) >= 0;
        }

        @Override
        public byte[] message(char type, byte[] buffer, int body, int end) {
            return switch (type) {
                case 'Q' -> query(text(buffer, body, end - 1));
                case 'P' -> parse(buffer, body, end);
                case 'B' -> {
                    String portal = textAt(buffer, body);
                    note(portals, portal, statements.contains(textAt(buffer, body + portal.length() + 1)));
                    yield MessageStream.KEEP;
                }
                case 'E' -> {
                    begun = portals.contains(textAt(buffer, body));
                    yield MessageStream.KEEP;
                }
                case 'S' -> sync();
                case 'F' -> {
                    expect(Share.ALL, false);
                    yield MessageStream.KEEP;
                }
                default -> {
                    endCopyIn();
                    yield MessageStream.KEEP;
                }
            };
        }

        private byte[] query(String text) {
            List<SqlStatement> all = SqlStatement.all(text, MOST_WORDS);
            StringBuilder instead = null;
            for (int i = all.size() - 1; i >= 0; i--) {
                SqlStatement statement = all.get(i);
                Optional<ErrorText> refusal = IsolationRules.refusal(statement);
                if (refusal.isPresent()) {
                    instead = instead == null ? new StringBuilder(text) : instead;
                    instead.replace(statement.start(), statement.end(), failing(refusal.get()));
                }
            }
            boolean takesSnapshot = !all.isEmpty() && begins(all.get(all.size() - 1));
            if (!takesSnapshot) {
                expect(Share.ALL, false);
                return instead == null ? MessageStream.KEEP : queryOf(instead.toString());
            }
            expect(Share.ALL_BUT_READY, false);
            expect(Share.READY_ONLY, true);
            return concatenated(queryOf(instead == null ? text : instead.toString()), TAKE_SNAPSHOT);
        }

        private static byte[] queryOf(String text) {
            return Wire.message('Q', bytes(text + '\0'));
        }

        private byte[] parse(byte[] buffer, int body, int end) {
            String name = textAt(buffer, body);
            int from = body + name.length() + 1;
            String text = textAt(buffer, from);
            Optional<SqlStatement> statement = SqlStatement.first(text, MOST_WORDS);
            Optional<ErrorText> refusal = statement.flatMap(IsolationRules::refusal);
            note(
                    statements,
                    name,
                    refusal.isEmpty() && statement.filter(SessionRelay::begins).isPresent());
            if (refusal.isEmpty()) {
                return MessageStream.KEEP;
            }
            // Without the types of parameters.
            return Wire.message('P', bytes(name + '\0' + failing(refusal.get()) + "\0\0\0"));
        }

        private static void note(Set<String> names, String name, boolean isMember) {
            if (isMember) {
                names.add(name);
            } else {
                names.remove(name);
            }
        }

        private byte[] sync() {
            if (isCopyingIn()) {
                return MessageStream.KEEP;
            }
            boolean takesSnapshot = begun;
            begun = false;
            if (!takesSnapshot) {
                expect(Share.ALL, true);
                return MessageStream.KEEP;
            }
            expect(Share.ALL_BUT_READY, true);
            expect(Share.READY_ONLY, true);
            return concatenated(Wire.message('S', new byte[0]), TAKE_SNAPSHOT);
        }

        private static byte[] concatenated(byte[] first, byte[] second) {
            byte[] both = new byte[first.length + second.length];
            System.arraycopy(first, 0, both, 0, first.length);
            System.arraycopy(second, 0, both, first.length, second.length);
            return both;
        }
    }

    /** What PostgreSQL says. */
    private final class ToClient implements MessageStream.Handler {
        private static final byte[] NOTHING = new byte[0];

        private boolean isOwn;
        private boolean isFirst = true;

        @Override
        public boolean wants(char type) {
            if (isFirst) {
                Answer answer = current();
                isOwn = answer != null && answer.share() == Share.READY_ONLY;
                isFirst = false;
            }
            return isOwn || type == 'Z' || type == 'E' || type == 'G';
        }

        @Override
        public byte[] message(char type, byte[] buffer, int body, int end) {
            switch (type) {
                case 'Z' -> {
                    isFirst = true;
                    Answer answer = finished();
                    return answer != null && answer.share() == Share.ALL_BUT_READY ? NOTHING : MessageStream.KEEP;
                }
                case 'E' -> {
                    endCopyIn();
                    return isOwn ? NOTHING : error(text(buffer, body, end));
                }
                case 'G' -> {
                    beginCopyIn();
                    return MessageStream.KEEP;
                }
                default -> {
                    // Notices, changes of parameters and notifications come at any time.
                    return "NSA".indexOf(type) >= 0 ? MessageStream.KEEP : NOTHING;
                }
            }
        }

        private byte[] error(String fields) {
            Matcher refused = REFUSED.matcher(fields);
            if (!fields.contains("\0C26000\0") || !refused.find()) {
                return MessageStream.KEEP;
            }
            ErrorText refusal = refusal(Integer.parseInt(refused.group(1)));
            return refusal == null ? MessageStream.KEEP : Wire.error("ERROR", refusal);
        }
    }
}
