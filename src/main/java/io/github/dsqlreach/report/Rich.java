package io.github.dsqlreach.report;

import java.util.List;
import java.util.regex.Pattern;

/** A part of a sentence with commands and settings in backquotes. */
record Rich(String text, boolean code) {
    /** Text in backquotes, between them, or after an unpaired one. */
    private static final Pattern PART = Pattern.compile("`([^`]*)`|[^`]+|`[^`]*$");

    static List<Rich> parts(String sentence) {
        return PART.matcher(sentence)
                .results()
                .map(part -> part.group(1) == null ? new Rich(part.group(), false) : new Rich(part.group(1), true))
                .filter(part -> !part.text().isEmpty())
                .toList();
    }
}
