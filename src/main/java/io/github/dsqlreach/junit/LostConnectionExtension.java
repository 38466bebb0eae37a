package io.github.dsqlreach.junit;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.fault.FaultyTcp;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.platform.commons.support.AnnotationSupport;
import org.opentest4j.TestAbortedException;

/**
 * Checks the cluster again when a test or a lifecycle method fails because of a connection. As a watcher, it also sees what other
 * extensions failed to do, such as loading a Spring context.
 */
final class LostConnectionExtension
        implements TestExecutionExceptionHandler, LifecycleMethodExecutionExceptionHandler, TestWatcher {

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw explained(context, failure);
    }

    @Override
    public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw explained(context, failure);
    }

    @Override
    public void handleBeforeEachMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw explained(context, failure);
    }

    @Override
    public void handleAfterEachMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw explained(context, failure);
    }

    @Override
    public void handleAfterAllMethodExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        throw explained(context, failure);
    }

    @Override
    public void testFailed(ExtensionContext context, Throwable failure) {
        explain(context, failure);
    }

    private static Throwable explained(ExtensionContext context, Throwable failure) {
        Optional<Reachability> now = explain(context, failure);
        if (now.isPresent() && Requirement.around(context).orElseThrow().abortsIfLost(now.get())) {
            TestRun.of(context).lost(context, now.get(), true);
            return new TestAbortedException(
                    "the connection was lost: " + now.get().summary(), failure);
        }
        return failure;
    }

    /**
     * Adds to the failure what a check finds now; empty if it is not about a connection, nothing was found, or another method of
     * this class has seen the failure.
     */
    private static Optional<Reachability> explain(ExtensionContext context, Throwable failure) {
        if (failure instanceof TestAbortedException
                || !TestRun.of(context).isConnectionFailure(failure)
                || isAboutFaults(context)) {
            return Optional.empty();
        }
        if (!TestRun.of(context).isFirstConnectionFailure(context)) {
            return Optional.empty();
        }
        try {
            Optional<Requirement> requirement = Requirement.around(context);
            Optional<Reachability> now = requirement.flatMap(Requirement::checkAgain);
            now.ifPresent(found -> {
                // Several tests can fail with one exception.
                if (Arrays.stream(failure.getSuppressed()).noneMatch(CheckAfterFailure.class::isInstance)) {
                    failure.addSuppressed(CheckAfterFailure.of(
                            found, requirement.orElseThrow().connections()));
                }
                TestRun.of(context).lost(context, found, false);
            });
            return now;
        } catch (RuntimeException | LinkageError | AssertionError e) {
            // Such as: the local PostgreSQL died.
            failure.addSuppressed(e);
            return Optional.empty();
        }
    }

    /** Whether it is the test itself that breaks connections. */
    private static boolean isAboutFaults(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getElement(), FaultSource.class)
                || !AnnotationSupport.findRepeatableAnnotations(context.getElement(), InjectFault.class)
                        .isEmpty()
                || context.getTestMethod()
                        .filter(LostConnectionExtension::takesAProxy)
                        .isPresent()
                || context.getParent()
                        .filter(LostConnectionExtension::isAboutFaults)
                        .isPresent();
    }

    private static boolean takesAProxy(Method method) {
        return Arrays.stream(method.getParameterTypes()).anyMatch(FaultyTcp.class::isAssignableFrom);
    }
}
