package io.github.dsqlreach.cli;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Setting;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** The settings as options of a command, each under the name that it declares. */
final class SettingOptions {
    /** Before the command's own options. */
    private static final int FIRST = -1000;

    private SettingOptions() {}

    /** The command with an option for each of those settings that has one. */
    static CommandLine command(Object of, Predicate<Setting<?>> wanted) {
        CommandLine command = new CommandLine(of);
        List<Setting<?>> all = Setting.all();
        for (int i = 0; i < all.size(); i++) {
            Setting<?> setting = all.get(i);
            if (setting.option().isPresent() && wanted.test(setting)) {
                command.getCommandSpec().add(spec(setting, setting.option().get(), FIRST + i));
            }
        }
        return command;
    }

    private static ArgSpec spec(Setting<?> setting, String name, int order) {
        if (!name.startsWith("-")) {
            return PositionalParamSpec.builder()
                    .arity("0..1")
                    .paramLabel(setting.label())
                    .type(String.class)
                    .description(
                            sentence(setting.description() + ": " + setting.allowed()),
                            "Without it: " + setting.defaultText() + ".")
                    .build();
        }
        OptionSpec.Builder option = OptionSpec.builder(name).order(order);
        if (isSwitch(name)) {
            return option.type(boolean.class)
                    .arity("0")
                    .description(sentence("not: " + setting.description()))
                    .build();
        }
        return option.type(String.class)
                .paramLabel(setting.label())
                .description(sentence(
                        setting.description() + ": " + setting.allowed() + " (default: " + setting.defaultText() + ")"))
                .build();
    }

    /** An option that turns something off. */
    private static boolean isSwitch(String name) {
        return name.startsWith("--no-");
    }

    private static String sentence(String text) {
        // For picocli a per cent sign begins a format.
        return (text.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + text.substring(1) + ".").replace("%", "%%");
    }

    /** These settings and, stronger, those that were given on the command line. */
    static Configuration over(Configuration configuration, CommandSpec command) {
        Map<Setting<?>, String> given = given(command.commandLine().getParseResult());
        return configuration.preferring(setting ->
                Optional.ofNullable(given.get(setting)).map(text -> new Configuration.Value(text, origin(setting))));
    }

    /** An empty value, such as of an unset shell variable, is refused. */
    private static Map<Setting<?>, String> given(ParseResult result) {
        Map<Setting<?>, String> values = new LinkedHashMap<>();
        for (Setting<?> setting : Setting.all()) {
            setting.option().flatMap(name -> value(result, name)).ifPresent(value -> {
                if (value.isBlank()) {
                    throw new UsageException(origin(setting) + " is empty; give it a value or leave it out");
                }
                values.put(setting, value);
            });
        }
        return values;
    }

    private static Optional<String> value(ParseResult result, String name) {
        CommandSpec spec = result.commandSpec();
        if (!name.startsWith("-")) {
            return spec.positionalParameters().stream()
                    .filter(parameter -> parameter.paramLabel().equals(name))
                    .findFirst()
                    .flatMap(parameter -> Optional.ofNullable(parameter.<String>getValue()));
        }
        if (!result.hasMatchedOption(name)) {
            return Optional.empty();
        }
        return Optional.of(isSwitch(name) ? "false" : result.matchedOptionValue(name, ""));
    }

    private static String origin(Setting<?> setting) {
        String name = setting.option().orElseThrow();
        return (name.startsWith("-") ? "option " : "argument ") + name;
    }
}
