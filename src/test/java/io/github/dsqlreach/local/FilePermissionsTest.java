package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs are run only from a directory that no other user can have written to. {@link OtherUserTest} tries it as another user. */
class FilePermissionsTest {
    @TempDir
    private Path work;

    private Path directory(String permissions) throws IOException {
        Path directory = Files.createDirectory(work.resolve(permissions));
        return Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void takesADirectoryOfThisUserAlone() throws IOException {
        assertThat(FilePermissions.isOnlyOurs(directory("rwx------"), work)).isTrue();
    }

    @Test
    void takesNoneThatOthersMayWriteToOrRead() throws IOException {
        assertThat(FilePermissions.isOnlyOurs(directory("rwx-w--w-"), work)).isFalse();
        assertThat(FilePermissions.isOnlyOurs(directory("rwxr-xr-x"), work)).isFalse();
    }

    @Test
    void takesNoLinkAndNoFile() throws IOException {
        Path link = Files.createSymbolicLink(work.resolve("link"), directory("rwx------"));
        Path file = Files.createFile(work.resolve("file"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));

        assertThat(FilePermissions.isOnlyOurs(link, work)).isFalse();
        assertThat(FilePermissions.isOnlyOurs(file, work)).isFalse();
        assertThat(FilePermissions.isOnlyOurs(work.resolve("nothing"), work)).isFalse();
    }
}
