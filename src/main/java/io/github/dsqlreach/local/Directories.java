package io.github.dsqlreach.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Directories with everything in them. */
final class Directories {
    private static final int DELETE_TRIES = 20;
    private static final long DELETE_PAUSE_NANOS = 20_000_000;

    private Directories() {}

    /** Copies what is in {@code from} into {@code to}, which exists and is empty. */
    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.skip(1).toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()), LinkOption.NOFOLLOW_LINKS);
            }
        }
    }

    /** Deletes it, also while a process that is just ending still writes or removes files there. */
    static void delete(Path directory) throws IOException {
        for (int tries = 1; ; tries++) {
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
                return;
            } catch (NoSuchFileException e) {
                return;
            } catch (DirectoryNotEmptyException | UncheckedIOException e) {
                if (tries == DELETE_TRIES) {
                    throw new IOException("cannot delete " + directory, e);
                }
                LockSupport.parkNanos(DELETE_PAUSE_NANOS);
            }
        }
    }
}
