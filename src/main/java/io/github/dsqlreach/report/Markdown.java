package io.github.dsqlreach.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** A piece of Markdown. */
final class Markdown extends Markup {
    private static final String SPECIAL = "\\`*_{}[]()#+-.!~|<>";

    private Markdown(String markup) {
        super(markup);
    }

    /** Pieces, one after the other. */
    static Markdown of(Object... content) {
        return new Markdown(join(Markdown.class, Markdown::escape, content));
    }

    static Markdown line(Object... content) {
        return new Markdown(of(content).markup + "\n");
    }

    static Markdown paragraph(Object... content) {
        return new Markdown(of(content).markup + "\n\n");
    }

    static Markdown quote(String text) {
        return paragraph(new Markdown("> "), text);
    }

    static Markdown strong(String text) {
        return new Markdown("**" + of(text) + "**");
    }

    static Markdown heading(String text) {
        return paragraph(new Markdown("## "), text);
    }

    /** Content below a smaller heading, and an empty line; nothing if there is no content. */
    static Markdown section(String heading, Object... content) {
        Markdown markdown = of(content);
        return markdown.markup.isEmpty() ? markdown : line(new Markdown("#"), heading(heading), markdown);
    }

    static Markdown bullets(List<Markdown> items) {
        return of(items.stream().map(item -> line(new Markdown("- "), item)).toList());
    }

    static Markdown numbered(List<Markdown> items) {
        List<Markdown> lines = new ArrayList<>();
        items.forEach(item -> lines.add(line(new Markdown(lines.size() + 1 + ". "), item)));
        return of(lines);
    }

    /** A table; nothing if there are no rows. */
    static Markdown table(List<String> titles, List<List<String>> rows) {
        Markdown rule = new Markdown("| --- ".repeat(titles.size()) + "|");
        return rows.isEmpty()
                ? of()
                : of(row(titles), line(rule), rows.stream().map(Markdown::row).toList());
    }

    private static Markdown row(List<String> cells) {
        return new Markdown(cells.stream()
                .map(String::strip)
                .map(cell -> of(cell).markup)
                .collect(Collectors.joining(" | ", "| ", " |\n")));
    }

    /** One sentence; text in backquotes becomes code. */
    static Markdown rich(String sentence) {
        return of(Rich.parts(Phrases.line(sentence)).stream()
                .map(part -> part.code() ? code(part.text()) : part.text())
                .toList());
    }

    static Markdown code(String foreign) {
        String line = Phrases.line(foreign);
        String fence = fence(line, 1);
        String pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
        return new Markdown(line.isEmpty() ? "" : fence + pad + line + pad + fence);
    }

    /** Lines as they are. */
    static Markdown block(String lines) {
        String fence = fence(lines, 3);
        return new Markdown(fence + "text\n" + lines + (lines.endsWith("\n") ? "" : "\n") + fence + "\n");
    }

    /** More backquotes than any run of them inside. */
    private static String fence(String content, int least) {
        int longest = Arrays.stream(content.split("[^`]+"))
                .mapToInt(String::length)
                .max()
                .orElse(0);
        return "`".repeat(Math.max(least, longest + 1));
    }

    /** Escapes markup, mentions and links. */
    private static String escape(String line) {
        StringBuilder text = new StringBuilder(line.length() + 16);
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '&') {
                text.append("&amp;");
            } else if (c == '<') {
                text.append("&lt;");
            } else if (c == '@') {
                // A comment between the at sign and the name: GitHub notifies no one.
                text.append("@<!-- -->");
            } else if (needsEscape(line, i)) {
                text.append('\\').append(c);
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    /** Points, hyphens and parentheses are special only if they could make a list, a rule or a link. */
    private static boolean needsEscape(String line, int i) {
        char c = line.charAt(i);
        return switch (c) {
            case '.', ')' ->
                i > 0
                        && i < 10
                        && (i + 1 == line.length() || line.charAt(i + 1) == ' ')
                        && line.substring(0, i).chars().allMatch(Character::isDigit);
            case '-', '+' -> i == 0;
            case '(' -> i > 0 && line.charAt(i - 1) == ']';
            case ':' -> line.startsWith("://", i);
            case '_' -> i == 0 || i == line.length() - 1 || !isWord(line.charAt(i - 1)) || !isWord(line.charAt(i + 1));
            default -> SPECIAL.indexOf(c) >= 0;
        };
    }

    private static boolean isWord(char c) {
        return Character.isLetterOrDigit(c);
    }
}
