package io.github.dsqlreach.toxiproxy;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What a toxic is given, by the names of the API. As strict as the Go server: a fraction is no whole number, and a text no
 * number. Attributes that the toxic does not ask for are ignored; those that it asked for are known afterwards, with their defaults.
 */
final class Attributes {
    private final Direction direction;
    private final Map<String, Object> given;
    private final Map<String, Object> known = new LinkedHashMap<>();

    /** With numbers, texts, and whatever else will be refused. */
    Attributes(Direction direction, Map<String, Object> given) {
        this.direction = direction;
        this.given = given;
    }

    /** Whose bytes the toxic works on. */
    Direction direction() {
        return direction;
    }

    long number(String name, long standard) {
        Object value = given.getOrDefault(name, standard);
        try {
            long number = value instanceof Number whole ? Long.parseLong(whole.toString()) : Long.parseLong("none");
            known.put(name, number);
            return number;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " must be a whole number, not " + shown(value), e);
        }
    }

    OptionalLong optionalNumber(String name) {
        return given.containsKey(name) ? OptionalLong.of(number(name, 0)) : OptionalLong.empty();
    }

    String text(String name, String standard) {
        Object value = given.getOrDefault(name, standard);
        if (!(value instanceof String) && !(value instanceof Number)) {
            throw new IllegalArgumentException(name + " must be a string, not " + shown(value));
        }
        known.put(name, value.toString());
        return value.toString();
    }

    /** By its name in lower case; without a default it must be given. */
    <E extends Enum<E>> E constant(String name, Class<E> type, @Nullable E standard) {
        Object value = given.getOrDefault(name, standard == null ? "" : lower(standard));
        E[] constants = type.getEnumConstants();
        for (E constant : constants) {
            if (lower(constant).equals(value)) {
                known.put(name, value);
                return constant;
            }
        }
        List<String> allowed = Arrays.stream(constants).map(Attributes::lower).toList();
        throw new IllegalArgumentException(
                name + " must be one of " + String.join(", ", allowed) + ", not " + shown(value));
    }

    private static String shown(Object value) {
        return value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** All that were asked for: whole numbers and texts. */
    Map<String, Object> known() {
        return known;
    }
}
