package io.github.dsqlreach.report;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Breaks text into lines. Text in backquotes is never broken, even if it is wider, so that it can be copied. */
final class Wrap {
    /** A command in backquotes with the characters next to it, or a word. */
    private static final Pattern WORD = Pattern.compile("[^\\s`]*(?:`[^`\\n]{1,400}`[^\\s`]*)+|\\S+");

    private Wrap() {}

    static List<String> lines(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        Matcher words = WORD.matcher(text);
        while (words.find()) {
            String word = words.group();
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
            while (line.length() > width && !word.contains("`")) {
                int cut = seam(line, width);
                lines.add(line.substring(0, cut));
                line.delete(0, cut);
            }
        }
        if (!line.isEmpty()) {
            lines.add(line.toString());
        }
        return lines;
    }

    /** Where to break a word that is too wide: after a character such as a dash if there is one, else at the width. */
    private static int seam(CharSequence line, int width) {
        for (int i = width; i > width / 2; i--) {
            if ("_-./:&".indexOf(line.charAt(i - 1)) >= 0) {
                return i;
            }
        }
        return width;
    }

    /** At most so many characters, with an ellipsis if it is cut. */
    static String cut(String text, int width) {
        return text.length() <= width ? text : text.substring(0, width - 1) + "…";
    }
}
