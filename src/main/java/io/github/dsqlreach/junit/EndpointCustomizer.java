package io.github.dsqlreach.junit;

import io.github.dsqlreach.Endpoint;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Changes the endpoint that annotated tests use, for example where its connections go to, so that they pass through a
 * proxy. Bound to tests by an annotation that carries {@link CustomizesEndpoint}.
 *
 * <p>Implementations need a constructor without parameters. They are called before any lifecycle method, possibly by
 * several threads, once for each class or method that says itself which cluster it needs, by this or by another annotation:
 * what they return is checked, and is what tests get as a parameter. What they start belongs into the store of the given
 * context.
 */
@FunctionalInterface
public interface EndpointCustomizer {
    /**
     * The endpoint to use instead.
     *
     * @param endpoint the endpoint as configured, or as a customizer further out made it
     * @param context of the test class or method that carries the annotation
     * @throws Exception fails the tests with it
     */
    Endpoint customize(Endpoint endpoint, ExtensionContext context) throws Exception;
}
