package io.github.dsqlreach.cli;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.report.TextReport;
import io.github.dsqlreach.report.TextStyle;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * The environment in which the doctor is started.
 *
 * @param out where reports go
 * @param err where messages and, on a terminal, progress go
 * @param style what {@code out} can show
 * @param terminal whether {@code err} is a terminal
 * @param environment the environment variables
 * @param configuration the settings of the system properties and the environment
 * @param credentials instead of those of the SDK's default chain
 */
record CliContext(
        PrintStream out,
        PrintStream err,
        TextStyle style,
        boolean terminal,
        Map<String, String> environment,
        Configuration configuration,
        Optional<AwsCredentialsProvider> credentials) {
    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    static CliContext ofSystem() {
        return new CliContext(
                System.out,
                System.err,
                TextStyle.detect(),
                isTerminal(),
                System.getenv(),
                Configuration.ofSystem(),
                Optional.empty());
    }

    /** Java knows it only of input and output together; Linux knows it of each. */
    private static boolean isTerminal() {
        if (Files.isSymbolicLink(STANDARD_ERROR)) {
            try {
                return Files.readSymbolicLink(STANDARD_ERROR).toString().matches("/dev/(pts/|tty|console).*");
            } catch (IOException e) {
                return false;
            }
        }
        return System.console() != null;
    }

    /** These, without colours. */
    CliContext withoutColour() {
        return new CliContext(
                out, err, new TextStyle(false, style.unicode()), terminal, environment, configuration, credentials);
    }

    /** A message to the user that belongs to no report. */
    void say(@Nullable String message) {
        err.print(TextReport.message("doctor: " + message, new TextStyle(false, style.unicode())));
        err.flush();
    }
}
