package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.internal.AcceptLoop;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.DeadlineInputStream;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.internal.Troubles;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** An address at which connections fail before a proxy could do anything about them. */
final class UnreachableTarget implements Closeable {
    /** Top-level domain of names that never exist (RFC 6761). */
    private static final String UNKNOWN_NAME = ".dsql-reach.invalid";

    private static final int MOST_REQUEST_BYTES = 8 * 1024;
    private static final Duration REQUEST_TIME = Duration.ofSeconds(1);

    private static final AtomicLong COUNT = new AtomicLong();

    private final HostAndPort target;
    private final List<? extends Closeable> held;
    private final boolean proxy;

    private UnreachableTarget(HostAndPort target, List<? extends Closeable> held) {
        this(target, held, false);
    }

    private UnreachableTarget(HostAndPort target, List<? extends Closeable> held, boolean proxy) {
        this.target = target;
        this.held = held;
        this.proxy = proxy;
    }

    /** The ways in which an address can fail. */
    enum Kind {
        UNKNOWN_NAME("connections go to a name under `.invalid`") {
            @Override
            UnreachableTarget open(int port) {
                // A new name each time: the JVM remembers names that it did not find.
                String name = "name-" + COUNT.incrementAndGet() + UnreachableTarget.UNKNOWN_NAME;
                return new UnreachableTarget(new HostAndPort(name, port), List.of());
            }
        },
        REFUSING_PORT("connections go to a port that is taken and does not listen") {
            @Override
            UnreachableTarget open(int port) {
                return refusing(port);
            }
        },
        LOGIN_WANTING_PROXY(
                "connections over TCP go to a port that does not listen, those over a WebSocket to an HTTP proxy that"
                        + " wants a login") {
            @Override
            UnreachableTarget open(int port) {
                return proxy(port);
            }
        },
        SILENT_PORT("connections go to a listening port whose queue is full, so that the kernel drops their SYN") {
            @Override
            UnreachableTarget open(int port) {
                return silent(port);
            }
        };

        private final String description;

        Kind(String description) {
            this.description = description;
        }

        /** Opens it on that port; where it takes one of this machine, 0 means any. */
        abstract UnreachableTarget open(int port);

        @Override
        public String toString() {
            return description;
        }
    }

    /** A bound socket that does not listen keeps the port from others, who might. */
    private static UnreachableTarget refusing(int port) {
        Socket socket = new Socket();
        try {
            // Connections of before may still linger on it.
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port));
            return new UnreachableTarget(new HostAndPort("127.0.0.1", socket.getLocalPort()), List.of(socket));
        } catch (IOException e) {
            Quietly.close(socket);
            throw new UncheckedIOException("port " + port + " of 127.0.0.1 cannot be taken", e);
        }
    }

    private static UnreachableTarget silent(int port) {
        List<Closeable> held = new ArrayList<>();
        try {
            ServerSocket server = new ServerSocket();
            held.add(server);
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 1);
            fillQueue((InetSocketAddress) server.getLocalSocketAddress(), held);
            return new UnreachableTarget(new HostAndPort("127.0.0.1", server.getLocalPort()), held);
        } catch (IOException e) {
            held.forEach(Quietly::close);
            throw new UncheckedIOException(
                    "port " + port + " of 127.0.0.1 cannot be made to drop connections, by a queue that is full", e);
        }
    }

    /** Until an attempt gets no answer any more; loopback answers within a millisecond. */
    private static void fillQueue(InetSocketAddress address, List<Closeable> held) throws IOException {
        for (int attempt = 0; attempt < 16; attempt++) {
            Socket socket = new Socket();
            held.add(socket);
            try {
                socket.connect(address, 200);
            } catch (SocketTimeoutException e) {
                return;
            }
        }
        throw new IOException("16 connections were accepted");
    }

    private static UnreachableTarget proxy(int port) {
        try {
            ServerSocket server = new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1"));
            Troubles troubles = new Troubles("PROXY_REQUIRED on port " + server.getLocalPort(), Troubles::log);
            Daemon.start(
                    "dsql-reach-fault-proxy", () -> AcceptLoop.run(server, UnreachableTarget::askForLogin, troubles));
            return new UnreachableTarget(new HostAndPort("127.0.0.1", server.getLocalPort()), List.of(server), true);
        } catch (IOException e) {
            throw new UncheckedIOException("port " + port + " of 127.0.0.1 cannot be taken", e);
        }
    }

    /** One client after the other: each is refused, and stays no longer than the deadline. */
    private static void askForLogin(Socket client) {
        try (client) {
            InputStream in = new DeadlineInputStream(client, REQUEST_TIME);
            int end = 0;
            for (int count = 0; end != 0x0d0a0d0a && count < MOST_REQUEST_BYTES; count++) {
                int next = in.read();
                if (next < 0) {
                    break;
                }
                end = end << 8 | next;
            }
            client.getOutputStream()
                    .write(("HTTP/1.1 407 Proxy Authentication Required\r\n"
                                    + "Proxy-Authenticate: Basic realm=\"PROXY_REQUIRED\"\r\n"
                                    + "Content-Length: 0\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // The client closed the connection, or sent no request in time.
        }
    }

    HostAndPort target() {
        return target;
    }

    /** Whether it is to be asked for the way on, by CONNECT. */
    boolean isProxy() {
        return proxy;
    }

    @Override
    public void close() {
        held.forEach(Quietly::close);
    }
}
