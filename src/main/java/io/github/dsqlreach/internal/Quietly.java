package io.github.dsqlreach.internal;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Closes without exceptions. */
public final class Quietly {
    private Quietly() {}

    /** Closes the resource if it is not {@code null}. */
    public static void close(@Nullable Closeable closeable) {
        try {
            if (closeable != null) {
                closeable.close();
            }
        } catch (IOException e) {
            // It is of no use any more in either case.
        }
    }
}
