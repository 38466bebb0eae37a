package io.github.dsqlreach.internal.results;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.report.Report;
import java.util.Map;

/**
 * Warnings and errors in the syntax of the CI service, for the standard output: of GitHub Actions, Azure Pipelines, TeamCity and
 * Buildkite. Other services have no such syntax; for them every text is empty.
 */
public final class CiAnnotations {
    private static final int LONGEST = 600;

    private enum Service {
        NONE,
        GITHUB,
        AZURE,
        TEAMCITY,
        BUILDKITE
    }

    private final Service service;

    private CiAnnotations(Service service) {
        this.service = service;
    }

    /** Those of the service that these environment variables belong to. */
    public static CiAnnotations of(Map<String, String> environment) {
        return new CiAnnotations(service(environment));
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
     * A warning, or an error if tests were failed; ends with a line feed. Empty for an endpoint that is reachable as
     * configured.
     */
    public String lines(Report report) {
        return lines(report, 0);
    }

    /**
     * The same in a build in which another JVM annotated before; a service cannot correct a line.
     *
     * @param report with all tests of the build until now
     * @param own how many of them belong to this JVM, 0 for all
     */
    public String lines(Report report, int own) {
        Reachability reachability = report.reachability();
        if (reachability.isReachable() && report.lostTests() > 0) {
            return warning(report.affectedTests(), "A check right after it passed: " + reachability.summary());
        }
        if (reachability.isReachable()) {
            return reachability.usedWebSocketFallback() ? warning("DSQL over WebSocket", reachability.summary()) : "";
        }
        String tests = report.affectedTests();
        String title = tests.isEmpty() ? "DSQL " + reachability.verdict().label() : tests;
        return line(
                report.failedTests() + report.lostTests() > 0,
                own > 0 ? title + " so far (" + own + " of them new)" : title,
                reachability.summary());
    }

    /** A warning; ends with a line feed. */
    public String warning(String title, String message) {
        return line(false, title, message);
    }

    /** An error; ends with a line feed. */
    public String error(String title, String message) {
        return line(true, title, message);
    }

    private String line(boolean error, String anyTitle, String anyMessage) {
        String title = Scrubber.line(anyTitle, LONGEST);
        String message = Scrubber.line(anyMessage, LONGEST);
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

    /** Annotations of Buildkite need its agent's program, which may be missing; an opened group always works. */
    private static String buildkite(boolean error, String title, String message) {
        return "+++ " + (error ? ":x: " : ":warning: ") + title + "\n" + message + "\n";
    }
}
