package io.github.dsqlreach;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.dsqlreach.junit.DsqlUnreachableError;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * A server that nobody verified answers the SSLRequest with an error full of commands. Wherever a test run says why the
 * tests do not run, there is none left.
 */
// SECURITY.md: untrusted text is never interpreted.
@Isolated("listens to the log")
class HostileServerTest {
    private static final Logger LOG = Logger.getLogger("io.github.dsqlreach");

    private final List<String> logged = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            logged.add(entry.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOG.addHandler(handler);
        LOG.setLevel(Level.ALL);
    }

    @AfterEach
    void stopListening() {
        LOG.removeHandler(handler);
        LOG.setLevel(null);
    }

    public static final class Known implements AwsCredentialsProvider {
        @Override
        public AwsCredentials resolveCredentials() {
            return AwsBasicCredentials.create("AKIDHOSTILE", "hostileServerTestKey");
        }
    }

    @RequiresDsqlReachability
    static final class Case {
        @Test
        void needsTheCluster() {}
    }

    @Test
    void commandsNobodyThroughTheReasonOfASkip() throws Exception {
        for (String text : CiCommands.texts()) {
            Events events = run(text, "skip").allEvents();

            assertThat(events.skipped().map(event -> event.getRequiredPayload(String.class)))
                    .hasSize(1)
                    .allSatisfy(CiCommands::assertHarmless)
                    .allSatisfy(reason -> assertThat(reason).contains(" at TLS: "));
            assertThat(events.reportingEntryPublished().map(event -> event.getRequiredPayload(ReportEntry.class)))
                    .hasSize(1)
                    .flatExtracting(entry -> entry.getKeyValuePairs().values())
                    .allSatisfy(CiCommands::assertHarmless);
        }
        assertThat(logged).hasSizeGreaterThan(10).allSatisfy(CiCommands::assertHarmless);
    }

    @Test
    void commandsNobodyThroughAnExceptionAndItsStackTrace() throws Exception {
        for (String text : CiCommands.texts()) {
            Throwable failure = run(text, "fail").allEvents().failed().stream()
                    .map(event ->
                            event.getRequiredPayload(TestExecutionResult.class).getThrowable())
                    .flatMap(Optional::stream)
                    .findFirst()
                    .orElseThrow();
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));

            assertThat(failure).isInstanceOf(DsqlUnreachableError.class).hasMessageContaining(" at TLS: ");
            CiCommands.assertHarmless(failure.getMessage());
            CiCommands.assertHarmless(trace.toString().replace("\t", ""));
        }
    }

    private EngineExecutionResults run(String said, String mode) throws IOException {
        try (LoopbackServer server = new LoopbackServer((client, connection) -> answer(client, said))) {
            return EngineTestKit.engine("junit-jupiter")
                    .configurationParameter(Setting.ENDPOINT.key(), "abc.dsql.us-east-1.on.aws")
                    .configurationParameter(
                            Setting.CONNECT_TO.key(), server.address().toString())
                    .configurationParameter(Setting.CREDENTIALS_PROVIDER.key(), Known.class.getName())
                    .configurationParameter(Setting.EXPERIMENTS.key(), "false")
                    .configurationParameter(Setting.MODE.key(), mode)
                    .selectors(selectClass(Case.class))
                    .execute();
        }
    }

    private static void answer(Socket client, String said) throws IOException {
        new DataInputStream(client.getInputStream()).readFully(new byte[8]);
        client.getOutputStream().write(LoopbackServer.error("08006", said, "H" + said));
    }
}
