package io.github.dsqlreach;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
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
        return known.stream().anyMatch(one -> begins(one, prefix) && bare(one).equals(bare(name)));
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

    private static Optional<String> nearest(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
                .filter(candidate -> distance(name, candidate) <= Math.max(1, Math.min(3, own(name) / 3)));
    }

    /** The number of its letters after the common prefix. */
    private static int own(String name) {
        return bare(name).length() - bare(Setting.PREFIX).length();
    }

    /** The number of letters to add, drop or replace; dots, dashes and case do not count. */
    private static int distance(String one, String other) {
        String a = bare(one);
        String b = bare(other);
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }

    private static String bare(String name) {
        String bare = name.replaceAll("[._-]", "").toLowerCase(Locale.ROOT);
        return bare.substring(0, Math.min(bare.length(), 100));
    }
}
