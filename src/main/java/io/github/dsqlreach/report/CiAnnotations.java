package io.github.dsqlreach.report;

import io.github.dsqlreach.Reachability;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a CI service is told, in its own way, so that nobody overlooks a skip: GitHub Actions, Azure Pipelines,
 * TeamCity and Buildkite by lines on standard output, GitHub Actions by its step summary too. Any other service has
 * the files of {@link Reports}.
 *
 * <pre>{@code
 * CiAnnotations ci = CiAnnotations.of(System.getenv());
 * System.out.print(ci.lines(report));
 * ci.summarize(List.of(Path.of("target/dsql-reach")));
 * }</pre>
 */
public final class CiAnnotations {
    private enum Service {
        NONE,
        GITHUB,
        AZURE,
        TEAMCITY,
        BUILDKITE
    }

    private final Service service;
    private final Optional<String> summaryFile;

    private CiAnnotations(Service service, Optional<String> summaryFile) {
        this.service = service;
        this.summaryFile = summaryFile;
    }

    /** The service that these environment variables tell of; none if they tell of none that is known. */
    public static CiAnnotations of(Map<String, String> environment) {
        Service service = service(environment);
        Optional<String> summaryFile = Optional.ofNullable(environment.get("GITHUB_STEP_SUMMARY"))
                .filter(file -> service == Service.GITHUB && !file.isBlank());
        return new CiAnnotations(service, summaryFile);
    }

    private static Service service(Map<String, String> environment) {
        if ("true".equals(environment.get("GITHUB_ACTIONS"))) {
            return Service.GITHUB;
        }
        if ("true".equalsIgnoreCase(environment.get("TF_BUILD"))) {
            return Service.AZURE;
        }
        if (!environment.getOrDefault("TEAMCITY_VERSION", "").isEmpty()) {
            return Service.TEAMCITY;
        }
        return "true".equals(environment.get("BUILDKITE")) ? Service.BUILDKITE : Service.NONE;
    }

    /**
     * The lines to print on standard output, ended: a warning, or an error if tests failed because of it. Empty if the
     * endpoint is reachable as configured or no service was found.
     */
    public String lines(Report report) {
        return lines(report, 0);
    }

    /**
     * The same in a build that had a line about it before, which no service lets correct.
     *
     * @param report what is known now, with all tests of the build
     * @param fresh how many of the tests are new
     */
    public String lines(Report report, int fresh) {
        Reachability reachability = report.reachability();
        if (reachability.isReachable()) {
            return reachability.usedWebSocketFallback()
                    ? line(false, "DSQL over WebSocket", Phrases.line(reachability.summary()))
                    : "";
        }
        boolean error = report.failedTests() > 0;
        String title =
                report.affectedTests().isEmpty() ? "DSQL " + Phrases.verdict(reachability) : report.affectedTests();
        return line(
                error,
                fresh > 0 ? title + " so far (" + fresh + " of them new)" : title,
                Phrases.line(reachability.summary()));
    }

    /** A warning of one's own, ended; empty if no service was found. */
    public String warning(String title, String message) {
        return line(false, Phrases.line(title), Phrases.line(message));
    }

    /** An error of one's own, ended; empty if no service was found. */
    public String error(String title, String message) {
        return line(true, Phrases.line(title), Phrases.line(message));
    }

    private String line(boolean error, String title, String message) {
        return switch (service) {
            case NONE -> "";
            case GITHUB -> github(error, title, message);
            case AZURE -> azure(error, title, message);
            case TEAMCITY -> teamcity(error, title, message);
            case BUILDKITE -> buildkite(error, title, message);
        };
    }

    private static String github(boolean error, String title, String message) {
        return (error ? "::error" : "::warning") + " title=" + githubProperty(title) + "::" + githubData(message)
                + "\n";
    }

    private static String githubData(String text) {
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String githubProperty(String text) {
        return githubData(text).replace(":", "%3A").replace(",", "%2C");
    }

    private static String azure(boolean error, String title, String message) {
        return "##vso[task.logissue type=" + (error ? "error" : "warning") + "]"
                + (title + ": " + message)
                        .replace("%", "%AZP25")
                        .replace("\r", "%0D")
                        .replace("\n", "%0A") + "\n";
    }

    private static String teamcity(boolean error, String title, String message) {
        return "##teamcity[message text='" + teamcityValue(title + ": " + message) + "' status='"
                + (error ? "ERROR" : "WARNING") + "']\n";
    }

    private static String teamcityValue(String text) {
        StringBuilder value = new StringBuilder();
        text.chars().forEach(c -> {
            switch (c) {
                case '\'', '|', '[', ']' -> value.append('|').append((char) c);
                case '\n' -> value.append("|n");
                case '\r' -> value.append("|r");
                default -> value.append(c < 128 ? String.valueOf((char) c) : String.format("|0x%04X", c));
            }
        });
        return value.toString();
    }

    /** Annotations there need the agent's own program, which a test cannot count on; an opened group always works. */
    private static String buildkite(boolean error, String title, String message) {
        return "+++ " + (error ? ":x: " : ":warning: ") + title + "\n" + message + "\n";
    }

    /**
     * Writes a section of the step's summary, where the service has one, with what the {@link BuildRecord} in those
     * directories tells; in place of the section that other JVMs of the same build wrote there.
     *
     * @param directories the reports' directories
     * @return whether it was written
     * @throws IOException if a record cannot be read or the summary's file cannot be written
     */
    public boolean summarize(List<Path> directories) throws IOException {
        return summaryFile.isPresent() && StepSummary.write(path(summaryFile.get()), directories);
    }

    /**
     * Appends Markdown to the step's summary, where the service has one; a summary that would become larger than the
     * service allows stays as it is.
     *
     * @return whether it was appended
     * @throws IOException if the summary's file cannot be written
     */
    public boolean appendSummary(String markdown) throws IOException {
        if (summaryFile.isEmpty()) {
            return false;
        }
        Path file = path(summaryFile.get());
        byte[] bytes = (markdown + "\n").getBytes(StandardCharsets.UTF_8);
        long size = Files.exists(file) ? Files.size(file) : 0;
        if (size + bytes.length > StepSummary.LARGEST) {
            return false;
        }
        Files.write(file, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return true;
    }

    private static Path path(String file) throws IOException {
        try {
            return Path.of(file);
        } catch (InvalidPathException e) {
            throw new IOException("GITHUB_STEP_SUMMARY is no path: " + e.getMessage(), e);
        }
    }
}
