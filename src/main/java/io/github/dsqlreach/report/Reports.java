package io.github.dsqlreach.report;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.internal.Digests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;

/**
 * Reports as files: JSON, Markdown and HTML of each endpoint, under a name that is the same in every run.
 *
 * <pre>{@code
 * Reports.Written files = Reports.write(Reports.DEFAULT_DIRECTORY, Report.of(reachability));
 * }</pre>
 */
public final class Reports {
    /** Where reports go by default, seen from the working directory. */
    public static final Path DEFAULT_DIRECTORY = Path.of("target", "dsql-reach");

    private static final int LONGEST_NAME = 100;

    /**
     * The files of one report.
     *
     * @param json the report for programs, see {@link Report#json}
     * @param markdown the report for a build's summary or an issue
     * @param html the report to look at and to send
     */
    public record Written(Path json, Path markdown, Path html) {}

    private Reports() {}

    /**
     * Writes a report's files, and replaces those of an earlier run. A reader never sees half a file.
     *
     * @param directory where to; made if it is not there
     * @throws IOException if the directory cannot be made or written to
     */
    public static Written write(Path directory, Report report) throws IOException {
        return write(directory, name(report.reachability()), report);
    }

    static Written write(Path directory, String name, Report report) throws IOException {
        Files.createDirectories(directory);
        Written written = new Written(
                directory.resolve(name + ".json"), directory.resolve(name + ".md"), directory.resolve(name + ".html"));
        replace(written.json(), report.json());
        replace(written.markdown(), report.markdown());
        replace(written.html(), report.html());
        return written;
    }

    /** The host's name, and a few letters that tell endpoints on the same host apart. */
    static String name(Reachability reachability) {
        if (reachability.endpoint().isEmpty()) {
            return reachability
                            .diagnosis()
                            .cause()
                            .filter(Cause.ENDPOINT_NOT_CONFIGURED::equals)
                            .isPresent()
                    ? "no-endpoint"
                    : "no-endpoint-" + hash(reachability.summary());
        }
        Endpoint endpoint = reachability.endpoint().get();
        String host = endpoint.host().replaceAll("[^A-Za-z0-9._-]", "-").replaceFirst("^[.-]+", "");
        String brief = host.length() > LONGEST_NAME ? host.substring(0, LONGEST_NAME) : host;
        Optional<String> simulated =
                reachability.simulation().map(simulation -> "simulated-" + simulation.fault() + "-");
        if (simulated.isPresent() || isLocal(endpoint)) {
            // The way to a simulated fault or a local cluster is another one in each JVM, and says nothing.
            return simulated.orElse("") + brief + "-"
                    + hash(endpoint.user() + "\n" + endpoint.negotiation() + "\n" + endpoint.transport());
        }
        String whole = String.join(
                "\n",
                endpoint.toString(),
                endpoint.user(),
                endpoint.database(),
                endpoint.negotiation().name(),
                endpoint.region().orElse(""),
                endpoint.trust().toString(),
                endpoint.options());
        return brief + "-" + hash(whole);
    }

    /** A {@code LocalDsql}, by the directory that each one has for itself. */
    private static boolean isLocal(Endpoint endpoint) {
        return endpoint.trust()
                .rootCertificate()
                .map(Path::getParent)
                .map(Path::getFileName)
                .filter(name -> name.toString().matches("dsql-reach-local-\\d+-\\d+"))
                .isPresent();
    }

    private static String hash(String text) {
        return HexFormat.of().formatHex(Digests.of("SHA-256", text.getBytes(StandardCharsets.UTF_8)), 0, 4);
    }

    /** Writes a text file in UTF-8 by way of another file beside it, so that a reader never sees half of it. */
    static void replace(Path file, String text) throws IOException {
        Path part = file.resolveSibling("." + UUID.randomUUID() + ".part");
        try {
            Files.writeString(part, text, StandardOpenOption.CREATE_NEW);
            try {
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } catch (AtomicMoveNotSupportedException e) {
                Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            }
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
