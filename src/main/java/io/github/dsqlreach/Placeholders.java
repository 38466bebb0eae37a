package io.github.dsqlreach;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Replaces <code>${NAME}</code> and <code>${NAME:default}</code> in a text. A default may hold placeholders itself; the value
 * that a name stands for may not.
 */
final class Placeholders {
    private static final String START = "${";
    /** Bounds the calls that a text can cause. */
    private static final int DEEPEST = 10;

    private final String text;
    private final Function<String, @Nullable String> values;
    private int position;

    private Placeholders(String text, Function<String, @Nullable String> values) {
        this.text = text;
        this.values = values;
    }

    /**
     * The text with all its placeholders replaced.
     *
     * @param values from a name to its value, {@code null} if it has none
     * @throws IllegalArgumentException if that is impossible; the message says what is allowed
     */
    static String replace(String text, Function<String, @Nullable String> values) {
        return text.contains(START) ? new Placeholders(text, values).text(0, true) : text;
    }

    /** Up to the end of the text, or inside of a placeholder up to its brace. */
    private String text(int depth, boolean wanted) {
        StringBuilder result = new StringBuilder();
        while (position < text.length() && !(depth > 0 && text.charAt(position) == '}')) {
            if (text.startsWith(START, position)) {
                position += START.length();
                result.append(placeholder(depth + 1, wanted));
            } else {
                result.append(text.charAt(position++));
            }
        }
        return result.toString();
    }

    private String placeholder(int depth, boolean wanted) {
        if (depth > DEEPEST) {
            throw new IllegalArgumentException("a text with at most " + DEEPEST + " placeholders inside each other");
        }
        String name = name();
        String value = wanted ? values.apply(name) : null;
        boolean hasDefault = position < text.length() && text.charAt(position) == ':';
        if (hasDefault) {
            position++;
            String otherwise = text(depth, wanted && value == null);
            value = value == null ? otherwise : value;
        }
        if (position == text.length()) {
            throw new IllegalArgumentException("a text in which each ${ has its }");
        }
        position++;
        if (wanted && value == null) {
            throw new IllegalArgumentException("a text whose placeholder ${" + name
                    + "} names a JUnit configuration parameter (in tests), a system property or an environment variable"
                    + " that is set, or has a default: ${" + name + ":default}");
        }
        return value == null ? "" : value;
    }

    private String name() {
        int start = position;
        while (position < text.length() && ":}".indexOf(text.charAt(position)) < 0) {
            position++;
        }
        String name = text.substring(start, position);
        if (name.isBlank() || name.contains(START)) {
            throw new IllegalArgumentException("a placeholder with a name, such as ${DSQL_ENDPOINT}");
        }
        return name;
    }
}
