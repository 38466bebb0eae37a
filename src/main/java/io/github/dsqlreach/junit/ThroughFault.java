package io.github.dsqlreach.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * On a parameter of type {@code String}: a JDBC URL that goes through the test's faults, in a test with
 * {@link InjectFault}, {@link FaultSource} or a {@link FaultExtension}.
 *
 * <pre>{@code
 * @Test
 * @InjectFault(Fault.TLS_RESET)
 * void reportsAnOutage(@ThroughFault(ThroughFault.Form.AWS_CONNECTOR) String url) { … }
 * }</pre>
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@Documented
public @interface ThroughFault {
    /** The driver that the URL is for; {@link Form#PGJDBC} by default. */
    Form value() default Form.PGJDBC;

    /**
     * The server, with the same text as in {@link InjectFault#upstream()}: then a {@code String} is {@code HOST:PORT} through its
     * faults, and a {@link io.github.dsqlreach.fault.FaultyTcp} the one of that server, if a test has several. Placeholders are
     * allowed.
     */
    String upstream() default "";

    /** The drivers with URLs. */
    enum Form {
        /** The PostgreSQL driver, and pools on top of it; each connection makes its token. */
        PGJDBC,
        /** AWS's {@code aurora-dsql-jdbc-connector}, which makes the token itself. */
        AWS_CONNECTOR
    }
}
