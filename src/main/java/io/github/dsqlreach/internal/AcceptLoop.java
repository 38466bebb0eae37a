package io.github.dsqlreach.internal;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections until the listener is closed. It survives whatever a connection does, and a moment without threads,
 * memory or file handles. If the loop ended, the port would accept connections and never respond.
 */
public final class AcceptLoop {
    /** The pause after a failure. Other threads need the processor to free handles and memory. */
    private static final long PAUSE_NANOS = 20_000_000;

    private AcceptLoop() {}

    /** Serves the connections. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Serves the client, or starts a thread for it. Other clients wait until this returns.
         *
         * @throws IOException if the client cannot be served. The loop then closes it, as after any exception or error
         */
        void handle(Socket client) throws IOException;
    }

    /** Runs until the listener is closed. */
    public static void run(ServerSocket listener, Handler handler, Troubles troubles) {
        while (!listener.isClosed()) {
            Socket client = null;
            try {
                client = listener.accept();
                handler.handle(client);
            } catch (IOException | RuntimeException | Error e) {
                failed(listener, client, e, troubles);
            }
        }
    }

    private static void failed(ServerSocket listener, @Nullable Socket client, Throwable e, Troubles troubles) {
        Quietly.close(client);
        if (!listener.isClosed()) {
            troubles.report(e);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
