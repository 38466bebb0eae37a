package io.github.dsqlreach.junit;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.InvalidEndpointException;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.diagnosis.Diagnoses;
import java.lang.reflect.AnnotatedElement;
import java.util.Optional;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** What {@link RequiresDsqlReachability} asks for at one place, with all settings applied. */
final class Requirement {
    private final ExtensionContext context;
    private final Configuration configuration;
    private final Policy policy;

    private Requirement(ExtensionContext context, Configuration configuration) {
        this.context = context;
        this.configuration = configuration;
        this.policy = new Policy(configuration);
    }

    /** The requirement that this class or method carries itself. */
    static Optional<Requirement> of(ExtensionContext context) {
        return on(context, context);
    }

    /** The requirement in force here: of this method or class, or else of the nearest one around it. */
    static Optional<Requirement> around(ExtensionContext context) {
        Optional<ExtensionContext> place = Optional.of(context);
        while (place.isPresent()) {
            Optional<Requirement> found = on(place.get(), context);
            if (found.isPresent()) {
                return found;
            }
            place = place.get().getParent();
        }
        return Optional.empty();
    }

    /** Whether there is a requirement in force here. */
    static boolean isAround(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getElement(), RequiresDsqlReachability.class)
                || context.getParent().filter(Requirement::isAround).isPresent();
    }

    private static Optional<Requirement> on(ExtensionContext place, ExtensionContext context) {
        Optional<AnnotatedElement> element = place.getElement();
        return AnnotationSupport.findAnnotation(element, RequiresDsqlReachability.class)
                .map(annotation -> new Requirement(context, Settings.of(context, annotation, element.orElseThrow())));
    }

    Configuration configuration() {
        return configuration;
    }

    Policy policy() {
        return policy;
    }

    /** Whether the endpoint can be used from here; one check for all who ask the same. */
    Reachability reachability() {
        // Read before anything else, so that a bad setting shows whatever becomes of the endpoint.
        CheckSettings settings = CheckSettings.of(configuration);
        Optional<Target> target;
        try {
            target = Target.of(context, configuration);
        } catch (InvalidEndpointException e) {
            return Diagnoses.notWalked(Cause.ENDPOINT_INVALID, e.getMessage());
        }
        return target.map(to -> answer(to, settings))
                .orElseGet(() -> Diagnoses.notWalked(Cause.ENDPOINT_NOT_CONFIGURED, "no endpoint is configured"));
    }

    private Reachability answer(Target target, CheckSettings settings) {
        Reachability answer = Checks.of(context).answer(new Check(target.endpoint(), target.credentials(), settings));
        return target.simulation().map(answer::simulated).orElse(answer);
    }

    /** The endpoint, over the transport that the check found; empty if none is configured. */
    Optional<Endpoint> endpoint() {
        return Target.of(context, configuration).map(this::found);
    }

    private Endpoint found(Target target) {
        return target.endpoint().transport() != Transport.AUTO || policy.isOff()
                ? target.endpoint()
                : answer(target, CheckSettings.of(configuration)).endpoint().orElse(target.endpoint());
    }

    /** A data source for the endpoint; empty if none is configured. */
    Optional<DataSource> dataSource() {
        return Target.of(context, configuration)
                .map(target -> DsqlDataSource.of(
                        found(target),
                        target.credentials()
                                .map(Credentials::provider)
                                .orElseGet(() -> Credentials.standard(configuration.get(Setting.PROFILE), context))));
    }
}
