package io.github.dsqlreach.internal.results;

import io.github.dsqlreach.internal.BoundedFiles;
import io.github.dsqlreach.report.Report;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The section about a build in the summary of a GitHub Actions step, a file that other programs append to and that several JVMs
 * update.
 *
 * <p>There is no lock. Bytes of others are never written over, moved or cut off: a JVM appends, and writes over what this class
 * appended. What is appended are marks, one for each directory with results of the build, and regions for the section, which
 * are larger than it. A JVM appends the mark of its directory. Then it writes the totals of all marked directories into
 * the last region, and reads the region and the results again, until both agree. So the file ends with the totals of the JVM
 * that wrote its results last, also if JVMs overwrite the region of each other.
 */
public final class StepSummary {
    /** GitHub rejects a larger summary. */
    private static final int LARGEST = 1024 * 1024;

    private static final int SMALLEST_REGION = 8 * 1024;
    private static final int LONGEST_MARK = 5_000;
    private static final int MOST_DIRECTORIES = 1_000;
    private static final int MOST_TRIES = 50;

    private static final String MARK = "<!-- dsql-reach ";
    private static final String RESULTS = "results";
    private static final String SECTION = "section";
    private static final String END = "-->\n";
    private static final Pattern LENGTH_AND_NAME = Pattern.compile("([1-9]\\d{2,6})-([0-9a-f]{8})");

    private final Path file;
    private final String build;

    private StepSummary(Path file, String build) {
        this.file = file;
        this.build = build.isEmpty() ? "unknown" : build;
    }

