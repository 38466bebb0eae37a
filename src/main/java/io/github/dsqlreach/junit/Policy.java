package io.github.dsqlreach.junit;

import static io.github.dsqlreach.junit.Action.FAIL;
import static io.github.dsqlreach.junit.Action.SKIP;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** What skips and what fails. */
final class Policy {
    /** The whole run's mode, stronger than everything else. */
    enum Mode {
        SKIP,
        FAIL,
        OFF
    }

    /** A row for each thing that can be in the way. */
    enum Rule {
        BLOCKED(Setting.ON_BLOCKED, SKIP),
        UNAVAILABLE(Setting.ON_UNAVAILABLE, SKIP),
        NOT_CONFIGURED(Setting.ON_NOT_CONFIGURED, SKIP),
        DENIED(Setting.ON_DENIED, FAIL),
        MISCONFIGURED(Setting.ON_MISCONFIGURED, FAIL),
        UNKNOWN(Setting.ON_UNKNOWN, FAIL);

        private final Setting setting;
        private final Action standard;

        Rule(Setting setting, Action standard) {
            this.setting = setting;
            this.standard = standard;
        }

        /** The rule for what is in the way. */
        static Rule of(Reachability unreachable) {
            if (unreachable
                    .diagnosis()
                    .cause()
                    .filter(Cause.ENDPOINT_NOT_CONFIGURED::equals)
                    .isPresent()) {
                return NOT_CONFIGURED;
            }
            return switch (unreachable.verdict()) {
                case BLOCKED -> BLOCKED;
                case UNAVAILABLE -> UNAVAILABLE;
                case DENIED -> DENIED;
                case MISCONFIGURED -> MISCONFIGURED;
                case UNKNOWN -> UNKNOWN;
                case REACHABLE -> throw new IllegalArgumentException("reachable: " + unreachable.summary());
            };
        }

        /** The setting that changes it. */
        Setting setting() {
            return setting;
        }
    }

    private final Optional<Mode> mode;
    private final Map<Rule, Action> actions = new EnumMap<>(Rule.class);

    /** The policy by these settings, an annotation's attributes included. */
    Policy(Configuration configuration) {
        this.mode = configuration.choice(Setting.MODE, Mode.class);
        for (Rule rule : Rule.values()) {
            Action configured = configuration.choice(rule.setting, Action.class).orElse(Action.DEFAULT);
            actions.put(rule, configured == Action.DEFAULT ? rule.standard : configured);
        }
    }

    /** Whether nothing is to be checked. */
    boolean isOff() {
        return mode.filter(Mode.OFF::equals).isPresent();
    }

    /** Skip or fail, by what is in the way. */
    Action decide(Reachability unreachable) {
        return mode.map(of -> of == Mode.FAIL ? FAIL : SKIP).orElseGet(() -> actions.get(Rule.of(unreachable)));
    }
}
