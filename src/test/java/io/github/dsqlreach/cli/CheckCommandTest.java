package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import io.github.dsqlreach.report.Report;
import io.github.dsqlreach.report.TextStyle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.core.exception.SdkClientException;

/** The doctor's contract: arguments in, exit code and report out. */
class CheckCommandTest {
    @AutoClose
    private static final LocalDsql local = LocalDsql.start();

    @TempDir
    Path directory;

    @AfterEach
    void accept() {
        local.accept();
    }

    private static Run.Shell shell() {
        return new Run.Shell().credentials(local.credentialsProvider());
    }

    /** The arguments that lead to the local cluster, and more. */
    private static String[] local(String... more) {
        return Stream.concat(
                        Stream.of(
                                local.endpoint().host(),
                                "--connect-to",
                                local.address().toString(),
                                "--root-cert",
                                local.rootCertificate().toString()),
                        Stream.of(more))
                .toArray(String[]::new);
    }

    @Test
    void exitsWith0AndShowsEveryPhaseOfAReachableCluster() {
        Run run = shell().run(local());

        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .containsSubsequence(local.endpoint().host(), "✓ DNS", "✓ AUTH", "✓ QUERY", "✓ DSQL reachable")
                .contains("✓ TCP", "✓ TOKEN", "✓ TLS");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void theCommandCheckIsTheSame() {
        List<String> arguments = new ArrayList<>(List.of(local()));
        arguments.add(0, "check");

        assertThat(shell().run(arguments.toArray(String[]::new)).exit()).isZero();
    }

    @Test
    void takesTheEndpointFromTheEnvironment() {
        Run run = shell().environment(Map.of(
                        "DSQL_ENDPOINT",
                        local.endpoint().host(),
                        "DSQL_REACH_CONNECT_TO",
                        local.address().toString(),
                        "DSQL_REACH_ROOT_CERTIFICATE",
                        local.rootCertificate().toString()))
                .run();

        assertThat(run.exit()).as(run.out() + run.err()).isZero();
    }

    @Test
    void prefersOptionsToTheEnvironment() {
        Run run = shell().environment(Map.of("DSQL_ENDPOINT", "no endpoint", "DSQL_REACH_TIMEOUT", "no time"))
                .run(local("--timeout", "5s"));

        assertThat(run.exit()).as(run.out() + run.err()).isZero();
    }

    @Test
    void passesUserRegionAndNegotiationOn() throws Exception {
        local.createRole("app");

        Run run = shell().run(
                        local("--user", "app", "--region", "us-east-1", "--negotiation", "direct", "--format", "json"));

        Reachability report = Report.parse(run.out()).reachability();
        assertThat(run.exit()).isZero();
        assertThat(report.endpoint().orElseThrow().user()).isEqualTo("app");
        assertThat(report.endpoint().orElseThrow().negotiation().parameter()).isEqualTo("direct");
    }

    @Test
    void goesOverTheWebSocket() {
        Run run = shell().run(
                        local.endpoint().host(),
                        "--transport",
                        "websocket",
                        "--connect-to",
                        local.webSocketAddress().toString(),
                        "--root-cert",
                        local.rootCertificate().toString(),
                        "--format",
                        "json");

        Reachability report = Report.parse(run.out()).reachability();
        assertThat(run.exit()).as(run.out() + run.err()).isZero();
        assertThat(report.endpoint().orElseThrow().transport()).isEqualTo(Transport.WEBSOCKET);
        assertThat(report.endpoint().orElseThrow().address())
                .hasToString(local.endpoint().host() + ":443");
    }

    @Test
    void goesNoFartherThanAsked() {
        Run run = shell().run(local("--through", "tcp", "--format", "json"));

        assertThat(run.exit()).isZero();
        assertThat(Report.parse(run.out())
                        .reachability()
                        .attempt()
                        .orElseThrow()
                        .phases())
                .filteredOn(result -> result.status() == PhaseResult.Status.NOT_REACHED)
                .extracting(result -> result.phase().name())
                .contains("TLS", "AUTH", "QUERY");
    }

    @Test
    void exitsWith1WhenBlockedAndShowsWhereWhyAndWhatToDo() {
        Run run = shell().run(local("--connect-to", "127.0.0.1:1")[0], "--connect-to", "127.0.0.1:1");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out())
                .contains("– AUTH", "this machine", "•")
                .containsSubsequence("✗ TCP", "✗ DSQL blocked at TCP", "Why: TCP_REFUSED", "What to do", "1. ");
    }

    @Test
    void showsEachPhaseOnce() {
        Run run = shell().run(local("--connect-to", "127.0.0.1:1")[0], "--connect-to", "127.0.0.1:1");

        assertThat(run.out()).containsOnlyOnce("  ✗ TCP   ").containsOnlyOnce("  – QUERY");
    }

    @ParameterizedTest
    @CsvSource({
        "WAKING_UP, 1",
        "TOO_MANY_CONNECTIONS, 1",
        "RATE_EXCEEDED, 1",
        "ACCESS_DENIED, 2",
        "NOT_AUTHORIZED, 2",
        "ROLE_NOT_FOUND, 2"
    })
    void exitsAsTheClusterRefuses(Refusal refusal, int exit) {
        local.refuseWith(refusal);

        assertThat(shell().run(local()).exit()).isEqualTo(exit);
    }

