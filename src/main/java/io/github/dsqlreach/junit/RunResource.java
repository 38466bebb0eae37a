package io.github.dsqlreach.junit;

import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Something that JUnit closes together with the store it lies in. JUnit 5.10 to 5.12 closes only the one type, later
 * versions prefer the other, and some do both: so this is both, and closes once.
 */
@SuppressWarnings("deprecation")
final class RunResource<T> implements ExtensionContext.Store.CloseableResource, AutoCloseable {
    /** Ends the life of a value. */
    @FunctionalInterface
    interface Closer<T> {
        void close(T value) throws Exception;
    }

    private final T value;
    private final Closer<? super T> closer;
    private final AtomicBoolean closed = new AtomicBoolean();

    RunResource(T value, Closer<? super T> closer) {
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
                throw RunStore.sneaky(e);
            }
        }
    }
}
