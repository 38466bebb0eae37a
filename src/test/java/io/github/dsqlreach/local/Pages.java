package io.github.dsqlreach.local;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parts of a page that are made from data: they stand between two comments with a name. */
final class Pages {
    private Pages() {}

    static String replace(String page, String name, String text) {
        Matcher part = Pattern.compile("(<!-- " + name + " -->\n\n).*?(<!-- end -->)", Pattern.DOTALL)
                .matcher(page);
        if (!part.find()) {
            throw new IllegalArgumentException("the page has no part '" + name + "'");
        }
        return page.substring(0, part.end(1)) + text + "\n" + page.substring(part.start(2));
    }
}
