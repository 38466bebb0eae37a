package io.github.dsqlreach.internal.results;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.internal.BoundedFiles;
import io.github.dsqlreach.report.Report;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The reports' directory: a file for each class result, and for each report that results name a JSON, a Markdown and an HTML
 * file. Every file is written under another name and renamed, so that a reader, and a JVM that is killed, leave whole files.
 */
public final class ResultFiles {
    /** The end of the names of class results; the name of no report ends so. */
    public static final String SUFFIX = ".result.json";

    private static final String FIRST = ".first";
    private static final int MOST_BYTES = 20_000_000;
    private static final int LONGEST_CLASS = 120;

    private final Path directory;

    /** A class result and its file. */
    private record Stored(Path file, ClassResult result) {}

    public ResultFiles(Path directory) {
        this.directory = directory;
    }

    /**
     * Writes a class result.
     *
     * @param reports the reports that it names, by their names
     * @throws IOException if the directory cannot be made or written to
     */
    public void write(ClassResult result, Map<String, Reachability> reports) throws IOException {
        Files.createDirectories(directory);
        for (Map.Entry<String, Reachability> report : reports.entrySet()) {
            replace(file(report.getKey(), ".json"), Report.of(report.getValue()).json());
        }
        String random = UUID.randomUUID().toString().substring(0, 8);
        replace(
                directory.resolve(ReportNames.safe(result.testClass(), LONGEST_CLASS) + "-" + random + SUFFIX),
                result.toJson());
    }

    /** The class results in the directory; none if it does not exist. Files that are not class results are passed over. */
    public List<ClassResult> read() throws IOException {
        return read(problem -> {});
    }

    /**
     * The same.
     *
     * @param problems told of each file that is passed over, and why
     */
    public List<ClassResult> read(Consumer<String> problems) throws IOException {
        return stored(problems).stream().map(Stored::result).toList();
    }

    private List<Stored> stored(Consumer<String> problems) throws IOException {
        List<Stored> all = new ArrayList<>();
        if (!Files.isDirectory(directory)) {
            return all;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : files) {
                try {
                    all.add(new Stored(
                            file,
                            ClassResult.fromJson(BoundedFiles.readText(file, MOST_BYTES, LinkOption.NOFOLLOW_LINKS))));
                } catch (IOException | IllegalArgumentException e) {
                    problems.accept("ignoring " + file + ": " + e.getMessage());
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return all;
    }

    /** The report of that name; empty if there is none. */
    public Optional<Reachability> report(String name) {
        Path json = file(name, ".json");
        return ReportNames.isReport(name) && Files.isRegularFile(json, LinkOption.NOFOLLOW_LINKS)
                ? Optional.of(Report.read(json).reachability())
                : Optional.empty();
    }

    /** Writes the pages of a report, and its JSON if another JVM has deleted it as stale. */
    public void writePages(String name, Report report) throws IOException {
        Files.createDirectories(directory);
        if (Files.notExists(file(name, ".json"))) {
            replace(file(name, ".json"), report.json());
        }
        replace(file(name, ".md"), report.markdown());
        replace(page(name), report.html());
    }

    /** Whether no other JVM of the build has asked this about that report: of several at the same time, one is the first. */
    public boolean isFirst(String report, String build) throws IOException {
        try {
            Files.createFile(directory.resolve("." + report + "." + build + FIRST));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** The HTML page of the report of that name. */
    public Path page(String name) {
        return file(name, ".html");
    }

    private Path file(String name, String end) {
        return directory.resolve(name + end);
    }

    /**
     * Deletes results that do not count any more, and the reports that only they name: those of other builds, and those whose
     * tests all ran again later.
     *
     * @param build the build that this JVM belongs to
     */
    public void deleteStale(String build) throws IOException {
        List<Stored> all = new ArrayList<>(stored(problem -> {}));
        all.sort(Comparator.comparing(Stored::result, BuildResults.ORDER).reversed());
        Set<BuildResults.Key> newer = new HashSet<>();
        Set<String> stale = new HashSet<>();
        Set<String> used = new HashSet<>();
        Map<Path, ClassResult> deleted = new HashMap<>();
        for (Stored stored : all) {
            ClassResult result = stored.result();
            boolean counts = result.build().equals(build)
                    && result.tests().stream().anyMatch(test -> newer.add(BuildResults.Key.of(result, test)));
            if (counts) {
                result.tests().forEach(test -> newer.add(BuildResults.Key.of(result, test)));
            } else {
                deleted.put(stored.file(), result);
            }
            result.tests().stream()
                    .flatMap(test -> Optional.ofNullable(test.report()).stream())
                    .forEach(counts ? used::add : stale::add);
        }
        for (Path file : deleted.keySet()) {
            Files.deleteIfExists(file);
        }
        stale.removeAll(used);
        for (String report : stale) {
            for (String end : List.of(".json", ".md", ".html")) {
                Files.deleteIfExists(file(report, end));
            }
        }
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, ".*" + FIRST)) {
                for (Path file : files) {
                    if (!file.toString().endsWith("." + build + FIRST)) {
                        Files.deleteIfExists(file);
                    }
                }
            }
        }
    }

    /** Writes a text file in UTF-8 by way of another file beside it. */
    private static void replace(Path file, String text) throws IOException {
        Path part = file.resolveSibling("." + UUID.randomUUID() + ".part");
        try {
            Files.writeString(part, text, StandardOpenOption.CREATE_NEW);
            try {
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
