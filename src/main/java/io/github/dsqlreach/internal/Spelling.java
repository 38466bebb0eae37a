package io.github.dsqlreach.internal;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Names as users write them: in upper or lower case, with dashes or underscores, and misspelt. */
public final class Spelling {
    private static final int MOST_LETTERS = 100;
    private static final int MOST_ERRORS = 3;
    private static final int LETTERS_PER_ERROR = 3;

    private Spelling() {}

    /** The constant with that name, in upper or lower case; a dash stands for an underscore. */
    public static <E extends Enum<E>> Optional<E> constant(String name, Class<E> type) {
        String wanted = name.strip().toUpperCase(Locale.ROOT).replace('-', '_');
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.name().equals(wanted))
                .findFirst();
    }

    /**
     * What to say of a name that is none of the known ones: {@code did you mean TLS_RESET? Allowed are …}, or only
     * {@code allowed are …} if none is similar.
     *
     * @param allowed what is allowed, as a clause
     */
    public static String hint(String name, Collection<String> known, String allowed) {
        return nearest(name, known, name.length())
                .map(meant -> "did you mean " + meant + "? "
                        + allowed.substring(0, 1).toUpperCase(Locale.ROOT) + allowed.substring(1))
                .orElse(allowed);
    }

    /**
     * The most similar of the known names; empty if none is similar.
     *
     * @param letters how many letters of the name can be wrong: a common prefix is not
     */
    public static Optional<String> nearest(String name, Collection<String> known, int letters) {
        int tolerated = Math.max(1, Math.min(MOST_ERRORS, letters / LETTERS_PER_ERROR));
        return known.stream()
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
                .filter(candidate -> distance(name, candidate) <= tolerated);
    }

    /** The number of letters to add, drop or replace; dots, dashes, underscores and case do not count. */
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

    /** Only its letters and digits, in lower case and not too many of them. */
    public static String bare(String name) {
        String bare = name.replaceAll("[._-]", "").toLowerCase(Locale.ROOT);
        return bare.substring(0, Math.min(bare.length(), MOST_LETTERS));
    }
}
