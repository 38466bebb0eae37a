package io.github.dsqlreach.local;

import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.Quietly;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Listens on loopback and gives each client a {@link ServerConnection}; owns all sockets and threads. It goes on listening
 * whatever a single connection or a lack of threads, memory or file handles does to it.
 */
final class DsqlListener implements Closeable {
    static final String THREADS = "dsql-reach-local-";

    private static final System.Logger LOG = System.getLogger(DsqlListener.class.getName());
    private static final int BACKLOG = 1_000;
    private static final long JOIN_MILLIS = 5_000;
    private static final long PAUSE_MILLIS = 20;
    /** So many connections beyond the limit are refused inside TLS; later ones are refused before it, without a thread. */
    private static final int REFUSED_IN_TLS = 20;

    private final ServerSettings settings;
    private final ServerState state;
    private final ServerSocket listener;
    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
    private final Set<Class<?>> reported = ConcurrentHashMap.newKeySet();
    private final ScheduledThreadPoolExecutor watchdog;
    private final Thread acceptor;
    private volatile boolean closed;

    DsqlListener(ServerSettings settings, ServerState state, int port) throws IOException {
        this.settings = settings;
        this.state = state;
        this.listener = new ServerSocket();
        try {
            listener.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), BACKLOG);
        } catch (IOException e) {
            listener.close();
            throw new IOException("cannot listen on 127.0.0.1:" + port + ": " + e.getMessage(), e);
        }
        this.watchdog = new ScheduledThreadPoolExecutor(1, task -> daemon(task, "watchdog"));
        watchdog.setRemoveOnCancelPolicy(true);
        // Now, and not when threads may be scarce.
        watchdog.prestartCoreThread();
        this.acceptor = daemon(this::accept, "acceptor");
        acceptor.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    int open() {
        return connections.size();
    }

    private Thread daemon(Runnable task, String name) {
        return Daemon.thread(threadName(name), task);
    }

    private String threadName(String name) {
        return THREADS + port() + "-" + name;
    }

    private void accept() {
        while (!closed) {
            try {
                admit(listener.accept());
            } catch (IOException | RuntimeException | Error e) {
                // This thread must not end: the port would go on listening and never answer.
                if (!closed) {
                    report(e);
                    pause();
                }
            }
        }
    }

    /** Says it once for each kind of trouble, not once for each connection. */
    private void report(Throwable trouble) {
        try {
            if (!reported.contains(trouble.getClass())) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "LocalDsql on port " + port() + " could not serve a connection and goes on listening: "
                                + trouble);
                reported.add(trouble.getClass());
            }
        } catch (RuntimeException | Error e) {
            // A logger needs memory and file handles too. The next time may be better.
        }
    }

    /** Without a pause, the loop would take the processor from the threads that free handles and memory. */
    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void admit(Socket socket) throws IOException {
        long number = state.accepted.incrementAndGet();
        int excess = connections.size() + 1 - settings.mostConnections();
        if (excess > REFUSED_IN_TLS) {
            refuse(socket);
            return;
        }
        ServerConnection connection =
                new ServerConnection(settings, state, socket, threadName("connection-" + number), excess > 0);
        connections.add(connection);
        Future<?> limit =
                watchdog.schedule(connection::close, settings.loginTimeout().toMillis(), TimeUnit.MILLISECONDS);
        try {
            connection.start(limit, () -> connections.remove(connection), this::report);
        } catch (OutOfMemoryError e) {
            // There is no thread for it.
            limit.cancel(false);
            connections.remove(connection);
            refuse(socket);
            throw e;
        }
    }

    /** Without TLS and without waiting: there is no thread for more. */
    private void refuse(Socket socket) throws IOException {
        try {
            state.refused.incrementAndGet();
            socket.getOutputStream().write(Wire.error(ServerConnection.TOO_MANY_CLIENTS));
        } finally {
            Quietly.close(socket);
        }
    }

    /** Ends everything and waits until it has ended. */
    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        join(acceptor);
        watchdog.shutdownNow();
        // The acceptor has ended and adds no more connections; each connection removes itself at its end.
        Set<ServerConnection> last = Set.copyOf(connections);
        last.forEach(ServerConnection::close);
        last.forEach(connection -> connection.threads().forEach(DsqlListener::join));
        try {
            watchdog.awaitTermination(JOIN_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void join(Thread thread) {
        if (thread == Thread.currentThread()) {
            return;
        }
        try {
            thread.join(JOIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
