package io.github.dsqlreach.junit;

import io.github.dsqlreach.fault.Fault;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs a parameterized test once for each {@link Fault} of the catalogue, or of a part of it, while that fault is active. The
 * first parameter is the fault; {@link InjectFault} lists the others.
 *
 * <pre>{@code
 * @ParameterizedTest
 * @FaultSource({Fault.TLS_RESET, Fault.SILENCE})
 * void reportsAnOutage(Fault fault, DataSource dataSource) { … }
 *
 * @ParameterizedTest
 * @FaultSource(mode = EnumSource.Mode.MATCH_ANY, names = {"TLS_.*", "AUTH_.*"})
 * void survives(Fault fault, FaultyDsql dsql) { … }
 * }</pre>
 *
 * <p>The whole catalogue has the faults that are {@linkplain Fault#isAtCommit() at a commit} only for tests with
 * {@link WithLocalDsql} and {@link #inject()}, and without an {@link #upstream()}.
 *
 * <p>Needs {@code org.junit.jupiter:junit-jupiter-params}, which {@code junit-jupiter} brings.
 */
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@ArgumentsSource(FaultArguments.class)
@ExtendWith(InjectFaultExtension.class)
public @interface FaultSource {
    /** The faults; with neither these nor {@link #names()} it is the whole catalogue. */
    Fault[] value() default {};

    /**
     * Names of faults or, with the {@code MATCH_} modes, regular expressions; {@link #mode()} says what they mean. Placeholders
     * such as <code>${FAULT:TLS_RESET}</code> are allowed.
     */
    String[] names() default {};

    /** Whether {@link #value()} and {@link #names()} are included, which is the default, or excluded. */
    EnumSource.Mode mode() default EnumSource.Mode.INCLUDE;

    /** Whether the fault is active, which is the default; with {@code false} the test injects it by itself. */
    boolean inject() default true;

    /**
     * The server that the faults are in front of, {@code HOST:PORT}, if it is not the cluster; see
     * {@link InjectFault#upstream()}. The whole catalogue then means the faults that are {@link Fault#isForAnyServer()}.
     */
    String upstream() default "";

    /**
     * Whether the test may pass although no connection used the proxy while the fault was active, or the fault had no effect
     * on any. By default it fails, because nothing was tested; the message says which of the two happened. Set it for the whole
     * catalogue: a test that only connects meets no {@code QUERY_RESET}, for example. Known only with the server inside this
     * JVM.
     */
    boolean allowUnused() default false;
}
