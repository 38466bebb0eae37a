package io.github.dsqlreach.bench;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import io.github.dsqlreach.local.LocalDsql;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dsql.DsqlUtilities;
import software.amazon.awssdk.services.dsql.model.GenerateAuthTokenRequest;

/**
 * The cost of the first check in a JVM beside the bare driver with a token of the SDK. Each program runs in JVMs of its own,
 * in turns; medians. Printed as Markdown: {@code mvn verify -Drun=bench}. {@code -Drun.options=-Dcold.rounds=N} changes the
 * number of rounds.
 */
final class ColdBenchmark {
    private static final int ROUNDS = Integer.getInteger("cold.rounds", 15);

    private ColdBenchmark() {}

    public static void main(String[] args) throws Exception {
        Path directory = Files.createTempDirectory("dsql-reach-cold");
        try (LocalDsql cluster = LocalDsql.start()) {
            List<String> classPath = Jvm.inJars(directory);
            AwsCredentials keys = cluster.credentialsProvider().resolveCredentials();
            List<String> options = List.of(
                    "-Daws.accessKeyId=" + keys.accessKeyId(),
                    "-Daws.secretAccessKey=" + keys.secretAccessKey(),
                    "-Ddsql.reach.endpoint=" + cluster.jdbcUrl(),
                    "-Ddsql.reach.reports-dir=" + directory.resolve("results"));
            System.out.println("| a new JVM with | wall | processor | classes |");
            System.out.println("|---|---|---|---|");
            compare(
                    new Program("the bare driver and a token of the SDK", classPath, options, Bare.class),
                    new Program("a check", classPath, options, Check.class));
            compare(
                    new Program("JUnit, a test without annotation", classPath, options, Launch.class, Plain.class),
                    new Program("the same, and the bare driver in it", classPath, options, Launch.class, Driver.class),
                    new Program("`@RequiresDsqlReachability`", classPath, options, Launch.class, Checked.class),
                    new Program("`@WithLocalDsql` as well", classPath, options, Launch.class, Local.class));
        } finally {
            delete(directory);
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** In turns; the first round warms up the machine. */
    private static void compare(Program... programs) throws IOException, InterruptedException {
        for (int round = -1; round < ROUNDS; round++) {
            for (Program program : programs) {
                program.run(round >= 0);
            }
        }
        for (Program program : programs) {
            System.out.printf(
                    Locale.ROOT,
                    "| %s | %.0f ms | %.0f ms | %d |%n",
                    program.name,
                    median(program.wall),
                    median(program.processor),
                    program.classes());
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    private static final class Program {
        private final String name;
        private final List<String> classPath;
        private final List<String> options;
        private final Class<?> main;
        private final String[] arguments;
        private final List<Double> wall = new ArrayList<>();
        private final List<Double> processor = new ArrayList<>();

        Program(String name, List<String> classPath, List<String> options, Class<?> main, Class<?>... arguments) {
            this.name = name;
            this.classPath = classPath;
            this.options = options;
            this.main = main;
            this.arguments = Stream.of(arguments).map(Class::getName).toArray(String[]::new);
        }

        void run(boolean counts) throws IOException, InterruptedException {
            long begin = System.nanoTime();
            String output = output(options);
            double millis = (System.nanoTime() - begin) / 1e6;
            if (counts) {
                wall.add(millis);
                processor.add(Double.parseDouble(
                        output.lines().reduce((first, second) -> second).orElseThrow()));
            }
        }

        private String output(List<String> jvmOptions) throws IOException, InterruptedException {
            String output = Jvm.outputOf(Jvm.running(main, classPath, jvmOptions, arguments));
            if (!output.contains(Finish.DONE)) {
                throw new IllegalStateException(name + " failed: " + output);
            }
            return output;
        }

        long classes() throws IOException, InterruptedException {
            List<String> logging = new ArrayList<>(options);
            logging.add("-Xlog:class+load");
            return output(logging)
                    .lines()
                    .filter(line -> line.contains(" source: "))
                    .count();
        }
    }

    /** Prints the processor time of this JVM as the last line. */
    private static final class Finish {
        static final String DONE = "milliseconds of processor time:";

        static void print() {
            System.out.println(DONE);
            System.out.println(ProcessHandle.current()
                    .info()
                    .totalCpuDuration()
                    .orElseThrow()
                    .toMillis());
        }
    }

    /** What a user writes without dsql-reach. */
    static final class Bare {
        public static void main(String[] args) throws SQLException {
            connect();
            Finish.print();
        }

        static void connect() throws SQLException {
            String url = System.getProperty("dsql.reach.endpoint");
            String host = url.substring("jdbc:postgresql://".length(), url.indexOf(":5432"));
            String region = host.split("\\.")[2];
            String token;
            try (DefaultCredentialsProvider credentials =
                    DefaultCredentialsProvider.builder().build()) {
                DsqlUtilities utilities = DsqlUtilities.builder()
                        .region(Region.of(region))
                        .credentialsProvider(credentials)
                        .build();
                token = utilities.generateDbConnectAdminAuthToken(
                        GenerateAuthTokenRequest.builder().hostname(host).build());
            }
            try (Connection connection = DriverManager.getConnection(url, "admin", token);
                    Statement statement = connection.createStatement();
                    ResultSet result = statement.executeQuery("SELECT 1")) {
                result.next();
            }
        }
    }

    static final class Check {
        public static void main(String[] args) {
            Reachability reachability = ReachabilityCheck.of(Endpoint.parse(System.getProperty("dsql.reach.endpoint")))
                    .run();
            if (!reachability.isReachable()) {
                throw new IllegalStateException(reachability.toString());
            }
            Finish.print();
        }
    }

    /** Runs a test class as Surefire does. */
    static final class Launch {
        public static void main(String[] args) throws ClassNotFoundException {
            SummaryGeneratingListener summary = new SummaryGeneratingListener();
            LauncherFactory.create()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(selectClass(Class.forName(args[0])))
                                    .build(),
                            summary);
            if (summary.getSummary().getTestsSucceededCount() != 1) {
                throw new IllegalStateException("the test did not pass");
            }
            Finish.print();
        }
    }

    static final class Plain {
        @Test
        void passes() {}
    }

    static final class Driver {
        @Test
        void connects() throws SQLException {
            Bare.connect();
        }
    }

    @RequiresDsqlReachability
    static final class Checked {
        @Test
        void passes() {}
    }

    @WithLocalDsql
    @RequiresDsqlReachability
    static final class Local {
        @Test
        void passes() {}
    }
}
