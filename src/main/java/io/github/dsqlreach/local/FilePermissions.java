package io.github.dsqlreach.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Whom a file belongs to. What other users could have written is neither run nor removed. */
final class FilePermissions {
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    /** As {@link PostgresUser} has it where PostgreSQL runs as another user: a group of one may pass, and not look. */
    private static final Set<PosixFilePermission> PASSABLE = PosixFilePermissions.fromString("rwx--x---");

    private FilePermissions() {}

    /**
     * Whether that is a directory, and no link to one, that belongs to the owner of {@code ours} and that no other user may
     * look into. On Windows, where the temporary directory itself belongs to the user, any directory will do.
     */
    static boolean isOnlyOurs(Path directory, Path ours) {
        try {
            if (!hasPermissions(directory)) {
                return Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS);
            }
            PosixFileAttributes attributes =
                    Files.readAttributes(directory, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return attributes.isDirectory()
                    && attributes.owner().equals(Files.getOwner(ours, LinkOption.NOFOLLOW_LINKS))
                    && (attributes.permissions().equals(PRIVATE)
                            || attributes.permissions().equals(PASSABLE));
        } catch (IOException e) {
            return false;
        }
    }

    /** For a new directory of that path that no other user may enter. */
    static FileAttribute<?>[] onlyOurs(Path directory) {
        return hasPermissions(directory)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PRIVATE)}
                : new FileAttribute<?>[0];
    }

    private static boolean hasPermissions(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
