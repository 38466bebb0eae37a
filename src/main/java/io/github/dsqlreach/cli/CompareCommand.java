package io.github.dsqlreach.cli;

import io.github.dsqlreach.report.Comparison;
import io.github.dsqlreach.report.Report;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Puts the reports of several networks side by side. */
@Command(
        name = "compare",
        description = "Puts the JSON reports of several networks side by side and says what follows.",
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "REPORT.json", description = "Reports made with --format json.")
    private List<Path> files;

    @Option(
            names = "--label",
            paramLabel = "NAME",
            description = "The name of a network; once for each report, in their order (default: the file's name).")
    private List<String> labels = List.of();

    @Mixin
    private ReportOptions report;

    private final CliContext system;

    CompareCommand(CliContext system) {
        this.system = system;
    }

    @Override
    public Integer call() {
        CliContext surroundings = report.applyTo(system);
        if (!labels.isEmpty() && labels.size() != files.size()) {
            throw new UsageException(labels.size() + " labels for " + files.size()
                    + " reports; give --label once for each report, or not at all");
        }
        if (report.format() == Format.JSON) {
            throw new UsageException("--format json is not possible here; allowed are text, markdown and html");
        }
        report.checkOutput();
        report.write(render(Comparison.of(reports()), surroundings), surroundings);
        return ExitCode.OK;
    }

    private List<Report> reports() {
        List<Report> reports = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            Report read = Report.read(files.get(i));
            reports.add(labels.isEmpty() ? read : read.labelled(labels.get(i)));
        }
        return reports;
    }

    private String render(Comparison comparison, CliContext surroundings) {
        return switch (report.format()) {
            case MARKDOWN -> comparison.markdown();
            case HTML -> comparison.html();
            default -> comparison.text(report.textStyle(surroundings));
        };
    }
}
