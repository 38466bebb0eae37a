package io.github.dsqlreach.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.report.TextStyle;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** One command runs a local cluster for clients in any language. */
class LocalCommandTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final Pattern EXPORT = Pattern.compile("export (\\w+)='?([^'\\n]*)'?");

    @TempDir
    private Path work;

    /** The command, until it is interrupted, as by Ctrl-C. */
    private static final class Running implements AutoCloseable {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteArrayOutputStream err = new ByteArrayOutputStream();
        private final CompletableFuture<Integer> exit = new CompletableFuture<>();
        private final Thread thread;

        Running(String... options) {
            List<String> arguments = new ArrayList<>(List.of("local", "--port", "0", "--websocket-port", "0"));
            arguments.addAll(List.of(options));
            thread = new Thread(() -> exit.complete(doctor(out, err, arguments.toArray(String[]::new))));
            thread.start();
            await().atMost(LONG).until(() -> exit.isDone() || out().contains("DSQL_REACH_ROOT_CERTIFICATE"));
            assertThat(out()).as(err()).contains("DSQL_REACH_ROOT_CERTIFICATE");
        }

        String out() {
            return out.toString(StandardCharsets.UTF_8);
        }

        String err() {
            return err.toString(StandardCharsets.UTF_8);
        }

        Map<String, String> exports() {
            return EXPORT.matcher(out()).results().collect(Collectors.toMap(r -> r.group(1), r -> r.group(2)));
        }

        Endpoint endpoint(String user) {
            return Endpoint.builder(exports().get("DSQL_ENDPOINT"))
                    .user(user)
                    .connectTo(HostAndPort.parse(exports().get("DSQL_REACH_CONNECT_TO"), 0))
                    .trust(Trust.rootCertificate(Path.of(exports().get("DSQL_REACH_ROOT_CERTIFICATE"))))
                    .build();
        }

        Connection connect(Endpoint endpoint) throws SQLException {
            return DsqlDataSource.of(
                            endpoint,
                            StaticCredentialsProvider.create(AwsBasicCredentials.create(
                                    exports().get("AWS_ACCESS_KEY_ID"),
                                    exports().get("AWS_SECRET_ACCESS_KEY"))))
                    .getConnection();
        }

        Connection connect() throws SQLException {
            return connect(endpoint("admin"));
        }

        int end() throws Exception {
            thread.interrupt();
            return exit.get(LONG.toSeconds(), TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            thread.interrupt();
            await().atMost(LONG).until(exit::isDone);
        }
    }

    private static int doctor(ByteArrayOutputStream out, ByteArrayOutputStream err, String... arguments) {
        return Doctor.run(
                new CliContext(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        TextStyle.plain(),
                        false,
                        Map.of(),
                        Configuration.of(Map.of(), Map.of()),
                        Optional.empty()),
                arguments);
    }

    @Test
    void commitsFailAsTheFaultSays() throws Exception {
        try (Running cluster = new Running(
                        "--fault", "occ-conflict", "--with", "times=0", "--with", "statements=INSERT INTO orders");
                Connection connection = cluster.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE orders (id int PRIMARY KEY)");
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> statement.executeUpdate("INSERT INTO orders VALUES (1)"))
                        .hasMessageContaining("OC000");
            }
            assertThat(statement.executeUpdate("DELETE FROM orders")).isZero();
        }
        assertThat(doctor(
                        new ByteArrayOutputStream(),
                        new ByteArrayOutputStream(),
                        "local",
                        "--plain-postgres",
                        "--port",
                        "0",
                        "--websocket-port",
                        "0",
                        "--fault",
                        "OCC_CONFLICT"))
                .isEqualTo(64);
    }

    @Test
    void printsCredentialsAndAddressesThatWorkOverBothTransports() throws Exception {
        try (Running cluster = new Running()) {
            Map<String, String> exports = cluster.exports();
            String host = exports.get("CLUSTER_ENDPOINT");
            Matcher webSocket =
                    Pattern.compile("WebSocket (127\\.0\\.0\\.1:\\d+)").matcher(cluster.out());
            assertThat(webSocket.find()).isTrue();

            try (Connection connection = cluster.connect();
                    Connection overWebSocket = cluster.connect(cluster.endpoint("admin").toBuilder()
                            .webSocketConnectTo(HostAndPort.parse(webSocket.group(1), 0))
                            .build()
                            .over(Transport.WEBSOCKET))) {
                assertThat(connection.isValid(5)).isTrue();
                assertThat(overWebSocket.isValid(5)).isTrue();
            }
            assertThat(exports)
                    .containsEntry("DSQL_CLUSTER_ENDPOINT", host)
                    .containsEntry("CLUSTER_USER", "admin")
                    .containsEntry("CLUSTER_ID", host.substring(0, host.indexOf('.')))
                    .containsEntry("REGION", "us-east-1")
                    .containsEntry("AWS_REGION", "us-east-1");
            assertThat(cluster.end()).isZero();
        }
    }

    @Test
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "sources a file of shell commands")
    void writesAFileToSourceAfterWhichPsqlConnects() throws Exception {
        assumeTrue(isInstalled("psql"), "needs psql");
        Path file = work.resolve("env of local.sh");
        try (Running cluster = new Running("--role", "app", "--env", file.toString())) {
            assertThat(Files.readString(file)).isEqualTo(cluster.out());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");

            assertThat(shell(file, "psql -Atc 'SELECT current_user, 42'")).isEqualTo("admin|42");
            String asApp = cluster.out()
                    .lines()
                    .filter(line -> line.startsWith("# As the role app: "))
                    .map(line -> line.substring(line.indexOf(": ") + 2))
                    .findFirst()
                    .orElseThrow();
            assertThat(shell(file, asApp + " -Atc 'SELECT current_user'")).isEqualTo("app");
        }
        assertThat(file).doesNotExist();
    }

    /** Without a line of configuration beyond the printed ones: the JDK's own way to names and trust. */
    static final class AwsConnectorUser {
        public static void main(String[] arguments) throws SQLException {
            try (Connection connection = DriverManager.getConnection(arguments[0])) {
                System.out.println("valid: " + connection.isValid(10));
            }
        }
    }

    @Test
    void awsConnectorConnectsWithThePrintedUrlAndOptionsOnly() throws Exception {
        try (Running cluster = new Running()) {
            Map<String, String> exports = cluster.exports();
            String url = cluster.out()
                    .lines()
                    .filter(line -> line.startsWith("#   jdbc:aws-dsql:"))
                    .map(line -> line.substring(4))
                    .findFirst()
                    .orElseThrow();
            ProcessBuilder jvm = Jvm.running(
                    AwsConnectorUser.class,
                    List.of(exports.get("LOCAL_DSQL_JAVA_OPTIONS").split(" ")),
                    url);
            exports.forEach((name, value) -> {
                if (name.startsWith("AWS_")) {
                    jvm.environment().put(name, value);
                }
            });

            assertThat(Jvm.outputOf(jvm)).contains("valid: true");
        }
    }

    @Test
    void keepsDataAndRolesOverRestarts() throws Exception {
        String[] options = {"--data", work.resolve("data").toString(), "--role", "app"};
        String host;
        try (Running cluster = new Running(options);
                Connection connection = cluster.connect()) {
            connection.createStatement().execute("CREATE TABLE kept (id int PRIMARY KEY)");
            host = cluster.exports().get("CLUSTER_ENDPOINT");
        }
        try (Running cluster = new Running(options);
                Connection connection = cluster.connect();
                Connection asApp = cluster.connect(cluster.endpoint("app"))) {
            assertThat(cluster.exports()).containsEntry("CLUSTER_ENDPOINT", host);
            assertThat(connection.createStatement().execute("SELECT id FROM kept"))
                    .isTrue();
            assertThat(asApp.isValid(5)).isTrue();
        }
    }

    @Test
    void putsAFaultOfTheNetworkInFront() throws Exception {
        try (Running cluster = new Running("--fault", "latency", "--with", "latency=1")) {
            try (Connection connection = cluster.connect()) {
                assertThat(connection.isValid(5)).isTrue();
            }
        }
        try (Running cluster = new Running("--fault", "TLS_RESET")) {
            assertThatThrownBy(cluster::connect).isInstanceOf(SQLException.class);
        }
        try (Running cluster = new Running("--fault", "TCP_REFUSED")) {
            assertThatThrownBy(cluster::connect).hasMessageContaining("refused");
        }
    }

    @Test
    void letsTheClusterRefuse() throws Exception {
        try (Running cluster = new Running("--fault", "waking-up")) {
            assertThatThrownBy(cluster::connect).hasMessageContaining("waking up cluster");
        }
    }

    @Test
    void usesAFreePortAndSaysSoWhereTheUsualOneIsTaken() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        // Whether it is taken by this or already: either way it is.
        ServerSocket taken = new ServerSocket();
        try {
            taken.bind(new java.net.InetSocketAddress("127.0.0.1", 5432));
        } catch (IOException e) {
            taken.close();
        }
        Thread thread = new Thread(() -> doctor(out, err, "local", "--websocket-port", "0"));
        try {
            thread.start();
            await().atMost(LONG)
                    .until(() -> out.toString(StandardCharsets.UTF_8).contains("DSQL_REACH_ROOT"));

            assertThat(err.toString(StandardCharsets.UTF_8))
                    .contains("port 5432 cannot be used", "using a free one, as with --port 0");
            assertThat(out.toString(StandardCharsets.UTF_8))
                    .contains("Clients that know only port 5432 do not find it")
                    .doesNotContain("127.0.0.1:5432");
        } finally {
            thread.interrupt();
            thread.join(LONG.toMillis());
            taken.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "--with latency=1, --with needs --fault",
        "--fault NOTHING, there is no fault 'NOTHING'; allowed are ",
        "--fault TLS_REST, there is no fault 'TLS_REST'; did you mean TLS_RESET? Allowed are ",
        "--fault wakingup, there is no fault 'wakingup'; did you mean WAKING_UP? Allowed are ",
        "--fault LATENCY --with latncy=5, LATENCY has no parameter 'latncy'; did you mean latency? Allowed are ",
        "--fault DNS_NAME_NOT_FOUND, DNS_NAME_NOT_FOUND cannot be put in front of a cluster for other programs",
        "--fault WEBSOCKET_REFUSED, WEBSOCKET_REFUSED cannot be put in front of a cluster for other programs",
        "--region mars, 'mars'",
        "--cluster-id No_Id, 'No_Id'",
        "--principal me, principal 'me'",
        "--port 70000, option --port: 70000 is not between 0 and 65535",
        "--data /dev/null, the local cluster cannot be started"
    })
    void refusesOptionsThatMakeNoSense(String options, String message) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>(List.of("local", "--websocket-port", "0"));
        if (!options.contains("--port")) {
            arguments.addAll(List.of("--port", "0"));
        }
        arguments.addAll(List.of(options.split(" ")));

        int exit = doctor(new ByteArrayOutputStream(), err, arguments.toArray(String[]::new));

        assertThat(exit).isEqualTo(ExitCode.USAGE);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains(message);
    }

    @Test
    void endsWithTheReasonWhenPostgresDies() throws Exception {
        try (Running cluster = new Running()) {
            Path root = Path.of(cluster.exports().get("DSQL_REACH_ROOT_CERTIFICATE"));
            String pid = Files.readAllLines(root.resolveSibling("data/postmaster.pid"))
                    .get(0);

            ProcessHandle.of(Long.parseLong(pid)).orElseThrow().destroyForcibly();

            assertThat(cluster.exit.get(LONG.toSeconds(), TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(cluster.err().replaceAll("\\s+", " ")).contains("the local PostgreSQL died");
            assertThat(root).doesNotExist();
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "sends signals by setsid and kill")
    void leavesNothingAfterCtrlC() throws Exception {
        Path temporary = Files.createDirectory(work.resolve("tmp"));
        Path file = work.resolve("env.sh");
        Path output = work.resolve("out");
        ProcessBuilder jvm = Jvm.running(
                Doctor.class,
                List.of("-Djava.io.tmpdir=" + temporary),
                "local",
                "--port",
                "0",
                "--websocket-port",
                "0",
                "--env",
                file.toString());
        // What a shell starts in the background ignores Ctrl-C, and so does everything that it starts.
        jvm.command().addAll(0, List.of("setsid", "env", "--default-signal=INT"));
        Process process =
                jvm.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            await().atMost(LONG).until(() -> Files.exists(file) || !process.isAlive());
            assertThat(file).as(Files.readString(output)).exists();

            assertThat(new ProcessBuilder("sh", "-c", "kill -s INT -- -" + process.pid())
                            .start()
                            .waitFor())
                    .isZero();

            assertThat(process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(file).doesNotExist();
            assertThat(temporary)
                    .isDirectoryNotContaining(
                            left -> !left.getFileName().toString().matches("dsql-reach-postgres-.*|hsperf.*"));
            assertThat(ProcessHandle.allProcesses()
                            .filter(left -> left.info().commandLine().orElse("").contains(temporary + "/")))
                    .isEmpty();
        } finally {
            process.destroyForcibly();
        }
    }

    private static boolean isInstalled(String program) throws Exception {
        try {
            return new ProcessBuilder(program, "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static String shell(Path file, String command) throws Exception {
        return Jvm.outputOf(new ProcessBuilder("sh", "-c", ". '" + file + "'; " + command))
                .strip();
    }
}
