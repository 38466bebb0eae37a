package io.github.dsqlreach.local;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What to do with a statement so that PostgreSQL answers it as a cluster does. It depends on the statement's words alone.
 *
 * @param refusal why a cluster refuses it; {@code null} if it does not
 * @param replacement what to execute instead; {@code null} for the statement itself
 * @param tag the command tag for the client, if it is not PostgreSQL's
 * @param begins whether a transaction begins with it
 */
record StatementPlan(
        @Nullable ErrorText refusal, @Nullable String replacement, Answers.Execution execution, boolean begins) {
    /** A statement that is executed as it is. */
    static final StatementPlan PLAIN = new StatementPlan(null, null, Answers.Execution.PLAIN, false);

    private static final StatementPlan BEGIN = new StatementPlan(null, null, Answers.Execution.PLAIN, true);
    private static final String JOB_OF_INDEX = "INDEX_BUILD";
    private static final String JOB_OF_CONSTRAINT = "VALIDATE_CONSTRAINT";

    /** The plan for a statement of that text. */
    static StatementPlan of(SqlStatement statement, String text) {
        Optional<ErrorText> refusal = IsolationRules.refusal(statement);
        if (refusal.isPresent()) {
            return new StatementPlan(refusal.get(), null, Answers.Execution.PLAIN, false);
        }
        if (statement.begins("begin") || statement.begins("start") || statement.find("and", "chain") > 0) {
            return BEGIN;
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
        return statement.has(0, "aws", "iam") ? iam(statement) : PLAIN;
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
                false);
    }
}
