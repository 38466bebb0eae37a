package io.github.dsqlreach.junit;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.InvalidEndpointException;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.diagnosis.Diagnoses;
import java.lang.reflect.AnnotatedElement;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * What {@link RequiresDsqlReachability} asks for at one place, with all settings applied, and what is found there: one for
 * the decision and for every parameter, so that what is injected is what was checked.
 */
final class Requirement {
    private final ExtensionContext place;
    private final Configuration configuration;
    private final Policy policy;
    private @Nullable Optional<Target> target;
    private @Nullable Reachability reachability;

    private Requirement(ExtensionContext place, Configuration configuration) {
        this.place = place;
        this.configuration = configuration;
        this.policy = new Policy(configuration);
    }

    /** That of this class or method; empty if it says nothing about the cluster, or nothing requires one. */
    static Optional<Requirement> of(ExtensionContext context) {
        return isPlace(context) ? around(context) : Optional.empty();
    }

    /** The requirement in force here: of this method or class, or else of the nearest one around it. */
    static Optional<Requirement> around(ExtensionContext context) {
        return isPlace(context)
                ? asked(context).map(asked -> at(context, asked))
                : context.getParent().flatMap(Requirement::around);
    }

    /** Whether there is a requirement in force here. */
    static boolean isAround(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getElement(), RequiresDsqlReachability.class)
                || context.getParent().filter(Requirement::isAround).isPresent();
    }

    /** The settings in force here, whether there is a requirement or not. */
    static Configuration configuration(ExtensionContext context) {
        return around(context).map(Requirement::configuration).orElseGet(() -> TestSettings.of(context));
    }

    /** Whether the cluster here can be another one than that of what is around it. */
    private static boolean isPlace(ExtensionContext context) {
        Optional<AnnotatedElement> element = context.getElement();
        return AnnotationSupport.isAnnotated(element, RequiresDsqlReachability.class)
                || AnnotationSupport.isAnnotated(element, WithLocalDsql.class)
                || !AnnotationSupport.findRepeatableAnnotations(element, CustomizesEndpoint.class)
                        .isEmpty();
    }

    /** Says how the cluster is asked for; where a place says nothing of that, what is around it does. */
    private record Asked(RequiresDsqlReachability by, AnnotatedElement on) {}

    private static Optional<Asked> asked(ExtensionContext context) {
        Optional<AnnotatedElement> element = context.getElement();
        return AnnotationSupport.findAnnotation(element, RequiresDsqlReachability.class)
                .map(found -> new Asked(found, element.orElseThrow()))
                .or(() -> context.getParent().flatMap(Requirement::asked));
    }

    private static Requirement at(ExtensionContext place, Asked asked) {
        // The invocations of a parameterized test look into the store of their template: one for all.
        Object key = List.of(Requirement.class, place.getElement().orElseThrow());
        return place.getStore(RunStore.NAMESPACE)
                .getOrComputeIfAbsent(
                        key,
                        unused -> new Requirement(place, TestSettings.of(place, asked.by(), asked.on())),
                        Requirement.class);
    }

    Configuration configuration() {
        return configuration;
    }

    Policy policy() {
        return policy;
    }

    /** Whether the endpoint can be used from here; one check for all who ask the same. */
    synchronized Reachability reachability() {
        if (reachability == null) {
            reachability = check();
        }
        return reachability;
    }

    private Reachability check() {
        // Read before anything else, so that a bad setting shows whatever becomes of the endpoint.
        CheckSettings settings = CheckSettings.of(configuration);
        try {
            return resolved()
                    .map(to -> answer(to, settings))
                    .orElseGet(() -> Diagnoses.notChecked(Cause.ENDPOINT_NOT_CONFIGURED, "no endpoint is configured"));
        } catch (InvalidEndpointException e) {
            return Diagnoses.notChecked(Cause.ENDPOINT_INVALID, String.valueOf(e.getMessage()));
        }
    }

    private Reachability answer(Target to, CheckSettings settings) {
        Reachability answer = Checks.of(place).answer(new Check(to.endpoint(), to.credentials(), settings));
        if (!answer.isReachable()) {
            LocalCluster.of(place, configuration).ifPresent(LocalCluster::failIfBroken);
        }
        return to.simulation().map(answer::simulated).orElse(answer);
    }

    private Optional<Target> resolved() {
        if (target == null) {
            target = Target.of(place, configuration);
        }
        return target;
    }

    /** The cluster, over the transport that the check found; empty if no endpoint is configured. */
    synchronized Optional<Target> target() {
        return resolved()
                .map(to -> to.endpoint().transport() != Transport.AUTO || policy.isOff()
                        ? to
                        : to.at(reachability().endpoint().orElse(to.endpoint())));
    }

    /** A data source for the cluster; empty if no endpoint is configured. */
    Optional<DataSource> dataSource() {
        return target().map(to -> DsqlDataSource.of(to.endpoint(), to.provider(place, configuration)));
    }

    /** The credentials that the check uses; empty if no endpoint is configured. */
    Optional<AwsCredentialsProvider> credentials() {
        return target().map(to -> to.provider(place, configuration));
    }
}
