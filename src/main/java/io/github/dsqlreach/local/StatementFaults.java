package io.github.dsqlreach.local;

import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultEffect;
import io.github.dsqlreach.fault.TunedFault;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The faults that a test has ordered for the commits of one cluster, in whichever session they come. */
final class StatementFaults {
    /** Removed ones included: tests ask what each has done. */
    private final List<Ordered> ordered = new CopyOnWriteArrayList<>();

    private volatile boolean active;

    /**
     * What happens to a commit.
     *
     * @param error for the client, if the commit fails
     * @param delay before the answer, if it is late
     */
    record Effect(Kind kind, @Nullable ErrorText error, Duration delay) {
        /** The forms that it has. */
        enum Kind {
            FAIL,
            /** The commit happens, and its answer is lost. */
            LOSE,
            RESET,
            END,
            DELAY
        }

        static Effect of(TunedFault fault) {
            return switch (fault.fault()) {
                case OCC_CONFLICT -> failing("conflict");
                case OCC_SCHEMA_CONFLICT -> failing("schema-conflict");
                case TRANSACTION_TOO_OLD -> failing("age");
                case TRANSACTION_TOO_LARGE -> failing("size");
                case QUERY_CANCELLED -> failing("cancelled");
                case COMMIT_LOST -> of(Kind.LOSE);
                case COMMIT_UNSENT -> of(Kind.RESET);
                case SESSION_EXPIRED -> of(Kind.END);
                case SLOW_COMMIT -> new Effect(Kind.DELAY, null, Duration.ofMillis((long) fault.value("delay")));
                default ->
                    throw new IllegalArgumentException(fault
                            + " acts on connections, not on commits; use FaultyDsql.inject, or @InjectFault. At a commit"
                            + " there are "
                            + List.of(Fault.values()).stream()
                                    .filter(Fault::isAtCommit)
                                    .toList());
            };
        }

        private static Effect of(Kind kind) {
            return new Effect(kind, null, Duration.ZERO);
        }

        private static Effect failing(String refusal) {
            return new Effect(Kind.FAIL, Refusals.of(refusal, ""), Duration.ZERO);
        }
    }

    /** A fault, and what it has done. */
    private static final class Ordered {
        private final TunedFault fault;
        private final Effect effect;
        private final Random random;
        private final long first;
        private final long most;
        private long commits;
        private long struck;
        private boolean removed;

        Ordered(TunedFault fault) {
            this.fault = fault;
            this.effect = Effect.of(fault);
            this.random = new Random((long) fault.value("seed"));
            this.first = (long) fault.value("commit");
            long times = (long) fault.value("times");
            this.most = times == 0 ? Long.MAX_VALUE : times;
        }

        /**
         * Counts a commit.
         *
         * @param free whether no other fault strikes it
         * @return whether this one strikes it
         */
        private synchronized boolean strikes(List<String> statements, boolean free) {
            Pattern wanted = fault.statements().orElse(null);
            if (removed
                    || wanted != null
                            && statements.stream()
                                    .noneMatch(text -> wanted.matcher(text).find())) {
                return false;
            }
            commits++;
            if (!free || commits < first || struck == most) {
                return false;
            }
            if (fault.isForAShare() && random.nextDouble() >= fault.value("toxicity")) {
                return false;
            }
            struck++;
            return true;
        }

        private synchronized void remove() {
            removed = true;
        }

        private synchronized FaultEffect done() {
            return new FaultEffect(fault, OptionalLong.of(commits), OptionalLong.of(struck));
        }
    }

    void add(TunedFault fault) {
        ordered.add(new Ordered(fault.seeded()));
        active = true;
    }

    void clear() {
        active = false;
        ordered.forEach(Ordered::remove);
    }

    /** What each has done, the oldest first. */
    List<FaultEffect> effects() {
        return ordered.stream().map(Ordered::done).toList();
    }

    /** What happens to a commit of these statements; {@code null} if nothing does. */
    @Nullable
    Effect atCommit(List<String> statements) {
        Effect effect = null;
        if (active) {
            for (Ordered order : ordered) {
                if (order.strikes(statements, effect == null)) {
                    effect = order.effect;
                }
            }
        }
        return effect;
    }
}
