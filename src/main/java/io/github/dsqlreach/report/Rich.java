package io.github.dsqlreach.report;

import java.util.ArrayList;
import java.util.List;

/** A sentence with commands and settings in backquotes, taken apart. */
record Rich(String text, boolean code) {
    static List<Rich> parts(String sentence) {
        List<Rich> parts = new ArrayList<>();
        int from = 0;
        while (from < sentence.length()) {
            int open = sentence.indexOf('`', from);
            int close = open < 0 ? -1 : sentence.indexOf('`', open + 1);
            if (close < 0) {
                parts.add(new Rich(sentence.substring(from), false));
                return parts;
            }
            if (open > from) {
                parts.add(new Rich(sentence.substring(from, open), false));
            }
            if (close > open + 1) {
                parts.add(new Rich(sentence.substring(open + 1, close), true));
            }
            from = close + 1;
        }
        return parts;
    }
}
