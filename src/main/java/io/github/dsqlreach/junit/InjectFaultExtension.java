package io.github.dsqlreach.junit;

import io.github.dsqlreach.fault.FaultyDsql;
import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Lets faults begin right before a test method and ends them right after it. Where a {@link FaultExtension} is registered,
 * that one does it.
 */
final class InjectFaultExtension implements InvocationInterceptor, ParameterResolver {

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> test, ExtensionContext context)
            throws Throwable {
        run(invocation, test, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> test, ExtensionContext context)
            throws Throwable {
        run(invocation, test, context);
    }

    private static void run(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> test, ExtensionContext context)
            throws Throwable {
        if (FaultExtension.around(context).isPresent()) {
            invocation.proceed();
        } else {
            new FaultFixture(context, FaultFixture.Options.none()).run(invocation, test);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return FaultExtension.around(context).isEmpty() && FaultFixture.resolves(parameter, context);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        FaultyDsql dsql = new FaultFixture(context, FaultFixture.Options.none()).dsql();
        return FaultFixture.parameter(parameter, dsql);
    }
}
