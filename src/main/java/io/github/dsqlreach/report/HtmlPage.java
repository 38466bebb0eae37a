package io.github.dsqlreach.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** What every HTML page is made of: one file that asks for nothing else, with its own style and no script. */
final class HtmlPage {
    /** Code longer than this stands in a block of its own, where it is easier to read and to copy. */
    private static final int INLINE_CODE = 48;

    private HtmlPage() {}

    static String of(String title, String body) {
        // The policy holds even if a text should slip through unescaped: nothing runs and nothing is fetched.
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
                """.formatted(escape(title), css(), body);
    }

    private static String css() {
        try (InputStream in = HtmlPage.class.getResourceAsStream("page.css")) {
            return new String(Objects.requireNonNull(in, "page.css").readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text, as text: no markup. */
    static String escape(String text) {
        StringBuilder html = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                case '\'' -> html.append("&#39;");
                default -> html.append(c);
            }
        }
        return html.toString();
    }

    /** One line of foreign text, escaped. */
    static String line(String text) {
        return escape(Phrases.line(text));
    }

    /** One sentence; what stands in backquotes becomes code. */
    static String rich(String sentence) {
        StringBuilder html = new StringBuilder();
        boolean afterBlock = false;
        for (Rich part : Rich.parts(Phrases.line(sentence))) {
            boolean block = part.code()
                    && part.text().length() > INLINE_CODE
                    && part.text().indexOf(' ') > 0;
            // A full stop alone below a block looks lost.
            String text = afterBlock ? part.text().replaceFirst("^[.,;]+\\s*", "") : part.text();
            String tag = block ? "<code class=\"block\">" : part.code() ? "<code>" : "";
            html.append(tag).append(escape(text)).append(tag.isEmpty() ? "" : "</code>");
            afterBlock = block;
        }
        return html.toString();
    }
}
