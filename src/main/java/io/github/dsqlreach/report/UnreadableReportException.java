package io.github.dsqlreach.report;

import io.github.dsqlreach.Scrubber;
import java.io.IOException;

/**
 * A file or text that is not a report. The message names it and says what is wrong.
 *
 * <pre>{@code
 * try {
 *     Report report = Report.read(Path.of("cafe.json"));
 * } catch (UnreadableReportException e) {
 *     System.err.println(e.getMessage());
 * }
 * }</pre>
 */
public final class UnreadableReportException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnreadableReportException(String source, String reason) {
        super(message(source, reason));
    }

    /** With a cause that quotes nothing of the report: a stack trace prints it as it is. */
    UnreadableReportException(String source, String reason, IOException cause) {
        super(message(source, reason), cause);
    }

    private static String message(String source, String reason) {
        return Scrubber.line("cannot read the report " + source + ": " + reason, 500);
    }
}
