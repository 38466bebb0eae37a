package io.github.dsqlreach.local;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Numbers;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A running PostgreSQL server. It ends with its run directory. */
final class PostgresProcess implements Closeable {
    /** Long, for a machine that is busy with a whole build. A server that died is noticed at once. */
    static final Duration STARTUP_WAIT = Duration.ofMinutes(3);

    private static final long LAUNCHER_MILLIS = 2_000;
    private static final Duration STOP_WAIT = Duration.ofSeconds(5);
    private static final Duration SHUTDOWN_WAIT = Duration.ofSeconds(60);
    private static final int POLL_MILLIS = 5;
    private static final int MOST_LOG = 1_000;
    private static final int PORT_TRIES = 5;
    /** Where PostgreSQL writes into its pid file whether it is ready. */
    private static final int STATUS_LINE = 7;

    private final RunDirectory run;
    private final PostgresPrograms programs;
    private final Path data;
    private final Path log;
    private final boolean dataOutliveIt;
    private int port;
    private Process launched;
    private ProcessHandle postmaster;
    private volatile boolean closed;

    @SuppressWarnings("NullAway.Init") // the processes by start()
    private PostgresProcess(RunDirectory run, PostgresPrograms programs, Path data, boolean dataOutliveIt) {
        this.run = run;
        this.programs = programs;
        this.data = data;
        this.log = run.path().resolve("postgres.log");
        this.dataOutliveIt = dataOutliveIt;
    }

