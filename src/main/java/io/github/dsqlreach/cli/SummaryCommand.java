package io.github.dsqlreach.cli;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.internal.results.BuildResults;
import io.github.dsqlreach.internal.results.CiAnnotations;
import io.github.dsqlreach.internal.results.ClassResult;
import io.github.dsqlreach.internal.results.ResultFiles;
import io.github.dsqlreach.internal.results.StepSummary;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.TextReport;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Adds up the test results of a build at its end, on a console of its own, which no test runner captures. */
@Command(
        name = "summary",
        description = {
            "Adds up the test results of a build: what the tests found, and how many of them ran.",
            "The exit code is that of the gravest verdict for which tests failed; 1 if too few tests ran."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class SummaryCommand implements Callable<Integer> {
    private static final int DEEPEST = 10;

    @Parameters(
            arity = "0..*",
            paramLabel = "DIRECTORY",
            description = {
                "A reports' directory such as target/dsql-reach, or a directory above, such as a project with modules"
                        + " (default: the working directory).",
                "Of each DIRECTORY the results of the newest build count."
            })
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
                    + " The reports' directories have the JSON of each report");
        }
        Configuration configuration = SettingOptions.over(system.configuration(), spec);
        configuration.checkProperties();
        Optional<String> minRun = configuration.get(Setting.MIN_RUN);
        report.checkOutput();
        Search search = new Search(surroundings);
        places.forEach(search::in);
        if (search.counted.isEmpty()) {
            throw new UsageException(
                    "no test results in "
                            + places.stream().map(place -> "'" + place + "'").toList()
                            + ": no test with @RequiresDsqlReachability ran, or its reports are elsewhere (dsql.reach.reports-dir)");
        }
        BuildResults build = new BuildResults(search.counted, search::report);
        List<Report> reports = List.copyOf(build.reports().values());
        Collection<String> quotas = minRun.<Collection<String>>map(Set::of).orElseGet(build::minRuns);
        List<String> tooFew = quotas.stream()
                .flatMap(quota -> build.tooFewRan(quota).stream())
                .toList();
        report.write(render(build, reports, surroundings), surroundings);
        if (report.leavesOutputFree()) {
            annotate(build, reports, tooFew, surroundings);
        }
        writeStepSummary(search, reports, surroundings);
        tooFew.forEach(surroundings::say);
        int exit = exit(reports);
        return exit == ExitCode.OK && !tooFew.isEmpty() ? ExitCode.TOO_FEW : exit;
    }

    private static int exit(List<Report> reports) {
        return reports.stream()
                .filter(report -> report.failedTests() + report.lostTests() > 0)
                .mapToInt(report -> ExitCode.of(report.reachability().verdict()))
                .max()
                .orElse(ExitCode.OK);
    }

    /** Finds results, but not in the large directories of other tools. */
    private static final class Search extends SimpleFileVisitor<Path> {
        private final CliContext surroundings;
        private final Set<Path> found = new TreeSet<>();
        private final List<ClassResult> counted = new ArrayList<>();
        private final Set<Path> directories = new TreeSet<>();

        private Search(CliContext surroundings) {
            this.surroundings = surroundings;
        }

        void in(Path place) {
            Path start = place.toString().isEmpty() ? Path.of(".") : place;
            if (!Files.isDirectory(start)) {
                throw new UsageException("there is no directory '" + place + "'");
            }
            found.clear();
            List<ClassResult> results = new ArrayList<>();
            try {
                Files.walkFileTree(start, EnumSet.noneOf(FileVisitOption.class), DEEPEST, this);
                for (Path directory : found) {
                    results.addAll(new ResultFiles(directory).read(surroundings::say));
                }
            } catch (IOException e) {
                throw new UsageException("cannot read '" + place + "': " + e, e);
            }
            directories.addAll(found);
            count(results, place);
        }

        private void count(List<ClassResult> results, Path place) {
            Optional<String> newest = results.stream()
                    .max(Comparator.comparingLong(ClassResult::finished))
                    .map(ClassResult::build);
            long stale = results.stream()
                    .filter(result -> !result.build().equals(newest.orElse("")))
                    .count();
            results.stream()
                    .filter(result -> result.build().equals(newest.orElse("")))
                    .forEach(counted::add);
            if (stale > 0) {
                surroundings.say("not counted in '" + place + "': the results of " + stale
                        + " test classes that belong to other builds than the newest");
            }
        }

        Optional<Reachability> report(String name) {
            return Optional.of(directories.stream()
                    .flatMap(directory -> new ResultFiles(directory).report(name).stream())
                    .findFirst()
                    .orElseThrow(() -> new UsageException(
                            "the report " + name + ".json is missing beside the results that" + " name it")));
        }

        @Override
        public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            String name = String.valueOf(directory.getFileName());
            boolean hidden = name.length() > 2 && name.startsWith(".") || name.equals("node_modules");
            return hidden ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(ResultFiles.SUFFIX) && attributes.isRegularFile()) {
                found.add(file.getParent());
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE;
        }
    }

    private String render(BuildResults build, List<Report> reports, CliContext surroundings) {
        return switch (report.format()) {
            case MARKDOWN -> build.tally() + ".\n\n" + Report.markdown(reports);
            case HTML -> Report.html(reports);
            default ->
                Stream.concat(
                                reports.stream().map(of -> of.text(report.textStyle(surroundings))),
                                Stream.of(TextReport.message(build.tally() + ".", report.textStyle(surroundings))))
                        .collect(Collectors.joining("\n"));
        };
    }

    private static void annotate(
            BuildResults build, List<Report> reports, List<String> tooFew, CliContext surroundings) {
        CiAnnotations ci = CiAnnotations.of(surroundings.environment());
        StringBuilder lines = new StringBuilder();
        build.simulation().ifPresent(sentence -> lines.append(ci.warning("DSQL simulated", sentence)));
        reports.forEach(report -> lines.append(ci.lines(report)));
        tooFew.forEach(message -> lines.append(ci.error("Too few DSQL tests ran", message)));
        surroundings.out().print(lines);
        surroundings.out().flush();
    }

    private static void writeStepSummary(Search search, List<Report> reports, CliContext surroundings) {
        List<String> builds =
                search.counted.stream().map(ClassResult::build).distinct().toList();
        try {
            Optional<StepSummary> step =
                    StepSummary.of(surroundings.environment(), builds.size() == 1 ? builds.get(0) : "several");
            if (step.isPresent()) {
                step.get().update(search.directories, Report.markdown(reports));
            }
        } catch (IOException e) {
            surroundings.say("no step summary: " + e);
        }
    }
}
