package io.github.dsqlreach.junit;

import io.github.dsqlreach.local.LocalDsql;
import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Starts the cluster, unless a condition has started it, and injects it. */
final class WithLocalDsqlExtension implements BeforeAllCallback, ParameterResolver {

    @Override
    public void beforeAll(ExtensionContext context) {
        used(context).ifPresent(LocalCluster::started);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == LocalDsql.class && ParameterOwner.isOurs(parameter);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return used(context)
                .map(LocalCluster::started)
                .orElseThrow(() -> new ParameterResolutionException("There is no LocalDsql to inject: an endpoint"
                        + " is configured, and with @WithLocalDsql(unlessConfigured = true) it wins"));
    }

    private static Optional<LocalCluster> used(ExtensionContext context) {
        return LocalCluster.of(context, Requirement.configuration(context));
    }
}
