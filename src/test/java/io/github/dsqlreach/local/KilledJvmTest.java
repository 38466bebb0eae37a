package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Killed at any moment of a start or after it: random ones, few in the build; {@code -Dkilled.rounds=100} for many. A killed
 * JVM cleans up, or the next one does.
 */
// SECURITY.md: nothing is left behind.
@EnabledOnOs(value = OS.LINUX, disabledReason = "sends signals by setsid and kill")
class KilledJvmTest {
    private static final int ROUNDS = Integer.getInteger("killed.rounds", 1);

    @TempDir
    private static Path work;

    private static Path temporary;
    /** How long a start takes here, without unpacking. */
    private static long startMillis;

    private static List<Path> unpackedInPart;
    private static String secondStart;

    @BeforeAll
    static void killTheFirstWhileItUnpacksAndTimeTheSecond() throws Exception {
        temporary = Files.createDirectory(work.resolve("tmp"));
        try (ChildJvm child = ChildJvm.start(temporary)) {
            await(() -> !partsIn(temporary).isEmpty());
            child.process().destroyForcibly();
            child.awaitEnd();
        }
        unpackedInPart = partsIn(temporary);
        try (ChildJvm child = ChildJvm.start(temporary)) {
            await(() -> isUnpacked(temporary) || !child.process().isAlive());
            long start = System.nanoTime();
            child.awaitOutput("started");
            startMillis = (System.nanoTime() - start) / 1_000_000;
            secondStart = child.end();
        }
        assertNothingLeft("a normal end");
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(ChildJvm.LONG)
                .pollInterval(Duration.ofMillis(5))
                .until(condition);
    }

    @Test
    void unpacksAgainAfterAKillInTheMiddleOfIt() throws IOException {
        assertThat(unpackedInPart).isNotEmpty();
        assertThat(secondStart).contains("started", "ended");
        assertThat(partsIn(temporary)).isEmpty();
    }

    private static List<Path> partsIn(Path directory) throws IOException {
        try (Stream<Path> files =
                Files.find(directory, 2, (file, attributes) -> file.toString().endsWith(".part"))) {
            return files.toList();
        } catch (UncheckedIOException e) {
            // It went while it was looked at.
            return List.of();
        }
    }

    private static boolean isUnpacked(Path directory) throws IOException {
        try (Stream<Path> files = Files.find(
                directory,
                4,
                (file, attributes) ->
                        file.endsWith("bin/postgres") && !file.toString().contains(".part"))) {
            return files.findAny().isPresent();
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** The terminal's Ctrl-C goes to all processes of the group, PostgreSQL's too. */
    @ParameterizedTest
    @ValueSource(strings = {"TERM to the JVM", "INT to the group"})
    void leavesNothing(String signal) throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String when = killAtRandom(signal);

            assertNothingLeft(when);
        }
    }

    @Test
    void leavesToTheNextStartWhatItCouldNotRemove() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String when = killAtRandom("KILL to the JVM");
            boolean begun = hasRunDirectoryWithLock();

            String next;
            try (ChildJvm child = ChildJvm.start(temporary)) {
                child.awaitOutput("started");
                next = child.end();
            }

            assertThat(next).as(when).contains("started", "ended");
            assertThat(next.lines().filter(line -> line.contains("removed what the killed JVM")))
                    .as(when + ": " + next)
                    .hasSize(begun ? 1 : 0);
            assertNothingLeft(when);
        }
    }

    private static String killAtRandom(String signal) throws Exception {
        // Who is started in a shell's background ignores Ctrl-C, and so do all that it starts.
        try (ChildJvm child = ChildJvm.start(temporary, "setsid", "env", "--default-signal=INT")) {
            child.awaitOutput("starting");
            long millis = ThreadLocalRandom.current().nextLong(startMillis * 5 / 4 + 1);
            // A wait for an end that does not come: the moment is what this is about.
            assertThat(child.process().waitFor(millis, TimeUnit.MILLISECONDS)).isFalse();
            String pid = (signal.contains("group") ? "-" : "") + child.process().pid();
            String name = signal.substring(0, signal.indexOf(' '));
            assertThat(new ProcessBuilder("sh", "-c", "kill -s " + name + " -- " + pid)
                            .inheritIO()
                            .start()
                            .waitFor())
                    .isZero();
            child.awaitEnd();
            return signal + " after " + millis + " ms of " + startMillis + "; it said: " + child.output();
        }
    }

    private static boolean hasRunDirectoryWithLock() throws IOException {
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(temporary, "dsql-reach-local-*")) {
            for (Path directory : directories) {
                return Files.exists(directory.resolve("lock"));
            }
            return false;
        }
    }

    private static void assertNothingLeft(String when) throws IOException {
        assertThat(ChildJvm.processesIn(temporary)).as(when).isEmpty();
        assertThat(ChildJvm.filesLeft(temporary)).as(when).isEmpty();
    }
}
