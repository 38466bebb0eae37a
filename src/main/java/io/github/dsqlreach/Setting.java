package io.github.dsqlreach;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Everything that can be configured. Each setting has one {@link #key()}, which is the name of a JUnit configuration
 * parameter and of a system property, and {@link #variables()} of the environment, and most have an attribute of
 * {@code @RequiresDsqlReachability}. {@link Configuration} reads them.
 */
public enum Setting {
    /** The endpoint: a host name, {@code HOST:PORT} or a JDBC URL; also {@code DSQL_ENDPOINT}, {@code CLUSTER_ENDPOINT}. */
    ENDPOINT("endpoint", "DSQL_ENDPOINT", "CLUSTER_ENDPOINT"),
    /** The AWS region; by default the host name's, else {@code AWS_REGION}. */
    REGION("region"),
    /** The database role; {@code admin} by default. */
    USER("user"),
    /** {@code postgres} (the default) or {@code direct}. */
    NEGOTIATION("negotiation"),
    /** {@code HOST:PORT} that TCP goes to instead, such as the local end of a tunnel. */
    CONNECT_TO("connect-to"),
    /** A PEM file with the trusted roots; by default the JDK's trust store. */
    ROOT_CERTIFICATE("root-certificate"),
    /** How far the walk must get, a {@link Phase}; {@code QUERY} by default. */
    THROUGH("through"),
    /** How long each phase may take; {@code 10s} by default. */
    TIMEOUT("timeout"),
    /** How long to wait for a cluster that says "not now"; {@code 0s} by default. */
    WAIT_FOR("wait-for"),
    /** The profile of the AWS configuration files; by default the SDK's choice. */
    PROFILE("profile"),
    /** The class name of an {@code AwsCredentialsProvider}; by default the SDK's chain. */
    CREDENTIALS_PROVIDER("credentials-provider"),
    /** {@code HOST:PORT} of the TLS server on AWS that experiments compare with. */
    CONTROL("control"),
    /** Whether to experiment when the walk fails; {@code true} by default. */
    EXPERIMENTS("experiments"),
    /** For the whole run: {@code skip} or {@code fail} whatever the verdict, or {@code off} to check nothing. */
    MODE("mode"),
    /** {@code skip} (the default) or {@code fail} when the network is in the way. */
    ON_BLOCKED("on-blocked"),
    /** {@code skip} (the default) or {@code fail} when the cluster says "not now". */
    ON_UNAVAILABLE("on-unavailable"),
    /** {@code skip} or {@code fail} (the default) when the cluster refuses the identity. */
    ON_DENIED("on-denied"),
    /** {@code skip} or {@code fail} (the default) when settings of this machine are in the way. */
    ON_MISCONFIGURED("on-misconfigured"),
    /** {@code skip} or {@code fail} (the default) when the facts do not decide. */
    ON_UNKNOWN("on-unknown"),
    /** {@code skip} (the default) or {@code fail} when no endpoint is configured. */
    ON_NOT_CONFIGURED("on-not-configured"),
    /** How many annotated tests must have run, a number or a per cent; otherwise the run fails. None by default. */
    MIN_RUN("min-run"),
    /** The directory that reports go to. */
    REPORTS_DIR("reports-dir"),
    /** The end-of-run summary: {@code auto} (the default: when something was skipped or failed), {@code always}, {@code never}. */
    SUMMARY("summary"),
    /** A fault to put in front of every endpoint for a whole run, by its name in the catalogue, such as {@code TLS_RESET}. */
    SIMULATE("simulate"),
    /** The control URL of a Toxiproxy server to use for faults, such as {@code http://127.0.0.1:8474}; by default none. */
    TOXIPROXY_URL("toxiproxy-url"),
    /** Where the Toxiproxy server comes from without a URL: {@code in-jvm} (the default), {@code path}, {@code container}. */
    TOXIPROXY("toxiproxy");

    private static final String PREFIX = "dsql.reach.";

    private final String key;
    private final String attribute;
    private final List<String> variables;

    Setting(String name, String... furtherVariables) {
        this.key = PREFIX + name;
        this.attribute = camelCase(name);
        String variable = key.replace('.', '_').replace('-', '_').toUpperCase(Locale.ROOT);
        this.variables = Stream.concat(Stream.of(variable), Arrays.stream(furtherVariables))
                .toList();
    }

    private static String camelCase(String name) {
        StringBuilder result = new StringBuilder();
        for (String part : name.split("-")) {
            result.append(result.isEmpty() ? part : part.substring(0, 1).toUpperCase(Locale.ROOT) + part.substring(1));
        }
        return result.toString();
    }

    /** The name as a configuration parameter and as a system property, such as {@code dsql.reach.connect-to}. */
    public String key() {
        return key;
    }

    /** The name as an attribute of an annotation, such as {@code connectTo}. */
    public String attribute() {
        return attribute;
    }

    /** The names as environment variables, the strongest first, such as {@code DSQL_REACH_CONNECT_TO}. */
    public List<String> variables() {
        return variables;
    }

    /** The {@link #key()}. */
    @Override
    public String toString() {
        return key;
    }
}
