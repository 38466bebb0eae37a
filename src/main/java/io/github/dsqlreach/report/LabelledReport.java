package io.github.dsqlreach.report;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Scrubber;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A report under a name.
 *
 * @param label what the reader knows it by, for example the network's name
 * @param reachability the report
 */
public record LabelledReport(String label, Reachability reachability) {
    private static final int LONGEST_LABEL = 60;

    public LabelledReport {
        label = Scrubber.line(label, LONGEST_LABEL);
        Objects.requireNonNull(reachability, "reachability");
    }

    /**
     * Reads a report; its label is the file's name without {@code .json}.
     *
     * @throws UnreadableReportException if the file is no report; the message says why
     */
    public static LabelledReport read(Path json) {
        Path name = json.getFileName();
        String label = name == null ? json.toString() : name.toString();
        return new LabelledReport(label.replaceFirst("(?i)\\.json$", ""), JsonReport.read(json));
    }
}
