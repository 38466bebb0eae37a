package io.github.dsqlreach.report;

import java.util.Collection;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A piece of a page. Only the class of a language makes its markup; all other content is escaped and shown as one line of text.
 */
abstract class Markup {
    final String markup;

    Markup(String markup) {
        this.markup = markup;
    }

    /** Pieces of one language, one after the other: text, markup, collections and optional values of them. */
    static String join(Class<? extends Markup> language, UnaryOperator<String> escape, Object... content) {
        StringBuilder markup = new StringBuilder();
        for (Object part : content) {
            if (language.isInstance(part)) {
                markup.append(part);
            } else if (part instanceof Collection<?> parts) {
                markup.append(join(language, escape, parts.toArray()));
            } else if (part instanceof Optional<?> optional) {
                markup.append(join(language, escape, optional.stream().toArray()));
            } else {
                markup.append(text(String.valueOf(part), escape));
            }
        }
        return markup.toString();
    }

    /** One line; keeps a blank at its beginning and end. */
    static String text(String foreign, UnaryOperator<String> escape) {
        String text = escape.apply(Phrases.line(foreign));
        return (foreign.startsWith(" ") ? " " : "") + text + (foreign.endsWith(" ") && !text.isEmpty() ? " " : "");
    }

    @Override
    public final String toString() {
        return markup;
    }
}
