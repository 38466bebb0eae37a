package io.github.dsqlreach.report;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Foreign text as Markdown that shows it as text. */
final class Markdown {
    private static final String SPECIAL = "\\`*_{}[]()#+-.!~|<>";

    private Markdown() {}

    /** One line; nothing of it is markup, mentions a person or becomes a link. */
    static String text(String foreign) {
        String line = Phrases.line(foreign);
        StringBuilder text = new StringBuilder(line.length() + 16);
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '&') {
                text.append("&amp;");
            } else if (c == '<') {
                text.append("&lt;");
            } else if (c == '@') {
                // A comment between the at sign and the name: no person is called.
                text.append("@<!-- -->");
            } else if (needsEscape(line, i)) {
                text.append('\\').append(c);
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    /** Points, hyphens and parentheses are only special where they could make a list, a rule or a link. */
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

    /** One sentence; what stands in backquotes becomes code. */
    static String rich(String sentence) {
        return Rich.parts(Phrases.line(sentence)).stream()
                .map(part -> part.code() ? code(part.text()) : edges(part.text()))
                .collect(Collectors.joining());
    }

    /** Escaped, with the blanks around it, which a line would lose. */
    private static String edges(String foreign) {
        String text = text(foreign);
        return (foreign.startsWith(" ") ? " " : "") + text + (foreign.endsWith(" ") && !text.isEmpty() ? " " : "");
    }

    static String code(String foreign) {
        String line = Phrases.line(foreign);
        String fence = fence(line, 1);
        String pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
        return line.isEmpty() ? "" : fence + pad + line + pad + fence;
    }

    static String block(String lines) {
        String fence = fence(lines, 3);
        return fence + "text\n" + lines + (lines.endsWith("\n") ? "" : "\n") + fence + "\n";
    }

    /** More backquotes than any run of them inside. */
    private static String fence(String content, int least) {
        int longest = Arrays.stream(content.split("[^`]+"))
                .mapToInt(String::length)
                .max()
                .orElse(0);
        return "`".repeat(Math.max(least, longest + 1));
    }

    static String cell(String foreign) {
        return text(foreign);
    }

    static void header(StringBuilder text, String... titles) {
        row(text, titles);
        row(text, Arrays.stream(titles).map(title -> "---").toArray(String[]::new));
    }

    static void row(StringBuilder text, String... cells) {
        text.append(List.of(cells).stream().collect(Collectors.joining(" | ", "| ", " |\n")));
    }
}
