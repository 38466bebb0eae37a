package io.github.dsqlreach.cli;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.report.BuildRecord;
import io.github.dsqlreach.report.CiAnnotations;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.TextReport;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says at the end of a build what all its JVMs found: on a console of its own, which no test runner captures. */
@Command(
        name = "summary",
        description = {
            "Tells what the tests of a build found: the records that they left in their reports' directories.",
            "The exit code is that of the gravest finding for which tests failed; 1 if too few tests ran."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class SummaryCommand implements Callable<Integer> {
    private static final int DEEPEST = 10;

    @Parameters(
            arity = "0..*",
            paramLabel = "DIRECTORY",
            description =
                    "The reports' directories, such as target/dsql-reach, or what is above them, such as a project"
                            + " with its modules (default: the working directory).")
    private List<Path> places = List.of(Path.of(""));

    @Spec
    private CommandSpec spec;

    @Mixin
    private ReportOptions report;

    private final CliContext system;

    static boolean takes(Setting<?> setting) {
        return setting == Setting.MIN_RUN;
    }

    SummaryCommand(CliContext system) {
        this.system = system;
    }

    @Override
    public Integer call() {
        CliContext surroundings = report.applyTo(system);
        if (report.format() == Format.JSON) {
            throw new UsageException("--format json is not possible here; allowed are text, markdown and html."
                    + " The JSON of each finding is in the reports' directories");
        }
        Configuration configuration = SettingOptions.over(system.configuration(), spec);
        configuration.checkProperties();
        Optional<String> minRun = configuration.get(Setting.MIN_RUN);
        report.checkOutput();
        List<Path> directories = directories();
        BuildRecord record = BuildRecord.merged(
                directories.stream().map(SummaryCommand::read).toList());
        List<Report> reports = record.reports();
        Optional<String> tooFew = minRun.flatMap(record::tooFewRan);
        report.write(render(record, reports, surroundings), surroundings);
        if (report.leavesOutputFree()) {
            annotate(record, reports, tooFew, surroundings);
        }
        summarize(directories, surroundings);
        tooFew.ifPresent(surroundings::say);
        int exit = exit(reports);
        return exit == ExitCode.OK && tooFew.isPresent() ? ExitCode.TOO_FEW : exit;
    }

    private static int exit(List<Report> reports) {
        return reports.stream()
                .filter(reported -> reported.failedTests() > 0)
                .mapToInt(reported -> ExitCode.of(reported.reachability().verdict()))
                .max()
                .orElse(ExitCode.OK);
    }

    private static BuildRecord read(Path directory) {
        try {
            return BuildRecord.read(directory);
        } catch (IOException e) {
            throw new UsageException("cannot read the record in '" + directory + "': " + e, e);
        }
    }

    private List<Path> directories() {
        TreeSet<Path> found = new TreeSet<>();
        for (Path place : places) {
            Path start = place.toString().isEmpty() ? Path.of(".") : place;
            if (!Files.isDirectory(start)) {
                throw new UsageException("there is no directory '" + place + "'");
            }
            try {
                Files.walkFileTree(
                        start, EnumSet.noneOf(java.nio.file.FileVisitOption.class), DEEPEST, new Search(found));
            } catch (IOException e) {
                throw new UsageException("cannot search '" + place + "': " + e, e);
            }
        }
        if (found.isEmpty()) {
            throw new UsageException("no record of a build in "
                    + places.stream().map(place -> "'" + place + "'").toList()
                    + ": no test with @RequiresDsqlReachability came to its end, or its reports are elsewhere");
        }
        return List.copyOf(found);
    }

    /** Looks for records, but not where tools hide much. */
    private static final class Search extends SimpleFileVisitor<Path> {
        private final TreeSet<Path> found;

        private Search(TreeSet<Path> found) {
            this.found = found;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            String name = String.valueOf(directory.getFileName());
            boolean hidden = name.length() > 2 && name.startsWith(".") || name.equals("node_modules");
            return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.endsWith(BuildRecord.FILE) && attributes.isRegularFile()) {
                found.add(file.getParent());
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
        }
    }

    private String render(BuildRecord record, List<Report> reports, CliContext surroundings) {
        return switch (report.format()) {
            case MARKDOWN -> record.tally() + ".\n\n" + Report.markdown(reports);
            case HTML -> Report.html(reports);
            default -> text(record, reports, surroundings);
        };
    }

    private String text(BuildRecord record, List<Report> reports, CliContext surroundings) {
        List<String> parts = new ArrayList<>();
        reports.forEach(reported -> parts.add(reported.text(report.textStyle(surroundings))));
        parts.add(TextReport.message(record.tally() + ".", report.textStyle(surroundings)));
        return String.join("\n", parts);
    }

    private static void annotate(
            BuildRecord record, List<Report> reports, Optional<String> tooFew, CliContext surroundings) {
        CiAnnotations ci = CiAnnotations.of(surroundings.environment());
        StringBuilder lines = new StringBuilder();
        record.simulated().stream()
                .sorted()
                .forEach(fault -> lines.append(ci.warning(
                        "DSQL simulated",
                        Setting.SIMULATE + "=" + fault + " was set: nothing here tells of the real network")));
        reports.forEach(reported -> lines.append(ci.lines(reported)));
        tooFew.ifPresent(message -> lines.append(ci.error("Too few DSQL tests ran", message)));
        surroundings.out().print(lines);
        surroundings.out().flush();
    }

    private static void summarize(List<Path> directories, CliContext surroundings) {
        try {
            CiAnnotations.of(surroundings.environment()).summarize(directories);
        } catch (IOException e) {
            surroundings.say("no step summary: " + e);
        }
    }
}
