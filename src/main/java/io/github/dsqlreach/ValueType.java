package io.github.dsqlreach;

import io.github.dsqlreach.internal.NotAllowedException;
import io.github.dsqlreach.internal.Spelling;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The values that a {@link Setting} takes.
 *
 * @param label the placeholder for a value in the usage of a command
 * @param allowed the allowed values, in words
 * @param parser reads a value; throws an {@code IllegalArgumentException} for one that is not allowed
 */
record ValueType<T>(String label, String allowed, Function<String, T> parser) {
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s?(ms|s|m)");

    static ValueType<String> text(String label, String allowed) {
        return new ValueType<>(label, allowed, text -> text);
    }

    static ValueType<String> matching(String label, String pattern, String allowed) {
        return new ValueType<>(label, allowed, text -> {
            if (!text.matches(pattern)) {
                throw new IllegalArgumentException(text);
            }
            return text;
        });
    }

    /** A constant, in upper or lower case; a dash stands for an underscore. */
    static <E extends Enum<E>> ValueType<E> choice(String label, Class<E> type) {
        List<String> names =
                Arrays.stream(type.getEnumConstants()).map(ValueType::print).toList();
        String allowed = "one of " + String.join(", ", names);
        return new ValueType<>(
                label,
                allowed,
                text -> Spelling.constant(text, type)
                        .orElseThrow(
                                () -> new NotAllowedException(Spelling.hint(text, names, "allowed is " + allowed))));
    }

    static ValueType<Boolean> flag() {
        return new ValueType<>("BOOLEAN", "true or false", text -> switch (text.toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        });
    }

    static ValueType<Duration> duration(Duration shortest) {
        return new ValueType<>(
                "TIME", "a duration from " + print(shortest) + " to 10m, such as 500ms, 10s, 2m or PT10S", text -> {
                    Duration duration = parseDuration(text);
                    if (duration.compareTo(shortest) < 0 || duration.compareTo(LONGEST) > 0) {
                        throw new IllegalArgumentException(text);
                    }
                    return duration;
                });
    }

    private static Duration parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text.toLowerCase(Locale.ROOT));
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                default -> Duration.ofMinutes(number);
            };
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(e);
        }
    }

    static ValueType<HostAndPort> hostAndPort() {
        return new ValueType<>(
                "HOST:PORT", "HOST:PORT (an IPv6 address goes in brackets)", text -> HostAndPort.parse(text, 0));
    }

    static ValueType<Path> path(String label, String allowed) {
        return new ValueType<>(label, allowed, ValueType::parsePath);
    }

    static ValueType<Path> readableFile(String allowed) {
        return new ValueType<>("FILE", allowed, text -> {
            Path file = parsePath(text);
            if (!Files.isReadable(file)) {
                throw new IllegalArgumentException(text);
            }
            return file;
        });
    }

    private static Path parsePath(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** A value as text that {@link #parser} reads. */
    static String print(Object value) {
        if (value instanceof Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
        if (value instanceof Duration duration) {
            return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
        }
        return value.toString();
    }
}