    /**
     * Starts it on a free port of 127.0.0.1, and waits until it is ready.
     *
     * @param dataOutliveIt whether it must write its data to the disk before it ends
     * @param settings of the server, by name
     */
    static PostgresProcess start(
            RunDirectory run, PostgresPrograms programs, Path data, boolean dataOutliveIt, Map<String, String> settings)
            throws IOException {
        PostgresProcess server = new PostgresProcess(run, programs, data, dataOutliveIt);
        // What is owned last ends first: the processes by this, and only if that fails one by one.
        List<String> options = new ArrayList<>();
        settings.forEach((name, value) -> options.addAll(List.of("-c", name + "=" + value)));
        for (int tries = 1; !server.startsOn(freePort(), options); tries++) {
            if (tries == PORT_TRIES) {
                throw server.failed("it finds no free port");
            }
        }
        return server;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            return socket.getLocalPort();
        }
    }

    /** Whether it is up; false if another process took the port meanwhile. */
    private boolean startsOn(int freePort, List<String> settings) throws IOException {
        port = freePort;
        List<String> options = new ArrayList<>(List.of("-p", String.valueOf(port)));
        options.addAll(settings);
        launched = run.start(launch(options));
        run.owns(this);
        long end = System.nanoTime() + STARTUP_WAIT.toNanos();
        while (!isReady()) {
            if (hasEnded()) {
                if (endOfLog().contains("could not create any TCP/IP sockets")) {
                    return false;
                }
                throw failed("it ended with exit code " + launched.exitValue());
            }
            if (System.nanoTime() > end) {
                throw failed("it is not ready after " + Numbers.print(STARTUP_WAIT));
            }
            pause();
        }
        postmaster = runningPostmaster().orElseThrow(() -> failed("it ended at once"));
        return true;
    }

    /** On Windows PostgreSQL does not run as an administrator: there pg_ctl gives it fewer rights, and ends. */
    private ProcessBuilder launch(List<String> options) {
        if (PostgresPrograms.isWindows()) {
            return programs.builder(
                    run.path(), log, "pg_ctl", "start", "-W", "-D", data.toString(), "-o", String.join(" ", options));
        }
        List<String> arguments = new ArrayList<>(List.of("-D", data.toString()));
        arguments.addAll(options);
        return programs.builder(run.path(), log, "postgres", arguments.toArray(String[]::new));
    }

    private boolean hasEnded() {
        return !launched.isAlive()
                && (!PostgresPrograms.isWindows()
                        || launched.exitValue() != 0
                        || endOfLog().contains("FATAL"));
    }

    private boolean isReady() throws IOException {
        List<String> lines = pidFile();
        return lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
    }

    private List<String> pidFile() throws IOException {
        Path file = data.resolve("postmaster.pid");
        return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.ISO_8859_1) : List.of();
    }

    private Optional<ProcessHandle> runningPostmaster() throws IOException {
        return pidFile().stream()
                .findFirst()
                .map(String::strip)
                .filter(pid -> pid.matches("\\d{1,10}"))
                .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)))
                .filter(ProcessHandle::isAlive);
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(POLL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while PostgreSQL was starting", e);
        }
    }

    private IOException failed(String what) {
        return didNotStart(what, log);
    }

    /** Says why a program of PostgreSQL failed, by the end of its log. */
    static IOException didNotStart(String what, Path log) {
        String said = endOf(log);
        String start = "the embedded PostgreSQL did not start: ";
        if (said.contains("No space left on device")) {
            return new IOException(start + PostgresPrograms.reason(new IOException("No space left"), log));
        }
        return new IOException(start + what + (said.isEmpty() ? "" : ": " + said));
    }

    private String endOfLog() {
        return endOf(log);
    }

    private static String endOf(Path log) {
        if (!Files.exists(log)) {
            return "";
        }
        try (SeekableByteChannel channel = Files.newByteChannel(log)) {
            channel.position(Math.max(0, channel.size() - MOST_LOG));
            byte[] end = Channels.newInputStream(channel).readNBytes(MOST_LOG);
            return Scrubber.line(new String(end, StandardCharsets.UTF_8), MOST_LOG);
        } catch (IOException e) {
            return "(" + log + " cannot be read: " + e.getMessage() + ")";
        }
    }

    HostAndPort address() {
        return new HostAndPort("127.0.0.1", port);
    }

    /** Why it no longer serves, with the end of its log; empty while it runs. Cheap enough to ask before each test class. */
    Optional<String> failure() {
        if (closed) {
            return Optional.of("the local PostgreSQL was closed, with the LocalDsql that had started it");
        }
        if (!Files.exists(data.resolve("PG_VERSION"))) {
            return Optional.of("the local PostgreSQL lost its data: " + data + " was deleted" + logOrNothing());
        }
        if (postmaster.isAlive() || !hasLauncherEnded()) {
            return Optional.empty();
        }
        String exitCode = PostgresPrograms.isWindows() ? "" : " with exit code " + launched.exitValue();
        return Optional.of("the local PostgreSQL died" + exitCode + logOrNothing());
    }

    /** Where it is another process, it ends a moment after PostgreSQL. */
    private boolean hasLauncherEnded() {
        try {
            return launched.waitFor(LAUNCHER_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return !launched.isAlive();
        }
    }

    private String logOrNothing() {
        String end = endOfLog();
        return end.isEmpty() ? "" : "; the end of its log: " + end;
    }

    /**
     * Ends it in order: it writes its data to the disk first.
     *
     * @throws IOException if it did not end in order
     */
    void shutDown() throws IOException {
        stop("fast", SHUTDOWN_WAIT);
        if (!PostgresPrograms.isWindows() && launched.exitValue() != 0) {
            throw new IOException("the local PostgreSQL did not shut down in order" + logOrNothing());
        }
    }

    /** Ends it: at once, if its data are deleted afterwards. */
    @Override
    public void close() throws IOException {
        if (dataOutliveIt) {
            stop("fast", SHUTDOWN_WAIT);
        } else {
            stop("immediate", STOP_WAIT);
        }
    }

    private synchronized void stop(String mode, Duration longest) throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            Optional<ProcessHandle> running = runningPostmaster();
            if (running.isPresent() && (!isToldToStop(mode) || !RunDirectory.hasEnded(running.get(), longest))) {
                RunDirectory.kill(running.get());
            }
            launched.waitFor(STOP_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Not if it has only just begun to start. */
    private boolean isToldToStop(String mode) throws IOException, InterruptedException {
        Process stop = programs.builder(run.path(), log, "pg_ctl", "stop", "-D", data.toString(), "-m", mode, "-W")
                .start();
        if (!stop.waitFor(STOP_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
            stop.destroyForcibly();
            return false;
        }
        return stop.exitValue() == 0;
    }
}
