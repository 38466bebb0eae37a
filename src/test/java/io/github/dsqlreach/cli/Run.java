package io.github.dsqlreach.cli;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.report.TextStyle;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/** One run of the doctor inside this JVM: how it ended and what it said. */
record Run(int exit, String out, String err) {

    static Run of(String... arguments) {
        return new Shell().run(arguments);
    }

    /** Where a run takes place. */
    static final class Shell {
        private TextStyle style = TextStyle.plain();
        private boolean terminal;
        private Map<String, String> environment = Map.of();
        private Map<String, String> properties = Map.of();
        private AwsCredentialsProvider credentials;

        Shell style(TextStyle style) {
            this.style = style;
            return this;
        }

        Shell terminal() {
            this.terminal = true;
            return this;
        }

        Shell environment(Map<String, String> environment) {
            this.environment = environment;
            return this;
        }

        Shell properties(Map<String, String> properties) {
            this.properties = properties;
            return this;
        }

        Shell credentials(AwsCredentialsProvider credentials) {
            this.credentials = credentials;
            return this;
        }

        Run run(String... arguments) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            int exit = Doctor.run(
                    new CliContext(
                            new PrintStream(out, true, StandardCharsets.UTF_8),
                            new PrintStream(err, true, StandardCharsets.UTF_8),
                            style,
                            terminal,
                            environment,
                            Configuration.of(properties, environment),
                            Optional.ofNullable(credentials)),
                    arguments);
            return new Run(exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        }
    }
}
