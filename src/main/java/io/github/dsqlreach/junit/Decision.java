package io.github.dsqlreach.junit;

import io.github.dsqlreach.Action;
import io.github.dsqlreach.InvalidConfigurationException;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.BuildRecord.Fate;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What becomes of an annotated class or method.
 *
 * @param outcome whether it runs, is skipped or fails
 * @param reachability why; empty if nothing was checked
 * @param trouble what went wrong on our side or in the settings, which must never look like a skip
 */
record Decision(Outcome outcome, Optional<Reachability> reachability, Optional<Throwable> trouble) {
    enum Outcome {
        RUN(null),
        SKIP(Fate.SKIPPED),
        FAIL(Fate.FAILED);

        private final Optional<Fate> fate;

        Outcome(@Nullable Fate fate) {
            this.fate = Optional.ofNullable(fate);
        }
    }

    /** The decision about this class or method, made once. Empty if it carries no annotation itself. */
    static Optional<Decision> about(ExtensionContext context) {
        if (context.getElement().isEmpty()) {
            return Optional.empty();
        }
        // The invocations of a parameterized test look into the store of their template: one decision for all.
        Object key = context.getElement().get();
        Optional<?> decision =
                context.getStore(RunStore.NAMESPACE).getOrComputeIfAbsent(key, unused -> make(context), Optional.class);
        return decision.map(Decision.class::cast);
    }

    /** Why the tests fail, made anew for each one who throws it. */
    Throwable failure() {
        return trouble.orElseGet(() -> new DsqlUnreachableError(reachability.orElseThrow()));
    }

    /** The decision, made now. */
    static Optional<Decision> make(ExtensionContext context) {
        try {
            Optional<Decision> decision = Requirement.of(context).map(Decision::on);
            decision.ifPresent(made -> RunLog.of(context).decided(context, made.reachability(), made.outcome().fate));
            return decision;
        } catch (InvalidConfigurationException e) {
            return Optional.of(trouble(new ExtensionConfigurationException(e.getMessage(), e)));
        } catch (Exception | LinkageError | AssertionError e) {
            return Optional.of(trouble(e));
        }
    }

    private static Decision on(Requirement requirement) {
        if (requirement.policy().isOff()) {
            return new Decision(Outcome.RUN, Optional.empty(), Optional.empty());
        }
        Reachability reachability = requirement.reachability();
        if (reachability.isReachable()) {
            return new Decision(Outcome.RUN, Optional.of(reachability), Optional.empty());
        }
        Action action = requirement.policy().decide(reachability);
        return new Decision(
                action == Action.SKIP ? Outcome.SKIP : Outcome.FAIL, Optional.of(reachability), Optional.empty());
    }

    private static Decision trouble(Throwable trouble) {
        return new Decision(Outcome.FAIL, Optional.empty(), Optional.of(trouble));
    }
}
