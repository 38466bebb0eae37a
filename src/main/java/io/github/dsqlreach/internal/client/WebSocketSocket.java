package io.github.dsqlreach.internal.client;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.DeadlineInputStream;
import io.github.dsqlreach.internal.Digests;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The client side of a WebSocket (RFC 6455) as a socket. A cluster accepts it on port 443. It carries PostgreSQL's protocol
 * in binary messages, over TLS.
 *
 * <ul>
 *   <li>{@link OutputStream#flush()} sends what was written. A full buffer is sent earlier.
 *   <li>A lost connection is a {@link SocketException}, a violation of the protocol a {@link ProtocolException}.
 *   <li>A half-close sends the closing message. The server may then still send the rest of its data.
 *   <li>Pings are answered while a thread reads. That thread never waits for a server that does not read.
 *   <li>A {@linkplain #setSoTimeout timeout} bounds a read until data arrive. Pings and empty messages do not extend it.
 * </ul>
 */
public final class WebSocketSocket extends ForwardingSocket {
    /** The port of a cluster's WebSocket. */
    public static final int DEFAULT_PORT = 443;
    /** The application protocol that TLS asks for. */
    public static final String ALPN = "http/1.1";

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;
    private static final int NORMAL = 1000;
    private static final int CLOSE_MILLIS = 1_000;
    private static final long IDLE_MILLIS = 200;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Threads for what may wait for a server that does not read: at most two for each connection. */
    private static final Executor SENDERS = new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_MILLIS,
            TimeUnit.MILLISECONDS,
            new SynchronousQueue<>(),
            task -> Daemon.thread("dsql-reach-websocket", task));

    private final Socket encrypted;
    private final Closeable abort;
    private final boolean limitsReads;
    private final Executor senders;
    private final DeadlineInputStream source;
    private final FrameInput in;
    private final FrameOutput out;
    private volatile int soTimeout;
    private volatile boolean closed;
    private volatile boolean inputShutdown;

    private WebSocketSocket(
            Socket encrypted, Closeable abort, boolean alone, DeadlineInputStream source, ReadAhead ahead)
            throws IOException {
        super(encrypted);
        this.encrypted = encrypted;
        this.abort = abort;
        this.limitsReads = alone;
        this.senders = alone ? SENDERS : Runnable::run;
        this.source = source;
        this.soTimeout = encrypted.getSoTimeout();
        this.out = new FrameOutput(encrypted.getOutputStream(), senders);
        this.in = new FrameInput(ahead, out);
    }

    /**
     * Sends the upgrade request and reads the answer. The timeouts of the given socket bound this and all later reads and
     * writes.
     *
     * @param encrypted a TLS socket to the verified server
     * @param abort closes the connection without a closing message, if a write is stuck
     * @param server host and port of the URL
     * @throws HttpRefusedException if the server does not upgrade
     */
    public static WebSocketSocket upgrade(Socket encrypted, Closeable abort, HostAndPort server) throws IOException {
        return upgrade(encrypted, abort, server, false);
    }

    /**
     * The same for a socket without a deadline of its own. A read keeps the timeout of this socket, and neither a read
     * nor a close waits for a server that does not read.
     */
    public static WebSocketSocket upgradeForUse(Socket encrypted, Closeable abort, HostAndPort server)
            throws IOException {
        return upgrade(encrypted, abort, server, true);
    }

    private static WebSocketSocket upgrade(Socket encrypted, Closeable abort, HostAndPort server, boolean alone)
            throws IOException {
        byte[] random = new byte[KEY_BYTES];
        RANDOM.nextBytes(random);
        String key = Base64.getEncoder().encodeToString(random);
        String host = server.toString();
        if (server.port() == DEFAULT_PORT) {
            host = host.substring(0, host.lastIndexOf(':'));
        }
        OutputStream out = encrypted.getOutputStream();
        out.write(("GET / HTTP/1.1\r\n"
                        + "Host: " + host + "\r\n"
                        + "Upgrade: websocket\r\n"
                        + "Connection: Upgrade\r\n"
                        + "Sec-WebSocket-Key: " + key + "\r\n"
                        + "Sec-WebSocket-Version: 13\r\n"
                        + "User-Agent: dsql-reach\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        out.flush();
        DeadlineInputStream source = new DeadlineInputStream(encrypted);
        ReadAhead ahead = new ReadAhead(source);
        check(HttpAnswer.read(ahead, "the WebSocket upgrade"), key);
        return new WebSocketSocket(encrypted, abort, alone, source, ahead);
    }

    private static void check(HttpAnswer answer, String key) throws HttpRefusedException {
        if (answer.status() != 101) {
            throw refused(answer, "the server does not upgrade to WebSocket: HTTP " + answer.statusLine());
        }
        if (!answer.lists("Upgrade", "websocket") || !answer.lists("Connection", "Upgrade")) {
            throw refused(answer, "the answer 101 does not say \"Upgrade: websocket\" and \"Connection: Upgrade\"");
        }
        if (!answer.values("Sec-WebSocket-Accept").equals(List.of(accept(key)))) {
            throw refused(answer, "the answer 101 is not for this request (Sec-WebSocket-Accept is wrong)");
        }
        if (!answer.values("Sec-WebSocket-Extensions").isEmpty()
                || !answer.values("Sec-WebSocket-Protocol").isEmpty()) {
            throw refused(answer, "the answer 101 agrees on an extension or a subprotocol that was not offered");
        }
    }

    private static HttpRefusedException refused(HttpAnswer answer, String why) {
        return new HttpRefusedException(answer.status(), why);
    }

    private static String accept(String key) {
        byte[] digest = Digests.of("SHA-1", (key + GUID).getBytes(StandardCharsets.US_ASCII));
        return Base64.getEncoder().encodeToString(digest);
    }

    @Override
    public InputStream getInputStream() throws IOException {
        checkOpen();
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                checkOpen();
                try {
                    if (limitsReads) {
                        source.limit(soTimeout);
                    }
                    int count = super.read(bytes, offset, length);
                    // The stream also ends when the server answers this side's closing message.
                    if (count < 0) {
                        checkOpen();
                    }
                    return count;
                } catch (IOException e) {
                    throw closed ? closedHere(e) : e;
                }
            }

            @Override
            public void close() throws IOException {
                WebSocketSocket.this.close();
            }
        };
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        checkOpen();
        return new FilterOutputStream(out) {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                checkOpen();
                try {
                    out.write(bytes, offset, length);
                } catch (IOException e) {
                    throw closed ? closedHere(e) : e;
                }
            }

            @Override
            public void flush() throws IOException {
                checkOpen();
                try {
                    out.flush();
                } catch (IOException e) {
                    throw closed ? closedHere(e) : e;
                }
            }

            @Override
            public void close() throws IOException {
                WebSocketSocket.this.close();
            }
        };
    }

    private void checkOpen() throws SocketException {
        if (closed) {
            throw closedHere(null);
        }
    }

    /** The exception of a read or a write after this side has closed. */
    private static SocketException closedHere(@Nullable Throwable met) {
        SocketException closed = new SocketException("Socket closed");
        if (met != null) {
            closed.addSuppressed(met);
        }
        return closed;
    }

    /** The longest time until a read yields data, in milliseconds; 0 for no limit. */
    @Override
    public void setSoTimeout(int timeout) throws SocketException {
        if (timeout < 0) {
            throw new IllegalArgumentException("timeout " + timeout + " is negative");
        }
        soTimeout = timeout;
    }

    @Override
    public int getSoTimeout() {
        return soTimeout;
    }

    /**
     * Sends the closing messages of WebSocket and TLS, unless a write is stuck, and closes the connection. A server that
     * does not read delays this by at most 1 s.
     */
    @Override
    public void close() throws IOException {
        synchronized (abort) {
            if (closed) {
                return;
            }
            closed = true;
        }
        FutureTask<?> ending = new FutureTask<>(() -> {
            if (!out.endUnlessStuck(NORMAL)) {
                encrypted.close();
            }
            return null;
        });
        try {
            senders.execute(ending);
            ending.get(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | OutOfMemoryError e) {
            // The connection is lost, the server does not read, or there is no thread: close without the message.
        } finally {
            abort.close();
            encrypted.close();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        checkOpen();
        out.end(NORMAL);
    }

    @Override
    public void shutdownInput() throws IOException {
        checkOpen();
        inputShutdown = true;
        in.shut();
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public boolean isOutputShutdown() {
        return out.hasEnded();
    }

    @Override
    public boolean isInputShutdown() {
        return inputShutdown;
    }

    /** A WebSocket has no urgent data. */
    @Override
    public void sendUrgentData(int data) throws IOException {
        throw new SocketException("Urgent data not supported");
    }

    @Override
    public String toString() {
        return "WebSocket over " + encrypted;
    }
}
