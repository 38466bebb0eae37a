package io.github.dsqlreach;

import static io.github.dsqlreach.ValueType.choice;
import static io.github.dsqlreach.ValueType.duration;
import static io.github.dsqlreach.ValueType.flag;
import static io.github.dsqlreach.ValueType.hostAndPort;
import static io.github.dsqlreach.ValueType.matching;
import static io.github.dsqlreach.ValueType.oneOf;
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
 * Everything that can be configured, each declared here and nowhere else: its name, what it takes, its default. The name
 * is that of a JUnit configuration parameter and a system property ({@link #key()}), of a variable of the environment
 * ({@link #variables()}), of an attribute of {@code @RequiresDsqlReachability} ({@link #attribute()}) where there is one,
 * and of an option of the doctor ({@link #option()}). {@link Configuration} reads them.
 *
 * @param <T> the type of its value
 */
public final class Setting<T> {
    /** What a setting concerns. */
    public enum Group {
        /** Which cluster, by which way, as whom. */
        ENDPOINT,
        /** How it is checked; {@link CheckSettings} holds these. */
        CHECK,
        /** What a run of tests does with the answer. */
        RUN
    }

    static final String PREFIX = "dsql.reach.";
    private static final List<Setting<?>> ALL = new ArrayList<>();

    /** The endpoint: a host name, {@code HOST:PORT} or a JDBC URL; also {@code DSQL_ENDPOINT}, {@code CLUSTER_ENDPOINT}. */
    public static final Setting<String> ENDPOINT = setting(
                    Group.ENDPOINT,
                    "endpoint",
                    text(
                            "<endpoint>",
                            "a host name, HOST:PORT, a cluster's id where the region is known, or a JDBC URL (jdbc:postgresql://… or jdbc:aws-dsql:postgresql://…)"))
            .variables("DSQL_ENDPOINT", "CLUSTER_ENDPOINT")
            .option("<endpoint>")
            .is("the cluster")
            .withoutDefault("the variables DSQL_ENDPOINT, CLUSTER_ENDPOINT, CLUSTER_ID");

    /** {@code HOST:PORT} that TCP goes to instead, such as the local end of a tunnel. */
    public static final Setting<HostAndPort> CONNECT_TO = setting(Group.ENDPOINT, "connect-to", hostAndPort())
            .is("where TCP really goes, such as the local end of a tunnel")
            .withoutDefault("host and port of the endpoint");

    /** The AWS region. */
    public static final Setting<String> REGION = setting(
                    Group.ENDPOINT, "region", new ValueType<>("REGION", "a name such as us-east-1", Setting::region))
            .is("the AWS region")
            .withoutDefault("the URL's, else the host name's, else the variables CLUSTER_REGION, AWS_REGION, REGION");

    /** The database role. */
    public static final Setting<String> USER = setting(Group.ENDPOINT, "user", text("USER", "a database role"))
            .is("the database role")
            .withoutDefault("the URL's, else the variable CLUSTER_USER, else admin");

    /** How TLS starts. */
    public static final Setting<Negotiation> NEGOTIATION = setting(
                    Group.ENDPOINT, "negotiation", choice("HOW", Negotiation.class))
            .is("how TLS starts")
            .withoutDefault("the URL's sslNegotiation, else postgres");

    /** What carries PostgreSQL's protocol. */
    public static final Setting<Transport> TRANSPORT = setting(
                    Group.ENDPOINT, "transport", choice("HOW", Transport.class))
            .is("what carries PostgreSQL's protocol: TCP on port 5432, a WebSocket on port 443, or that one where the"
                    + " network blocks 5432")
            .withoutDefault("the URL's, else tcp");

    /** A PEM file with the trusted roots. */
    public static final Setting<Path> ROOT_CERTIFICATE = setting(
                    Group.ENDPOINT,
                    "root-certificate",
                    readableFile("a readable PEM file; a relative path starts at the working directory"))
            .option("--root-cert")
            .is("the roots to trust")
            .withoutDefault("the URL's sslrootcert, else the JDK's trust store");

    /** The profile of the AWS configuration files. */
    public static final Setting<String> PROFILE = setting(Group.CHECK, "profile", text("NAME", "a profile's name"))
            .is("the profile of the AWS configuration files; a credentials provider is stronger")
            .withoutDefault("the SDK's choice");

    /** The class name of an {@code AwsCredentialsProvider}. */
    public static final Setting<String> CREDENTIALS_PROVIDER = setting(
                    Group.ENDPOINT,
                    "credentials-provider",
                    text(
                            "CLASS",
                            "the name of an AwsCredentialsProvider class with a static method create() or a"
                                    + " constructor, either without parameters"))
            .option("")
            .is("where AWS credentials come from")
            .withoutDefault("the SDK's chain");

    /** How far the attempt must get. */
    public static final Setting<Phase> THROUGH = setting(Group.CHECK, "through", choice("PHASE", Phase.class))
            .is("how far the attempt must get")
            .byDefault(Phase.QUERY);

    /** How long each phase may take. */
    public static final Setting<Duration> TIMEOUT = setting(Group.CHECK, "timeout", duration(Duration.ofMillis(1)))
            .is("how long each phase may take")
            .byDefault(Duration.ofSeconds(10));

    /** How long to wait for a cluster that says "not now". */
    public static final Setting<Duration> WAIT_FOR = setting(Group.CHECK, "wait-for", duration(Duration.ZERO))
            .is("how long to wait for a cluster that wakes up or limits its rate")
            .byDefault(Duration.ZERO);

    /** {@code HOST:PORT} of the TLS server on AWS that experiments compare with. */
    public static final Setting<HostAndPort> CONTROL = setting(Group.CHECK, "control", hostAndPort())
            .is("the TLS server that experiments compare with")
            .withoutDefault("the region's AWS API on port 443; none over loopback or connect-to");

    /** {@code HOST:PORT} of the DNS server to compare with where this machine's says that the name does not exist. */
    public static final Setting<HostAndPort> CONTROL_DNS = setting(Group.CHECK, "control-dns", hostAndPort())
            .is("a DNS server to compare with where this machine's says the name does not exist")
            .withoutDefault("none: a host name is nobody else's business");

    /** Whether to experiment when the attempt fails. */
    public static final Setting<Boolean> EXPERIMENTS = setting(Group.CHECK, "experiments", flag())
            .option("--no-experiments")
            .is("whether to experiment when the attempt fails")
            .byDefault(true);

    /** For the whole run: {@code skip} or {@code fail} whatever the verdict, or {@code off} to check nothing. */
    public static final Setting<String> MODE = setting(Group.RUN, "mode", oneOf("MODE", "skip", "fail", "off"))
            .is("for the whole run: skip or fail whatever is in the way, or check nothing")
            .withoutDefault("by verdict");

    /** What the network's being in the way does. */
    public static final Setting<String> ON_BLOCKED = action("on-blocked", "when the network is in the way", "skip");

    /** What a cluster that says "not now" does. */
    public static final Setting<String> ON_UNAVAILABLE =
            action("on-unavailable", "when the cluster says \"not now\"", "skip");

    /** What a cluster that refuses the identity does. */
    public static final Setting<String> ON_DENIED =
            action("on-denied", "when the cluster refuses the identity", "fail");

    /** What settings of this machine in the way do. */
    public static final Setting<String> ON_MISCONFIGURED =
            action("on-misconfigured", "when settings of this machine are in the way", "fail");

    /** What happens when the facts do not decide. */
    public static final Setting<String> ON_UNKNOWN = action("on-unknown", "when the facts do not decide", "fail");

    /** What happens when no endpoint is configured. */
    public static final Setting<String> ON_NOT_CONFIGURED =
            action("on-not-configured", "when no endpoint is configured", "skip");

    /** How many annotated tests must have run, a number or a per cent; otherwise the run fails. */
    public static final Setting<String> MIN_RUN = setting(
                    Group.RUN,
                    "min-run",
                    matching(
                            "NUMBER", "\\d{1,9}|(100|\\d{1,2})\\s*%", "a number such as 12, or a per cent such as 80%"))
            .option("--min-run")
            .is("how many of the annotated tests must run, otherwise the run fails")
            .withoutDefault("none");

    /** The directory that reports go to. */
    public static final Setting<Path> REPORTS_DIR = setting(
                    Group.RUN, "reports-dir", path("DIRECTORY", "the path of a directory"))
            .is("where reports go")
            .withoutDefault("target/dsql-reach, else build/dsql-reach, else none");

    /** A fault to put in front of every endpoint for a whole run, by its name in the catalogue, such as {@code TLS_RESET}. */
    public static final Setting<String> SIMULATE = setting(
                    Group.RUN, "simulate", text("FAULT", "a fault of the catalogue, such as TLS_RESET"))
            .is("a fault put in front of every endpoint for the whole run: what the tests do behind such an obstacle")
            .withoutDefault("none");

    /** The control URL of a Toxiproxy server to use for faults. */
    public static final Setting<String> TOXIPROXY_URL = setting(
                    Group.RUN, "toxiproxy-url", text("URL", "a URL such as http://127.0.0.1:8474"))
            .is("the control URL of a Toxiproxy server for faults")
            .withoutDefault("none");

    /** Where the Toxiproxy server comes from without a URL. */
    public static final Setting<String> TOXIPROXY = setting(
                    Group.RUN, "toxiproxy", oneOf("WHERE", "in-jvm", "container"))
            .is("where the Toxiproxy server comes from without a URL")
            .byDefault("in-jvm");

    /**
     * The end-of-run summary: when something was skipped or failed ({@code auto}), {@code always}, {@code never}, or left to
     * {@code doctor summary} ({@code record}).
     */
    public static final Setting<String> SUMMARY = setting(
                    Group.RUN, "summary", oneOf("WHEN", "auto", "always", "never", "record"))
            .is(
                    "when the end-of-run summary is printed; auto is when something was skipped or failed, record leaves it, the"
                            + " CI service's annotations and its step summary to `doctor summary`")
            .byDefault("auto");

    private final Group group;
    private final String name;
    private final ValueType<T> type;
    private final List<String> variables;
    private final String option;
    private final String description;
    private final @Nullable T standard;
    private final String standardText;

    private Setting(Declaration<T> declaration, @Nullable T standard, String standardText) {
        this.group = declaration.group;
        this.name = declaration.name;
        this.type = declaration.type;
        this.variables = Stream.concat(
                        Stream.of(key().replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT)),
                        declaration.variables.stream())
                .toList();
        this.option = declaration.option;
        this.description = declaration.description;
        this.standard = standard;
        this.standardText = standardText;
        ALL.add(this);
    }

    private static <T> Declaration<T> setting(Group group, String name, ValueType<T> type) {
        return new Declaration<>(group, name, type);
    }

    private static Setting<String> action(String name, String description, String standard) {
        return setting(Group.RUN, name, oneOf("ACTION", "skip", "fail"))
                .is(description)
                .byDefault(standard);
    }

    private static String region(String region) {
        Endpoint.builder("localhost").region(region);
        return region;
    }

    /** A setting as far as it is declared. */
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

        private Declaration<T> is(String description) {
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

    /** What it concerns. */
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

    /** The names as environment variables, the strongest first, such as {@code DSQL_REACH_CONNECT_TO}. */
    public List<String> variables() {
        return variables;
    }

    /** The name on the doctor's command line, such as {@code --connect-to}; empty where it has none. */
    public Optional<String> option() {
        return Optional.of(option).filter(name -> !name.isEmpty());
    }

    /** What stands for its value in the usage of a command, such as {@code HOST:PORT}. */
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

    /** The value where none is set; empty for a setting without one. */
    public Optional<T> standard() {
        return Optional.ofNullable(standard);
    }

    /** What counts where none is set, in words. */
    public String standardText() {
        return standardText;
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
