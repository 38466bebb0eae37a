package io.github.dsqlreach.fault;

import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Daemon;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A {@code toxiproxy-server} process of ours: started, watched, its output drained, and ended with this JVM at the latest. */
final class ProcessToxiproxy implements ToxiproxyService {
    private static final String NAME = "toxiproxy-server";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int ATTEMPTS = 3;
    private static final int OUTPUT_KEPT = 2_000;

    private final Process process;
    private final URI uri;
    private final Thread drain;
    private final Thread shutdownHook;
    private final StringBuilder output = new StringBuilder();

    private ProcessToxiproxy(Path executable, int port) throws IOException {
        process = new ProcessBuilder(executable.toString(), "-host", "127.0.0.1", "-port", String.valueOf(port))
                .redirectErrorStream(true)
                .start();
        uri = URI.create("http://127.0.0.1:" + port);
        drain = Daemon.thread("dsql-reach-toxiproxy-output", this::drain);
        drain.start();
        shutdownHook = new Thread(process::destroyForcibly, "dsql-reach-toxiproxy-shutdown");
        Runtime.getRuntime().addShutdownHook(shutdownHook);
    }

    /** The first {@code toxiproxy-server} on that search path. */
    static Path find(String searchPath) {
        return Arrays.stream(searchPath.split(Pattern.quote(File.pathSeparator)))
                .filter(directory -> !directory.isBlank())
                .flatMap(directory -> inDirectory(directory).stream())
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("There is no " + NAME + " on the PATH: install it"
                        + " (https://github.com/Shopify/toxiproxy), or use the server inside the JVM, which is the"
                        + " default. The PATH is " + searchPath));
    }

    private static Optional<Path> inDirectory(String directory) {
        try {
            return java.util.stream.Stream.of(NAME, NAME + ".exe")
                    .map(name -> Path.of(directory, name))
                    .filter(Files::isExecutable)
                    .filter(Files::isRegularFile)
                    .findFirst();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    /** Starts it on a free port; again on another one if that was taken in between. */
    static ProcessToxiproxy start(Path executable) {
        String trouble = "";
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            ProcessToxiproxy started = launch(executable);
            if (started.answers()) {
                return started;
            }
            trouble = started.trouble();
            started.close();
        }
        throw new IllegalStateException(executable + " does not start: " + trouble);
    }

    private static ProcessToxiproxy launch(Path executable) {
        try {
            return new ProcessToxiproxy(executable, freePort());
        } catch (IOException e) {
            throw new UncheckedIOException(executable + " cannot be run: " + e.getMessage(), e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        }
    }

    /** Waits for its first answer, as long as it lives and patience lasts. */
    private boolean answers() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        ToxiproxyApi api = new ToxiproxyApi(uri);
        while (System.nanoTime() < end && process.isAlive()) {
            try {
                api.version();
                return true;
            } catch (IOException e) {
                // Not yet.
            }
            try {
                if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                    return false;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return false;
    }

    private void drain() {
        byte[] buffer = new byte[4096];
        try (InputStream in = process.getInputStream()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                keep(new String(buffer, 0, count, StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // It has ended.
        }
    }

    private void keep(String text) {
        synchronized (output) {
            output.append(text);
            output.delete(0, Math.max(0, output.length() - OUTPUT_KEPT));
        }
    }

    @Override
    public URI uri() {
        return uri;
    }

    @Override
    public String trouble() {
        if (!process.isAlive()) {
            awaitOutput();
        }
        String last;
        synchronized (output) {
            last = Scrubber.line(output.toString(), OUTPUT_KEPT).strip();
        }
        String state =
                process.isAlive() ? "it does not answer at " + uri : "it ended with exit code " + process.exitValue();
        return NAME + ": " + state + (last.isEmpty() ? "" : "; its last output: " + last);
    }

    /** What it said last may still be on its way. */
    private void awaitOutput() {
        try {
            drain.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException e) {
            // The JVM is ending.
        }
        process.destroy();
        try {
            if (!process.waitFor(3, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(3, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        awaitOutput();
    }
}
