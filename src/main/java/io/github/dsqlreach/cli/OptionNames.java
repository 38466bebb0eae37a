package io.github.dsqlreach.cli;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Setting;
import java.util.Map;

/** The command line as a source of settings. */
final class OptionNames {
    private OptionNames() {}

    /** Puts a value that was given; an empty one, such as of an unset shell variable, is refused. */
    static void put(Map<Setting, String> values, Setting setting, String value) {
        if (value == null) {
            return;
        }
        if (value.isBlank()) {
            throw new UsageException(origin(setting) + " is empty; give it a value or leave it out");
        }
        values.put(setting, value);
    }

    static Configuration.Source source(Map<Setting, String> values) {
        return Configuration.Source.of(values, OptionNames::origin);
    }

    private static String origin(Setting setting) {
        return switch (setting) {
            case ENDPOINT -> "argument <endpoint>";
            case ROOT_CERTIFICATE -> "option --root-cert";
            case EXPERIMENTS -> "option --no-experiments";
            default -> "option --" + setting.key().substring(setting.key().lastIndexOf('.') + 1);
        };
    }
}
