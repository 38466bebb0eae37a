package io.github.dsqlreach.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * A data directory of PostgreSQL with what every cluster has from the start. It is made once, in the {@link Cache}, and copied
 * for each start: a copy takes a tenth of the time that initdb takes.
 */
final class PreparedData {
    private static final String DATA = "data";
    private static final String PASSWORD = "password";
    /** The segments of the write-ahead log are small, so that there is less to copy. */
    private static final List<String> OPTIONS = List.of(
            "--auth=scram-sha-256",
            "--username=" + Roles.SUPERUSER,
            "--encoding=UTF-8",
            "--locale=C",
            "--no-sync",
            "--wal-segsize=1");

    private static final Map<String, String> SETTINGS = Map.of("fsync", "off", "autovacuum", "off");

    private static final Pattern MAP = Pattern.compile("\\d+_(fsm|vm)");

    private final Path entry;
    private final PostgresUser user;
    private final String script;

    private PreparedData(Path entry, PostgresUser user, String script) {
        this.entry = entry;
        this.user = user;
        this.script = script;
    }

    /** initdb does not find its user in the passwd file. */
    private static final class UnknownUserException extends IOException {
        private static final long serialVersionUID = 1;
    }

    /**
     * Makes it, unless an earlier start did.
     *
     * @param dsql whether it has what a cluster has beyond PostgreSQL
     */
    static PreparedData of(PostgresPrograms programs, RunDirectory run, boolean dsql) throws IOException {
        String script = dsql ? read("dsql.sql") + Refusals.script() : "";
        try {
            return made(programs, run, script);
        } catch (UnknownUserException e) {
            return made(programs.forAnyUser(), run, script);
        }
    }

    private static PreparedData made(PostgresPrograms programs, RunDirectory run, String script) throws IOException {
        String roles = read("cluster.sql");
        // Each database is a third of the files to copy. A cluster makes no databases; plain PostgreSQL makes them from
        // template1.
        List<String> unused = script.isEmpty() ? List.of("template0") : List.of("template0", "template1");
        String name = "data-" + version(programs.home().getFileName() + roles + script + OPTIONS + unused + MAP);
        Path entry = programs.cache().entry(name, directory -> make(directory, programs, run, roles + script, unused));
        return new PreparedData(entry, programs.user(), script);
    }

    /** Tells texts apart. A checksum, because a digest takes 10 ms in a new JVM. */
    private static String version(String text) {
        CRC32 checksum = new CRC32();
        checksum.update(text.getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(text.length()) + "-" + Long.toHexString(checksum.getValue());
    }

    private static String read(String resource) throws IOException {
        try (InputStream in = Objects.requireNonNull(PreparedData.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Makes what a cluster has beyond PostgreSQL, or replaces it; empty for plain PostgreSQL. */
    String script() {
        return script;
    }

    /** Tells versions of {@link #script()} apart; empty for plain PostgreSQL. */
    String scriptVersion() {
        return script.isEmpty() ? "" : version(script);
    }

    private static void make(
            Path directory, PostgresPrograms programs, RunDirectory run, String script, List<String> unused)
            throws IOException {
        programs.user().letThrough(directory);
        Path data = Files.createDirectory(directory.resolve(DATA), FilePermissions.onlyOurs(directory));
        programs.user().give(data);
        RolePassword password = RolePassword.random();
        initialize(data, programs, run, password);
        PostgresProcess server = PostgresProcess.start(run, programs, data, true, SETTINGS);
        try (Roles roles = new Roles(server.address(), password, false);
                Connection owner = roles.connect("postgres");
                Statement statement = owner.createStatement()) {
            statement.execute(script);
            statement.execute("ALTER ROLE admin PASSWORD '" + password.verifier() + "'");
            for (String database : unused) {
                statement.execute("ALTER DATABASE " + database + " IS_TEMPLATE false");
                statement.execute("DROP DATABASE " + database);
            }
        } catch (SQLException e) {
            throw new IOException("cannot prepare PostgreSQL: " + e.getMessage(), e);
        }
        server.shutDown();
        deleteMaps(data);
        password.write(directory.resolve(PASSWORD));
    }

    /** Those of free space and of visibility are a fifth of the files to copy; PostgreSQL makes those that it misses. */
    private static void deleteMaps(Path data) throws IOException {
        try (Stream<Path> files = Files.walk(data)) {
            for (Path file : files.toList()) {
                if (MAP.matcher(file.getFileName().toString()).matches()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static void initialize(Path data, PostgresPrograms programs, RunDirectory run, RolePassword password)
            throws IOException {
        Path log = run.path().resolve("initdb.log");
        Path passwordFile = Files.writeString(run.path().resolve("initdb.password"), password.password() + "\n");
        programs.user().give(passwordFile);
        String[] arguments = new String[OPTIONS.size() + 2];
        OPTIONS.toArray(arguments);
        arguments[OPTIONS.size()] = "--pwfile=" + passwordFile;
        arguments[OPTIONS.size() + 1] = "--pgdata=" + data;
        Process initdb = run.start(programs.builder(run.path(), log, "initdb", arguments));
        try {
            if (!initdb.waitFor(PostgresProcess.STARTUP_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw PostgresProcess.didNotStart("initdb does not end", log);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while PostgreSQL was prepared", e);
        } finally {
            Files.deleteIfExists(passwordFile);
        }
        if (initdb.exitValue() != 0) {
            throw Files.readString(log).contains("could not look up effective user ID")
                    ? new UnknownUserException()
                    : PostgresProcess.didNotStart("initdb failed", log);
        }
    }

    /** Copies it to a new directory. */
    void copyTo(Path data) throws IOException {
        Files.createDirectory(data, FilePermissions.onlyOurs(data));
        Directories.copy(entry.resolve(DATA), data);
        user.give(data);
    }

    /** What the roles in it log in with. */
    RolePassword password() throws IOException {
        return RolePassword.read(entry.resolve(PASSWORD));
    }
}
