package io.github.dsqlreach;

import io.github.dsqlreach.internal.Numbers;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A {@link Reachability} as plain text that reads well in a log or an assertion's message. */
final class ReachabilityText {
    /** Of each phase's evidence what tells most; a JSON report has it all. */
    private static final Map<Phase, List<Evidence.Key<?>>> TELLING = Map.of(
            Phase.DNS,
            List.of(Evidence.ADDRESSES),
            Phase.TCP,
            List.of(Evidence.ATTEMPTS),
            Phase.TOKEN,
            List.of(Evidence.ACTION, Evidence.EXPIRES_SECONDS, Evidence.SCOPE, Evidence.CREDENTIALS),
            Phase.TLS,
            List.of(
                    Evidence.NEGOTIATION,
                    Evidence.PROTOCOL,
                    Evidence.CIPHER,
                    Evidence.CERTIFICATE_ISSUER,
                    Evidence.BYTES_RECEIVED),
            Phase.AUTH,
            List.of(Evidence.SERVER_VERSION, Evidence.SQL_STATE, Evidence.HINT));

    private ReachabilityText() {}

    static String of(Reachability reachability) {
        StringBuilder text = new StringBuilder(reachability.summary());
        reachability.attempt().ifPresent(attempt -> attempt.phases().forEach(result -> line(text, result)));
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
        String evidence = TELLING.getOrDefault(result.phase(), List.of()).stream()
                .filter(key -> result.evidence().has(key))
                .map(key -> key + " " + result.evidence().text(key).orElse(""))
                .collect(Collectors.joining(", "));
        if (!evidence.isEmpty()) {
            text.append(result.failed() ? "; " : "  ").append(evidence);
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
