package io.github.dsqlreach.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The archive of PostgreSQL's programs. A class of its own, so that only the start that unpacks it loads the libraries. */
final class Archive {
    private Archive() {}

    static void extract(InputStream archive, Path directory) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(archive))) {
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
