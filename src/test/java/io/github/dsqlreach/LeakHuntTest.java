package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Searches all that {@link LeakHunt} printed, with every log at its loudest but those that docs/identity.md tells to keep
 * quiet, for every secret that it used.
 */
// SECURITY.md: secrets go only to the verified cluster.
class LeakHuntTest {
    @TempDir
    static Path directory;

    private static String output;
    private static List<String> secrets;

    @BeforeAll
    static void hunt() throws Exception {
        Path logging = Files.writeString(directory.resolve("logging.properties"), """
                handlers = java.util.logging.ConsoleHandler
                .level = ALL
                java.util.logging.ConsoleHandler.level = ALL
                software.amazon.awssdk.level = INFO
                """);
        Path console = directory.resolve("console");
        Path used = directory.resolve("secrets");
        ProcessBuilder builder = Jvm.running(
                        LeakHunt.class,
                        List.of("-Djava.util.logging.config.file=" + logging, "-Dslf4j.internal.verbosity=DEBUG"),
                        used.toString())
                .redirectErrorStream(true)
                .redirectOutput(console.toFile());
        Process process = builder.start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        output = Files.readString(console);
        assertThat(process.exitValue()).as(tail(output)).isZero();
        secrets = Files.readAllLines(used);
    }

    @AfterAll
    static void forget() {
        output = null;
        secrets = null;
    }

    @Test
    void findsNoSecretAnywhere() {
        assertThat(secrets).hasSizeGreaterThan(5);
        for (String secret : secrets) {
            assertThat(around(secret))
                    .as("a secret of %d characters", secret.length())
                    .isEmpty();
        }
    }

    @Test
    void findsNoSecretBrokenOverLines() {
        String squeezed = output.replaceAll("\\s+", "");
        for (String secret : secrets) {
            assertThat(squeezed.contains(secret))
                    .as("a secret of %d characters", secret.length())
                    .isFalse();
        }
    }

    @Test
    void findsNoSignature() {
        assertThat(Pattern.compile("(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
                        .matcher(output)
                        .results()
                        .limit(3))
                .extracting(found -> output.substring(Math.max(0, found.start() - 900), found.end()))
                .isEmpty();
        assertThat(Pattern.compile("(?i)Signature=\\s*[0-9a-f]{16}")
                        .matcher(output)
                        .results()
                        .limit(3))
                .extracting(found -> output.substring(Math.max(0, found.start() - 900), found.end()))
                .isEmpty();
    }

    @Test
    void sendsNothingToWhoeverIsInTheMiddle() {
        assertThat(output.lines().filter(line -> line.startsWith("in the middle, passwords received")))
                .hasSize(4)
                .allMatch(line -> line.endsWith(": 0"));
    }

    /** Else the hunt would prove nothing. */
    @Test
    void heardEverybody() {
        assertThat(output)
                .contains("io.github.dsqlreach.diagnosis.CheckRun", "FINEST", "org.postgresql")
                .contains("Connected with provider of type [org.slf4j.jul.JULServiceProvider]")
                .contains(Scrubber.MASK, "<!DOCTYPE html>", "\"schema\"", "DsqlUnreachableError", "no token for")
                .contains("REACHABLE", "no entry with", "cannot use ***");
    }

    private static List<String> around(String secret) {
        int at = output.indexOf(secret);
        return at < 0 ? List.of() : List.of(output.substring(Math.max(0, at - 300), at));
    }

    private static String tail(String text) {
        return text.substring(Math.max(0, text.length() - 3_000));
    }
}
