package io.github.dsqlreach.report;

import java.util.Collection;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A piece of a page. Only a language's own class makes its markup; whatever else a piece is made of is shown as one line of
 * text, so that nobody can forget to escape it.
 */
abstract class Markup {
    final String markup;

    Markup(String markup) {
        this.markup = markup;
    }

    /** Pieces of one language, one after the other: text, markup, collections of them, or what may be there. */
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

    /** One line, with the blanks around it, which a line would lose. */
    static String text(String foreign, UnaryOperator<String> escape) {
        String text = escape.apply(Phrases.line(foreign));
        return (foreign.startsWith(" ") ? " " : "") + text + (foreign.endsWith(" ") && !text.isEmpty() ? " " : "");
    }

    @Override
    public final String toString() {
        return markup;
    }
}
