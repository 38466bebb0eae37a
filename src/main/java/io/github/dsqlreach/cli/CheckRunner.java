package io.github.dsqlreach.cli;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.diagnosis.Diagnoses;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.TextReport;
import io.github.dsqlreach.report.TextStyle;
import java.io.PrintStream;
import java.util.Optional;

/** One check as the user sees it: each phase when it ends, then the report, then the exit code. */
final class CheckRunner {
    private final Endpoint endpoint;
    private final ReachabilityCheck check;
    private final ReportOptions report;
    private final CliContext surroundings;
    private final Optional<Reachability.Simulation> simulation;

    CheckRunner(
            Endpoint endpoint,
            ReachabilityCheck check,
            ReportOptions report,
            CliContext surroundings,
            Optional<Reachability.Simulation> simulation) {
        this.endpoint = endpoint;
        this.check = check;
        this.report = report;
        this.surroundings = surroundings;
        this.simulation = simulation;
    }

    int run() {
        report.checkOutput();
        Reachability reachability = report.streams() ? streamed() : atOnce();
        return ExitCode.of(reachability.verdict());
    }

    private Reachability streamed() {
        TextStyle style = surroundings.style();
        Progress progress = begin(surroundings.out(), style);
        Reachability reachability = checked(check.onPhase(progress::show));
        report.write(
                progress.isWhole(reachability)
                        ? TextReport.after(progress.shown(), reachability, style)
                        : "\n" + Report.of(reachability).text(style),
                surroundings);
        return reachability;
    }

    private Reachability atOnce() {
        if (surroundings.terminal()) {
            check.onPhase(begin(surroundings.err(), surroundings.style())::show);
        }
        Reachability reachability = checked(check);
        report.write(report.render(reachability, surroundings), surroundings);
        return reachability;
    }

    private Reachability checked(ReachabilityCheck check) {
        Reachability reachability = check.run();
        return simulation.map(by -> Diagnoses.simulated(reachability, by)).orElse(reachability);
    }

    private Progress begin(PrintStream stream, TextStyle style) {
        stream.print(TextReport.heading(endpoint, style) + "\n");
        stream.flush();
        return new Progress(stream, style);
    }
}
