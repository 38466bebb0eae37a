package io.github.dsqlreach.report;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The section about a build in the summary of a CI service's step. Whoever adds to the build's record writes it anew, so that
 * it always tells of all JVMs; it remembers the reports' directories, so that it tells of all modules.
 */
final class StepSummary {
    /** GitHub refuses the summary of a step that has more. */
    static final long LARGEST = 1024 * 1024;

    /** What a server says can stand inside, and cannot end the section: it does not know the random text. */
    private static final Pattern SECTION =
            Pattern.compile("<!-- dsql-reach ([0-9a-f-]{36})((?: file:\\S+)+) -->\n.*?<!-- \\1 -->\n", Pattern.DOTALL);

    private StepSummary() {}

    /**
     * Writes the section.
     *
     * @param directories where the records are
     * @return whether it was written; a summary that would become larger than the service allows stays as it is
     */
    static synchronized boolean write(Path file, List<Path> directories) throws IOException {
        try (LockedFile step = new LockedFile(file, false)) {
            if (step.size() > LARGEST) {
                return false;
            }
            // A byte is a character here: what others wrote keeps its place, whatever encoding it has.
            String text = new String(step.bytes(), StandardCharsets.ISO_8859_1);
            Set<Path> all = new LinkedHashSet<>();
            directories.forEach(directory -> all.add(directory.toAbsolutePath().normalize()));
            List<BuildRecord> records = new ArrayList<>();
            for (Path directory : all) {
                records.add(BuildRecord.read(directory));
            }
            int start = text.length();
            int end = start;
            Matcher section = SECTION.matcher(text);
            while (section.find()) {
                List<Path> others = directories(section.group(2));
                List<BuildRecord> same = sameBuild(others, records.get(0));
                if (same.size() == others.size()) {
                    others.forEach(all::add);
                    records.addAll(same);
                    start = section.start();
                    end = section.end();
                }
            }
            String content = Report.markdown(BuildRecord.merged(records).reports());
            String tail = (content.isEmpty() ? "" : section(all, content)) + text.substring(end);
            if (start + tail.length() > LARGEST) {
                return false;
            }
            step.replace(start, tail.getBytes(StandardCharsets.ISO_8859_1));
            return !content.isEmpty();
        }
    }

    private static String section(Set<Path> directories, String content) {
        String mark = UUID.randomUUID().toString();
        StringBuilder text = new StringBuilder("<!-- dsql-reach ").append(mark);
        directories.forEach(directory -> text.append(' ').append(directory.toUri()));
        text.append(" -->\n").append(content).append("\n<!-- ").append(mark).append(" -->\n");
        return new String(text.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    private static List<Path> directories(String uris) {
        List<Path> directories = new ArrayList<>();
        for (String uri : uris.strip().split(" ")) {
            try {
                directories.add(Path.of(URI.create(uri)));
            } catch (IllegalArgumentException | java.nio.file.FileSystemNotFoundException e) {
                // Not ours.
            }
        }
        return directories;
    }

    /** Those of the directories whose records belong to the same build as that one. */
    private static List<BuildRecord> sameBuild(List<Path> directories, BuildRecord mine) {
        List<BuildRecord> same = new ArrayList<>();
        for (Path directory : directories) {
            try {
                BuildRecord record = BuildRecord.read(directory);
                if (mine.build().filter(record::isSameBuild).isPresent()) {
                    same.add(record);
                }
            } catch (IOException e) {
                // Gone, as after a clean.
            }
        }
        return same;
    }
}
