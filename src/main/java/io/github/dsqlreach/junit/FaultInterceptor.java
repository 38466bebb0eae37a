package io.github.dsqlreach.junit;

import java.lang.reflect.Method;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** Lets faults begin right before a test method and ends them right after it, where its fixture is in charge. */
abstract class FaultInterceptor implements InvocationInterceptor, ParameterResolver {

    /** The fixture of this test; empty if another extension is in charge of it. */
    abstract Optional<FaultFixture> fixture(ExtensionContext context);

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

    private void run(Invocation<Void> invocation, ReflectiveInvocationContext<Method> test, ExtensionContext context)
            throws Throwable {
        Optional<FaultFixture> fixture = fixture(context);
        if (fixture.isPresent()) {
            fixture.get().run(invocation, test);
        } else {
            invocation.proceed();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return fixture(context).isPresent() && FaultFixture.resolves(parameter, context);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return fixture(context).orElseThrow().parameter(parameter);
    }
}
