package io.github.dsqlreach.cli;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.fault.ToxiproxySource;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.local.LocalDsql;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs a local cluster for clients in any language, until Ctrl-C. */
@Command(
        name = "local",
        description = {
            "Starts a local cluster and prints what clients in any language need to use it, as a shell script. It runs until"
                    + " Ctrl-C and leaves nothing.",
            "Needs neither AWS nor a network. Settings of the environment do not count here."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true)
final class LocalCommand implements Callable<Integer> {
    private static final int POSTGRES_PORT = 5432;
    private static final int WEB_SOCKET_PORT = 443;
    private static final long POLL_MILLIS = 500;
    private static final int VALID_SECONDS = 5;

    @Option(
            names = "--env",
            paramLabel = "FILE",
            description = "Also write the script to this file, for 'source FILE'. It is deleted at the end.")
    private @Nullable Path environmentFile;

    @Option(
            names = "--role",
            paramLabel = "NAME",
            description = "Make a database role that can log in; may be repeated.")
    private List<String> roles = List.of();

    @Option(
            names = "--principal",
            paramLabel = "ARN",
            description =
                    "The IAM user or role that the credentials belong to, for scripts with AWS IAM GRANT (default:"
                            + " arn:aws:iam::123456789012:user/tester, or that of the kept data).")
    private @Nullable String principal;

    @Option(
            names = "--fault",
            paramLabel = "NAME",
            description =
                    "Put a fault of the network in front of it, let its commits fail, or let it refuse connections;"
                            + " 'doctor simulate --list' lists the names.")
    private @Nullable String fault;

    @Option(
            names = "--with",
            paramLabel = "NAME=VALUE",
            description = "A parameter of the fault, such as latency=500; may be repeated.")
    private List<String> parameters = List.of();

    @Option(
            names = "--data",
            paramLabel = "DIRECTORY",
            description = "Keep the data, the cluster's identifier and the credentials there over restarts.")
    private @Nullable Path data;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "The port for TCP; 0 is a free one (default: 5432, or a free one if that is taken).")
    private @Nullable Integer port;

    @Option(
            names = "--websocket-port",
            paramLabel = "PORT",
            description =
                    "The port for WebSockets; 0 is a free one (default: 443, or a free one if that cannot be used).")
    private @Nullable Integer webSocketPort;

    @Option(
            names = "--region",
            paramLabel = "REGION",
            description = "The AWS region in its host name (default: us-east-1, or that of the kept data).")
    private @Nullable String region;

    @Option(
            names = "--cluster-id",
            paramLabel = "ID",
            description = "The first part of its host name (default: random, or that of the kept data).")
    private @Nullable String clusterId;

    @Option(
            names = "--plain-postgres",
            description = "Answer statements as PostgreSQL does, with its isolation levels, and not as a cluster.")
    private boolean plainPostgres;

    private final CliContext system;

    LocalCommand(CliContext system) {
        this.system = system;
    }

    @Override
    public Integer call() {
        Optional<SimulatedFailure> failure =
                Optional.ofNullable(fault).map(name -> SimulatedFailure.parse(name, parameters));
        if (failure.isEmpty() && !parameters.isEmpty()) {
            throw new UsageException("--with needs --fault");
        }
        int tcp = portOr(port, POSTGRES_PORT, "--port");
        int webSocket = portOr(webSocketPort, WEB_SOCKET_PORT, "--websocket-port");
        try (LocalDsql cluster = start(failure.isPresent() ? 0 : tcp, webSocket);
                FaultyDsql network = failure.isPresent() ? proxy(cluster, tcp) : null) {
            createRoles(cluster);
            HostAndPort address =
                    network == null ? cluster.address() : addressBehind(failure.orElseThrow(), cluster, network);
            return run(cluster, new LocalScript(cluster, address, roles).text());
        } catch (IOException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    /** What was asked for, or the usual port if it can be used, or a free one. */
    private int portOr(@Nullable Integer given, int usual, String option) {
        if (given != null) {
            if (given < 0 || given > 65_535) {
                throw new UsageException("option " + option + ": " + given + " is not between 0 and 65535");
            }
            return given;
        }
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), usual));
            return usual;
        } catch (IOException e) {
            system.say("port " + usual + " cannot be used (" + e.getMessage() + "); using a free one, as with " + option
                    + " 0");
            return 0;
        }
    }

    private LocalDsql start(int tcp, int webSocket) {
        LocalDsql.Builder builder = LocalDsql.builder().port(tcp).webSocketPort(webSocket);
        try {
            if (region != null) {
                builder.region(region);
            }
            if (clusterId != null) {
                builder.clusterId(clusterId);
            }
            if (principal != null) {
                builder.principal(principal);
            }
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
        if (data != null) {
            builder.data(data);
        }
        if (plainPostgres) {
            builder.plainPostgres();
        }
        LocalDsql cluster = SimulateCommand.start(builder);
        try {
            cluster.webSocketAddress();
            return cluster;
        } catch (UncheckedIOException e) {
            cluster.close();
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    /** A proxy at the port where clients expect the cluster. */
    private static FaultyDsql proxy(LocalDsql cluster, int port) {
        try {
            return FaultyDsql.builder(cluster.endpoint())
                    .toxiproxy(ToxiproxySource.inJvm())
                    .credentials(cluster.credentialsProvider())
                    .port(port)
                    .start();
        } catch (IllegalStateException e) {
            throw new UsageException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Lets the fault begin. The faults of TCP are at addresses of their own. */
    private static HostAndPort addressBehind(SimulatedFailure failure, LocalDsql cluster, FaultyDsql network) {
        HostAndPort proxy = network.address();
        failure.into().accept(cluster, network);
        boolean elsewhere = !network.address().equals(proxy);
        if (elsewhere
                ? !network.address().host().equals(proxy.host())
                : !network.faults().isEmpty() && !hasToxics(network)) {
            throw new UsageException(failure.simulation().fault() + " cannot be put in front of a cluster for other"
                    + " programs: it acts on their resolver or on WebSockets, and the proxy is for TCP");
        }
        return elsewhere ? network.address() : proxy;
    }

    private static boolean hasToxics(FaultyDsql network) {
        try {
            return !network.proxy().toxics().getAll().isEmpty();
        } catch (IOException | RuntimeException e) {
            // One that the client library does not know.
            return true;
        }
    }

    private void createRoles(LocalDsql cluster) {
        for (String role : roles) {
            try {
                cluster.createRole(role);
            } catch (SQLException e) {
                // 42710: it exists, from an earlier start with the same data.
                if (!"42710".equals(e.getSQLState())) {
                    throw new UsageException("option --role: " + Scrubber.line(String.valueOf(e.getMessage()), 300), e);
                }
            }
        }
    }

    /** Until Ctrl-C, or until PostgreSQL dies. */
    private int run(LocalDsql cluster, String script) throws IOException {
        EnvironmentFile file = environmentFile == null ? null : new EnvironmentFile(environmentFile, script);
        try {
            system.out().print(script);
            system.out().flush();
            while (cluster.failure().isEmpty() || serves(cluster)) {
                Thread.sleep(POLL_MILLIS);
            }
            system.say(cluster.failure().orElse("the local cluster does not serve"));
            return ExitCode.of(Verdict.UNAVAILABLE);
        } catch (InterruptedException e) {
            // As by Ctrl-C.
            return ExitCode.OK;
        } finally {
            Quietly.close(file);
        }
    }

    private static boolean serves(LocalDsql cluster) {
        try (Connection connection = cluster.dataSource().getConnection()) {
            return connection.isValid(VALID_SECONDS);
        } catch (SQLException e) {
            return false;
        }
    }

    /** A file for this user alone, which ends with the cluster, also by Ctrl-C. */
    private static final class EnvironmentFile implements Closeable {
        private final Path path;
        private final Thread hook;

        EnvironmentFile(Path path, String script) throws IOException {
            this.path = path.toAbsolutePath();
            this.hook = new Thread(() -> Quietly.close(this::delete), "dsql-reach-environment-file");
            Path part = Files.createTempFile(this.path.getParent(), ".dsql-reach", ".env");
            try {
                Files.writeString(part, script);
                Files.move(part, this.path, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                Files.deleteIfExists(part);
                throw e;
            }
            Runtime.getRuntime().addShutdownHook(hook);
        }

        private void delete() throws IOException {
            Files.deleteIfExists(path);
        }

        @Override
        public void close() throws IOException {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM is ending, and runs it.
                return;
            }
            delete();
        }
    }
}
