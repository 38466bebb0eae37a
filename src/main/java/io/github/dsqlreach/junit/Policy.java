package io.github.dsqlreach.junit;

import static io.github.dsqlreach.junit.Action.FAIL;
import static io.github.dsqlreach.junit.Action.SKIP;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import java.util.EnumMap;
import java.util.Locale;
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
        BLOCKED(Setting.ON_BLOCKED),
        UNAVAILABLE(Setting.ON_UNAVAILABLE),
        NOT_CONFIGURED(Setting.ON_NOT_CONFIGURED),
        DENIED(Setting.ON_DENIED),
        MISCONFIGURED(Setting.ON_MISCONFIGURED),
        UNKNOWN(Setting.ON_UNKNOWN);

        private final Setting<String> setting;

        Rule(Setting<String> setting) {
            this.setting = setting;
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
        Setting<String> setting() {
            return setting;
        }
    }

    private final Optional<Mode> mode;
    private final Map<Rule, Action> actions = new EnumMap<>(Rule.class);

    /** The policy by these settings, an annotation's attributes included. */
    Policy(Configuration configuration) {
        this.mode = configuration.get(Setting.MODE).map(text -> Mode.valueOf(text.toUpperCase(Locale.ROOT)));
        for (Rule rule : Rule.values()) {
            String action =
                    configuration.get(rule.setting).or(rule.setting::standard).orElseThrow();
            actions.put(rule, Action.valueOf(action.toUpperCase(Locale.ROOT)));
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
