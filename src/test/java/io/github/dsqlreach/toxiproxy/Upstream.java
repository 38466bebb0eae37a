package io.github.dsqlreach.toxiproxy;

import io.github.dsqlreach.internal.Daemon;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A server on loopback for a proxy to go to. */
final class Upstream implements AutoCloseable {
    static final int PATIENCE_MILLIS = 10_000;

    private final ServerSocket server;
    private final BlockingQueue<Socket> accepted = new LinkedBlockingQueue<>();

    private Upstream(Consumer<Socket> serve) {
        try {
            server = new ServerSocket();
            server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 2000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(() -> acceptAll(serve));
    }

    /** Sends back what it gets, and closes when the client does. */
    static Upstream echo() {
        return new Upstream(socket -> daemon(() -> echo(socket)));
    }

    /** Does nothing: the test does, with {@link #accepted()}. */
    static Upstream manual() {
        return new Upstream(socket -> {});
    }

    private void acceptAll(Consumer<Socket> serve) {
        try {
            while (true) {
                Socket socket = server.accept();
                socket.setSoTimeout(PATIENCE_MILLIS);
                socket.setTcpNoDelay(true);
                accepted.add(socket);
                serve.accept(socket);
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private static void echo(Socket socket) {
        try (socket) {
            socket.setSoTimeout(0);
            byte[] buffer = new byte[1 << 16];
            for (int n = socket.getInputStream().read(buffer);
                    n >= 0;
                    n = socket.getInputStream().read(buffer)) {
                socket.getOutputStream().write(buffer, 0, n);
            }
        } catch (IOException e) {
            // The peer is gone.
        }
    }

    private static void daemon(Runnable task) {
        Daemon.start("test-upstream", task);
    }

    String address() {
        return "127.0.0.1:" + port();
    }

    int port() {
        return server.getLocalPort();
    }

    /** The next connection, oldest first. */
    Socket accepted() throws InterruptedException {
        return accepted(PATIENCE_MILLIS);
    }

    Socket accepted(int patienceMillis) throws InterruptedException {
        Socket socket = accepted.poll(patienceMillis, TimeUnit.MILLISECONDS);
        if (socket == null) {
            throw new AssertionError("nobody connected to the upstream");
        }
        return socket;
    }

    /** Forgets the connections that are closed here, and tells how many are left. */
    int forgetClosed() {
        accepted.removeIf(Socket::isClosed);
        return accepted.size();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : accepted) {
            socket.close();
        }
    }
}
