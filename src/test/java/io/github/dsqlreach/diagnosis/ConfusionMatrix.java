package io.github.dsqlreach.diagnosis;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Expected against got, counted. */
final class ConfusionMatrix {
    private final Map<String, Map<String, Integer>> counts = new TreeMap<>();
    private int right;
    private int honest;
    private int total;

    void add(String expected, String got) {
        counts.computeIfAbsent(expected, row -> new LinkedHashMap<>()).merge(got, 1, Integer::sum);
        total++;
        right += expected.equals(got) ? 1 : 0;
        honest += !expected.equals(got) && got.equals("UNKNOWN") ? 1 : 0;
    }

    /** The totals, then a line for each cause: a cell for each that was got. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                "%d scenarios: %d right, %d honestly UNKNOWN, %d wrong%n%-30s  got%n",
                total, right, honest, total - right - honest, "expected"));
        counts.forEach((expected, row) -> {
            text.append(String.format("%-30s", expected));
            row.forEach((got, count) -> text.append(String.format("  %s %d", got.equals(expected) ? "=" : got, count)));
            text.append(String.format("%n"));
        });
        return text.toString();
    }
}
