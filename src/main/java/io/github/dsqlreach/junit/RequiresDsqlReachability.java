package io.github.dsqlreach.junit;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Transport;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * The tests of this class, or this test, need an Aurora DSQL cluster. Before they start, the endpoint is checked once:
 * DNS, TCP, token, TLS, authentication, query. If it cannot be used from here, the tests are skipped or failed with one
 * line that says which layer is in the way, and what to do.
 *
 * <pre>{@code
 * @RequiresDsqlReachability
 * class OrdersIT {
 *     @Test
 *     void savesAnOrder(DataSource dataSource) { … }
 * }
 * }</pre>
 *
 * <p><b>Where.</b> On a class, a method, or another annotation; inherited from superclasses and interfaces. Nested
 * classes share the outer class's outcome, and their own annotation adds to it.
 *
 * <p><b>Which endpoint.</b> {@link #endpoint()}, else the configuration parameter or system property
 * {@code dsql.reach.endpoint}, else the environment variable {@code DSQL_REACH_ENDPOINT}, {@code DSQL_ENDPOINT} or
 * {@code CLUSTER_ENDPOINT}. With {@link WithLocalDsql}, the local cluster. Each endpoint is checked once per JVM, however
 * many classes and threads ask.
 *
 * <p><b>Skip or fail.</b> By default tests are skipped when the network is in the way ({@code BLOCKED}), when the
 * cluster says "not now" ({@code UNAVAILABLE}) and when no endpoint is configured. They fail when the cluster refuses
 * the identity ({@code DENIED}), when settings of this machine are in the way ({@code MISCONFIGURED}) and when the facts
 * do not decide ({@code UNKNOWN}): those are bugs that a skip would hide. A class is skipped before any of its code
 * runs, {@code @BeforeAll} included; a failure is one {@link DsqlUnreachableError} per class, thrown before
 * {@code @BeforeAll}. The setting {@code dsql.reach.mode} ({@code skip}, {@code fail} or {@code off}) wins over
 * everything, then the {@code on…} attributes here, then the settings {@code dsql.reach.on-…}.
 *
 * <p><b>Parameters.</b> Constructors, lifecycle methods and tests can take a {@link Reachability}, an {@link Endpoint},
 * a {@link DataSource} that makes a token for each connection and needs no closing, and the
 * {@link software.amazon.awssdk.auth.credentials.AwsCredentialsProvider} in use. A parameter with an annotation of another
 * library, such as {@code @Autowired}, is left to it; {@link Dsql} asks for ours by name.
 *
 * <p>An attribute that is set is stronger than the setting of the same name; a value may have placeholders such as
 * <code>${DSQL_ENDPOINT}</code> or <code>${STAGE:dev}</code> (system property, else environment). A value that cannot be
 * used fails the tests with a message that names it and what is allowed.
 */
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(RequiresDsqlReachabilityExtension.class)
public @interface RequiresDsqlReachability {
    /**
     * The cluster: a host name, {@code HOST:PORT}, or a JDBC URL, for example
     * {@code "jdbc:postgresql://abc.dsql.us-east-1.on.aws/postgres?user=app"}. By default the configured one.
     */
    String endpoint() default "";

    /** The AWS region, for example {@code "us-east-1"}; by default the host name's, else {@code AWS_REGION}. */
    String region() default "";

    /** The database role, for example {@code "app"}; by default the URL's, else {@code admin}. */
    String user() default "";

    /** How TLS starts, for example {@code NegotiationMode.DIRECT}; by default the URL's, else {@code POSTGRES}. */
    NegotiationMode negotiation() default NegotiationMode.DEFAULT;

    /**
     * What carries PostgreSQL's protocol, for example {@code Transport.AUTO}: where the network blocks port 5432 and port
     * 443 gets through, the tests run over the cluster's WebSocket, and the reports say so. {@code TCP}, the default,
     * counts as not set: the setting {@code dsql.reach.transport} can change it for a run.
     */
    Transport transport() default Transport.TCP;

    /**
     * Where TCP goes instead of the endpoint, for example {@code "127.0.0.1:15432"}, the local end of a tunnel. Server
     * name, certificate check and token stay the endpoint's.
     */
    String connectTo() default "";

    /** A PEM file with the trusted roots, for example {@code "certs/root.pem"}; by default the JDK's trust store. */
    String rootCertificate() default "";

    /**
     * How far the attempt must get, for example {@code Phase.TLS} for a test that needs no login. {@code QUERY}, the
     * default, counts as not set: the setting {@code dsql.reach.through} can lower it for a run.
     */
    Phase through() default Phase.QUERY;

    /**
     * How long each phase may take, for example {@code "5s"}, {@code "500ms"} or {@code "PT5S"}; 1 ms to 10 min, by
     * default 10 s.
     */
    String timeout() default "";

    /**
     * How long to wait for a cluster that wakes up or limits its rate, for example {@code "2m"}; at most 10 min, by
     * default not at all.
     */
    String waitFor() default "";

    /** The profile of the AWS configuration files, for example {@code "integration"}; by default the SDK's choice. */
    String profile() default "";

    /**
     * Where AWS credentials come from, for example {@code EnvironmentVariableCredentialsProvider.class}: a class with a
     * public static method {@code create()} or a constructor, either without parameters. By default the SDK's chain.
     */
    Class<? extends AwsCredentialsProvider> credentialsProvider() default AwsCredentialsProvider.class;

    /** When the network is in the way, for example {@code Action.FAIL}; by default skip. */
    Action onBlocked() default Action.DEFAULT;

    /** When the cluster says "not now", for example {@code Action.FAIL}; by default skip. */
    Action onUnavailable() default Action.DEFAULT;

    /** When the cluster refuses the identity, for example {@code Action.SKIP}; by default fail. */
    Action onDenied() default Action.DEFAULT;

    /** When settings of this machine are in the way, for example {@code Action.SKIP}; by default fail. */
    Action onMisconfigured() default Action.DEFAULT;

    /** When the facts do not decide, for example {@code Action.SKIP}; by default fail. */
    Action onUnknown() default Action.DEFAULT;

    /** When no endpoint is configured, for example {@code Action.FAIL}; by default skip. */
    Action onNotConfigured() default Action.DEFAULT;
}