    /** The summary that these environment variables name; empty if they name none. */
    public static Optional<StepSummary> of(Map<String, String> environment, String build) throws IOException {
        String file = environment.getOrDefault("GITHUB_STEP_SUMMARY", "");
        if (!"true".equals(environment.get("GITHUB_ACTIONS")) || file.isBlank()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new StepSummary(Path.of(file), build));
        } catch (InvalidPathException e) {
            throw new IOException("GITHUB_STEP_SUMMARY is not a path: " + e.getMessage(), e);
        }
    }

    /**
     * Brings the section up to date with the results in that directory and those of other JVMs.
     *
     * @return whether it is up to date; {@code false} if the summary would become larger than GitHub allows
     */
    public boolean update(Path directory) throws IOException {
        return update(Set.of(directory), this::content);
    }

    /** Replaces the section by that Markdown about the results in those directories. */
    public boolean update(Collection<Path> directories, String markdown) throws IOException {
        return update(directories, unused -> markdown);
    }

    /** What the section says about the results in some directories. */
    @FunctionalInterface
    private interface Content {
        String of(Set<URI> directories) throws IOException;
    }

    private boolean update(Collection<Path> directories, Content section) throws IOException {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            String text = read();
            Found found = find(text);
            Set<URI> all = new LinkedHashSet<>(found.directories);
            directories.forEach(
                    directory -> all.add(directory.toAbsolutePath().normalize().toUri()));
            String content = latin(section.of(all));
            if (content.isEmpty() && found.regions.isEmpty()) {
                return true;
            }
            if (all.size() > found.directories.size()) {
                all.removeAll(found.directories);
                StringBuilder marks = new StringBuilder("\n");
                all.forEach(directory -> marks.append(mark(RESULTS, directory)));
                // Only if there is room for a section too.
                if (text.length() + capacity(content) > LARGEST || !append(text, marks.toString())) {
                    return false;
                }
                continue;
            }
            Optional<Region> last = found.regions.stream()
                    .filter(region -> region.length >= needed(content))
                    .reduce((one, other) -> other);
            if (last.isEmpty()) {
                Region added = new Region(
                        text.length(),
                        capacity(content),
                        UUID.randomUUID().toString().substring(0, 8));
                if (!append(text, "\n" + filled(added, content))) {
                    return false;
                }
                continue;
            }
            Region live = last.get();
            String wanted = filled(live, content);
            boolean current = text.startsWith(wanted, live.start);
            if (current && found.regions.size() == 1) {
                return true;
            }
            if (!current) {
                overwrite(live.start, wanted);
            }
            for (Region region : found.regions) {
                if (region != live) {
                    overwrite(region.start, blank(region.length));
                }
            }
        }
        throw new IOException("other processes change " + file + " all the time");
    }

    /** Appends Markdown, for a JVM that has no directory for results. */
    public void append(Report report) throws IOException {
        append(read(), "\n" + latin(report.markdown()));
    }

    private String content(Set<URI> directories) throws IOException {
        List<ClassResult> results = new ArrayList<>();
        List<ResultFiles> files = new ArrayList<>();
        for (URI directory : directories) {
            ResultFiles here = new ResultFiles(Path.of(directory));
            files.add(here);
            here.read().stream()
                    .filter(result ->
                            result.build().equals(build) || result.build().isEmpty() && build.equals("unknown"))
                    .forEach(results::add);
        }
        BuildResults all = new BuildResults(
                results,
                name -> files.stream()
                        .flatMap(here -> here.report(name).stream())
                        .findFirst());
        return all.simulation().map(sentence -> "**" + sentence + "**\n\n").orElse("")
                + Report.markdown(List.copyOf(all.reports().values()));
    }

    /** A byte is a character here: what others wrote keeps its length, whatever its encoding is. */
    private String read() throws IOException {
        return Files.exists(file)
                ? new String(BoundedFiles.readBytes(file, 2 * LARGEST), StandardCharsets.ISO_8859_1)
                : "";
    }

    private static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private boolean append(String before, String text) throws IOException {
        if (before.length() + text.length() > LARGEST) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            write(channel, text);
        }
        return true;
    }

    private void overwrite(int start, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.position(start);
            write(channel, text);
        }
    }

    private static void write(FileChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /**
     * A part of the file that the section may fill.
     *
     * @param name a random text, with which the region begins and ends: nothing else can look like it by chance
     */
    private record Region(int start, int length, String name) {
        String end() {
            return " " + name + " " + END;
        }
    }

    private record Found(Set<URI> directories, List<Region> regions) {}

    /** What was appended for this build. Each line is looked at once, and what is in a region not at all. */
    private Found find(String text) {
        Found found = new Found(new LinkedHashSet<>(), new ArrayList<>());
        int start = 0;
        while (start < text.length()) {
            int end = text.indexOf('\n', start);
            end = end < 0 ? text.length() : end + 1;
            if (text.startsWith(MARK, start) && end - start < LONGEST_MARK) {
                String[] words = text.substring(start + MARK.length(), end).split(" ");
                if (words.length == 4 && words[1].equals(build) && words[3].equals(END)) {
                    if (words[0].equals(RESULTS) && found.directories.size() < MOST_DIRECTORIES) {
                        directory(words[2]).ifPresent(found.directories::add);
                    } else if (words[0].equals(SECTION)) {
                        Optional<Region> region = region(start, words[2]).filter(whole -> isWhole(whole, text));
                        region.ifPresent(found.regions::add);
                        end = region.map(whole -> whole.start + whole.length).orElse(end);
                    }
                }
            }
            start = end;
        }
        return found;
    }

    private static Optional<Region> region(int start, String lengthAndName) {
        Matcher parts = LENGTH_AND_NAME.matcher(lengthAndName);
        return parts.matches()
                ? Optional.of(new Region(start, Integer.parseInt(parts.group(1)), parts.group(2)))
                : Optional.empty();
    }

    private static boolean isWhole(Region region, String text) {
        int end = region.start + region.length;
        return end <= text.length()
                && text.startsWith(region.end(), end - region.end().length());
    }

    private static Optional<URI> directory(String text) {
        try {
            URI uri = URI.create(text);
            Path.of(uri);
            return Optional.of(uri);
        } catch (IllegalArgumentException | java.nio.file.FileSystemNotFoundException e) {
            return Optional.empty();
        }
    }

    private String mark(String kind, Object what) {
        return MARK + kind + " " + build + " " + what + " " + END;
    }

    private int needed(String content) {
        Region longest = new Region(0, 9_999_999, "12345678");
        return start(longest, content).length() + longest.end().length();
    }

    /** A power of two, so that few regions are needed while the section grows. */
    private int capacity(String content) {
        return Math.max(SMALLEST_REGION, Integer.highestOneBit(needed(content)) * 2);
    }

    /** The section, filled up with blanks in a comment. */
    private String filled(Region region, String content) {
        String start = start(region, content);
        return start + " ".repeat(region.length - start.length() - region.end().length()) + region.end();
    }

    private String start(Region region, String content) {
        return mark(SECTION, region.length + "-" + region.name) + content + "\n<!--";
    }

    private static String blank(int length) {
        return "<!--" + " ".repeat(length - 4 - END.length()) + END;
    }
}
