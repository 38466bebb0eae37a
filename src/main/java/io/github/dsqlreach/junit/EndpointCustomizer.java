package io.github.dsqlreach.junit;

import io.github.dsqlreach.Endpoint;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Changes the endpoint of annotated tests, for example to send its connections through a proxy. An annotation with
 * {@link CustomizesEndpoint} connects it to tests.
 *
 * <pre>{@code
 * class ThroughMyProxy implements EndpointCustomizer {
 *     public Endpoint customize(Endpoint endpoint, ExtensionContext context) {
 *         return endpoint.toBuilder().connectTo(new HostAndPort("127.0.0.1", 15432)).build();
 *     }
 * }
 * }</pre>
 *
 * <p>An implementation needs a constructor without parameters. It is called before any lifecycle method, possibly by several
 * threads, once for each class or method with an annotation that concerns the cluster. The endpoint that it returns is checked,
 * and tests get it as a parameter. Whatever it starts must be kept in the store of the given context, which closes it.
 */
@FunctionalInterface
public interface EndpointCustomizer {
    /**
     * The endpoint to use instead.
     *
     * @param endpoint the configured endpoint, or that of a customizer on an outer class
     * @param context of the test class or method with the annotation
     * @throws Exception fails the tests with it
     */
    Endpoint customize(Endpoint endpoint, ExtensionContext context) throws Exception;
}
