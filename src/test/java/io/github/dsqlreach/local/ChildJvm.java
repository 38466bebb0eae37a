package io.github.dsqlreach.local;

import io.github.dsqlreach.Jvm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.awaitility.Awaitility;

/** A JVM with a temporary directory of its own that starts a {@link LocalDsql} and keeps it until its input ends. */
final class ChildJvm implements AutoCloseable {
    /** Long, for a machine that is busy. */
    static final Duration LONG = Duration.ofMinutes(3);

    private final Process process;
    private final Path output;

    private ChildJvm(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    static final class Main {
        public static void main(String[] args) throws IOException {
            // Also loads what a logger needs, as long as there are file handles for it.
            System.getLogger(Main.class.getName()).log(System.Logger.Level.INFO, "logging");
            System.out.println("starting");
            LocalDsql.Builder builder = LocalDsql.builder();
            if (args.length > 0 && !args[0].equals("fill")) {
                builder.data(Path.of(args[0]));
            }
            try (LocalDsql local = builder.start()) {
                System.out.println("started " + local.address());
                if (args.length > 0 && args[0].equals("fill")) {
                    fillTheDisk(local);
                }
                while (System.in.read() >= 0) {}
            } catch (UncheckedIOException | IllegalStateException e) {
                System.out.println("failed: " + e.getMessage());
            }
            System.out.println("ended");
        }

        /** By write-ahead log, which the server cannot do without. */
        private static void fillTheDisk(LocalDsql local) {
            try {
                // No log is removed before the disk is full, and PostgreSQL does not try to go on with what it can
                // reuse.
                local.execute("ALTER SYSTEM SET max_wal_size = '10GB'");
                local.execute("ALTER SYSTEM SET restart_after_crash = off");
                local.execute("SELECT pg_reload_conf()");
                while (true) {
                    local.execute("SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000000))");
                }
            } catch (SQLException e) {
                Awaitility.await().atMost(LONG).until(() -> local.failure().isPresent());
                System.out.println("failure: " + local.failure().orElseThrow());
            }
        }
    }

    /** With what stands before {@code java} on the command line. */
    static ChildJvm start(Path temporary, String... launcher) throws IOException {
        return start(
                Jvm.running(Main.class, List.of("-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + temporary)),
                temporary,
                launcher);
    }

    /** One that keeps its data. */
    static ChildJvm keeping(Path data, Path temporary) throws IOException {
        return start(
                Jvm.running(
                        Main.class,
                        List.of("-XX:TieredStopAtLevel=1", "-Djava.io.tmpdir=" + temporary),
                        data.toString()),
                temporary);
    }

    private static ChildJvm start(ProcessBuilder builder, Path temporary, String... launcher) throws IOException {
        builder.command().addAll(0, List.of(launcher));
        Path output = Files.createTempFile(temporary.resolveSibling("").toAbsolutePath(), "child", ".out");
        return new ChildJvm(
                builder.redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start(),
                output);
    }

    Process process() {
        return process;
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it said so, or has ended. */
    void awaitOutput(String text) {
        Awaitility.await()
                .atMost(LONG)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> output().contains(text) || !process.isAlive());
    }

    /** Gives it that long to say so, or to end. */
    boolean saysWithin(long millis, String text) throws InterruptedException {
        long end = System.nanoTime() + millis * 1_000_000;
        while (!output().contains(text) && System.nanoTime() < end) {
            if (process.waitFor(5, TimeUnit.MILLISECONDS)) {
                break;
            }
        }
        return output().contains(text);
    }

    /** Lets it end by itself. */
    String end() throws IOException, InterruptedException {
        process.getOutputStream().close();
        awaitEnd();
        return output();
    }

    void awaitEnd() throws InterruptedException {
        if (!process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("the child JVM does not end; it said: " + output());
        }
    }

    /** What is in there but the cache of PostgreSQL's binaries, which is meant to stay. */
    static List<Path> filesLeft(Path temporary) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(temporary)) {
            return StreamSupport.stream(files.spliterator(), false)
                    .filter(file -> !file.getFileName().toString().startsWith("dsql-reach-postgres-"))
                    // The JVM's own, which outlives it when it is killed.
                    .filter(file -> !file.getFileName().toString().startsWith("hsperfdata_"))
                    .toList();
        }
    }

    /** Those with a path in there on their command line, or that work in there. */
    static List<String> processesIn(Path temporary) {
        return ProcessHandle.allProcesses()
                .filter(handle -> commandLine(handle).contains(temporary + "/") || worksIn(handle, temporary))
                .map(handle -> handle.pid() + " " + commandLine(handle))
                .toList();
    }

    private static String commandLine(ProcessHandle handle) {
        return Stream.of(handle.info().commandLine(), handle.info().command())
                .flatMap(text -> text.stream())
                .findFirst()
                .orElse("");
    }

    private static boolean worksIn(ProcessHandle handle, Path temporary) {
        try {
            return Path.of("/proc", String.valueOf(handle.pid()), "cwd")
                    .toRealPath()
                    .startsWith(temporary);
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
