package io.github.dsqlreach.junit;

import static io.github.dsqlreach.junit.Action.FAIL;
import static io.github.dsqlreach.junit.Action.SKIP;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import java.util.HashMap;
import java.util.List;
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

    private static final List<Setting<String>> SETTINGS = List.of(
            Setting.ON_BLOCKED,
            Setting.ON_UNAVAILABLE,
            Setting.ON_NOT_CONFIGURED,
            Setting.ON_DENIED,
            Setting.ON_MISCONFIGURED,
            Setting.ON_UNKNOWN);

    private final Optional<Mode> mode;
    private final Map<Setting<String>, Action> actions = new HashMap<>();

    /** The policy by these settings, an annotation's attributes included. */
    Policy(Configuration configuration) {
        this.mode = configuration.get(Setting.MODE).map(text -> Mode.valueOf(text.toUpperCase(Locale.ROOT)));
        for (Setting<String> setting : SETTINGS) {
            String action = configuration.get(setting).or(setting::standard).orElseThrow();
            actions.put(setting, Action.valueOf(action.toUpperCase(Locale.ROOT)));
        }
    }

    /** The setting about what is in the way. */
    static Setting<String> setting(Reachability unreachable) {
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

    /** Whether nothing is to be checked. */
    boolean isOff() {
        return mode.filter(Mode.OFF::equals).isPresent();
    }

    /** Skip or fail, by what is in the way. */
    Action decide(Reachability unreachable) {
        return mode.map(of -> of == Mode.FAIL ? FAIL : SKIP).orElseGet(() -> actions.get(setting(unreachable)));
    }
}
