package io.github.dsqlreach.junit;

import io.github.dsqlreach.report.AffectedTests;
import io.github.dsqlreach.report.AffectedTests.Outcome;
import io.github.dsqlreach.report.Reported;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the other JVMs of the same build have already said about an endpoint, in a file beside the reports: so that
 * forked JVMs print the whole only once, and reports show the tests of all of them.
 */
final class BuildMemory {
    private static final int LARGEST = 1 << 20;

    /**
     * What is known now.
     *
     * @param reported the report with the tests of all JVMs
     * @param isNew whether this JVM is the first of the build to report it
     */
    record Merged(Reported reported, boolean isNew) {}

    private BuildMemory() {}

    /** Adds this JVM's report to what is known, under that name. */
    static synchronized Merged merge(Path directory, String name, Reported mine) throws IOException {
        Path file = directory.resolve("." + name + ".build");
        try (FileChannel channel = FileChannel.open(
                        file,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        // A link there would have this overwrite another file.
                        LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.lock()) {
            List<String> lines = lock.isValid() ? read(channel) : List.of();
            String header = build() + " " + mine.reachability().verdict();
            boolean isNew = lines.isEmpty() || !lines.get(0).equals(header);
            List<AffectedTests> before = isNew
                    ? List.of()
                    : lines.stream()
                            .skip(1)
                            .flatMap(line -> parse(line).stream())
                            .toList();
            List<AffectedTests> all = sum(before, mine.tests());
            write(channel, header, all);
            return new Merged(new Reported(mine.reachability(), all), isNew);
        }
    }

    private static List<AffectedTests> sum(List<AffectedTests> before, List<AffectedTests> mine) {
        Map<List<?>, AffectedTests> sums = new LinkedHashMap<>();
        Stream.concat(before.stream(), mine.stream())
                .forEach(tests -> sums.merge(
                        List.of(tests.className(), tests.outcome()),
                        tests,
                        (a, b) -> new AffectedTests(a.className(), a.count() + b.count(), a.outcome())));
        return List.copyOf(sums.values());
    }

    private static List<String> read(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), LARGEST));
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // Until the end, or as much as is sensible.
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    private static void write(FileChannel channel, String header, List<AffectedTests> tests) throws IOException {
        List<String> lines = new ArrayList<>(List.of(header));
        tests.forEach(t -> lines.add(t.count() + " " + t.outcome() + " " + t.className()));
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(String.join("\n", lines) + "\n");
        channel.truncate(0).position(0);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static Optional<AffectedTests> parse(String line) {
        String[] parts = line.split(" ", 3);
        try {
            return Optional.of(new AffectedTests(parts[2], Integer.parseInt(parts[0]), Outcome.valueOf(parts[1])));
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    /** The process that is the build: of a Surefire fork the Maven above it (a shell may be between), else this JVM. */
    private static String build() {
        ProcessHandle self = ProcessHandle.current();
        if (!System.getProperty("sun.java.command", "").contains("surefire")) {
            return id(self);
        }
        Optional<ProcessHandle> parent = self.parent();
        return Stream.of(parent, parent.flatMap(ProcessHandle::parent))
                .flatMap(Optional::stream)
                .filter(process -> process.info().command().orElse("").matches(".*java(\\.exe)?"))
                .findFirst()
                .map(BuildMemory::id)
                .orElseGet(() -> id(self));
    }

    private static String id(ProcessHandle process) {
        return process.pid() + "@"
                + process.info().startInstant().map(Object::toString).orElse("?");
    }
}
