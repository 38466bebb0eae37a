package io.github.dsqlreach.local;

import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The faults that a test has ordered for the commits of one cluster, in whichever session they come. */
final class StatementFaults {
    private final List<Ordered> ordered = new CopyOnWriteArrayList<>();

    /** A fault, and how often it has had its turn. */
    private static final class Ordered {
        private final StatementFault fault;
        private final Random random;
        private int commits;
        private int left;

        Ordered(StatementFault fault) {
            this.fault = fault;
            this.random = new Random(fault.seed());
            this.left = fault.times();
        }

        private synchronized boolean isFor(List<String> statements) {
            if (left == 0 || !fault.isFor(statements) || ++commits < fault.commit()) {
                return false;
            }
            if (fault.share() < 1 && random.nextDouble() >= fault.share()) {
                return false;
            }
            left--;
            return true;
        }
    }

    void add(StatementFault fault) {
        ordered.add(new Ordered(fault));
    }

    void clear() {
        ordered.clear();
    }

    boolean isEmpty() {
        return ordered.isEmpty();
    }

    /** What goes wrong at a commit of these statements; {@code null} if nothing does. */
    @Nullable
    StatementFault atCommit(List<String> statements) {
        for (Ordered order : ordered) {
            if (order.isFor(statements)) {
                return order.fault;
            }
        }
        return null;
    }
}
