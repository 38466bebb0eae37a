package io.github.dsqlreach.internal;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections until the listener is closed, whatever a connection does, and whatever this machine lacks for a
 * moment: an accept loop that ended would leave a port that accepts connections and never responds.
 */
public final class AcceptLoop {
    /** Without a pause the loop would take the processor from the threads that free handles and memory. */
    private static final long PAUSE_NANOS = 20_000_000;

    private AcceptLoop() {}

    /** What to do with a connection. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Serves the client, or starts to. It must not wait for the client longer than other clients may wait for it.
         *
         * @throws IOException if it cannot; the client is closed then, as after any other exception or error
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
