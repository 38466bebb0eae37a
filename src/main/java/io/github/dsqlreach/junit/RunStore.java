package io.github.dsqlreach.junit;

import java.util.concurrent.Callable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** What lives as long as the test run: one for all classes, closed at the end of the run. */
final class RunStore {
    static final Namespace NAMESPACE = Namespace.create(RunStore.class);

    private RunStore() {}

    /** The value under that key, made when first asked for. A failure to make it is thrown as it is, each time. */
    static <T> T computeOnce(
            ExtensionContext context, Object key, Callable<? extends T> maker, RunResource.Closer<? super T> closer) {
        return computeIn(context.getRoot(), key, maker, closer);
    }

    /** The same, living as long as that class or method. */
    @SuppressWarnings("unchecked") // A key stands for one type.
    static <T> T computeIn(
            ExtensionContext context, Object key, Callable<? extends T> maker, RunResource.Closer<? super T> closer) {
        RunResource<T> resource = context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(key, unused -> new RunResource<T>(made(maker), closer), RunResource.class);
        return resource.value();
    }

    private static <T> T made(Callable<? extends T> maker) {
        try {
            return maker.call();
        } catch (Exception e) {
            throw sneaky(e);
        }
    }

    /** JUnit rethrows whatever a store's creator throws, so that a test sees the exception itself. */
    @SuppressWarnings("unchecked")
    static <E extends Throwable> RuntimeException sneaky(Throwable throwable) throws E {
        throw (E) throwable;
    }
}