    @Test
    void exitsWith2WithoutCredentials() {
        Run run = new Run.Shell()
                .credentials(() -> {
                    throw SdkClientException.create(
                            "Unable to load credentials from any of the providers in the chain");
                })
                .run(local("--format", "json"));

        assertThat(run.exit()).isEqualTo(2);
        assertThat(Report.parse(run.out()).reachability().verdict()).isEqualTo(Verdict.MISCONFIGURED);
    }

    @Test
    void exitsWith3WhenTheFactsDoNotDecide() {
        local.refuseWith("XX999", "the moon is in the wrong phase", null);

        Run run = shell().run(local("--format", "json"));

        assertThat(run.exit()).isEqualTo(3);
        assertThat(Report.parse(run.out()).reachability().verdict()).isEqualTo(Verdict.UNKNOWN);
    }

    @Test
    void waitsForAClusterThatWakesUp() {
        local.refuseWith(Refusal.WAKING_UP, 1);

        Run run = shell().run(local("--wait-for", "10s"));

        assertThat(run.exit()).as(run.out()).isZero();
        assertThat(run.out()).containsSubsequence("✗ AUTH", "✓ QUERY", "✓ DSQL reachable");
    }

    @Test
    void experimentsUnlessToldNotTo() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))) {
            String[] arguments = {
                local.endpoint().host(),
                "--connect-to",
                "127.0.0.1:" + silent.getLocalPort(),
                "--timeout",
                "1s",
                "--format",
                "json"
            };
            Run with = shell().run(arguments);
            Run without = shell().run(Stream.concat(Stream.of(arguments), Stream.of("--no-experiments"))
                    .toArray(String[]::new));

            assertThat(with.exit()).isEqualTo(1);
            assertThat(without.exit()).isEqualTo(1);
            assertThat(Report.parse(with.out()).reachability().experiments()).isNotEmpty();
            assertThat(Report.parse(without.out()).reachability().experiments()).isEmpty();
        }
    }

    @Test
    void writesNothingButJsonToTheStandardOutput() {
        Run run = shell().terminal().run(local("--format", "json"));

        assertThat(run.exit()).isZero();
        assertThat(Report.parse(run.out()).reachability().isReachable()).isTrue();
        assertThat(run.err()).contains("✓ QUERY");
    }

    @Test
    void isSilentOnTheErrorOutputWhereNobodyWatches() {
        assertThat(shell().run(local("--format", "json")).err()).isEmpty();
    }

    @Test
    void writesMarkdownAndHtml() {
        assertThat(shell().run(local("--format", "markdown")).out())
                .contains("|")
                .contains("DSQL reachable");
        assertThat(shell().run(local("--format", "HTML")).out())
                .startsWith("<!DOCTYPE html>")
                .endsWith("</html>\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "json", "markdown", "html"})
    void writesToAFile(String format) throws IOException {
        Path file = directory.resolve("report");
        Files.writeString(file, "an earlier and much longer report\n".repeat(1_000));

        Run run = shell().style(new TextStyle(true, true)).run(local("--format", format, "--output", file.toString()));

        assertThat(run.exit()).isZero();
        assertThat(run.out()).isEmpty();
        assertThat(file).content().contains("DSQL reachable").doesNotContain("\u001b", "earlier");
    }

    @Test
    void refusesAFileThatCannotBeWrittenBeforeItConnects() {
        long before = local.connections().accepted();

        Run nowhere = shell().run(local("--output", directory + "/nowhere/report.json"));
        Run folder = shell().run(local("--output", directory.toString()));

        assertThat(nowhere.exit()).isEqualTo(64);
        assertThat(nowhere.err()).contains("nowhere/report.json", "there is no directory");
        assertThat(folder.exit()).isEqualTo(64);
        assertThat(folder.err()).contains("it is a directory");
        assertThat(local.connections().accepted()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "--timeout 5x; '5x' (option --timeout)",
                "--timeout 11m; to 10m",
                "--wait-for soon; 'soon' (option --wait-for)",
                "--through socket; one of dns, tcp, token, tls, auth, query",
                "--negotiation none; one of postgres, direct",
                "--connect-to nowhere; HOST:PORT",
                "--connect-to h:99999; 'h:99999' (option --connect-to)",
                "--control 443; HOST:PORT",
                "--region moon; us-east-1",
                "--root-cert /no/such.pem; '/no/such.pem' (option --root-cert)",
                "--format xml; 'xml' is not a format; allowed are text, json, markdown, html",
                "--format mark-dwon; 'mark-dwon' is not a format; did you mean markdown? Allowed are text,",
                "--through tokn; did you mean token? Allowed is one of dns, tcp,",
                "--negotation direct; unknown option --negotation; did you mean --negotiation?",
                "--format; --format",
                "--timeout=; option --timeout is empty",
                "--frobnicate; --frobnicate",
                "--timeout 1s --timeout 2s; should be specified only once",
                "second.example; second.example"
            })
    void exitsWith64NamingTheValueAndWhatIsAllowed(String arguments, String said) {
        Run run = Run.of(Stream.concat(Stream.of("abc.dsql.us-east-1.on.aws"), Stream.of(arguments.split(" ")))
                .toArray(String[]::new));

        assertThat(run.exit()).isEqualTo(64);
        assertThat(run.err()).contains(said);
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"two words", "jdbc:mysql://db/x", "jdbc:postgresql:///postgres", "host:0", "h\u001b[2Jost"})
    void exitsWith64OnAnInvalidEndpoint(String endpoint) {
        Run run = Run.of(endpoint);

        assertThat(run.exit()).isEqualTo(64);
        assertThat(run.err())
                .contains("invalid DSQL endpoint", "argument <endpoint>")
                .doesNotContain("\u001b");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void exitsWith64OnASystemPropertyThatIsNoSetting() {
        Run run = shell().properties(Map.of("dsql.reach.timout", "3s")).run(local());

        assertThat(run.exit()).isEqualTo(64);
        assertThat(run.err())
                .contains("dsql.reach.timout (system property) is not a setting; did you mean dsql.reach.timeout?");
    }

    @Test
    void saysOfAVariableThatIsNoSettingThatItIsIgnored() {
        Run run = shell().environment(Map.of("DSQL_REACH_THROUG", "tcp")).run(local("--format", "json"));

        assertThat(run.exit()).isZero();
        assertThat(run.err()).contains("DSQL_REACH_THROUG (environment variable) is not a setting and is ignored");
    }

    @Test
    void exitsWith64OnAnInvalidEndpointOfTheEnvironment() {
        Run run = new Run.Shell()
                .environment(Map.of("DSQL_ENDPOINT", "two words"))
                .run();

        assertThat(run.exit()).isEqualTo(64);
        assertThat(run.err()).contains("'two words'", "environment variable DSQL_ENDPOINT");
    }

    @Test
    void exitsWith64WithoutAnEndpoint() {
        assertThat(Run.of().exit()).isEqualTo(64);
        assertThat(Run.of().err()).contains("no endpoint", "DSQL_ENDPOINT");
        assertThat(Run.of("").err()).contains("argument <endpoint> is empty");
    }

    @Test
    void saysThatItTakesNoCredentialsProvider() {
        Run run = shell().environment(Map.of("DSQL_REACH_CREDENTIALS_PROVIDER", "com.example.Mine"))
                .run(local());

        assertThat(run.exit()).isZero();
        assertThat(run.err()).contains("ignoring environment variable DSQL_REACH_CREDENTIALS_PROVIDER");
    }

    @Test
    void coloursOnlyOnATerminalThatWantsThem() {
        TextStyle colourful = new TextStyle(true, true);

        assertThat(shell().style(colourful).run(local()).out()).contains("\u001b[32m");
        assertThat(shell().style(colourful).run(local("--no-color")).out()).doesNotContain("\u001b");
        assertThat(shell().run(local()).out()).doesNotContain("\u001b");
    }

    @Test
    void needsNothingButAsciiWhereThereIsNothingElse() {
        Run run = shell().style(TextStyle.ascii()).run(local());

        assertThat(run.out()).contains("+ QUERY").matches("\\p{ASCII}*");
    }

    @ParameterizedTest
    @EnumSource(Refusal.class)
    void staysWithin100ColumnsButForCommands(Refusal refusal) {
        local.refuseWith(refusal);

        assertThat(shell().run(local()).out().lines().filter(line -> !line.contains("`")))
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "json", "markdown", "html"})
    void showsAHostileServersWordsAsText(String format) {
        local.refuseWith("XX999", "\u001b[2J\n::error::owned\n##vso[task.complete]<script>alert(1)</script>", "\u202e");

        Run run = shell().terminal().run(local("--format", format));

        assertThat(run.exit()).isEqualTo(3);
        for (String text : List.of(run.out(), run.err())) {
            assertThat(text).doesNotContain("\u001b[2J", "\u202e", "##vso[").doesNotContainPattern("(?m)^\\s*::error");
            if (format.equals("html")) {
                assertThat(run.out()).doesNotContain("<script>alert");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"text", "json", "markdown", "html"})
    void tellsNoSecret(String format) {
        AwsCredentials credentials = local.credentialsProvider().resolveCredentials();
        local.refuseWith("XX999", "you said " + local.token("admin") + " and " + credentials.secretAccessKey(), null);

        Run run = shell().terminal().run(local("--format", format));

        assertThat(run.out() + run.err())
                .doesNotContain(credentials.secretAccessKey())
                .doesNotContainPattern("X-Amz-Signature=[0-9a-f]");
    }

    @Test
    void diagnosesTheSameInEveryFormat() {
        local.refuseWith(Refusal.NOT_AUTHORIZED);

        Cause cause = Report.parse(shell().run(local("--format", "json")).out())
                .reachability()
                .diagnosis()
                .cause()
                .orElseThrow();

        assertThat(cause).isEqualTo(Cause.NOT_AUTHORIZED);
        assertThat(shell().run(local()).out()).contains(cause.name());
    }
}
