package io.github.dsqlreach;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A name that begins as those of settings do and is none, or is one but for dots, dashes and case.
 *
 * @param name the name
 * @param meant the known name that is most like it; empty if none is
 */
record UnknownSetting(String name, Optional<String> meant) {

    /** The word that all of them begin with, however it goes on. */
    private static final String FIRST = "dsql";

    /** Those among these names, in alphabetical order; case does not matter in the prefix. */
    static List<UnknownSetting> among(Collection<String> names, String prefix, Collection<String> known) {
        return names.stream()
                .filter(name -> begins(name, prefix) || begins(name, FIRST) && isOneOtherwise(name, prefix, known))
                .filter(name -> !known.contains(name))
                .sorted()
                .map(name -> new UnknownSetting(name, nearest(name, known)))
                .toList();
    }

    private static boolean begins(String name, String prefix) {
        return name.regionMatches(true, 0, prefix, 0, prefix.length());
    }

    /** As {@code dsql-reach.mode}: whoever writes that means nothing else. */
    private static boolean isOneOtherwise(String name, String prefix, Collection<String> known) {
        return known.stream().anyMatch(one -> begins(one, prefix) && bare(one).equals(bare(name)));
    }

    /** For example {@code dsql.reach.timout (system property) is no setting; did you mean dsql.reach.timeout?}. */
    String message(String what) {
        return message(what, "");
    }

    /** The same, with what becomes of it, such as {@code  and is ignored}. */
    String message(String what, String consequence) {
        return Scrubber.line(name, 100) + " (" + what + ") is no setting" + consequence + "; "
                + meant.map(known -> "did you mean " + known + "?")
                        .orElse("docs/configuration.md lists those that there are");
    }

    private static Optional<String> nearest(String name, Collection<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
                .filter(candidate -> distance(name, candidate) <= Math.max(1, Math.min(3, own(name) / 3)));
    }

    /** How many letters it has behind what all settings begin with. */
    private static int own(String name) {
        return bare(name).length() - bare(Setting.PREFIX).length();
    }

    /** How many letters to add, drop or replace; dots, dashes and case do not count. */
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
