package io.github.dsqlreach.local;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to do with a statement so that PostgreSQL answers it as a cluster does. It depends on the statement's words alone.
 *
 * @param refusal why a cluster refuses it; {@code null} if it does not
 * @param replacement what to execute instead; {@code null} for the statement itself
 * @param execution how its answer is told to the client
 * @param mayChangeMany whether it may change more than one row
 */
record StatementPlan(
        @Nullable ErrorText refusal,
        @Nullable String replacement,
        Answers.Execution execution,
        Kind kind,
        boolean mayChangeMany) {
    /** What a statement is for its transaction. */
    enum Kind {
        BEGIN,
        COMMIT,
        ROLLBACK,
        DDL,
        DML,
        /** A query that locks rows. */
        LOCK,
        QUERY,
        /** It removes the prepared statements of the session. */
        FORGET,
        OTHER
    }

    /** A statement that is executed as it is. */
    static final StatementPlan PLAIN = plain(Kind.OTHER);

    private static final StatementPlan BEGIN = plain(Kind.BEGIN);
    private static final StatementPlan COMMIT = plain(Kind.COMMIT);
    private static final StatementPlan ROLLBACK = plain(Kind.ROLLBACK);
    private static final StatementPlan DDL = plain(Kind.DDL);
    private static final StatementPlan LOCK = plain(Kind.LOCK);
    private static final StatementPlan QUERY = plain(Kind.QUERY);
    private static final StatementPlan FORGET = plain(Kind.FORGET);
    private static final StatementPlan ONE_ROW = plain(Kind.DML);
    /** Its rows are counted, and not what the text may change. */
    private static final StatementPlan COPY =
            new StatementPlan(null, null, new Answers.Execution(null, false), Kind.DML, false);

    private static final StatementPlan MANY_ROWS =
            new StatementPlan(null, null, Answers.Execution.PLAIN, Kind.DML, true);
    /** Its tag does not tell what it changes inside. */
    private static final StatementPlan WITH =
            new StatementPlan(null, null, new Answers.Execution(null, false), Kind.DML, true);

    private static final Set<String> OF_SCHEMA = Set.of(
            "create", "alter", "drop", "grant", "revoke", "comment", "security", "reassign", "import", "refresh");
    private static final Set<String> OF_ROWS = Set.of("insert", "update", "delete");
    /** A statement of so few words inserts fewer rows than a cluster allows, and so do {@link #FEW} of them. */
    private static final int FEW_WORDS = 500;

    static final int FEW = 10;

    private static final String JOB_OF_INDEX = "INDEX_BUILD";
    private static final String JOB_OF_CONSTRAINT = "VALIDATE_CONSTRAINT";

    /** Whether it takes the snapshot of its transaction, if that has none. */
    boolean takesSnapshot() {
        return kind == Kind.QUERY || mayConflict();
    }

    /** Whether it may conflict with other transactions. */
    boolean mayConflict() {
        return kind == Kind.DML || kind == Kind.LOCK;
    }

    /** Whether it may change rows that its command tag does not count. */
    boolean changesInside() {
        return this == WITH;
    }

    /** Whether the client sends the rows later. */
    boolean isCopy() {
        return this == COPY;
    }

    /** The plan for a statement of that text. */
    static StatementPlan of(SqlStatement statement, String text) {
        Optional<ErrorText> refusal = Refusals.refusal(statement);
        if (refusal.isPresent()) {
            return new StatementPlan(refusal.get(), null, Answers.Execution.PLAIN, Kind.OTHER, false);
        }
        int index = statement.has(1, "unique") ? 2 : 1;
        if (statement.begins("create") && statement.has(index, "index", "async")) {
            return index == 2
                    ? async(
                            statement,
                            text,
                            3,
                            "CREATE INDEX",
                            JOB_OF_INDEX,
                            statement.words().get(1))
                    : async(statement, text, 2, "CREATE INDEX", JOB_OF_INDEX, null);
        }
        if (statement.has(0, "alter", "table", "async")) {
            return async(statement, text, 2, "ALTER TABLE", JOB_OF_CONSTRAINT, null);
        }
        return statement.has(0, "aws", "iam") ? iam(statement) : unchanged(statement);
    }

    private static StatementPlan plain(Kind kind) {
        return new StatementPlan(null, null, Answers.Execution.PLAIN, kind, false);
    }

    private static StatementPlan unchanged(SqlStatement statement) {
        String first = statement.name(0);
        return switch (first) {
            case "begin", "start" -> BEGIN;
            case "commit", "end", "rollback", "abort" ->
                statement.has(1, "prepared")
                        ? PLAIN
                        : statement.find("and", "chain") > 0
                                ? BEGIN
                                : first.equals("commit") || first.equals("end") ? COMMIT : ROLLBACK;
            case "insert" ->
                statement.words().size() < FEW_WORDS && statement.find("select") < 0 && statement.find("table") < 0
                        ? ONE_ROW
                        : MANY_ROWS;
            case "update", "delete" -> MANY_ROWS;
            case "copy" -> statement.find("from") > 0 && statement.find("to") < 0 ? COPY : PLAIN;
            case "with" -> OF_ROWS.stream().anyMatch(word -> statement.find(word) > 0) ? WITH : query(statement);
            case "select", "values", "table" -> query(statement);
            case "deallocate", "discard" -> FORGET;
            default -> OF_SCHEMA.contains(first) ? DDL : PLAIN;
        };
    }

    private static StatementPlan query(SqlStatement statement) {
        return statement.find("for", "update") < 0 && statement.find("for", "key") < 0 ? QUERY : LOCK;
    }

    /**
     * Runs the statement, and makes a job of it.
     *
     * @param async the number of the word that PostgreSQL does not know
     * @param unique that word, if the statement has it
     */
    private static StatementPlan async(
            SqlStatement statement,
            String text,
            int async,
            String tag,
            String kind,
            SqlStatement.@Nullable Word unique) {
        SqlStatement.Word word = statement.words().get(async);
        String before = text.substring(statement.start(), word.start());
        String after = text.substring(word.end(), statement.end());
        String instead = unique == null
                ? "NULL"
                : quoted(text.substring(statement.start(), unique.start())
                        + text.substring(unique.end(), word.start())
                        + after);
        return new StatementPlan(
                null,
                "SELECT dsql_reach.run_async('" + kind + "', " + quoted(before + after) + ", " + instead
                        + ") AS job_id",
                new Answers.Execution(tag, true),
                Kind.DDL,
                false);
    }

    /** Between dollar signs, with a tag that does not occur in it. */
    private static String quoted(String text) {
        String quote = "$dsql$";
        for (int i = 1; text.contains(quote); i++) {
            quote = "$dsql" + i + "$";
        }
        return quote + text + quote;
    }

    /** {@code AWS IAM GRANT role TO 'arn'} and {@code AWS IAM REVOKE role FROM 'arn'}. */
    private static StatementPlan iam(SqlStatement statement) {
        List<SqlStatement.Word> words = statement.words();
        boolean isGrant = statement.has(2, "grant") && statement.has(4, "to");
        boolean isRevoke = statement.has(2, "revoke") && statement.has(4, "from");
        if (words.size() != 6 || !isGrant && !isRevoke || words.get(5).kind() != SqlStatement.Kind.STRING) {
            // PostgreSQL says that it is a syntax error.
            return PLAIN;
        }
        String verb = words.get(2).text();
        return new StatementPlan(
                null,
                "CALL dsql_reach.iam_" + verb + "(" + quoted(statement.name(3)) + ", "
                        + quoted(words.get(5).text()) + ")",
                new Answers.Execution("AWS IAM " + verb.toUpperCase(Locale.ROOT), false),
                Kind.OTHER,
                false);
    }
}
