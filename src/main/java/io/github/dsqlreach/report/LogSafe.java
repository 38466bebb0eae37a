package io.github.dsqlreach.report;

import java.util.regex.Pattern;

/**
 * Keeps foreign text in a log from being taken for a command of the CI service that reads the log. Every text output
 * passes through here as a whole, after its layout: only then is it known what stands at the start of a line.
 */
final class LogSafe {
    /** Azure Pipelines, TeamCity and GitHub's older form: {@code ##vso[}, {@code ##teamcity[}, {@code ##[}. */
    private static final Pattern BRACKET = Pattern.compile("#(?=#[a-zA-Z-]*\\[)");
    /** GitHub Actions: two colons that begin a line, blanks aside. */
    private static final Pattern COLONS = Pattern.compile("(?m)^([^\\S\\n]*):(?=:)");
    /** Buildkite: what opens a group of lines, at the very start of a line. */
    private static final Pattern GROUP = Pattern.compile("(?m)^(?=(?:\\+\\+\\+|---|~~~|\\^\\^\\^) )");

    private LogSafe() {}

    /** The text with a visible blank inside whatever a CI service would take for a command. */
    static String defuse(String text) {
        String result = BRACKET.matcher(text).replaceAll("# ");
        result = COLONS.matcher(result).replaceAll("$1: ");
        return GROUP.matcher(result).replaceAll(" ");
    }
}
