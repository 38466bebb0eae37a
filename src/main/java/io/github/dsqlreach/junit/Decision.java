package io.github.dsqlreach.junit;

import io.github.dsqlreach.Action;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import java.util.Optional;

/**
 * What happens to an annotated class or method.
 *
 * @param kind whether it runs, is skipped or fails
 * @param reachability the result of the check; empty if nothing was checked
 * @param error a wrong setting or a bug of this library, which must never look like a skip; else empty
 */
record Decision(Kind kind, Optional<Reachability> reachability, Optional<Throwable> error) {
    /** What happens. */
    enum Kind {
        RUN,
        SKIP,
        FAIL
    }

    /** Runs without a check: {@code dsql.reach.mode=off}. */
    static Decision unchecked() {
        return new Decision(Kind.RUN, Optional.empty(), Optional.empty());
    }

    /** Fails because something is wrong that is not the cluster. */
    static Decision error(Throwable error) {
        return new Decision(Kind.FAIL, Optional.empty(), Optional.of(error));
    }

    /** By the result of the check: the mode of the run decides, else the action for the verdict. */
    static Decision of(Reachability reachability, Configuration configuration) {
        if (reachability.isReachable()) {
            return new Decision(Kind.RUN, Optional.of(reachability), Optional.empty());
        }
        Action action = action(configuration, setting(reachability));
        return new Decision(action == Action.SKIP ? Kind.SKIP : Kind.FAIL, Optional.of(reachability), Optional.empty());
    }

    /** The mode of the run decides, else that setting. */
    static Action action(Configuration configuration, Setting<Action> setting) {
        return configuration
                .get(Setting.MODE)
                .map(mode -> mode == Setting.Mode.FAIL ? Action.FAIL : Action.SKIP)
                .or(() -> configuration.getOrDefault(setting))
                .orElseThrow();
    }

    /** The setting with the action for that verdict. */
    static Setting<Action> setting(Reachability unreachable) {
        if (unreachable
                .diagnosis()
                .cause()
                .filter(Cause.ENDPOINT_NOT_CONFIGURED::equals)
                .isPresent()) {
            return Setting.ON_NOT_CONFIGURED;
        }
        return switch (unreachable.verdict()) {
            case BLOCKED -> Setting.ON_BLOCKED;
            case UNAVAILABLE -> Setting.ON_UNAVAILABLE;
            case DENIED -> Setting.ON_DENIED;
            case MISCONFIGURED -> Setting.ON_MISCONFIGURED;
            case UNKNOWN -> Setting.ON_UNKNOWN;
            case REACHABLE -> throw new IllegalArgumentException("reachable: " + unreachable.summary());
        };
    }

    /** Why the tests fail; a new error for each that is thrown. */
    Throwable failure() {
        return error.orElseGet(() -> new DsqlUnreachableError(reachability.orElseThrow()));
    }
}
