package io.github.dsqlreach.junit;

import io.github.dsqlreach.Action;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Negotiation;
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
 * The tests of this class, or this test, need an Aurora DSQL cluster. Before they start, the connection is checked once:
 * DNS, TCP, token, TLS, authentication, query. If the check fails, the tests are skipped or failed with one line that names
 * the phase that failed, the cause, and what to do.
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
 * classes share the outcome of the outer class; their own annotation adds to it.
 *
 * <p><b>Which endpoint.</b> {@link #endpoint()}, else the configuration parameter or system property
 * {@code dsql.reach.endpoint}, else the environment variable {@code DSQL_REACH_ENDPOINT}, {@code DSQL_ENDPOINT} or
 * {@code CLUSTER_ENDPOINT}, {@code DSQL_CLUSTER_ENDPOINT}. With {@link WithLocalDsql}, the local cluster. Each endpoint is checked once per JVM, however
 * many classes and threads need it.
 *
 * <p><b>Skip or fail.</b> By default tests are skipped if the network blocks the connection ({@code BLOCKED}), if the cluster
 * is temporarily unavailable ({@code UNAVAILABLE}), and if no endpoint is configured. They fail if the cluster denies access
 * ({@code DENIED}), if settings of this machine are wrong ({@code MISCONFIGURED}), and if the evidence is inconclusive
 * ({@code UNKNOWN}): those are bugs that a skip would hide. A class is skipped before any of its code runs,
 * {@code @BeforeAll} included. A class that fails, fails once with a {@link DsqlUnreachableError}, before {@code @BeforeAll}.
 * The setting {@code dsql.reach.mode} ({@code skip}, {@code fail} or {@code off}) wins over everything, then the {@code on…}
 * attributes here, then the settings {@code dsql.reach.on-…}.
 *
 * <p><b>In the middle.</b> If a test or a lifecycle method fails because of a connection, the cluster is checked again, and the
 * failure gets what was found as a suppressed exception: whether the cluster is blocked now, or reachable again.
 * Tests that fail at the same time share one check; there are at most five per endpoint in a run. Tests with
 * {@link InjectFault} or {@link FaultSource} are left alone. See {@link #onLost()}.
 *
 * <p><b>Parameters.</b> Constructors, lifecycle methods and tests can take a {@link Reachability}, an {@link Endpoint},
 * a {@link DataSource} that makes a token for each connection and needs no closing, and the
 * {@link software.amazon.awssdk.auth.credentials.AwsCredentialsProvider} in use. A parameter with an annotation of another
 * library, such as {@code @Autowired}, belongs to that library; {@link Dsql} asks for ours.
 *
 * <p><b>Attributes.</b> An attribute that is set wins over the setting of the same name. An empty text or an empty array, the
 * default of each attribute, means not set. An attribute with an array type takes one value:
 * {@code transport = Transport.TCP}, or in Kotlin {@code transport = [Transport.TCP]}. A text may have placeholders such as
 * <code>${DSQL_ENDPOINT}</code> or <code>${STAGE:dev}</code>: a JUnit configuration parameter, else a system property, else an
 * environment variable. A value that is not allowed fails the tests with a message that names the value, the annotation, and
 * what is allowed.
 */
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith({RequiresDsqlReachabilityExtension.class, LostConnectionExtension.class})
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

    /** How TLS starts, for example {@code Negotiation.DIRECT}; by default the URL's, else {@code POSTGRES}. */
    Negotiation[] negotiation() default {};

    /**
     * The transport, for example {@code Transport.AUTO}: if the network blocks port 5432 and port 443 works, the tests use
     * the cluster's WebSocket, and the reports say so. By default the URL's, else {@code TCP}.
     */
    Transport[] transport() default {};

    /**
     * The address to connect to instead of the endpoint, for example {@code "127.0.0.1:15432"}, the local end of a tunnel.
     * Server name, certificate check and token stay the endpoint's.
     */
    String connectTo() default "";

    /** A PEM file with the trusted roots, for example {@code "certs/root.pem"}; by default the JDK's trust store. */
    String rootCertificate() default "";

    /** The last phase of the check, for example {@code Phase.TLS} for a test that needs no login; by default {@code QUERY}. */
    Phase[] through() default {};

    /**
     * How long each phase may take, for example {@code "5s"}, {@code "500ms"} or {@code "PT5S"}; 1 ms to 10 min, by
     * default 10 s.
     */
    String timeout() default "";

    /**
     * How long to wait for a cluster that wakes up or limits its rate, for example {@code "2m"}; at most 10 min, by
     * default {@code "0s"}.
     */
    String waitFor() default "";

    /** The profile of the AWS configuration files, for example {@code "integration"}; by default the AWS SDK's choice. */
    String profile() default "";

    /**
     * Where AWS credentials come from, for example {@code EnvironmentVariableCredentialsProvider.class}: a class with a
     * public static method {@code create()} or a constructor, either without parameters. By default the AWS SDK's chain.
     */
    Class<? extends AwsCredentialsProvider> credentialsProvider() default AwsCredentialsProvider.class;

    /** If the network blocks the connection, for example {@code Action.FAIL}; by default skip. */
    Action[] onBlocked() default {};

    /** If the cluster is temporarily unavailable, for example {@code Action.FAIL}; by default skip. */
    Action[] onUnavailable() default {};

    /** If the cluster denies access to the identity, for example {@code Action.SKIP}; by default fail. */
    Action[] onDenied() default {};

    /** If settings of this machine are wrong, for example {@code Action.SKIP}; by default fail. */
    Action[] onMisconfigured() default {};

    /** If the evidence is inconclusive, for example {@code Action.SKIP}; by default fail. */
    Action[] onUnknown() default {};

    /**
     * If the connection is lost in the middle of a test, and a check right after it confirms that the network blocks the cluster
     * or that the cluster is unavailable, for example {@code Action.SKIP}, which aborts the test; by default fail.
     */
    Action[] onLost() default {};

    /** If no endpoint is configured, for example {@code Action.FAIL}; by default skip. */
    Action[] onNotConfigured() default {};
}
