package io.github.dsqlreach.cli;

import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.TextReport;
import io.github.dsqlreach.report.TextStyle;
import java.io.PrintStream;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Shows each phase when it ends. */
final class Progress {
    private final PrintStream stream;
    private final TextStyle style;
    private final Map<Phase, PhaseResult> results = new EnumMap<>(Phase.class);

    Progress(PrintStream stream, TextStyle style) {
        this.stream = stream;
        this.style = style;
    }

    synchronized void show(PhaseResult result) {
        if (results.containsKey(result.phase())) {
            // A cluster that was unavailable is checked again, from the beginning.
            results.clear();
            stream.print("\n");
        }
        results.put(result.phase(), result);
        stream.print(TextReport.phase(result, style));
        stream.flush();
    }

    synchronized Set<Phase> shown() {
        return results.isEmpty() ? EnumSet.noneOf(Phase.class) : EnumSet.copyOf(results.keySet());
    }

    /** Whether the phases that were shown are those of that report, rather than of an attempt before it. */
    synchronized boolean isWhole(Reachability reachability) {
        return reachability
                .attempt()
                .filter(attempt -> attempt.phases().stream()
                        .filter(result -> result.status() != PhaseResult.Status.NOT_REACHED)
                        .allMatch(result -> result.equals(results.get(result.phase()))))
                .isPresent();
    }
}
