package io.github.dsqlreach.junit;

import io.github.dsqlreach.fault.Fault;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The test runs with a {@link Fault} between it and its cluster: the cluster of {@link RequiresDsqlReachability} on the same
 * class, else the configured endpoint or the cluster of {@link WithLocalDsql}.
 *
 * <pre>{@code
 * @WithLocalDsql
 * @RequiresDsqlReachability
 * class OrdersUnderFaultsIT {
 *     @Test
 *     @InjectFault(Fault.TLS_RESET)
 *     void reportsAnOutage(DataSource dataSource) { … }
 *
 *     @Test
 *     @InjectFault(value = Fault.LATENCY, parameters = {"latency=500", "jitter=100"})
 *     void staysWithinItsTimeout(DataSource dataSource) { … }
 *
 *     @Test
 *     @InjectFault(Fault.TLS_RESET)
 *     void recovers(FaultyDsql dsql) { … dsql.clearFaults(); … }
 *
 *     @Test
 *     @InjectFault(value = Fault.OCC_CONFLICT, parameters = {"times=3", "statements=UPDATE orders"})
 *     void triesAgain(DataSource dataSource) { … }
 *
 *     @Test
 *     @InjectFault(value = Fault.SILENCE, upstream = "localhost:6379")
 *     void doesWithoutItsCache(FaultyTcp redis) { … new Cache(redis.host(), redis.port()) … }
 * }
 * }</pre>
 *
 * <p>On a method, a class or another annotation; inherited from superclasses and interfaces; repeatable. A method has the
 * faults of its class, of the classes around it, and its own, in this order and at once.
 *
 * <p>The faults are active while the test method runs, of a {@code @TestFactory} while each of its tests runs. They are not
 * active in {@code @BeforeEach} and {@code @AfterEach} methods, and are removed however the test ends. Each test has a proxy of
 * its own, so parallel tests do not disturb each other. The check of {@code @RequiresDsqlReachability} does not use the proxy.
 * Each fault is a report entry {@code dsql.fault} of its test.
 *
 * <p>A fault that is {@linkplain Fault#isAtCommit() at a commit} acts inside the cluster of {@link WithLocalDsql}, on the commits of
 * all its sessions: pools and frameworks need no proxy. In front of another cluster the test fails and says why. Two such tests
 * on one cluster must not run at the same time: the second one fails and says so. A test without faults that commits there at the
 * same time is hit; {@code statements}, or {@link WithLocalDsql#shared() a cluster of its own}, avoids that.
 *
 * <p>A test fails if the fault had no effect on any connection or commit: see {@link #allowUnused()}.
 *
 * <p>Test methods, {@code @BeforeEach} and {@code @AfterEach} methods can take as parameters
 * {@link io.github.dsqlreach.fault.FaultyDsql}, a {@link javax.sql.DataSource} through the proxy, and with
 * {@link ThroughFault} a JDBC URL through it; for an {@link #upstream()}, a
 * {@link io.github.dsqlreach.fault.FaultyTcp}. An {@link io.github.dsqlreach.Endpoint} is the cluster itself.
 *
 * <p>The Toxiproxy server is {@link io.github.dsqlreach.fault.ToxiproxySource#configured}, which is one inside this JVM
 * unless {@code dsql.reach.toxiproxy-url} is set.
 */
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@Repeatable(InjectFault.Several.class)
@ExtendWith(InjectFaultExtension.class)
public @interface InjectFault {
    /** The fault. */
    Fault value();

    /**
     * Its parameters, each as {@code "NAME=NUMBER"}, for example {@code {"latency=500", "toxicity=0.3", "seed=7"}}; the others keep
     * their defaults. {@link Fault#parameters()} lists them. A fault at a commit can have {@code "statements=REGEX"} too, as
     * {@link io.github.dsqlreach.fault.TunedFault#where}. Placeholders are allowed: <code>"latency=${LATENCY:500}"</code>.
     */
    String[] parameters() default {};

    /**
     * The server that the fault is in front of, {@code HOST:PORT}, if it is not the cluster: any TCP server, such as
     * {@code localhost:6379}. Placeholders are allowed, for example <code>${REDIS_HOST:localhost}:6379</code>: a JUnit
     * configuration parameter, else a system property, else an environment variable. A parameter
     * {@link io.github.dsqlreach.fault.FaultyTcp} has the address that clients connect to instead. Only for the faults that
     * are {@link Fault#isForAnyServer()}.
     */
    String upstream() default "";

    /**
     * Whether the test may pass although no connection used the proxy while the fault was active, or the fault had no effect
     * on any; or, for a fault at a commit, no transaction committed, or the fault struck none. By default it fails, because
     * nothing was tested; the message says which of the two happened. For connections it is known only with the server inside
     * this JVM.
     */
    boolean allowUnused() default false;

    /** Holds several of them; the compiler adds it. */
    @Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
    @Retention(RetentionPolicy.RUNTIME)
    @Inherited
    @Documented
    @ExtendWith(InjectFaultExtension.class)
    @interface Several {
        /** The faults, in their order. */
        InjectFault[] value();
    }
}
