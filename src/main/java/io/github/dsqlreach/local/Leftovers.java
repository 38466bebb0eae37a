package io.github.dsqlreach.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What killed JVMs could not clean up: their run directories, and the servers that still run in them. */
final class Leftovers {
    private static final System.Logger LOG = System.getLogger(Leftovers.class.getName());
    private static final Pattern NAME = Pattern.compile(Pattern.quote(RunDirectory.PREFIX) + "(\\d{1,10})-\\d+");
    /** More than the difference between the clocks of processes and files. */
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(2);

    private Leftovers() {}

    /** Removes what killed JVMs of this user left, and logs one line for each. */
    static void remove(RunDirectory run) throws IOException {
        try (DirectoryStream<Path> candidates =
                Files.newDirectoryStream(RunDirectory.parent(), RunDirectory.PREFIX + "*")) {
            for (Path candidate : candidates) {
                Matcher name = NAME.matcher(candidate.getFileName().toString());
                if (name.matches()
                        && Long.parseLong(name.group(1))
                                != ProcessHandle.current().pid()) {
                    removeIfLeft(candidate, name.group(1), run.path());
                }
            }
        }
    }

    private static void removeIfLeft(Path candidate, String pid, Path ours) throws IOException {
        if (!FilePermissions.isOnlyOurs(candidate, ours)) {
            return;
        }
        try {
            if (isAlive(Long.parseLong(pid), candidate)) {
                return;
            }
            if (!Files.exists(candidate.resolve(RunDirectory.LOCK), LinkOption.NOFOLLOW_LINKS)) {
                Directories.delete(candidate);
                return;
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "not removed: " + e);
            return;
        }
        try (FileChannel channel = FileChannel.open(
                        candidate.resolve(RunDirectory.LOCK), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                return;
            }
            List<ProcessHandle> left = processesIn(candidate);
            left.forEach(RunDirectory::end);
            endServerOfKeptData(candidate, ours);
            Directories.delete(candidate);
            LOG.log(
                    System.Logger.Level.INFO,
                    "removed what the killed JVM " + pid + " had left: " + (left.isEmpty() ? "" : "PostgreSQL and ")
                            + candidate);
        } catch (IOException e) {
            // Another JVM is just making or removing it.
            LOG.log(System.Logger.Level.DEBUG, () -> "not removed: " + e);
        }
    }

    private static void endServerOfKeptData(Path candidate, Path ours) {
        try {
            KeptData.endServerLeftBy(candidate, ours);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "not ended: " + e);
        }
    }

    /**
     * Whether the JVM that made it is alive, and will clean up. A process that was started later only has the same id.
     */
    private static boolean isAlive(long pid, Path directory) throws IOException {
        Instant lastUse = Files.getLastModifiedTime(directory, LinkOption.NOFOLLOW_LINKS)
                .toInstant()
                .plus(CLOCK_TOLERANCE);
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process ->
                        process.info().startInstant().orElse(Instant.MIN).isBefore(lastUse))
                .isPresent();
    }

    /** Processes that were started with a path in that directory. */
    private static List<ProcessHandle> processesIn(Path directory) {
        String inside = directory.resolve("data").toString();
        return ProcessHandle.allProcesses()
                .filter(process -> process.info()
                        .commandLine()
                        .filter(line -> line.contains(inside))
                        .isPresent())
                .toList();
    }
}
