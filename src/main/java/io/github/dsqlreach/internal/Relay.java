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
import java.util.concurrent.locks.LockSupport;

/** Listens on this machine and joins each connection to another one, until one of the two ends. */
public final class Relay implements Closeable {
    /** At the same time; what comes beyond is closed. */
    static final int MOST_CONNECTIONS = 100;

    private static final int BUFFER_BYTES = 64 * 1024;
    /** How long one side has for leaving when the other has left. */
    private static final int GOODBYE_MILLIS = 5_000;

    private final ServerSocket listener;
    private final Far far;
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private final Set<Socket> servers = ConcurrentHashMap.newKeySet();

    /** Makes the other connection. */
    @FunctionalInterface
    public interface Far {
        /**
         * A connected socket for that client, from whom and to whom nothing was passed yet.
         *
         * @throws IOException if there is none; the client is closed then
         */
        Socket connectFor(Socket client) throws IOException;
    }

    /**
     * Begins to listen.
     *
     * @param port 0 for a free one
     * @throws IOException if it cannot, for example because the port is taken
     * @throws IllegalArgumentException if the address is not on loopback
     */
    public Relay(InetAddress address, int port, Far far) throws IOException {
        if (!address.isLoopbackAddress()) {
            throw new IllegalArgumentException(address.getHostAddress() + " is not on this machine's loopback");
        }
        this.far = far;
        this.listener = new ServerSocket(port, 50, address);
        start(this::accept);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private static Thread start(Runnable task) {
        return Daemon.start("dsql-reach-relay", task);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                clients.add(client);
                if (clients.size() > MOST_CONNECTIONS || listener.isClosed()) {
                    end(client);
                } else {
                    start(() -> serve(client));
                }
            } catch (IOException e) {
                // Closed, or out of file handles, which the end of a connection frees.
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    private void serve(Socket client) {
        try (Socket server = far.connectFor(client)) {
            servers.add(server);
            if (!listener.isClosed()) {
                Thread upward = start(() -> pump(client, server));
                pump(server, client);
                upward.join(GOODBYE_MILLIS);
            }
            servers.remove(server);
        } catch (IOException e) {
            // The client has been told what there is to tell.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(client);
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
            // Who has said goodbye does not wait for ever for the other's.
            to.setSoTimeout(GOODBYE_MILLIS);
        } catch (IOException e) {
            // Where one of the two is gone, the other one has nobody left.
            Quietly.close(from);
            Quietly.close(to);
        }
    }

    private void end(Socket client) {
        clients.remove(client);
        Quietly.close(client);
    }

    /** Ends listening and all connections. */
    @Override
    public void close() throws IOException {
        listener.close();
        servers.forEach(Quietly::close);
        clients.forEach(Quietly::close);
    }
}
