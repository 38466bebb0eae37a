package io.github.dsqlreach.local;

import io.github.dsqlreach.Scrubber;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;

/** A directory in which a local cluster keeps its data and its identity over restarts. One cluster uses it at a time. */
final class KeptData implements Closeable {
    private static final String LOCK = "lock";
    private static final String IDENTITY = "cluster.properties";
    private static final String PASSWORD = "password";
    /** Which version of {@link PreparedData#script()} has run there; empty for plain PostgreSQL. */
    private static final String VERSION = "version";
    /** In the run directory: names the directory, for the case that the JVM is killed. */
    private static final String NOTE = "kept";

    private final Path directory;
    private final FileChannel lock;

    private KeptData(Path directory, FileChannel lock) {
        this.directory = directory;
        this.lock = lock;
    }

    /**
     * Opens it; a new directory is made where there is none. A server that a killed JVM left there ends.
     *
     * @throws IOException if another cluster uses it, or other users may look into it
     */
    static KeptData open(Path directory, RunDirectory run) throws IOException {
        KeptData data = open(directory, run.path());
        Files.writeString(run.path().resolve(NOTE), data.directory.toString());
        return data;
    }

    /** Ends the server of a killed JVM, unless another cluster uses its data by now. */
    static void endServerLeftBy(Path runDirectory, Path ours) throws IOException {
        Path note = runDirectory.resolve(NOTE);
        if (Files.exists(note, LinkOption.NOFOLLOW_LINKS)) {
            Path directory = Path.of(Files.readString(note));
            if (Files.exists(directory.resolve(LOCK))) {
                open(directory, ours).close();
            }
        }
    }

    private static KeptData open(Path directory, Path ours) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        create(absolute);
        if (!FilePermissions.isOnlyOurs(absolute, ours)) {
            throw new IOException(
                    Scrubber.scrub(absolute.toString()) + " is not a directory of this user alone (mode 0700),"
                            + " so a local cluster does not keep its data there");
        }
        FileChannel lock = FileChannel.open(
                absolute.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            lock(lock, absolute);
            KeptData data = new KeptData(absolute, lock);
            data.endLeftServer();
            return data;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static void create(Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createDirectory(directory, FilePermissions.onlyOurs(directory));
        } catch (FileAlreadyExistsException e) {
            // From an earlier start.
        }
    }

    private static void lock(FileChannel channel, Path directory) throws IOException {
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            throw new IOException("another local cluster, which still runs, keeps its data in "
                    + Scrubber.scrub(directory.toString()));
        }
    }

    /** A JVM that was killed could not end its server. */
    private void endLeftServer() throws IOException {
        Path pidFile = data().resolve("postmaster.pid");
        if (Files.exists(pidFile)) {
            Optional<String> pid =
                    Files.readAllLines(pidFile).stream().findFirst().map(String::strip);
            pid.filter(text -> text.matches("\\d{1,10}"))
                    .flatMap(text -> ProcessHandle.of(Long.parseLong(text)))
                    .filter(process -> process.info().commandLine().orElse("").contains(data().toString()))
                    .ifPresent(RunDirectory::end);
        }
    }

    Path directory() {
        return directory;
    }

    /** PostgreSQL's data directory. */
    Path data() {
        return directory.resolve("data");
    }

    /** What the roles log in with. */
    RolePassword password() throws IOException {
        return RolePassword.read(directory.resolve(PASSWORD));
    }

    /**
     * Puts prepared data there unless an earlier start did.
     *
     * @throws IOException if the earlier one was plain PostgreSQL and this one is not, or the other way round
     */
    void prepare(PreparedData prepared) throws IOException {
        if (Files.exists(data())) {
            boolean wasPlain = version().isEmpty();
            if (wasPlain != prepared.script().isEmpty()) {
                throw new IOException(Scrubber.scrub(directory.toString()) + " has the data of "
                        + (wasPlain
                                ? "plain PostgreSQL: use plainPostgres (--plain-postgres) or another directory"
                                : "a cluster, and not of plain PostgreSQL: use another directory with plainPostgres"));
            }
        } else {
            Path part = directory.resolve("data.part");
            Directories.delete(part);
            prepared.copyTo(part);
            Files.deleteIfExists(directory.resolve(PASSWORD));
            prepared.password().write(directory.resolve(PASSWORD));
            Files.writeString(directory.resolve(VERSION), prepared.scriptVersion());
            Files.move(part, data(), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private String version() throws IOException {
        Path file = directory.resolve(VERSION);
        return Files.exists(file) ? Files.readString(file) : "unknown";
    }

    /** Brings data of another version of this library up to date. */
    void update(PreparedData prepared, Roles roles) throws IOException {
        if (version().equals(prepared.scriptVersion())) {
            return;
        }
        try (Connection owner = roles.connect("postgres");
                Statement statement = owner.createStatement()) {
            statement.execute(prepared.script());
        } catch (SQLException e) {
            throw new IOException("cannot update the data in " + directory + ": " + e.getMessage(), e);
        }
        Files.writeString(directory.resolve(VERSION), prepared.scriptVersion());
    }

    /** The identity of the earlier start, or a new one; given values go first, and are kept. */
    ClusterIdentity identity(
            @Nullable String clusterId,
            @Nullable String region,
            @Nullable AwsCredentials credentials,
            @Nullable String principal)
            throws IOException {
        Path file = directory.resolve(IDENTITY);
        ClusterIdentity identity = ClusterIdentity.read(file, clusterId, region, credentials, principal);
        identity.write(file);
        return identity;
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
