package io.github.dsqlreach;

import java.util.List;

/** A {@link Reachability} as plain text that reads well in a log or an assertion's message. */
final class ReachabilityText {
    private ReachabilityText() {}

    static String of(Reachability reachability) {
        StringBuilder text = new StringBuilder(reachability.summary());
        reachability.walk().ifPresent(walk -> walk.results().forEach(result -> line(text, result)));
        section(
                text,
                "experiments",
                reachability.experiments().stream().map(Experiment::toString).toList());
        section(text, "evidence", reachability.diagnosis().evidence());
        section(text, "remedies", reachability.diagnosis().remedies());
        return text.toString();
    }

    private static void line(StringBuilder text, PhaseResult result) {
        String mark = switch (result.status()) {
            case PASSED -> "passed";
            case FAILED -> "FAILED";
            case NOT_REACHED -> "-";
        };
        String time = result.status() == PhaseResult.Status.NOT_REACHED ? "" : Numbers.print(result.duration());
        text.append(String.format("%n  %-5s  %-6s  %8s", result.phase(), mark, time));
        result.failure().ifPresent(failure -> text.append("  ").append(failure.message()));
        if (!result.evidence().asMap().isEmpty()) {
            text.append(result.failed() ? "; " : "  ").append(result.evidence());
        }
        while (Character.isWhitespace(text.charAt(text.length() - 1))) {
            text.setLength(text.length() - 1);
        }
    }

    private static void section(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            text.append(String.format("%n  %s:", title));
            lines.forEach(line -> text.append(String.format("%n  - %s", line)));
        }
    }
}
