package io.github.dsqlreach.junit;

import static org.junit.jupiter.api.extension.ConditionEvaluationResult.disabled;
import static org.junit.jupiter.api.extension.ConditionEvaluationResult.enabled;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Reachability;
import java.util.Optional;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestInstanceFactoryContext;
import org.junit.jupiter.api.extension.TestInstancePreConstructCallback;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * Skips in a condition, before any code of the test class runs. Fails in a callback, because JUnit reports an exception of a
 * condition as an internal error: before all tests of a class, earlier if its constructor runs earlier ({@code PER_CLASS}), and
 * before each annotated method.
 */
final class RequiresDsqlReachabilityExtension
        implements ExecutionCondition,
                TestInstancePreConstructCallback,
                BeforeAllCallback,
                BeforeEachCallback,
                ParameterResolver {

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return Requirement.decision(context)
                .map(RequiresDsqlReachabilityExtension::result)
                .orElseGet(() -> enabled("no @RequiresDsqlReachability here"));
    }

    private static ConditionEvaluationResult result(Decision decision) {
        return switch (decision.kind()) {
            case SKIP -> disabled(decision.reachability().orElseThrow().summary());
            case FAIL -> enabled("fails before it starts");
            case RUN ->
                enabled(decision.reachability().map(Reachability::summary).orElse("dsql.reach.mode is off"));
        };
    }

    @Override
    public void preConstructTestInstance(TestInstanceFactoryContext factoryContext, ExtensionContext context) {
        throwFailure(context);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        throwFailure(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        throwFailure(context);
    }

    private static void throwFailure(ExtensionContext context) {
        Optional<Decision> decision = Requirement.decision(context);
        if (decision.isPresent() && decision.get().kind() == Decision.Kind.FAIL) {
            decision.get().reachability().ifPresent(why -> TestRun.of(context).failed(context, why));
            throw RunStore.sneaky(decision.get().failure());
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return ParameterOwner.isOurs(parameter)
                && (type == Reachability.class
                        || type == Endpoint.class
                        || type == AwsCredentialsProvider.class && Requirement.isAround(context)
                        || type == DataSource.class
                                && Requirement.isAround(context)
                                && !ParameterOwner.isTaken(parameter, context));
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        Requirement requirement = Requirement.around(context)
                .orElseThrow(() -> new ParameterResolutionException("A parameter of type " + type.getSimpleName()
                        + " needs @RequiresDsqlReachability on the class or on the method"));
        if (type == Reachability.class) {
            return reachability(requirement);
        }
        Optional<?> value = type == Endpoint.class
                ? requirement.target().map(Target::endpoint)
                : type == DataSource.class ? requirement.dataSource() : requirement.credentials();
        return value.orElseThrow(() -> new ParameterResolutionException("There is no " + type.getSimpleName()
                + " to inject: no endpoint is configured. Set DSQL_ENDPOINT or dsql.reach.endpoint"));
    }

    private static Reachability reachability(Requirement requirement) {
        if (requirement.isOff()) {
            throw new ParameterResolutionException("There is no Reachability to inject: dsql.reach.mode is off, so"
                    + " nothing is checked. Endpoint and DataSource can be injected");
        }
        return requirement.reachability();
    }
}
