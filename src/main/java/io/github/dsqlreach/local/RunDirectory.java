package io.github.dsqlreach.local;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A directory for each {@link LocalDsql}, and everything that must end with it. The clean-up is registered before the first
 * file is written and the first process started. What a killed JVM leaves, the next start removes.
 *
 * <p>A running JVM holds a lock on a file in the directory; the lock ends with the JVM, however that ends. The name contains the
 * process id, so that a JVM does not open its own lock files: closing one would release its lock.
 */
final class RunDirectory implements Closeable {
    private static final System.Logger LOG = System.getLogger(RunDirectory.class.getName());
    static final String PREFIX = DsqlListener.THREADS;
    static final String LOCK = "lock";
    private static final Duration EXIT_WAIT = Duration.ofSeconds(5);

    private final Thread shutdownHook = new Thread(this::endWithJvm, PREFIX + "shutdown");
    private final Deque<Closeable> owned = new ArrayDeque<>();
    private Path path;
    private boolean closed;

    @SuppressWarnings("NullAway.Init") // the path by make()
    private RunDirectory() {}

    /** A new directory of this user alone. */
    static RunDirectory create() throws IOException {
        RunDirectory run = new RunDirectory();
        // This fails when the JVM is already ending: then nothing may start any more.
        Runtime.getRuntime().addShutdownHook(run.shutdownHook);
        try {
            run.make();
            return run;
        } catch (IOException | RuntimeException e) {
            run.close();
            throw e;
        }
    }

    private synchronized void make() throws IOException {
        checkOpen();
        Path parent = parent();
        try {
            path = Files.createTempDirectory(
                    parent, PREFIX + ProcessHandle.current().pid() + "-");
        } catch (FileSystemException e) {
            throw new IOException(
                    "cannot make a directory in " + parent + ": " + reason(e)
                            + "; set the system property java.io.tmpdir to another one",
                    e);
        }
        // It gets its name only when it is locked: a lock file that is not locked means that its JVM is dead.
        Path unlocked = path.resolve(LOCK + ".new");
        FileChannel lock = FileChannel.open(unlocked, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        owned.push(lock);
        lock.lock();
        Files.move(unlocked, path.resolve(LOCK));
    }

    private static String reason(FileSystemException e) {
        return e instanceof AccessDeniedException
                ? "permission denied"
                : e instanceof NoSuchFileException ? "it does not exist" : e.getReason();
    }

    static Path parent() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    Path path() {
        return path;
    }

    /** Starts a process that ends with this. */
    synchronized Process start(ProcessBuilder builder) throws IOException {
        checkOpen();
        Process process = builder.start();
        owned.push(() -> end(process.toHandle()));
        return process;
    }

    /** Closes that as well, before everything that it owned earlier. */
    synchronized void owns(Closeable resource) throws IOException {
        try {
            checkOpen();
        } catch (IOException e) {
            resource.close();
            throw e;
        }
        owned.push(resource);
    }

    private void checkOpen() throws IOException {
        if (closed) {
            throw new IOException("closed, or the JVM is ending");
        }
    }

    private void endWithJvm() {
        try {
            close();
        } catch (IOException e) {
            // The next JVM finds and removes it.
        }
    }

    /** Ends everything that it owns, the latest first, and deletes the directory. */
    @Override
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (Thread.currentThread() != shutdownHook) {
                Runtime.getRuntime().removeShutdownHook(shutdownHook);
            }
        } catch (IllegalStateException e) {
            // The JVM is ending; the hook will find everything closed.
        }
        IOException trouble = null;
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (IOException | UncheckedIOException e) {
                trouble = new IOException("cannot clean up", e);
            }
        }
        if (path != null) {
            Directories.delete(path);
        }
        if (trouble != null) {
            throw trouble;
        }
    }

    /** Ends a process and its children: politely, so that PostgreSQL gives back its shared memory, or else by force. */
    static void end(ProcessHandle process) {
        if (process.isAlive()) {
            process.destroy();
            if (!hasEnded(process)) {
                kill(process);
            }
        }
    }

    /** Ends a process and its children by force. */
    static void kill(ProcessHandle process) {
        List<ProcessHandle> family =
                Stream.concat(process.descendants(), Stream.of(process)).toList();
        family.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle member : family) {
            if (!hasEnded(member)) {
                LOG.log(System.Logger.Level.WARNING, "process " + member.pid() + " does not end");
            }
        }
    }

    private static boolean hasEnded(ProcessHandle process) {
        return hasEnded(process, EXIT_WAIT);
    }

    /** Waits that long at most. */
    static boolean hasEnded(ProcessHandle process, Duration longest) {
        try {
            process.onExit().get(longest.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }
}
