package io.github.dsqlreach.local;

import io.github.dsqlreach.internal.Numbers;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A directory of this user in the temporary directory. It outlives the JVM: what one start makes there, later starts find.
 * What is in there is run as a program, so nothing is used that another user could have written.
 */
final class Cache {
    /** Long, for a machine that is busy; making an entry takes some seconds. */
    static final Duration LOCK_WAIT = Duration.ofSeconds(90);

    private static final System.Logger LOG = System.getLogger(Cache.class.getName());
    private static final String PREFIX = "dsql-reach-postgres-";
    private static final int MOST_NAMES = 9;
    private static final String LOCK = "lock";
    private static final Pattern PART = Pattern.compile(".*\\.(\\d{1,10})-\\d+\\.part");
    private static final int POLL_MILLIS = 20;
    private static final AtomicInteger PARTS = new AtomicInteger();
    private static final Set<Path> REPORTED = ConcurrentHashMap.newKeySet();

    private final Path path;

    private Cache(Path path) {
        this.path = path;
    }

    /** Fills a directory that is empty. */
    @FunctionalInterface
    interface Filling {
        void fill(Path directory) throws IOException;
    }

    /**
     * The cache of this user. A directory that another user owns or may enter is left alone, and another name is used; if
     * all names are taken, a directory below {@code ours}, which ends with it.
     *
     * @param parent the temporary directory
     * @param ours a directory that belongs to this user
     */
    static Cache open(Path parent, Path ours) throws IOException {
        String user = System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9_-]", "_");
        Path first = parent.resolve(PREFIX + user);
        for (int number = 1; number <= MOST_NAMES; number++) {
            Path candidate = number == 1 ? first : first.resolveSibling(PREFIX + user + "-" + number);
            if (isUsable(candidate, ours)) {
                return new Cache(number == 1 ? candidate : reported(first, candidate));
            }
        }
        return new Cache(reported(first, Files.createDirectories(ours.resolve("cache"))));
    }

    private static boolean isUsable(Path candidate, Path ours) throws IOException {
        try {
            Files.createDirectory(candidate, FilePermissions.onlyOurs(candidate));
        } catch (FileAlreadyExistsException e) {
            // From an earlier start, or made by another user.
        }
        return FilePermissions.isOnlyOurs(candidate, ours);
    }

    private static Path reported(Path avoided, Path used) {
        if (REPORTED.add(used)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    avoided
                            + " is not a directory of this user alone (mode 0700), so LocalDsql does not use it; it uses "
                            + used + " instead. Remove the former, or set the system property java.io.tmpdir");
        }
        return used;
    }

    Path path() {
        return path;
    }

    /**
     * The entry of that name. The first caller makes it; callers in other JVMs wait for that, but not for ever: then they
     * make it themselves. It gets its name only when it is complete.
     */
    Path entry(String name, Filling filling) throws IOException {
        return entry(name, filling, LOCK_WAIT);
    }

    Path entry(String name, Filling filling, Duration lockWait) throws IOException {
        Path entry = path.resolve(name);
        if (isThere(entry)) {
            return entry;
        }
        try (Lock lock = Lock.acquire(path.resolve(LOCK), lockWait)) {
            if (!lock.isHeld()) {
                LOG.log(System.Logger.Level.WARNING, lock.whyNot() + "; LocalDsql goes on without it");
            }
            if (!isThere(entry)) {
                make(entry, filling, lock.isHeld());
            }
        }
        return entry;
    }

    private static boolean isThere(Path entry) {
        return Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
    }

    private void make(Path entry, Filling filling, boolean locked) throws IOException {
        if (locked) {
            removeAbandonedParts();
        }
        Path part = entry.resolveSibling(
                entry.getFileName() + "." + ProcessHandle.current().pid() + "-" + PARTS.incrementAndGet() + ".part");
        Files.createDirectory(part, FilePermissions.onlyOurs(part));
        try {
            filling.fill(part);
            Files.move(part, entry, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            Directories.delete(part);
            if (!isThere(entry)) {
                throw e;
            }
            // Another JVM that did not wait for the lock was faster.
        } catch (IOException | RuntimeException e) {
            Directories.delete(part);
            throw e;
        }
    }

    /** Those of JVMs that were killed. */
    private void removeAbandonedParts() throws IOException {
        try (DirectoryStream<Path> parts = Files.newDirectoryStream(path, "*.part")) {
            for (Path part : parts) {
                Matcher name = PART.matcher(part.getFileName().toString());
                if (!name.matches()
                        || ProcessHandle.of(Long.parseLong(name.group(1)))
                                .filter(ProcessHandle::isAlive)
                                .isEmpty()) {
                    Directories.delete(part);
                }
            }
        }
    }

    /** A lock between JVMs, with a bound for the wait. */
    private static final class Lock implements Closeable {
        private final Path file;
        private final FileChannel channel;
        private final Duration wait;
        private @Nullable FileLock lock;

        private Lock(Path file, FileChannel channel, Duration wait) {
            this.file = file;
            this.channel = channel;
            this.wait = wait;
        }

        static Lock acquire(Path file, Duration wait) throws IOException {
            FileChannel channel = FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
            Lock lock = new Lock(file, channel, wait);
            try {
                lock.await();
                return lock;
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        }

        private void await() throws IOException {
            long end = System.nanoTime() + wait.toNanos();
            while (!tryLock() && System.nanoTime() < end) {
                try {
                    Thread.sleep(POLL_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted while waiting for the lock " + file + holder(), e);
                }
            }
        }

        private boolean tryLock() throws IOException {
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException e) {
                // Another class loader of this JVM has it.
                return false;
            }
            if (lock == null) {
                return false;
            }
            byte[] pid = String.valueOf(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(pid), 0);
            return true;
        }

        boolean isHeld() {
            return lock != null;
        }

        String whyNot() throws IOException {
            return "waited " + Numbers.print(wait) + " for the lock " + file + holder();
        }

        private String holder() throws IOException {
            ByteBuffer pid = ByteBuffer.allocate(20);
            channel.read(pid, 0);
            String text = new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII);
            return text.matches("\\d+") ? ", which process " + text + " holds" : "";
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
