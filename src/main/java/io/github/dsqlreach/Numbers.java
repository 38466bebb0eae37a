package io.github.dsqlreach;

import java.time.Duration;
import java.util.Locale;

/** How numbers are written for people. */
final class Numbers {
    private Numbers() {}

    /** Without needless decimals: {@code 83}, {@code 0.4}. */
    static String print(double value) {
        if (value >= 10 || value == Math.rint(value)) {
            return String.valueOf(Math.round(value));
        }
        return String.format(Locale.ROOT, value < 0.1 ? "%.2f" : "%.1f", value);
    }

    /** {@code 0.4 ms}, {@code 83 ms}, {@code 10.0 s}. */
    static String print(Duration duration) {
        double millis = duration.toNanos() / 1e6;
        return millis < 9_950 ? print(millis) + " ms" : String.format(Locale.ROOT, "%.1f s", millis / 1000);
    }
}
