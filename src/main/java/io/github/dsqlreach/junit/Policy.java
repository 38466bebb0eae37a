package io.github.dsqlreach.junit;

import io.github.dsqlreach.Action;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What skips and what fails. */
final class Policy {
    private static final List<Setting<Action>> SETTINGS = List.of(
            Setting.ON_BLOCKED,
            Setting.ON_UNAVAILABLE,
            Setting.ON_NOT_CONFIGURED,
            Setting.ON_DENIED,
            Setting.ON_MISCONFIGURED,
            Setting.ON_UNKNOWN);

    private final Optional<Setting.Mode> mode;
    private final Map<Setting<Action>, Action> actions = new HashMap<>();

    /** The policy of these settings, an annotation's attributes included. */
    Policy(Configuration configuration) {
        this.mode = configuration.get(Setting.MODE);
        // All of them, so that a wrong value fails the tests whatever the check finds.
        SETTINGS.forEach(setting ->
                actions.put(setting, configuration.getOrDefault(setting).orElseThrow()));
    }

    /** The setting about that verdict. */
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

    /** Whether nothing is checked. */
    boolean isOff() {
        return mode.filter(Setting.Mode.OFF::equals).isPresent();
    }

    /** Skip or fail. */
    Action decide(Reachability unreachable) {
        return mode.map(of -> of == Setting.Mode.FAIL ? Action.FAIL : Action.SKIP)
                .orElseGet(() -> actions.get(setting(unreachable)));
    }
}
