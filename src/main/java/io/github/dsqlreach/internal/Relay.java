package io.github.dsqlreach.internal;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Listens on loopback and forwards each connection to another one, until one of the two ends. */
public final class Relay implements Closeable {
    /** Connections at the same time. Further ones are rejected. */
    public static final int MOST_CONNECTIONS = 100;

    /** Rejections at the same time, each on its own thread. Further connections are closed without a message. */
    private static final int MOST_REFUSALS = 20;

    private static final int BUFFER_BYTES = 64 * 1024;
    /** The time for one side to close after the other one. */
    private static final int CLOSE_MILLIS = 5_000;

    private final ServerSocket listener;
    private final Target target;
    private final Troubles troubles;
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private final Set<Socket> servers = ConcurrentHashMap.newKeySet();

    /** Opens the connections to forward to. */
    @FunctionalInterface
    public interface Target {
        /**
         * A connected socket for that client. Nothing has been forwarded yet.
         *
         * @throws IOException if it cannot connect. The relay then closes the client
         */
        Socket connectFor(Socket client) throws IOException;

        /**
         * Tells the client within a few seconds that there are too many connections. The relay then closes the client.
         *
         * @throws IOException if the client is gone
         */
        default void refuse(Socket client) throws IOException {}
    }

    /**
     * Starts to listen.
     *
     * @param port 0 for a free one
     * @param report called with what prevented a connection, once for each type of exception
     * @throws IOException if it cannot listen, for example because the port is in use
     * @throws IllegalArgumentException if the address is not a loopback address
     */
    public Relay(InetAddress address, int port, Target target, Consumer<String> report) throws IOException {
        if (!address.isLoopbackAddress()) {
            throw new IllegalArgumentException(address.getHostAddress() + " is not a loopback address");
        }
        this.target = target;
        this.listener = new ServerSocket(port, 50, address);
        this.troubles = new Troubles("the listener on " + listener.getLocalSocketAddress(), report);
        try {
            start(() -> AcceptLoop.run(listener, this::accept, troubles));
        } catch (OutOfMemoryError e) {
            listener.close();
            throw new IOException(e.getMessage(), e);
        }
    }

    /** The address it listens on. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private static Thread start(Runnable task) {
        return Daemon.start("dsql-reach-relay", task);
    }

    private void accept(Socket client) throws IOException {
        clients.add(client);
        int open = clients.size();
        if (open > MOST_CONNECTIONS + MOST_REFUSALS || listener.isClosed()) {
            end(client);
            return;
        }
        try {
            start(open > MOST_CONNECTIONS ? () -> refuse(client) : () -> serve(client));
        } catch (OutOfMemoryError e) {
            end(client);
            throw e;
        }
    }

    private void refuse(Socket client) {
        try {
            target.refuse(client);
        } catch (IOException e) {
            // The client has closed, or does not read.
        } finally {
            end(client);
        }
    }

    private void serve(Socket client) {
        try (Socket server = target.connectFor(client)) {
            servers.add(server);
            try {
                join(client, server);
            } finally {
                servers.remove(server);
            }
        } catch (IOException e) {
            // The target has told the client.
        } catch (OutOfMemoryError e) {
            // Without a thread or memory only this connection ends.
            troubles.report(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(client);
        }
    }

    private void join(Socket client, Socket server) throws InterruptedException {
        if (!listener.isClosed()) {
            Thread upward = start(() -> pump(client, server));
            pump(server, client);
            upward.join(CLOSE_MILLIS);
        }
    }

    private static void pump(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
                out.flush();
            }
            to.shutdownOutput();
            // One side has closed. The other one gets a limited time to close.
            to.setSoTimeout(CLOSE_MILLIS);
        } catch (IOException | OutOfMemoryError e) {
            // One of the two is gone, so the other one is closed.
            Quietly.close(from);
            Quietly.close(to);
        }
    }

    private void end(Socket client) {
        clients.remove(client);
        Quietly.close(client);
    }

    /** Stops listening and closes all connections. */
    @Override
    public void close() throws IOException {
        listener.close();
        servers.forEach(Quietly::close);
        clients.forEach(Quietly::close);
    }
}
