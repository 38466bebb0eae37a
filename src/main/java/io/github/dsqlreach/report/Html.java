package io.github.dsqlreach.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A piece of an HTML page. */
final class Html extends Markup {
    /** Longer code is in a block of its own, where it is easier to read and to copy. */
    private static final int INLINE_CODE = 48;

    private Html(String markup) {
        super(markup);
    }

    record Attribute(String name, String value) {}

    /** Pieces, one after the other. */
    static Html of(Object... content) {
        return new Html(join(Html.class, Html::escape, content));
    }

    /** An element such as {@code b} or, with classes, {@code b.here.near}: its attributes, then its content. */
    static Html inline(String name, Object... content) {
        return element(name, "", "", content);
    }

    /** The same, on a line of its own. */
    static Html line(String name, Object... content) {
        return element(name, "", "\n", content);
    }

    /** The same, with its content on lines of their own; nothing if it has no content. */
    static Html block(String name, Object... content) {
        return of(content).markup.isEmpty() ? of() : element(name, "\n", "\n", content);
    }

    /** The same, under a heading. */
    static Html section(String name, String heading, Object... content) {
        Html html = of(content);
        return html.markup.isEmpty() ? html : block(name, line("h2", heading), html);
    }

    private static Html element(String name, String inside, String after, Object... content) {
        String[] classes = name.split("\\.", 2);
        StringBuilder tag = new StringBuilder("<").append(classes[0]);
        if (classes.length > 1) {
            tag.append(" class=\"").append(escape(classes[1].replace('.', ' '))).append('"');
        }
        List<Object> parts = new ArrayList<>(List.of(content));
        while (!parts.isEmpty() && parts.get(0) instanceof Attribute attribute) {
            tag.append(' ')
                    .append(attribute.name())
                    .append("=\"")
                    .append(escape(attribute.value()))
                    .append('"');
            parts.remove(0);
        }
        return new Html(tag + ">" + inside + of(parts).markup + "</" + classes[0] + ">" + after);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A name that may break after its underscores. */
    static Html breakable(String name) {
        return new Html(escape(Phrases.line(name)).replace("_", "_<wbr>"));
    }

    /** One sentence; text in backquotes becomes code. */
    static Html rich(String sentence) {
        List<Object> html = new ArrayList<>();
        boolean afterBlock = false;
        for (Rich part : Rich.parts(Phrases.line(sentence))) {
            boolean block = part.code()
                    && part.text().length() > INLINE_CODE
                    && part.text().indexOf(' ') > 0;
            // A full stop below a block would be alone on its line.
            String text = afterBlock ? part.text().replaceFirst("^[.,;]+\\s*", "") : part.text();
            html.add(block ? inline("code.block", text) : part.code() ? inline("code", text) : text);
            afterBlock = block;
        }
        return of(html);
    }

    /** One self-contained file with its style and without a script. */
    static String page(String title, Html body) {
        // The policy helps even if a text were not escaped: nothing runs and nothing is fetched.
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark">
                <meta name="referrer" content="no-referrer">
                <meta name="robots" content="noindex">
                <link rel="icon" href="data:,">
                <title>%s</title>
                <style>
                %s</style>
                </head>
                <body>
                <main>
                %s</main>
                </body>
                </html>
                """.formatted(of(title), css(), body.markup);
    }

    private static String css() {
        try (InputStream in = Html.class.getResourceAsStream("page.css")) {
            return new String(Objects.requireNonNull(in, "page.css").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
