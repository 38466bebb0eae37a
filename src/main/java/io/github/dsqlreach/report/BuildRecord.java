package io.github.dsqlreach.report;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What all JVMs of a build found, and what became of the tests that need a cluster: one file in the reports' directory, to
 * which each JVM adds a line when its tests end. What one JVM says of a test replaces what was said before of the same test
 * and endpoint, as when failed tests are run again. A new build begins a new record, and takes away the reports of the last.
 *
 * <p>Several JVMs may add at the same time; one that is killed leaves no more than half a line, which readers pass over.
 *
 * <pre>{@code
 * BuildRecord record = BuildRecord.read(Path.of("target/dsql-reach"));
 * for (Report report : record.reports()) { … }
 * }</pre>
 */
public final class BuildRecord {
    /** The record's name in the reports' directory. */
    public static final String FILE = "record.jsonl";

    /** For tests that ran unchecked. */
    private static final String NO_REPORT = "";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,250}");
    private static final Pattern CAUSE = Pattern.compile("-[A-Z][A-Z_]*$");
    private static final Pattern CLASS = Pattern.compile("\\[(nested-)?class(-template)?:([^]]+)]");

    /** What became of a test. */
    public enum Fate {
        /** It ran. */
        RAN,
        /** It was skipped. */
        SKIPPED,
        /** It was failed. */
        FAILED,
        /** It gave up by an assumption, or what is around it did. */
        ABORTED;

        private String key() {
            return name().toLowerCase(Locale.ROOT);
        }

        private boolean isStopped() {
            return this == SKIPPED || this == FAILED;
        }
    }

    /**
     * What one JVM found.
     *
     * @param reachability what was found about an endpoint; empty for tests that ran unchecked
     * @param tests what became of the tests that depend on it, by their unique identifiers of JUnit
     */
    public record Found(Optional<Reachability> reachability, Map<String, Fate> tests) {
        public Found {
            tests = Map.copyOf(tests);
        }

        private String report() {
            return reachability.map(BuildRecord::name).orElse(NO_REPORT);
        }
    }

    /**
     * The record before and after one JVM added to it.
     *
     * @param before what the others of the same build had added
     * @param after all of it
     */
    public record Change(BuildRecord before, BuildRecord after) {}

    private record Test(String module, String id) {}

    private record Key(Test test, String endpoint) {}

    private record Said(String report, Fate fate) {}

    private final Map<Key, Said> said = new LinkedHashMap<>();
    private final Map<String, Path> files = new LinkedHashMap<>();
    private final Map<String, Reachability> known = new LinkedHashMap<>();
    private final Set<String> simulated = new TreeSet<>();
    private final Set<String> detours = new TreeSet<>();
    private Optional<Build> build = Optional.empty();
    private long ended;

    private BuildRecord() {}

    /**
     * Adds what this JVM found to the record of its build, and writes the reports of what is in the way with the tests of
     * all JVMs.
     *
     * @param directory where reports go; made if it is not there
     * @throws IOException if there is no record, or none could be written; a link in its place is not followed
     */
    public static Change add(Path directory, List<Found> found) throws IOException {
        return add(
                directory, found, Build.current(), Path.of("").toAbsolutePath().toString());
    }

    /** One at a time in this JVM: the lock is between JVMs, and closing a file ends all locks that a JVM has on it. */
    static synchronized Change add(Path directory, List<Found> found, Build build, String module) throws IOException {
        Files.createDirectories(directory);
        // A link there would have this overwrite another file.
        try (LockedFile file = new LockedFile(directory.resolve(FILE), false, LinkOption.NOFOLLOW_LINKS)) {
            String text = new String(file.bytes(), StandardCharsets.UTF_8);
            BuildRecord before = parse(directory, text);
            boolean overlapping = Build.started(ProcessHandle.current()) <= before.ended;
            String added = line(found, module).toString();
            long from = file.size();
            if (before.build.filter(known -> known.isSame(build, overlapping)).isEmpty()) {
                before.deleteReports(directory);
                file.replace(
                        0, new byte[0]); // Whoever is killed from here on leaves no test of the last build to this one.
                before = new BuildRecord();
                added = RecordText.header(build) + added;
                from = 0;
                text = "";
            } else if (!text.endsWith("\n")) {
                added = "\n" + added; // Half a line of a JVM that was killed.
            }
            file.replace(from, added.getBytes(StandardCharsets.UTF_8));
            BuildRecord after = parse(directory, text + added);
            after.know(found);
            for (Found one : found) {
                after.writeReport(directory, one, before);
            }
            return new Change(before, after);
        }
    }

    /**
     * Reads the record of the last build that reported there.
     *
     * @throws java.nio.file.NoSuchFileException if there is none
     * @throws IOException if it cannot be read
     */
    public static synchronized BuildRecord read(Path directory) throws IOException {
        try (LockedFile file = new LockedFile(directory.resolve(FILE), true, LinkOption.NOFOLLOW_LINKS)) {
            return parse(directory, new String(file.bytes(), StandardCharsets.UTF_8));
        }
    }

    /** A record of this JVM alone, without a file. */
    public static BuildRecord of(List<Found> found) {
        BuildRecord record = new BuildRecord();
        record.take(Path.of(""), line(found, ""));
        record.know(found);
        return record;
    }

    private void know(List<Found> found) {
        found.forEach(one -> one.reachability().ifPresent(reachability -> known.put(one.report(), reachability)));
    }

    /** Several records as one, such as those of a build's modules. */
    public static BuildRecord merged(List<BuildRecord> records) {
        BuildRecord all = new BuildRecord();
        for (BuildRecord record : records) {
            all.said.putAll(record.said);
            all.files.putAll(record.files);
            all.known.putAll(record.known);
            all.simulated.addAll(record.simulated);
            all.detours.addAll(record.detours);
            all.build = all.build.or(() -> record.build);
            all.ended = Math.max(all.ended, record.ended);
        }
        return all;
    }

    /**
     * What is in the way of tests, a report for each finding, with all tests that did not run because of it; and where tests
     * ran over another transport because of it.
     */
    public List<Report> reports() {
        Stream<String> inTheWay =
                said.values().stream().filter(last -> last.fate().isStopped()).map(Said::report);
        return Stream.concat(inTheWay, detours.stream())
                .distinct()
                .flatMap(report -> Optional.ofNullable(files.get(report)).stream()
                        .map(file -> affecting(
                                Report.of(
                                        Optional.ofNullable(known.get(report)).orElseGet(() -> JsonReport.read(file))),
                                report)))
                .toList();
    }

    /** The report of that, with the tests that did not run because of it. */
    public Report report(Reachability reachability) {
        return affecting(Report.of(reachability), name(reachability));
    }

    /** What is found about an endpoint, and where its reports are: one for each cause. */
    public static String name(Reachability reachability) {
        return Reports.name(reachability)
                + reachability.diagnosis().cause().map(cause -> "-" + cause).orElse("");
    }

    /** Without the cause: what is found there later replaces what was found before. */
    private static String endpoint(String report) {
        return CAUSE.matcher(report).replaceFirst("");
    }

    private Report affecting(Report plain, String report) {
        Map<String, Map<Fate, Integer>> classes = new LinkedHashMap<>();
        said.forEach((key, last) -> {
            if (last.fate().isStopped() && last.report().equals(report)) {
                classes.computeIfAbsent(className(key.test().id()), unused -> new EnumMap<>(Fate.class))
                        .merge(last.fate(), 1, Integer::sum);
            }
        });
        Report result = plain;
        for (Map.Entry<String, Map<Fate, Integer>> type : classes.entrySet()) {
            result = result.affecting(
                    type.getKey(),
                    type.getValue().getOrDefault(Fate.SKIPPED, 0),
                    type.getValue().getOrDefault(Fate.FAILED, 0));
        }
        return result;
    }

    /**
     * A sentence if fewer of the tests that need a cluster ran than must.
     *
     * @param minRun a value of {@link Setting#MIN_RUN}
     */
    public Optional<String> tooFewRan(String minRun) {
        int ran = ran();
        int all = tests(fate -> true).size();
        int number = Integer.parseInt(minRun.replace("%", "").strip());
        boolean enough = minRun.endsWith("%") ? ran * 100L >= (long) number * all : ran >= number;
        // Of nothing no share is enough: nobody asked for a cluster, perhaps by mistake.
        return enough && (number == 0 || all > 0)
                ? Optional.empty()
                : Optional.of("only " + tally() + ", and " + Setting.MIN_RUN + " is " + minRun);
    }

    /** For example {@code 9 of 12 annotated tests ran}, and how many gave up by an assumption. */
    public String tally() {
        int aborted = tests(fate -> fate == Fate.ABORTED).size();
        return ran() + " of " + tests(fate -> true).size() + " annotated tests ran"
                + (aborted == 0 ? "" : " (an assumption ended " + aborted + ")");
    }

    private int ran() {
        Set<Test> stopped = tests(fate -> fate != Fate.RAN);
        return tests(fate -> true).size() - stopped.size();
    }

    private Set<Test> tests(Predicate<Fate> wanted) {
        return said.entrySet().stream()
                .filter(entry -> wanted.test(entry.getValue().fate()))
                .map(entry -> entry.getKey().test())
                .collect(Collectors.toSet());
    }

    /** The faults that were simulated, by their names. */
    public Set<String> simulated() {
        return Set.copyOf(simulated);
    }

    /** Whether they are records of the same build. */
    boolean isSameBuild(Build other) {
        return build.filter(known -> known.isSame(other, true)).isPresent();
    }

    Optional<Build> build() {
        return build;
    }

    private void writeReport(Path directory, Found found, BuildRecord before) throws IOException {
        String report = found.report();
        Optional<Reachability> reachability = found.reachability();
        if (reachability.isEmpty()) {
            return;
        }
        Report now = report(reachability.get());
        boolean news = reachability.filter(Reachability::isReachable).isEmpty()
                ? !now.equals(before.report(reachability.get()))
                : reachability.get().usedWebSocketFallback() && !before.detours.contains(report);
        if (news) {
            Reports.write(directory, report, now);
        }
    }

    /** So that nobody takes what an earlier build found for what this one did. */
    private void deleteReports(Path directory) throws IOException {
        for (String report : files.keySet()) {
            for (String end : List.of(".json", ".md", ".html")) {
                Files.deleteIfExists(directory.resolve(report + end));
            }
        }
    }

    private static RecordText.Line line(List<Found> found, String module) {
        List<String> simulated = new ArrayList<>();
        List<String> detours = new ArrayList<>();
        Map<String, Map<String, List<String>>> reports = new LinkedHashMap<>();
        for (Found one : found) {
            Map<String, List<String>> tests = new LinkedHashMap<>();
            for (Fate fate : Fate.values()) {
                tests.put(
                        fate.key(),
                        one.tests().entrySet().stream()
                                .filter(entry -> entry.getValue() == fate)
                                .map(Map.Entry::getKey)
                                .sorted()
                                .toList());
            }
            reports.put(one.report(), tests);
            one.reachability().flatMap(Reachability::simulation).ifPresent(fault -> simulated.add(fault.fault()));
            one.reachability()
                    .filter(Reachability::usedWebSocketFallback)
                    .ifPresent(unused -> detours.add(one.report()));
        }
        return new RecordText.Line(System.currentTimeMillis(), module, simulated, detours, reports);
    }

    private static BuildRecord parse(Path directory, String text) {
        BuildRecord record = new BuildRecord();
        record.build = text.lines().findFirst().flatMap(RecordText::build);
        if (record.build.isPresent()) {
            text.lines()
                    .skip(1)
                    .map(RecordText::line)
                    .flatMap(Optional::stream)
                    .forEach(line -> record.take(directory, line));
        }
        return record;
    }

    private void take(Path directory, RecordText.Line line) {
        ended = Math.max(ended, line.ended());
        simulated.addAll(line.simulated());
        detours.addAll(line.detours());
        line.reports().forEach((report, tests) -> {
            for (Fate fate : Fate.values()) {
                for (String id : tests.getOrDefault(fate.key(), List.of())) {
                    put(line.module(), id, new Said(report, fate));
                    if ((fate.isStopped() || detours.contains(report))
                            && NAME.matcher(report).matches()) {
                        files.put(report, directory.resolve(report + ".json"));
                    }
                }
            }
        });
    }

    /** A class whose tests were not known before it started stood there itself. */
    private void put(String module, String id, Said last) {
        String endpoint = endpoint(last.report());
        for (int end = id.lastIndexOf('/'); end > 0; end = id.lastIndexOf('/', end - 1)) {
            said.remove(new Key(new Test(module, id.substring(0, end)), endpoint));
        }
        said.put(new Key(new Test(module, id), endpoint), last);
    }

    /** {@code a.B$C} of {@code [engine:e]/[class:a.B]/[nested-class:C]/[method:m()]}. */
    private static String className(String id) {
        StringBuilder name = new StringBuilder();
        Matcher matcher = CLASS.matcher(id);
        while (matcher.find()) {
            name.append(name.isEmpty() ? "" : "$").append(matcher.group(3));
        }
        return name.isEmpty() ? id : name.toString();
    }
}
