package io.github.dsqlreach.junit;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

/** Values in JUnit's store: of the run, one for all classes and closed at its end, or of a class or method. */
final class RunStore {
    static final Namespace NAMESPACE = Namespace.create(RunStore.class);

    /** Closes a value. */
    @FunctionalInterface
    interface Closer<T> {
        void close(T value) throws Exception;
    }

    private RunStore() {}

    /** The value of the run under that key, made by the first call. If making it fails, each call throws the exception. */
    static <T> T computeOnce(
            ExtensionContext context, Object key, Callable<? extends T> maker, Closer<? super T> closer) {
        return computeIn(context.getRoot(), key, maker, closer);
    }

    /** The value of that class or method under that key. */
    @SuppressWarnings("unchecked") // A key stands for one type.
    static <T> T computeIn(
            ExtensionContext context, Object key, Callable<? extends T> maker, Closer<? super T> closer) {
        Resource<T> resource = context.getStore(NAMESPACE)
                .getOrComputeIfAbsent(key, unused -> new Resource<T>(made(maker), closer), Resource.class);
        return resource.value();
    }

    /** The value under that key, of this class or method or one around it; empty if none was made. */
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

    /** Throws it as it is, so that a test fails with the exception itself. */
    @SuppressWarnings("unchecked")
    static <E extends Throwable> RuntimeException sneaky(Throwable throwable) throws E {
        throw (E) throwable;
    }

    /**
     * A value that JUnit closes with its store. JUnit 5.10 to 5.12 closes only the one type, later versions prefer the other, and
     * some close both: so this is both, and closes once.
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
