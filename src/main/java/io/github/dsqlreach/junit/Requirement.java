package io.github.dsqlreach.junit;

import io.github.dsqlreach.Action;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.CheckSettings;
import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.InvalidConfigurationException;
import io.github.dsqlreach.InvalidEndpointException;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.diagnosis.Diagnoses;
import io.github.dsqlreach.internal.LinkageErrors;
import io.github.dsqlreach.internal.client.ConnectionCount;
import java.lang.reflect.AnnotatedElement;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * What {@link RequiresDsqlReachability} asks for on one class or method: its settings, its cluster, the result of the check. There
 * is one for the decision and for all parameters, so that tests get the cluster that was checked.
 */
final class Requirement {
    private final ExtensionContext place;
    private final Configuration configuration;
    private @Nullable Optional<Target> target;
    private @Nullable Reachability reachability;

    private Requirement(ExtensionContext place, Configuration configuration) {
        this.place = place;
        this.configuration = configuration;
    }

    /**
     * The decision about this class or method, made by the first call and recorded in the {@link TestRun}. Empty if it has no
     * annotation that concerns the cluster.
     */
    static Optional<Decision> decision(ExtensionContext context) {
        if (context.getElement().isEmpty()) {
            return Optional.empty();
        }
        // The invocations of a parameterized test look into the store of their template: one decision for all.
        Optional<?> decision = context.getStore(RunStore.NAMESPACE)
                .getOrComputeIfAbsent(context.getElement().get(), unused -> decideAndRecord(context), Optional.class);
        return decision.map(Decision.class::cast);
    }

    private static Optional<Decision> decideAndRecord(ExtensionContext context) {
        try {
            if (!isPlace(context)) {
                return Optional.empty();
            }
            Optional<Requirement> requirement = around(context);
            if (requirement.isEmpty()) {
                return Optional.empty();
            }
            // First, so that a wrong setting of the run fails the tests whatever the check finds.
            TestRun run = TestRun.of(context);
            Decision decision = requirement.get().decide();
            Optional<Endpoint> endpoint = requirement.get().configuredEndpoint();
            // Not if the endpoint is unknown because of an error: if the test runs again, its endpoint would be another
            // one.
            if (decision.error().isEmpty() || endpoint.isPresent()) {
                run.decided(context, decision, endpoint);
            }
            return Optional.of(decision);
        } catch (Exception | LinkageError | AssertionError e) {
            return Optional.of(error(e));
        }
    }

    private static Decision error(Throwable error) {
        Optional<String> library = LinkageErrors.explain(error);
        if (library.isPresent()) {
            return Decision.error(new IllegalStateException(library.get(), error));
        }
        return Decision.error(
                error instanceof InvalidConfigurationException
                        ? new ExtensionConfigurationException(error.getMessage(), error)
                        : error);
    }

    /** Decides anew, for the benchmark. */
    static Decision decideAnew(ExtensionContext context) {
        return decideAndRecord(context).orElseThrow();
    }

    /** The requirement of this class or method, or else of the nearest class around it. */
    static Optional<Requirement> around(ExtensionContext context) {
        return isPlace(context)
                ? nearestAnnotation(context).map(annotated -> at(context, annotated))
                : context.getParent().flatMap(Requirement::around);
    }

