package io.github.dsqlreach.cli;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.TextStyle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The format and the destination of a report. */
final class ReportOptions {
    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            converter = Format.Converter.class,
            description = "text (the default), json, markdown or html.")
    private Format format = Format.TEXT;

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Write the report to FILE instead of the standard output; in UTF-8, without colours.")
    private Path output;

    @Option(names = "--no-color", description = "No colours, as with NO_COLOR in the environment.")
    private boolean noColour;

    Format format() {
        return format;
    }

    /** Whether the phases on the standard output, each when it ends, are the beginning of the report. */
    boolean streams() {
        return format == Format.TEXT && output == null;
    }

    /** Whether the standard output may have more than the report. */
    boolean leavesOutputFree() {
        return format == Format.TEXT || output != null;
    }

    CliContext applyTo(CliContext surroundings) {
        return noColour ? surroundings.withoutColour() : surroundings;
    }

    /** Rejects a file that cannot be written, before the check. */
    void checkOutput() {
        if (output == null) {
            return;
        }
        Path directory = output.toAbsolutePath().getParent();
        if (Files.isDirectory(output)) {
            throw new UsageException("cannot write to '" + output + "': it is a directory");
        }
        if (directory == null || !Files.isDirectory(directory)) {
            throw new UsageException("cannot write to '" + output + "': there is no directory " + directory);
        }
        if (Files.exists(output) ? !Files.isWritable(output) : !Files.isWritable(directory)) {
            throw new UsageException("cannot write to '" + output + "': permission denied");
        }
    }

    /** The whole report. */
    String render(Reachability reachability, CliContext surroundings) {
        return switch (format) {
            case TEXT -> Report.of(reachability).text(textStyle(surroundings));
            case JSON -> Report.of(reachability).json();
            case MARKDOWN -> Report.of(reachability).markdown();
            case HTML -> Report.of(reachability).html();
        };
    }

    TextStyle textStyle(CliContext surroundings) {
        return output == null ? surroundings.style() : TextStyle.plain();
    }

    /** Writes to the file or else the standard output. */
    void write(String text, CliContext surroundings) {
        Optional<Path> file = Optional.ofNullable(output);
        if (file.isPresent()) {
            writeTo(file.get(), text);
            if (surroundings.terminal()) {
                surroundings.say("the report is in " + file.get());
            }
        } else if (format == Format.TEXT) {
            surroundings.out().print(text);
        } else {
            // For programs: in UTF-8, whatever the encoding of the terminal is.
            surroundings.out().writeBytes(text.getBytes(StandardCharsets.UTF_8));
        }
        surroundings.out().flush();
    }

    private static void writeTo(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UsageException("cannot write to '" + file + "': " + e, e);
        }
    }
}
