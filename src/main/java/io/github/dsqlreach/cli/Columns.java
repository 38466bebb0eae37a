package io.github.dsqlreach.cli;

import java.util.List;

/** Our own texts in the width of a terminal. */
final class Columns {
    static final int WIDTH = 98;

    private static final int NAME_WIDTH = 29;

    private Columns() {}

    /** A name and beside it a text, both indented. */
    static String row(String name, String text) {
        StringBuilder row = new StringBuilder();
        String start = name;
        for (String line : wrapped(text, WIDTH - NAME_WIDTH - 2)) {
            row.append(String.format("  %-" + NAME_WIDTH + "s%s%n", start, line));
            start = "";
        }
        return row.toString();
    }

    static List<String> wrapped(String text, int width) {
        return text.replaceAll("(.{1," + width + "})( +|$)", "$1\n").lines().toList();
    }
}
