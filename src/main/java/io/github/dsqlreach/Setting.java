package io.github.dsqlreach;

import static io.github.dsqlreach.ValueType.choice;
import static io.github.dsqlreach.ValueType.duration;
import static io.github.dsqlreach.ValueType.flag;
import static io.github.dsqlreach.ValueType.hostAndPort;
import static io.github.dsqlreach.ValueType.matching;
import static io.github.dsqlreach.ValueType.path;
import static io.github.dsqlreach.ValueType.readableFile;
import static io.github.dsqlreach.ValueType.text;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A setting, declared once: its name, the values that it takes, its default. The name is that of a JUnit configuration
 * parameter and of a system property ({@link #key()}), of an environment variable ({@link #variables()}), of an attribute of
 * {@code @RequiresDsqlReachability} ({@link #attribute()}) if there is one, and of an option of the doctor
 * ({@link #option()}). {@link Configuration} reads settings.
 *
 * <pre>{@code
 * Optional<Duration> timeout = Configuration.ofSystem().get(Setting.TIMEOUT);
 * }</pre>
 *
 * @param <T> the type of its value
 */
public final class Setting<T> {
    /** What a setting is about. */
    public enum Group {
        /** Which cluster, how to connect to it, and as which role. */
        ENDPOINT,
        /** How the cluster is checked; {@link CheckSettings} holds these. */
        CHECK,
        /** What a run of tests does with the result of a check. */
        RUN
    }

    /** The values of {@link #MODE}: what a whole run does, whatever the check finds. */
    public enum Mode {
        /** Skips the tests that cannot reach their cluster. */
        SKIP,
        /** Fails the tests that cannot reach their cluster. */
        FAIL,
        /** Checks nothing and runs all tests. */
        OFF
    }

    /** The values of {@link #SUMMARY}: when a JVM prints the summary at the end of its tests. */
    public enum Summary {
        /** If tests were skipped or failed. */
        AUTO,
        /** Always; a reachable endpoint gets one line. */
        ALWAYS,
        /** Never; files and CI annotations are written all the same. */
        NEVER,
        /** Never, and no CI annotations either: {@code doctor summary} prints both at the end of the build. */
        DOCTOR
    }

    static final String PREFIX = "dsql.reach.";
    private static final List<Setting<?>> ALL = new ArrayList<>();

    /** The endpoint: a host name, {@code HOST:PORT} or a JDBC URL; also {@code DSQL_ENDPOINT} and other variables. */
    public static final Setting<String> ENDPOINT = setting(
                    Group.ENDPOINT,
                    "endpoint",
                    text(
                            "<endpoint>",
                            "a host name, HOST:PORT, a cluster's id where the region is known, or a JDBC URL (jdbc:postgresql://… or jdbc:aws-dsql:postgresql://…)"))
            .variables("DSQL_ENDPOINT", "CLUSTER_ENDPOINT", "DSQL_CLUSTER_ENDPOINT")
            .option("<endpoint>")
            .description("the cluster")
            .withoutDefault("the variables DSQL_ENDPOINT, CLUSTER_ENDPOINT, DSQL_CLUSTER_ENDPOINT, CLUSTER_ID");

    /** {@code HOST:PORT} to connect to instead of the endpoint, such as the local end of a tunnel. */
    public static final Setting<HostAndPort> CONNECT_TO = setting(Group.ENDPOINT, "connect-to", hostAndPort())
            .description(
                    "the address to connect to instead of the endpoint, such as the local end of a tunnel; server name,"
                            + " certificate check and token stay the endpoint's")
            .withoutDefault("host and port of the endpoint");

    /** The AWS region. */
    public static final Setting<String> REGION = setting(
                    Group.ENDPOINT, "region", new ValueType<>("REGION", "a name such as us-east-1", Setting::region))
            .description("the AWS region")
            .withoutDefault("the URL's, else the host name's, else the variables CLUSTER_REGION, AWS_REGION, REGION");

    /** The database role. */
    public static final Setting<String> USER = setting(Group.ENDPOINT, "user", text("USER", "a database role"))
            .description("the database role")
            .withoutDefault("the URL's, else the variable CLUSTER_USER, else admin");

    /** How TLS starts. */
    public static final Setting<Negotiation> NEGOTIATION = setting(
                    Group.ENDPOINT, "negotiation", choice("HOW", Negotiation.class))
            .description("how TLS starts")
            .withoutDefault("the URL's sslNegotiation, else postgres");

    /** The transport of PostgreSQL's protocol. */
    public static final Setting<Transport> TRANSPORT = setting(
                    Group.ENDPOINT, "transport", choice("HOW", Transport.class))
            .description(
                    "the transport: tcp is port 5432, websocket is a WebSocket on port 443, auto is tcp, and the WebSocket if"
                            + " the network blocks port 5432")
            .withoutDefault("the URL's, else tcp");

    /** A PEM file with the trusted roots. */
    public static final Setting<Path> ROOT_CERTIFICATE = setting(
                    Group.ENDPOINT,
                    "root-certificate",
                    readableFile("a readable PEM file; a relative path starts at the working directory"))
            .option("--root-cert")
            .description("the roots to trust")
            .withoutDefault("the URL's sslrootcert, else the JDK's trust store");

    /** The profile of the AWS configuration files. */
    public static final Setting<String> PROFILE = setting(Group.CHECK, "profile", text("NAME", "a profile's name"))
            .description("the profile of the AWS configuration files; a credentials provider wins over it")
            .withoutDefault("the AWS SDK's choice");

    /** The class name of an {@code AwsCredentialsProvider}. */
    public static final Setting<String> CREDENTIALS_PROVIDER = setting(
                    Group.ENDPOINT,
                    "credentials-provider",
                    text(
                            "CLASS",
                            "the name of an AwsCredentialsProvider class with a static method create() or a"
                                    + " constructor, either without parameters"))
            .option("")
            .description("where AWS credentials come from")
            .withoutDefault("the AWS SDK's default chain");

    /** The last phase of the check. */
    public static final Setting<Phase> THROUGH = setting(Group.CHECK, "through", choice("PHASE", Phase.class))
            .description("the last phase of the check")
            .byDefault(Phase.QUERY);

    /** How long each phase may take. */
    public static final Setting<Duration> TIMEOUT = setting(Group.CHECK, "timeout", duration(Duration.ofMillis(1)))
            .description("how long each phase may take")
            .byDefault(Duration.ofSeconds(10));

    /** How long to wait for a cluster that is temporarily unavailable. */
    public static final Setting<Duration> WAIT_FOR = setting(Group.CHECK, "wait-for", duration(Duration.ZERO))
            .description("how long to wait for a cluster that wakes up or limits its rate")
            .byDefault(Duration.ZERO);

    /** {@code HOST:PORT} of the TLS server on AWS that experiments compare with. */
    public static final Setting<HostAndPort> CONTROL = setting(Group.CHECK, "control", hostAndPort())
            .description("the TLS server that experiments compare with")
            .withoutDefault("the region's AWS API on port 443; none over loopback or connect-to");

    /** {@code HOST:PORT} of the DNS server to compare with if this machine's says that the name does not exist. */
    public static final Setting<HostAndPort> CONTROL_DNS = setting(Group.CHECK, "control-dns", hostAndPort())
            .description("a DNS server to compare with if this machine's says that the name does not exist")
            .withoutDefault("none (host names are not sent to third parties)");

    /** Whether to run experiments if the attempt fails. */
    public static final Setting<Boolean> EXPERIMENTS = setting(Group.CHECK, "experiments", flag())
            .option("--no-experiments")
            .description("whether to run experiments if the attempt fails")
            .byDefault(true);

    /** What the whole run does with tests that cannot reach their cluster, whatever the verdict. */
    public static final Setting<Mode> MODE = setting(Group.RUN, "mode", choice("MODE", Mode.class))
            .description(
                    "for the whole run: skip or fail all tests that cannot reach their cluster, or off to run them unchecked")
            .withoutDefault("by verdict");

    /** What happens if the network blocks the connection. */
    public static final Setting<Action> ON_BLOCKED =
            action("on-blocked", "if the network blocks the connection", Action.SKIP);

    /** What happens if the cluster is temporarily unavailable. */
    public static final Setting<Action> ON_UNAVAILABLE =
            action("on-unavailable", "if the cluster is temporarily unavailable", Action.SKIP);

    /** What happens if the cluster denies access. */
    public static final Setting<Action> ON_DENIED =
            action("on-denied", "if the cluster denies access to the identity", Action.FAIL);

    /** What happens if settings of this machine are wrong. */
    public static final Setting<Action> ON_MISCONFIGURED =
            action("on-misconfigured", "if settings of this machine are wrong", Action.FAIL);

    /** What happens if the evidence is inconclusive. */
    public static final Setting<Action> ON_UNKNOWN =
            action("on-unknown", "if the evidence is inconclusive", Action.FAIL);

    /** What happens if no endpoint is configured. */
    public static final Setting<Action> ON_NOT_CONFIGURED =
            action("on-not-configured", "if no endpoint is configured", Action.SKIP);

    /**
     * What happens to a test that fails because its connection broke, if a check right after it confirms that the network blocks
     * the cluster or the cluster is unavailable: it fails, or is aborted, which build tools show as skipped.
     */
    public static final Setting<Action> ON_LOST = action(
            "on-lost", "if the connection is lost in the middle of a test, and the check confirms it", Action.FAIL);

    /** How many annotated tests of a build must run, a number or a per cent; judged by {@code doctor summary}. */
    public static final Setting<String> MIN_RUN = setting(
                    Group.RUN,
                    "min-run",
                    matching(
                            "NUMBER", "\\d{1,9}|(100|\\d{1,2})\\s*%", "a number such as 12, or a per cent such as 80%"))
            .option("--min-run")
            .description("how many of the annotated tests of a build must run; `doctor summary` fails if fewer did")
            .withoutDefault("none");

    /** Tells the results of one build from those of an earlier one. */
    public static final Setting<String> BUILD_ID = setting(
                    Group.RUN, "build-id", text("TEXT", "any text, such as ${maven.build.timestamp} in a pom"))
            .description("the id of the build: results of tests with another id than the newest do not count")
            .withoutDefault("the job of the CI service, else none");

    /** The directory of the reports. */
    public static final Setting<Path> REPORTS_DIR = setting(
                    Group.RUN, "reports-dir", path("DIRECTORY", "the path of a directory"))
            .description("the directory of the reports")
            .withoutDefault("target/dsql-reach, else build/dsql-reach, else none");

    /** A fault in front of every endpoint for a whole run, by its name in the catalogue, such as {@code TLS_RESET}. */
    public static final Setting<String> SIMULATE = setting(
                    Group.RUN,
                    "simulate",
                    text("FAULT", "a fault of the catalogue, such as TLS_RESET or LATENCY(latency=500)"))
            .description("a fault to simulate in front of every endpoint for the whole run")
            .withoutDefault("none");

    /** Whether a run fails if its tests ran and the simulated fault had no effect on any of their connections. */
    public static final Setting<Boolean> SIMULATE_MUST_STRIKE = setting(Group.RUN, "simulate-must-strike", flag())
            .description("whether a run fails whose tests ran and whose simulated fault had no effect on any of their"
                    + " connections")
            .byDefault(false);

    /** The control URL of a Toxiproxy server to use for faults. */
    public static final Setting<String> TOXIPROXY_URL = setting(
                    Group.RUN, "toxiproxy-url", text("URL", "a URL such as http://127.0.0.1:8474"))
            .description(
                    "the control URL of a Toxiproxy server for faults; without it they use the server inside the JVM")
            .withoutDefault("none");

    /** When a JVM prints the summary at the end of its tests. */
    public static final Setting<Summary> SUMMARY = setting(Group.RUN, "summary", choice("WHEN", Summary.class))
            .description(
                    "when a JVM prints the summary at the end of its tests: auto is if tests were skipped or failed; doctor"
                            + " leaves the summary and the CI annotations to `doctor summary`")
            .byDefault(Summary.AUTO);

    private final Group group;
    private final String name;
    private final ValueType<T> type;
    private final List<String> variables;
    private final String option;
    private final String description;
    private final @Nullable T defaultValue;
    private final String defaultText;

    private Setting(Declaration<T> declaration, @Nullable T defaultValue, String defaultText) {
        this.group = declaration.group;
        this.name = declaration.name;
        this.type = declaration.type;
        this.variables = Stream.concat(
                        Stream.of(key().replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT)),
                        declaration.variables.stream())
                .toList();
        this.option = declaration.option;
        this.description = declaration.description;
        this.defaultValue = defaultValue;
        this.defaultText = defaultText;
        ALL.add(this);
    }

    private static <T> Declaration<T> setting(Group group, String name, ValueType<T> type) {
        return new Declaration<>(group, name, type);
    }

    private static Setting<Action> action(String name, String description, Action byDefault) {
        return setting(Group.RUN, name, choice("ACTION", Action.class))
                .description(description)
                .byDefault(byDefault);
    }

    private static String region(String region) {
        Endpoint.builder("localhost").region(region);
        return region;
    }

    /** Collects the parts of a setting. */
    private static final class Declaration<T> {
        private final Group group;
        private final String name;
        private final ValueType<T> type;
        private List<String> variables = List.of();
        private String option;
        private String description = "";

        private Declaration(Group group, String name, ValueType<T> type) {
            this.group = group;
            this.name = name;
            this.type = type;
            this.option = group == Group.RUN ? "" : "--" + name;
        }

        private Declaration<T> variables(String... further) {
            this.variables = List.of(further);
            return this;
        }

        private Declaration<T> option(String option) {
            this.option = option;
            return this;
        }

        private Declaration<T> description(String description) {
            this.description = description;
            return this;
        }

        private Setting<T> byDefault(T value) {
            return new Setting<>(this, value, ValueType.print(value));
        }

        private Setting<T> withoutDefault(String instead) {
            return new Setting<>(this, null, instead);
        }
    }

    /** Every setting, in the order of their declaration. */
    public static List<Setting<?>> all() {
        return List.copyOf(ALL);
    }

    /** What it is about. */
    public Group group() {
        return group;
    }

    /** The name as a configuration parameter and as a system property, such as {@code dsql.reach.connect-to}. */
    public String key() {
        return PREFIX + name;
    }

    /** The name as an attribute of an annotation, such as {@code connectTo}. */
    public String attribute() {
        StringBuilder result = new StringBuilder();
        for (String part : name.split("-")) {
            result.append(result.isEmpty() ? part : part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1));
        }
        return result.toString();
    }

    /** The environment variables, such as {@code DSQL_REACH_CONNECT_TO}; the first that is set wins. */
    public List<String> variables() {
        return variables;
    }

    /** The name on the doctor's command line, such as {@code --connect-to}; empty if there is none. */
    public Optional<String> option() {
        return Optional.of(option).filter(name -> !name.isEmpty());
    }

    /** The placeholder for its value in the usage of a command, such as {@code HOST:PORT}. */
    public String label() {
        return type.label();
    }

    /** What it does, in words. */
    public String description() {
        return description;
    }

    /** What is allowed, in words. */
    public String allowed() {
        return type.allowed();
    }

    /** The value if none is set; empty for a setting without a default. */
    public Optional<T> defaultValue() {
        return Optional.ofNullable(defaultValue);
    }

    /** The default in words. */
    public String defaultText() {
        return defaultText;
    }

    /**
     * Reads a value.
     *
     * @throws IllegalArgumentException if it is not allowed
     */
    public T parse(String text) {
        return type.parser().apply(text);
    }

    /** The {@link #key()}. */
    @Override
    public String toString() {
        return key();
    }
}
