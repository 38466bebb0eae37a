package io.github.dsqlreach.local;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Temporary views of the tables, over which a transaction goes on that has lost a conflict: PostgreSQL would refuse its statements,
 * and a cluster refuses only its COMMIT. They show its snapshot, and keep its changes to themselves.
 */
final class PrivateViews {
    private static final int MOST_BYTES = 1 << 30;
    private static final Set<String> VERBS =
            Set.of("select", "insert", "update", "delete", "values", "with", "show", "set", "begin", "start");
    /** What would change which table a name means. */
    private static final Set<String> OF_NAMES = Set.of("search_path", "schema", "role", "set_config");

    /** What may mean something that can have no view. */
    private final Set<String> strange;
    /** The names of tables that have none yet. */
    private final Set<String> others;

    private final InputStream in;
    private final OutputStream out;

    private PrivateViews(InputStream in, OutputStream out, Set<String> strange, Set<String> others) {
        this.in = in;
        this.out = out;
        this.strange = strange;
        this.others = others;
    }

    /** Whether the statement does over views what it does over the tables. */
    boolean cover(String statement) {
        return parse(statement)
                .filter(first -> first.words().size() == ClientMessages.MOST_WORDS
                        || !VERBS.contains(first.name(0))
                        || first.find("on", "conflict") >= 0
                        || names(first).anyMatch(name -> strange.contains(name) || OF_NAMES.contains(name)))
                .isEmpty();
    }

    private static Optional<SqlStatement> parse(String statement) {
        return SqlStatement.first(statement, ClientMessages.MOST_WORDS);
    }

    private static Stream<String> names(SqlStatement statement) {
        return statement.words().stream()
                .filter(word -> word.kind() == SqlStatement.Kind.WORD || word.kind() == SqlStatement.Kind.QUOTED_NAME)
                .map(SqlStatement.Word::text);
    }

    /** The query, without an answer, that makes the views that the statement needs; {@code null} if it needs no more. */
    @Nullable
    String toMakeFor(String statement) {
        Set<String> needed = parse(statement).stream()
                .flatMap(PrivateViews::names)
                .filter(others::remove)
                .collect(Collectors.toSet());
        return needed.isEmpty() ? null : "SELECT WHERE " + making(needed) + " IS NULL";
    }

    private static String making(Set<String> names) {
        return names.stream()
                .map(name -> "'" + name.replace("'", "''") + "'")
                .collect(Collectors.joining(", ", "dsql_reach.make_views(ARRAY[", "]::text[])"));
    }

    /**
     * Makes the views for a transaction of which a statement has failed. PostgreSQL sends nothing else meanwhile.
     *
     * @param statements which need them
     * @return {@code null} if they cannot be made; the transaction has still failed then
     */
    static @Nullable PrivateViews make(InputStream in, OutputStream out, Collection<String> statements)
            throws IOException {
        if (send(in, out, Wire.query("ROLLBACK TO " + OwnStatements.SAVEPOINT), 1).hasFailed) {
            return null;
        }
        Set<String> names = statements.stream()
                .flatMap(statement -> parse(statement).stream())
                .flatMap(PrivateViews::names)
                .collect(Collectors.toSet());
        Reply made = send(in, out, Wire.query("SELECT " + making(names)), 1);
        if (made.hasFailed) {
            return null;
        }
        String[] words = made.value.split("\2", -1);
        return new PrivateViews(
                in, out, Set.of(words[0].split("\1")), new HashSet<>(Arrays.asList(words[1].split("\1"))));
    }

    /**
     * Sends messages, of which the client is told nothing.
     *
     * @param answers how many times PostgreSQL says that it is ready
     * @return the digest of the answers; empty if one is an error
     */
    OptionalLong send(byte[] messages, int answers) throws IOException {
        Reply reply = send(in, out, messages, answers);
        return reply.hasFailed ? OptionalLong.empty() : OptionalLong.of(reply.digest.getValue());
    }

    /** Fails the transaction. */
    void fail() throws IOException {
        send(in, out, Wire.query("EXECUTE \"dsql-reach nothing\""), 1);
    }

    /** What PostgreSQL has answered. */
    private static final class Reply {
        private final CRC32C digest = new CRC32C();
        private String value = "";
        private boolean hasFailed;
    }

    private static Reply send(InputStream in, OutputStream out, byte[] messages, int answers) throws IOException {
        out.write(messages);
        out.flush();
        Reply reply = new Reply();
        for (int i = 0; i < answers; ) {
            Wire.Message message = Wire.readMessage(in, MOST_BYTES);
            if (Answers.isDigested(message.type())) {
                byte[] bytes = Wire.message(message);
                reply.digest.update(bytes, 0, bytes.length);
            }
            switch (message.type()) {
                case 'Z' -> i++;
                case 'E' -> reply.hasFailed = true;
                case 'D' -> reply.value = Wire.firstValue(message.body(), 0, message.body().length);
                default -> {
                    // It tells nothing that matters here.
                }
            }
        }
        return reply;
    }
}
