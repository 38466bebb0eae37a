package io.github.dsqlreach.internal;

import java.time.Duration;
import java.util.Locale;

/** Formats numbers and times for people, the same everywhere. */
public final class Numbers {
    private Numbers() {}

    /** Without needless decimals: {@code 83}, {@code 0.4}. */
    public static String print(double value) {
        if (value >= 9.95 || value == Math.rint(value)) {
            return String.valueOf(Math.round(value));
        }
        return String.format(Locale.ROOT, value < 0.095 ? "%.2f" : "%.1f", value);
    }

    /** {@code 0.4 ms}, {@code 83 ms}, {@code 1832 ms}, {@code 5 s}, {@code 10.2 s}. */
    public static String print(Duration duration) {
        return millis(duration.toNanos() / 1e6);
    }

    /** The same for milliseconds. */
    public static String millis(double millis) {
        if (millis < 9_950 && (millis < 999.5 || Math.round(millis) % 1000 != 0)) {
            return print(millis) + " ms";
        }
        String seconds = String.format(Locale.ROOT, "%.1f", millis / 1000);
        return (seconds.endsWith(".0") ? seconds.substring(0, seconds.length() - 2) : seconds) + " s";
    }
}
