package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.Jvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class CacheTest {
    private static final Logger LOGGER = Logger.getLogger(Cache.class.getName());

    @TempDir
    private Path temporary;

    private final List<String> said = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            said.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOGGER.addHandler(handler);
        LOGGER.setUseParentHandlers(false);
    }

    @AfterEach
    void stopListening() {
        LOGGER.removeHandler(handler);
        LOGGER.setUseParentHandlers(true);
    }

    private Cache cache() throws IOException {
        return Cache.open(temporary, temporary);
    }

    @Test
    void makesAnEntryOnceAndFindsItLater() throws IOException {
        Path made = cache().entry("entry", directory -> Files.writeString(directory.resolve("file"), "content"));

        assertThat(cache().entry("entry", directory -> {
                    throw new AssertionError("made again");
                }))
                .isEqualTo(made);
        assertThat(made.resolve("file")).hasContent("content");
        assertThat(FilePermissions.isOnlyOurs(made, temporary)).isTrue();
    }

    @Test
    void leavesNothingOfAnEntryThatCannotBeMade() throws IOException {
        Cache cache = cache();

        assertThatThrownBy(() -> cache.entry("entry", directory -> {
                    Files.writeString(directory.resolve("file"), "content");
                    throw new IOException("half-way");
                }))
                .hasMessage("half-way");

        assertThat(cache.path()).isDirectoryNotContaining("glob:**entry*");
    }

    @Test
    void removesWhatAKilledJvmLeftHalfMade() throws IOException {
        Cache cache = cache();
        Path ofADeadJvm = Files.createDirectory(cache.path().resolve("entry.2147483647-1.part"));
        Path ofALiveJvm = Files.createDirectory(
                cache.path().resolve("entry." + ProcessHandle.current().pid() + "-99.part"));

        cache.entry("entry", directory -> {});

        assertThat(ofADeadJvm).doesNotExist();
        assertThat(ofALiveJvm).exists();
    }

    @Test
    void waitsForTheLockOnlySoLongAndNamesTheProcessThatHoldsIt() throws Exception {
        Process holder = Jvm.running(Holder.class, List.of(), temporary.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(new BufferedReader(new InputStreamReader(holder.getInputStream())).readLine())
                    .isEqualTo("making");

            Path made = cache().entry("entry", directory -> {}, Duration.ofSeconds(1));

            assertThat(made).isDirectory();
            assertThat(said)
                    .containsExactly("waited 1 s for the lock " + cache().path().resolve("lock") + ", which process "
                            + holder.pid() + " holds; LocalDsql goes on without it");
        } finally {
            holder.destroyForcibly();
        }
    }

    /** Makes an entry and is never done. */
    static final class Holder {
        public static void main(String[] arguments) throws IOException {
            Path temporary = Path.of(arguments[0]);
            Cache.open(temporary, temporary).entry("another entry", directory -> {
                System.out.println("making");
                System.in.read();
            });
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no such permissions")
    void choosesAnotherDirectoryWhereOthersCouldHaveWrittenAndSaysSoOnce() throws IOException {
        Path first = Files.createDirectory(
                cacheName(1), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.createSymbolicLink(cacheName(2), Files.createDirectory(temporary.resolve("elsewhere")));

        assertThat(cache().path()).isEqualTo(cacheName(3));
        assertThat(cache().path()).isEqualTo(cacheName(3));
        assertThat(said).hasSize(1).first().asString().startsWith(first + " is not a directory of this user alone");
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no such permissions")
    void usesOurOwnDirectoryWhereAllNamesAreTaken() throws IOException {
        for (int number = 1; number <= 9; number++) {
            Files.createFile(cacheName(number));
        }

        assertThat(cache().path()).isEqualTo(temporary.resolve("cache")).isDirectory();
    }

    private Path cacheName(int number) {
        return temporary.resolve(
                "dsql-reach-postgres-" + System.getProperty("user.name") + (number == 1 ? "" : "-" + number));
    }
}