    /** Whether this class or method, or a class around it, requires a cluster. */
    static boolean isAround(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getElement(), RequiresDsqlReachability.class)
                || context.getParent().filter(Requirement::isAround).isPresent();
    }

    /** The settings here, whether a cluster is required or not. */
    static Configuration configuration(ExtensionContext context) {
        return around(context).map(requirement -> requirement.configuration).orElseGet(() -> TestSettings.of(context));
    }

    /** Whether the cluster of this class or method can be another one than that of the class around it. */
    private static boolean isPlace(ExtensionContext context) {
        Optional<AnnotatedElement> element = context.getElement();
        return AnnotationSupport.isAnnotated(element, RequiresDsqlReachability.class)
                || AnnotationSupport.isAnnotated(element, WithLocalDsql.class)
                || !AnnotationSupport.findRepeatableAnnotations(element, CustomizesEndpoint.class)
                        .isEmpty();
    }

    private record Annotated(RequiresDsqlReachability annotation, AnnotatedElement element) {}

    /** The annotation of this class or method, or else of the nearest class around it. */
    private static Optional<Annotated> nearestAnnotation(ExtensionContext context) {
        Optional<AnnotatedElement> element = context.getElement();
        return AnnotationSupport.findAnnotation(element, RequiresDsqlReachability.class)
                .map(annotation -> new Annotated(annotation, element.orElseThrow()))
                .or(() -> context.getParent().flatMap(Requirement::nearestAnnotation));
    }

    private static Requirement at(ExtensionContext place, Annotated annotated) {
        Object key = List.of(Requirement.class, place.getElement().orElseThrow());
        return place.getStore(RunStore.NAMESPACE)
                .getOrComputeIfAbsent(
                        key,
                        unused -> new Requirement(
                                place, TestSettings.of(place, annotated.annotation(), annotated.element())),
                        Requirement.class);
    }

    private Decision decide() {
        try {
            return isOff() ? Decision.unchecked() : Decision.of(reachability(), configuration);
        } catch (Exception | LinkageError | AssertionError e) {
            return error(e);
        }
    }

    /** Whether nothing is checked. */
    boolean isOff() {
        return configuration.get(Setting.MODE).filter(Setting.Mode.OFF::equals).isPresent();
    }

    /** The result of the check, which all equal checks share. */
    synchronized Reachability reachability() {
        if (reachability == null) {
            reachability = check();
        }
        return reachability;
    }

    private Reachability check() {
        // First, so that a wrong setting fails the tests whatever the endpoint is.
        CheckSettings settings = CheckSettings.of(configuration);
        try {
            return configuredTarget()
                    .map(to -> check(to, settings, SharedCheck::result))
                    .orElseGet(() -> Diagnoses.notChecked(Cause.ENDPOINT_NOT_CONFIGURED, "no endpoint is configured"));
        } catch (InvalidEndpointException e) {
            return Diagnoses.notChecked(Cause.ENDPOINT_INVALID, String.valueOf(e.getMessage()));
        }
    }

    private Reachability check(
            Target to, CheckSettings settings, BiFunction<SharedCheck, ExtensionContext, Reachability> run) {
        SharedCheck check = new SharedCheck(to.endpoint(), to.credentials(), settings);
        Reachability result = counted(() -> run.apply(check, place));
        if (!result.isReachable()) {
            LocalCluster.of(place, configuration).ifPresent(LocalCluster::failIfBroken);
        }
        return to.simulation().map(by -> Diagnoses.simulated(result, by)).orElse(result);
    }

    /** The connections of a check are not those of a test, on which a simulated fault should have an effect. */
    private Reachability counted(Supplier<Reachability> check) {
        return SimulatedFault.of(configuration)
                .map(simulated -> simulated.strikes(place).duringCheck(check))
                .orElseGet(check);
    }

    /** The result of a further check, after a connection of a test broke; empty if nothing was checked before. */
    Optional<Reachability> checkAgain() {
        Optional<Target> known;
        synchronized (this) {
            if (isOff() || reachability == null || !reachability.isReachable()) {
                return Optional.empty();
            }
            known = configuredTarget();
        }
        return known.map(to -> check(to, CheckSettings.of(configuration), SharedCheck::resultAgain));
    }

    /** The connections that the injected data source made to the cluster. */
    synchronized ConnectionCount connections() {
        return ConnectionCount.of(configuredTarget().orElseThrow().endpoint());
    }

    /** Whether a test is aborted whose connection broke with that result of a check. */
    boolean abortsIfLost(Reachability now) {
        return (now.verdict() == Verdict.BLOCKED || now.verdict() == Verdict.UNAVAILABLE)
                && Decision.action(configuration, Setting.ON_LOST) == Action.SKIP;
    }

    private Optional<Target> configuredTarget() {
        if (target == null) {
            target = Target.of(place, configuration);
        }
        return target;
    }

    /** The endpoint as configured, not the one that a fallback reached; empty if there is none, or if nothing was checked. */
    private Optional<Endpoint> configuredEndpoint() {
        return target == null ? Optional.empty() : target.map(Target::endpoint);
    }

    /** The cluster, over the transport that the check found; empty if no endpoint is configured. */
    synchronized Optional<Target> target() {
        return configuredTarget()
                .map(to -> to.endpoint().transport() != Transport.AUTO || isOff()
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
