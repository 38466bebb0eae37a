package io.github.dsqlreach.toxiproxy;

import java.io.Closeable;
import java.io.IOException;

/** Closes what may be broken already. */
final class Quietly {
    private Quietly() {}

    static void close(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }
}
