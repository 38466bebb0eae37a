package io.github.dsqlreach.junit;

import java.lang.reflect.Method;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/**
 * Activates faults right before a test method and removes them right after it. If several interceptors are registered, only the
 * last one that {@link #takeCharge takes charge} does so.
 */
abstract class FaultInterceptor implements BeforeEachCallback, InvocationInterceptor, ParameterResolver {
    private final FaultFixture.Options options;

    FaultInterceptor(FaultFixture.Options options) {
        this.options = options;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        takeCharge(context);
    }

    /** Of this test, or of this class and all that is in it. */
    final void takeCharge(ExtensionContext context) {
        ParameterOwner.take(DataSource.class, context, this);
    }

    /** Its faults for this test or class. */
    final FaultFixture fixture(ExtensionContext context) {
        return new FaultFixture(context, options);
    }

    private boolean isInCharge(ExtensionContext context) {
        return ParameterOwner.of(DataSource.class, context).filter(this::equals).isPresent();
    }

    @Override
    public void interceptTestMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> test, ExtensionContext context)
            throws Throwable {
        run(invocation, test.getArguments(), context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<Void> invocation, ReflectiveInvocationContext<Method> test, ExtensionContext context)
            throws Throwable {
        run(invocation, test.getArguments(), context);
    }

    /** The factory only makes them; these are the tests. */
    @Override
    public void interceptDynamicTest(
            Invocation<Void> invocation, DynamicTestInvocationContext test, ExtensionContext context) throws Throwable {
        run(invocation, List.of(), context);
    }

    private void run(Invocation<Void> invocation, List<Object> arguments, ExtensionContext context) throws Throwable {
        if (isInCharge(context)) {
            fixture(context).run(invocation, arguments);
        } else {
            invocation.proceed();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return isInCharge(context) && FaultFixture.gives(parameter);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return fixture(context).parameter(parameter);
    }
}
