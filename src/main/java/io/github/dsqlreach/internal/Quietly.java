package io.github.dsqlreach.internal;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Closes what may be broken already. */
public final class Quietly {
    private Quietly() {}

    /** Closes it; {@code null} is none. */
    public static void close(@Nullable Closeable closeable) {
        try {
            if (closeable != null) {
                closeable.close();
            }
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
