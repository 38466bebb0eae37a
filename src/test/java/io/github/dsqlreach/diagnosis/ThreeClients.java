package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.InvalidEndpointException;
import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.local.LocalDsql;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Collectors;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * What three clients with the same URL say: the bare driver, the check, and the data source that tests get.
 *
 * @param driver {@code connected}, or the driver's message with its causes
 * @param check the verdict, or the message of an endpoint that is refused
 * @param cause the cause, or an empty text
 * @param report the explanation, the remedies and the evidence
 * @param dataSource like {@code driver}
 * @param output all that the JVM wrote
 */
record ThreeClients(
        String driver, String check, String cause, String confidence, String report, String dataSource, String output) {
    private static final String CONNECTED = "connected";

    boolean driverConnects() {
        return driver.equals(CONNECTED);
    }

    boolean dataSourceConnects() {
        return dataSource.equals(CONNECTED);
    }

    /** In a JVM of its own with those options. */
    static ThreeClients in(List<String> jvmOptions, LocalDsql cluster, String url) throws Exception {
        return in(jvm(jvmOptions), cluster, url);
    }

    /** A JVM that starts fast. */
    static ProcessBuilder jvm(List<String> options) {
        List<String> all = new ArrayList<>(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        all.addAll(options);
        return Jvm.running(ThreeClients.Main.class, all);
    }

    /** In that JVM of its own. */
    static ThreeClients in(ProcessBuilder jvm, LocalDsql cluster, String url) throws Exception {
        AwsCredentials credentials = cluster.credentialsProvider().resolveCredentials();
        jvm.command().addAll(List.of(url, credentials.accessKeyId(), credentials.secretAccessKey()));
        return of(Jvm.outputOf(jvm));
    }

    private static ThreeClients of(String output) {
        return new ThreeClients(
                line(output, "driver"),
                line(output, "check"),
                line(output, "cause"),
                line(output, "confidence"),
                line(output, "report"),
                line(output, "data source"),
                output);
    }

    private static String line(String output, String name) {
        return output.lines()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElse("");
    }

    /** In this JVM. */
    static ThreeClients here(String url, AwsCredentialsProvider credentials) {
        return of(String.join("\n", say(url, credentials, ForkJoinPool.commonPool())));
    }

    static final class Main {
        public static void main(String[] arguments) {
            say(
                            arguments[0],
                            StaticCredentialsProvider.create(AwsBasicCredentials.create(arguments[1], arguments[2])),
                            Runnable::run)
                    .forEach(System.out::println);
        }
    }

    /** The driver and the data source connect on that executor. */
    private static List<String> say(String url, AwsCredentialsProvider credentials, Executor others) {
        List<String> said = new ArrayList<>();
        Endpoint endpoint;
        try {
            endpoint = Endpoint.parse(url);
        } catch (InvalidEndpointException e) {
            return List.of("check: " + e.getMessage());
        }
        CompletableFuture<String> driver = CompletableFuture.supplyAsync(
                () -> outcome(() -> {
                    String password = AuthToken.generate(
                                    endpoint, credentials.resolveCredentials(), Duration.ofMinutes(1))
                            .value();
                    return DriverManager.getConnection(url, endpoint.user(), password);
                }),
                others);
        CompletableFuture<String> dataSource = CompletableFuture.supplyAsync(
                () -> outcome(() -> DsqlDataSource.of(endpoint, credentials).getConnection()), others);
        Reachability found = ReachabilityCheck.of(endpoint)
                .credentials(credentials)
                .timeout(Duration.ofSeconds(5))
                .run();
        said.add("check: " + found.verdict());
        if (!found.isReachable()) {
            said.add("cause: " + found.diagnosis().cause().map(Cause::name).orElse(""));
            said.add("confidence: " + found.diagnosis().confidence());
        }
        said.add("report: " + report(found));
        said.add("driver: " + driver.join());
        said.add("data source: " + dataSource.join());
        return said;
    }

    private static String report(Reachability found) {
        String evidence = found.attempt().stream()
                .flatMap(attempt -> attempt.phases().stream())
                .map(PhaseResult::evidence)
                .map(String::valueOf)
                .collect(Collectors.joining(" | "));
        return (found.summary() + " || "
                        + (found.isReachable()
                                ? ""
                                : found.diagnosis().explanation() + " || "
                                        + found.diagnosis().remedies() + " || ")
                        + evidence)
                .replace('\n', ' ');
    }

    private interface Opening {
        Connection open() throws Exception;
    }

    private static String outcome(Opening opening) {
        try (Connection connection = opening.open()) {
            return connection.isValid(5) ? CONNECTED : "not valid";
        } catch (Exception | LinkageError e) {
            StringBuilder text = new StringBuilder();
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                text.append(text.isEmpty() ? "" : " <- ").append(cause);
            }
            return text.toString().replace('\n', ' ');
        }
    }
}
