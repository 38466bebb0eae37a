package io.github.dsqlreach.report;

import java.util.List;
import java.util.regex.Pattern;

/** A sentence with commands and settings in backquotes, taken apart. */
record Rich(String text, boolean code) {
    /** What stands in backquotes, or between them, or behind one that has no other. */
    private static final Pattern PART = Pattern.compile("`([^`]*)`|[^`]+|`[^`]*$");

    static List<Rich> parts(String sentence) {
        return PART.matcher(sentence)
                .results()
                .map(part -> part.group(1) == null ? new Rich(part.group(), false) : new Rich(part.group(1), true))
                .filter(part -> !part.text().isEmpty())
                .toList();
    }
}
