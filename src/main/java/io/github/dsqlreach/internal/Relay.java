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

/** Listens on loopback and joins each connection to another one, until one of the two ends. */
public final class Relay implements Closeable {
    /** At the same time; further ones are refused. */
    public static final int MOST_CONNECTIONS = 100;

    /** So many at a time are refused by a thread of their own; further ones are closed. */
    private static final int MOST_REFUSALS = 20;

    private static final int BUFFER_BYTES = 64 * 1024;
    /** How long one side has for closing when the other side has closed. */
    private static final int CLOSE_MILLIS = 5_000;

    private final ServerSocket listener;
    private final Target target;
    private final Troubles troubles;
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private final Set<Socket> servers = ConcurrentHashMap.newKeySet();

    /** Makes the other connection. */
    @FunctionalInterface
    public interface Target {
        /**
         * A connected socket for that client. No byte was passed between them yet.
         *
         * @throws IOException if there is none; the client is closed then
         */
        Socket connectFor(Socket client) throws IOException;

        /**
         * Tells the client that there are too many connections, within a few seconds; the client is closed then.
         *
         * @throws IOException if it cannot be told
         */
        default void refuse(Socket client) throws IOException {}
    }

    /**
     * Begins to listen.
     *
     * @param port 0 for a free one
     * @param report called with what kept it from serving, once for each type of exception
     * @throws IOException if it cannot, for example because the port is taken
     * @throws IllegalArgumentException if the address is not on loopback
     */
    public Relay(InetAddress address, int port, Target target, Consumer<String> report) throws IOException {
        if (!address.isLoopbackAddress()) {
            throw new IllegalArgumentException(address.getHostAddress() + " is not on this machine's loopback");
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

    /** Where it listens. */
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
            // The target has told the client what there is to tell.
        } catch (OutOfMemoryError e) {
            // Without a thread or memory this connection ends, and no other.
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
            // A side that has closed does not wait without end for the other one to close.
            to.setSoTimeout(CLOSE_MILLIS);
        } catch (IOException | OutOfMemoryError e) {
            // Where one of the two is gone, the other one is closed.
            Quietly.close(from);
            Quietly.close(to);
        }
    }

    private void end(Socket client) {
        clients.remove(client);
        Quietly.close(client);
    }

    /** Stops listening and ends all connections. */
    @Override
    public void close() throws IOException {
        listener.close();
        servers.forEach(Quietly::close);
        clients.forEach(Quietly::close);
    }
}
