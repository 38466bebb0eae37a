package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import java.util.Arrays;
import java.util.stream.Collectors;

/** All causes as a table, for the documentation. */
final class CauseTable {
    private CauseTable() {}

    static String markdown() {
        return Arrays.stream(Cause.values())
                .map(CauseTable::row)
                .collect(Collectors.joining(
                        "\n",
                        "| cause | layer | verdict | what it means | first remedy |\n|---|---|---|---|---|\n",
                        "\n"));
    }

    private static String row(Cause cause) {
        return String.format(
                "| `%s` | %s | `%s` | %s | %s |",
                cause,
                cause.layer().map(Enum::name).orElse("–"),
                cause.verdict(),
                cell(cause.explanation()),
                cause.remedies().isEmpty()
                        ? "as the evidence says"
                        : cell(cause.remedies().get(0).text()));
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }

    /** Prints the table. */
    public static void main(String[] arguments) {
        System.out.print(markdown());
    }
}
