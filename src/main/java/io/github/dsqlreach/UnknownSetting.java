package io.github.dsqlreach;

import io.github.dsqlreach.internal.Spelling;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A name that looks like a setting's and is not one: it starts with the prefix of all settings, or differs from a known name
 * only in dots, dashes and case.
 *
 * @param name the name
 * @param meant the most similar known name; empty if none is similar
 */
record UnknownSetting(String name, Optional<String> meant) {

    /** The first word of all names of settings. */
    private static final String FIRST = "dsql";

    /** The unknown ones among these names, in alphabetical order; the prefix may be in upper or lower case. */
    static List<UnknownSetting> among(Collection<String> names, String prefix, Collection<String> known) {
        return names.stream()
                .filter(name -> begins(name, prefix) || begins(name, FIRST) && isRespelled(name, prefix, known))
                .filter(name -> !known.contains(name))
                .sorted()
                .map(name -> new UnknownSetting(name, nearest(name, known)))
                .toList();
    }

    private static boolean begins(String name, String prefix) {
        return name.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    /** Whether it is a known name with other dots, dashes or case, such as {@code dsql-reach.mode}. */
    private static boolean isRespelled(String name, String prefix, Collection<String> known) {
        return known.stream()
                .anyMatch(one -> begins(one, prefix) && Spelling.bare(one).equals(Spelling.bare(name)));
    }

    /**
     * For example {@code dsql.reach.timout (system property) is not a setting; did you mean dsql.reach.timeout?}.
     *
     * @param what what the name is
     * @param consequence for example {@code  and is ignored}; may be empty
     */
    String message(String what, String consequence) {
        return Scrubber.line(name, 100) + " (" + what + ") is not a setting" + consequence + "; "
                + meant.map(known -> "did you mean " + known + "?").orElse("docs/configuration.md lists all settings");
    }

    /** The prefix of all settings cannot be misspelt. */
    private static Optional<String> nearest(String name, Collection<String> known) {
        int ownLetters =
                Spelling.bare(name).length() - Spelling.bare(Setting.PREFIX).length();
        return Spelling.nearest(name, known, ownLetters);
    }
}
