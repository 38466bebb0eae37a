package io.github.dsqlreach.junit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes {@link RequiresDsqlReachability} use another endpoint than the configured one, in any order of the annotations.
 * Customizers of an outer class are called before those of a nested class or a method.
 *
 * <pre>{@code
 * @CustomizesEndpoint(ThroughMyProxy.class)
 * @Retention(RetentionPolicy.RUNTIME)
 * @interface BehindMyProxy {}
 *
 * class ThroughMyProxy implements EndpointCustomizer {
 *     public Endpoint customize(Endpoint endpoint, ExtensionContext context) {
 *         return endpoint.toBuilder().connectTo(new HostAndPort("127.0.0.1", 15432)).build();
 *     }
 * }
 * }</pre>
 */
@Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@Documented
@Repeatable(CustomizesEndpoint.Several.class)
public @interface CustomizesEndpoint {
    /** The customizer. */
    Class<? extends EndpointCustomizer> value();

    /** Holds several of them; the compiler adds it. */
    @Target({ElementType.TYPE, ElementType.METHOD, ElementType.ANNOTATION_TYPE})
    @Retention(RetentionPolicy.RUNTIME)
    @Inherited
    @Documented
    @interface Several {
        /** The customizers, in their order. */
        CustomizesEndpoint[] value();
    }
}
