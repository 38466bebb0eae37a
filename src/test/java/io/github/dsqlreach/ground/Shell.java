package io.github.dsqlreach.ground;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs commands of this machine, in a network namespace or outside of all. */
final class Shell {
    private Shell() {}

    /** Runs the script, fails with its output if it fails. */
    static String run(String script) throws IOException {
        return await(new ProcessBuilder("sh", "-ec", script), script);
    }

    /** The same inside that namespace. */
    static String in(String namespace, String script) throws IOException {
        return await(inside(namespace, "sh", "-ec", script), namespace + ": " + script);
    }

    /** Whether the script succeeds; nothing else matters. */
    static boolean succeeds(String script) {
        try {
            run(script);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** A command that is still to be started inside that namespace. */
    static ProcessBuilder inside(String namespace, String... command) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        all.addAll(List.of(command));
        return new ProcessBuilder(all);
    }

    /** Starts what goes on until somebody ends it; its output goes to that file. */
    static Process start(ProcessBuilder builder, Path log) throws IOException {
        return builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /** Ends a process and all it has started. */
    static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    private static String await(ProcessBuilder builder, String what) throws IOException {
        Path output = Files.createTempFile("ground", ".out");
        try {
            Process process = start(builder, output);
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                end(process);
                throw new IOException("no end after 60 s: " + what);
            }
            String said = Files.readString(output, StandardCharsets.UTF_8);
            if (process.exitValue() != 0) {
                throw new IOException("exit code " + process.exitValue() + ": " + what + "\n" + said);
            }
            return said;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted: " + what, e);
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
