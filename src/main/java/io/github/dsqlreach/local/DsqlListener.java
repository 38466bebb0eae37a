package io.github.dsqlreach.local;

import io.github.dsqlreach.internal.Daemon;
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

/** Listens on loopback and gives each client a {@link ServerConnection}; owns all sockets and threads. */
final class DsqlListener implements Closeable {
    static final String THREADS = "dsql-reach-local-";
    private static final int BACKLOG = 1_000;
    private static final long JOIN_MILLIS = 5_000;

    private final ServerSettings settings;
    private final ServerState state;
    private final ServerSocket listener;
    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
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
            } catch (IOException e) {
                pauseUnlessClosed();
            }
        }
    }

    /** Out of file handles, a loop without a pause would take the processor that others need to free some. */
    private void pauseUnlessClosed() {
        try {
            if (!closed) {
                Thread.sleep(20);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void admit(Socket socket) {
        long number = state.accepted.incrementAndGet();
        ServerConnection connection = new ServerConnection(settings, state, socket, threadName("connection-" + number));
        connections.add(connection);
        Future<?> limit =
                watchdog.schedule(connection::close, settings.loginTimeout().toMillis(), TimeUnit.MILLISECONDS);
        connection.start(limit, () -> connections.remove(connection));
    }

    /** Ends everything and waits until it has ended. */
    @Override
    public void close() throws IOException {
        closed = true;
        listener.close();
        join(acceptor);
        watchdog.shutdownNow();
        // The acceptor has ended: nobody joins the set any more, and each connection removes itself when it is through.
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
