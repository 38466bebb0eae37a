package io.github.dsqlreach.local;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong at a commit, for {@link LocalDsql#inject}: for tests of code that tries a transaction again, or has to find out
 * whether it was committed. A commit is a {@code COMMIT}, or a statement in autocommit that changes rows.
 *
 * <pre>{@code
 * local.inject(StatementFault.OCC_CONFLICT);                                  // the next commit
 * local.inject(StatementFault.OCC_CONFLICT.times(3));                         // the next three
 * local.inject(StatementFault.COMMIT_LOST.where("INSERT INTO orders"));       // the next one with such a statement
 * local.inject(StatementFault.OCC_CONFLICT.times(1_000).share(0.2, 42));      // one in five, the same ones each time
 * }</pre>
 *
 * <p>Each of these objects is immutable; the methods return a changed copy.
 */
public final class StatementFault {
    /** The commit fails with 40001 {@code change conflicts with another transaction (OC000)}; nothing is committed. */
    public static final StatementFault OCC_CONFLICT = failing("OCC_CONFLICT", "conflict");

    /** The commit fails with 40001 {@code schema has been updated by another transaction, please retry: (OC001)}. */
    public static final StatementFault OCC_SCHEMA_CONFLICT = failing("OCC_SCHEMA_CONFLICT", "schema-conflict");

    /** The commit fails with 54000 {@code transaction age limit of 300s exceeded}. */
    public static final StatementFault TRANSACTION_TOO_OLD = failing("TRANSACTION_TOO_OLD", "age");

    /** The commit fails with 54000 {@code transaction size limit 10mb exceeded}. */
    public static final StatementFault TRANSACTION_TOO_LARGE = failing("TRANSACTION_TOO_LARGE", "size");

    /** The commit fails with 57014 {@code canceling statement due to user request}. */
    public static final StatementFault QUERY_CANCELLED = failing("QUERY_CANCELLED", "cancelled");

    /** The commit happens, and the connection is reset before its answer arrives. */
    public static final StatementFault COMMIT_LOST = new StatementFault("COMMIT_LOST", Effect.LOSE);

    /** The connection is reset before the commit; nothing is committed. */
    public static final StatementFault COMMIT_UNSENT = new StatementFault("COMMIT_UNSENT", Effect.RESET);

    /** The cluster ends the session before the commit, as it does after an hour; nothing is committed. */
    public static final StatementFault SESSION_EXPIRED = new StatementFault("SESSION_EXPIRED", Effect.END);

    /** The commit takes 5 s longer, or {@link #lasting}. */
    public static final StatementFault SLOW_COMMIT = new StatementFault("SLOW_COMMIT", Effect.DELAY);

    private static final Duration DELAY = Duration.ofSeconds(5);
    private static final Duration LONGEST_DELAY = Duration.ofMinutes(10);

    /** What happens to the commit. */
    enum Effect {
        FAIL,
        LOSE,
        RESET,
        END,
        DELAY
    }

    private final String name;
    private final Effect effect;
    private final @Nullable String refusal;
    private final int commit;
    private final int times;
    private final double share;
    private final long seed;
    private final @Nullable Pattern statements;
    private final Duration delay;

    private StatementFault(
            String name,
            Effect effect,
            @Nullable String refusal,
            int commit,
            int times,
            double share,
            long seed,
            @Nullable Pattern statements,
            Duration delay) {
        this.name = name;
        this.effect = effect;
        this.refusal = refusal;
        this.commit = commit;
        this.times = times;
        this.share = share;
        this.seed = seed;
        this.statements = statements;
        this.delay = delay;
    }

    private StatementFault(String name, Effect effect) {
        this(name, effect, null, 1, 1, 1, 0, null, DELAY);
    }

    private static StatementFault failing(String name, String refusal) {
        return new StatementFault(name, Effect.FAIL, refusal, 1, 1, 1, 0, null, DELAY);
    }

    /**
     * From which commit on, counted from {@link LocalDsql#inject}; the next one by default. Only those count that
     * {@link #where} allows.
     *
     * @param number 1 or more
     */
    public StatementFault atCommit(int number) {
        return new StatementFault(
                name, effect, refusal, atLeastOne("commit", number), times, share, seed, statements, delay);
    }

    /**
     * How many commits it affects; 1 by default.
     *
     * @param number 1 or more
     */
    public StatementFault times(int number) {
        return new StatementFault(
                name, effect, refusal, commit, atLeastOne("times", number), share, seed, statements, delay);
    }

    private static int atLeastOne(String what, int number) {
        if (number < 1) {
            throw new IllegalArgumentException(what + " " + number + "; allowed is 1 or more");
        }
        return number;
    }

    /**
     * Only commits of transactions in which a statement has this text in it.
     *
     * @param regex a regular expression; case does not matter
     */
    public StatementFault where(String regex) {
        try {
            Pattern pattern = Pattern.compile(regex, Pattern.CASE_INSENSITIVE);
            return new StatementFault(name, effect, refusal, commit, times, share, seed, pattern, delay);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException("statements '" + regex + "': " + e.getDescription(), e);
        }
    }

    /**
     * Only some of the commits, by chance; all by default.
     *
     * @param part more than 0 and at most 1
     * @param randomSeed the same seed gives the same commits
     */
    public StatementFault share(double part, long randomSeed) {
        if (!(part > 0 && part <= 1)) {
            throw new IllegalArgumentException("share " + part + "; allowed is more than 0 and at most 1");
        }
        return new StatementFault(name, effect, refusal, commit, times, part, randomSeed, statements, delay);
    }

    /**
     * How long {@link #SLOW_COMMIT} delays.
     *
     * @param duration more than 0 and at most 10 minutes
     */
    public StatementFault lasting(Duration duration) {
        if (duration.isNegative() || duration.isZero() || duration.compareTo(LONGEST_DELAY) > 0) {
            throw new IllegalArgumentException(
                    "a delay of " + duration + "; allowed is more than 0 and at most " + LONGEST_DELAY);
        }
        return new StatementFault(name, effect, refusal, commit, times, share, seed, statements, duration);
    }

    Effect effect() {
        return effect;
    }

    /** The error of a commit that fails. */
    ErrorText error() {
        return Refusals.of(Objects.requireNonNull(refusal), "");
    }

    Duration delay() {
        return delay;
    }

    int commit() {
        return commit;
    }

    int times() {
        return times;
    }

    double share() {
        return share;
    }

    long seed() {
        return seed;
    }

    boolean isFor(List<String> texts) {
        return statements == null
                || texts.stream().anyMatch(text -> statements.matcher(text).find());
    }

    @Override
    public String toString() {
        return name;
    }
}
