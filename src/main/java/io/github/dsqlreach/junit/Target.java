package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.local.LocalDsql;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * The cluster that tests use, and the credentials for it; without credentials the AWS SDK chooses. {@code local} is the cluster
 * of {@link WithLocalDsql}, if the tests use that one.
 *
 * <p>Each step changes the result of the one before: the local cluster or the configured endpoint, with the settings for the
 * connection; the fault that the run simulates; the customizers, from the outermost class to the method.
 */
record Target(
        Endpoint endpoint,
        Optional<CredentialsChoice> credentials,
        Optional<LocalDsql> local,
        Optional<Reachability.Simulation> simulation) {
    private Target(Endpoint endpoint, Optional<CredentialsChoice> credentials, Optional<LocalDsql> local) {
        this(endpoint, credentials, local, Optional.empty());
    }

    /** The target of the tests at this place; empty if no endpoint is configured. */
    static Optional<Target> of(ExtensionContext context, Configuration configuration) {
        Optional<LocalDsql> local = LocalCluster.of(context, configuration).map(LocalCluster::started);
        return (local.isPresent() ? local(local.get(), configuration) : configured(context, configuration))
                .map(target -> target.behind(SimulatedFault.of(configuration), context))
                .map(target -> target.at(customized(target.endpoint(), context)));
    }

    /** The same with another endpoint. */
    Target at(Endpoint other) {
        return new Target(other, credentials, local, simulation);
    }

    /** Where credentials come from; by default the AWS SDK's choice. */
    AwsCredentialsProvider provider(ExtensionContext context, Configuration configuration) {
        return credentials
                .map(CredentialsChoice::provider)
                .orElseGet(() -> CredentialsChoice.standard(
                        configuration.get(Setting.PROFILE).or(endpoint::profile), context));
    }

    private Target behind(Optional<SimulatedFault> fault, ExtensionContext context) {
        return new Target(
                fault.map(f -> f.inFrontOf(endpoint, local, context)).orElse(endpoint),
                credentials,
                local,
                fault.map(SimulatedFault::simulation));
    }

    private static Optional<Target> local(LocalDsql local, Configuration configuration) {
        startWebSocket(local, configuration);
        Endpoint endpoint = configuration.applyConnectionTo(local.endpoint());
        return Optional.of(new Target(
                endpoint, Optional.of(new CredentialsChoice(local, local.credentialsProvider())), Optional.of(local)));
    }

    /** The cluster's WebSocket, if it may be used; and behind a simulated fault, because a real cluster has one. */
    private static void startWebSocket(LocalDsql local, Configuration configuration) {
        Transport transport = configuration.get(Setting.TRANSPORT).orElse(Transport.TCP);
        boolean simulated = configuration.value(Setting.SIMULATE).isPresent();
        if (transport != Transport.TCP || simulated) {
            try {
                local.webSocketAddress();
            } catch (IllegalStateException e) {
                if (transport == Transport.WEBSOCKET || transport == Transport.AUTO && simulated) {
                    throw e;
                }
                // Its library is missing, and nothing blocks TCP on this machine.
            }
        }
    }

    private static Optional<Target> configured(ExtensionContext context, Configuration configuration) {
        return configuration
                .endpoint()
                .map(endpoint ->
                        new Target(endpoint, CredentialsChoice.configured(configuration, context), Optional.empty()));
    }

    private static Endpoint customized(Endpoint endpoint, ExtensionContext context) {
        Endpoint outer =
                context.getParent().map(parent -> customized(endpoint, parent)).orElse(endpoint);
        Endpoint result = outer;
        for (CustomizesEndpoint annotation :
                AnnotationSupport.findRepeatableAnnotations(context.getElement(), CustomizesEndpoint.class)) {
            result = customized(result, annotation.value(), context);
        }
        return result;
    }

    private static Endpoint customized(
            Endpoint endpoint, Class<? extends EndpointCustomizer> type, ExtensionContext context) {
        try {
            return ReflectionSupport.newInstance(type).customize(endpoint, context);
        } catch (Exception e) {
            throw RunStore.sneaky(e);
        }
    }
}
