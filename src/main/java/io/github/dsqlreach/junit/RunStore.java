package io.github.dsqlreach.junit;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** What lives as long as the test run: one for all classes, closed at the end of the run. */
final class RunStore {
    static final Namespace NAMESPACE = Namespace.create(RunStore.class);

    /** Ends the life of a value. */
    @FunctionalInterface
    interface Closer<T> {
        void close(T value) throws Exception;
    }

    private RunStore() {}

    /** The value under that key, made when first asked for. A failure to make it is thrown as it is, each time. */
    static <T> T computeOnce(
            ExtensionContext context, Object key, Callable<? extends T> maker, Closer<? super T> closer) {
        return computeIn(context.getRoot(), key, maker, closer);
    }

    /** The same, living as long as that class or method. */
    @SuppressWarnings("unchecked") // A key stands for one type.
    static <T> T computeIn(
            ExtensionContext context, Object key, Callable<? extends T> maker, Closer<? super T> closer) {
        Resource<T> resource = context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(key, unused -> new Resource<T>(made(maker), closer), Resource.class);
        return resource.value();
    }

    /** What there is under that key, here or around; empty if nobody asked for it. */
    @SuppressWarnings("unchecked") // A key stands for one type.
    static <T> Optional<T> find(ExtensionContext context, Object key) {
        return Optional.ofNullable(context.getStore(NAMESPACE).get(key, Resource.class))
                .map(resource -> ((Resource<T>) resource).value());
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

    /**
     * Something that JUnit closes together with the store it lies in. JUnit 5.10 to 5.12 closes only the one type, later
     * versions prefer the other, and some do both: so this is both, and closes once.
     */
    @SuppressWarnings("deprecation")
    private static final class Resource<T> implements ExtensionContext.Store.CloseableResource, AutoCloseable {
        private final T value;
        private final Closer<? super T> closer;
        private final AtomicBoolean closed = new AtomicBoolean();

        Resource(T value, Closer<? super T> closer) {
            this.value = value;
            this.closer = closer;
        }

        T value() {
            return value;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                try {
                    closer.close(value);
                } catch (Exception e) {
                    throw sneaky(e);
                }
            }
        }
    }
}
