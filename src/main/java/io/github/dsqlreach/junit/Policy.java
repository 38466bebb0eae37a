package io.github.dsqlreach.junit;

import static io.github.dsqlreach.junit.Action.FAIL;
import static io.github.dsqlreach.junit.Action.SKIP;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
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
            if (unreachable.diagnosis().cause().filter(Cause.ENDPOINT_NOT_CONFIGURED::equals).isPresent()) {
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

    private Policy() {}

    static Optional<Mode> mode(Configuration configuration) {
        return configuration.choice(Setting.MODE, Mode.class);
    }

    /**
     * Skip or fail.
     *
     * @param unreachable what is in the way
     * @param configuration the settings, the annotation's attributes included
     */
    static Action decide(Reachability unreachable, Configuration configuration) {
        Optional<Action> byMode = mode(configuration).map(mode -> mode == Mode.FAIL ? FAIL : SKIP);
        if (byMode.isPresent()) {
            return byMode.get();
        }
        Rule rule = Rule.of(unreachable);
        return configuration
                .choice(rule.setting, Action.class)
                .filter(action -> action != Action.DEFAULT)
                .orElse(rule.standard);
    }
}
