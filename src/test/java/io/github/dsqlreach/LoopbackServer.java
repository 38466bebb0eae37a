package io.github.dsqlreach;

import io.github.dsqlreach.internal.Daemon;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A server on a free loopback port that talks with each client as it was told, in a thread for each. */
public final class LoopbackServer implements AutoCloseable {

    /** What to do with a client; the connection is closed afterwards. */
    public interface Talk {
        /** {@code connection} counts from 0. */
        void with(Socket client, int connection) throws Exception;
    }

    private final ServerSocket listener;
    private final Talk talk;
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    /** Hears the client out until it has been silent for so long. */
    public static void hearOut(Socket client, Duration silence) throws IOException {
        client.setSoTimeout((int) silence.toMillis());
        try {
            client.getInputStream().transferTo(OutputStream.nullOutputStream());
            throw new EOFException("the client left");
        } catch (SocketTimeoutException e) {
            client.setSoTimeout(0);
        }
    }

    /** Where nobody listens. */
    public static HostAndPort nobody() throws IOException {
        try (ServerSocket closedSoon = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return new HostAndPort("127.0.0.1", closedSoon.getLocalPort());
        }
    }

    /** An ErrorResponse of PostgreSQL's protocol; further fields with their letter, such as {@code Hsome hint}. */
    public static byte[] error(String sqlState, String message, String... further) {
        String fields = Stream.concat(Stream.of("SFATAL", "VFATAL", "C" + sqlState, "M" + message), Stream.of(further))
                .map(field -> field + "\0")
                .collect(Collectors.joining());
        byte[] body = (fields + "\0").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(body.length + 5)
                .put((byte) 'E')
                .putInt(body.length + 4)
                .put(body)
                .array();
    }

    public LoopbackServer(Talk talk) throws IOException {
        this.talk = talk;
        this.listener = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        inThread(this::accept);
    }

    public HostAndPort address() {
        return new HostAndPort("127.0.0.1", listener.getLocalPort());
    }

    /** Connections so far. */
    public int accepted() {
        return accepted.get();
    }

    /** Connections that are open now. */
    public int open() {
        return clients.size();
    }

    private void accept() {
        try {
            while (!listener.isClosed()) {
                Socket client = listener.accept();
                clients.add(client);
                client.setTcpNoDelay(true);
                int connection = accepted.getAndIncrement();
                inThread(() -> serve(client, connection));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket client, int connection) {
        try (client) {
            talk.with(client, connection);
        } catch (Exception e) {
            // The client left, or the server was closed.
        } finally {
            clients.remove(client);
        }
    }

    public static void inThread(Runnable runnable) {
        Daemon.start("test-loopback-server", runnable);
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket client : clients) {
            client.close();
        }
    }
}
