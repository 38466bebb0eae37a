package io.github.dsqlreach.connect;

import io.github.dsqlreach.HostAndPort;
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
import org.jspecify.annotations.Nullable;

/**
 * A socket whose bytes travel in the binary messages of a WebSocket (RFC 6455, the client's side): what a cluster speaks
 * on port 443 of its own name. Above it is PostgreSQL's protocol as on port 5432, below it TLS.
 *
 * <p>As with any buffered stream, what is written leaves with {@link OutputStream#flush()} at the latest. Back-pressure
 * is that of the socket below. A lost connection is a {@link SocketException}, a server that breaks the protocol a
 * {@link ProtocolException}. A half-close is the protocol's closing message, after which the server may finish what it
 * was sending. Pings are answered while something reads.
 */
public final class WebSocketSocket extends ForwardingSocket {
    /** The port of a cluster's WebSocket. */
    public static final int DEFAULT_PORT = 443;
    /** The application protocol that TLS asks for. */
    public static final String ALPN = "http/1.1";

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;
    private static final int NORMAL = 1000;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Socket encrypted;
    private final Closeable abort;
    private final FrameInput in;
    private final FrameOutput out;
    private volatile boolean closed;
    private volatile boolean inputShutdown;

    private WebSocketSocket(Socket encrypted, Closeable abort, ReadAhead ahead) throws IOException {
        super(encrypted);
        this.encrypted = encrypted;
        this.abort = abort;
        this.out = new FrameOutput(encrypted.getOutputStream());
        this.in = new FrameInput(ahead, out);
    }

    /**
     * Asks for the upgrade, and gives a socket over it. How long an answer may take is the given socket's business.
     *
     * @param encrypted a socket on which TLS is verified; what follows is not secret, but what comes after is
     * @param abort ends the connection without a goodbye, for a close while a write is stuck
     * @param server host and port as the URL would name them
     * @throws HttpRefusedException if the answer is no upgrade
     */
    public static WebSocketSocket upgrade(Socket encrypted, Closeable abort, HostAndPort server) throws IOException {
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
        ReadAhead ahead = new ReadAhead(encrypted.getInputStream());
        check(HttpAnswer.read(ahead, "the WebSocket upgrade"), key);
        return new WebSocketSocket(encrypted, abort, ahead);
    }

    private static void check(HttpAnswer answer, String key) throws HttpRefusedException {
        if (answer.status() != 101) {
            throw refused(answer, "the server does not upgrade to WebSocket: HTTP " + answer.statusLine());
        }
        if (!answer.lists("Upgrade", "websocket") || !answer.lists("Connection", "Upgrade")) {
            throw refused(answer, "the answer 101 does not say \"Upgrade: websocket\" and \"Connection: Upgrade\"");
        }
        if (!answer.values("Sec-WebSocket-Accept").equals(List.of(accept(key)))) {
            throw refused(answer, "the answer 101 was not made for this request (Sec-WebSocket-Accept is wrong)");
        }
        if (!answer.values("Sec-WebSocket-Extensions").isEmpty()
                || !answer.values("Sec-WebSocket-Protocol").isEmpty()) {
            throw refused(answer, "the answer 101 agrees on an extension or a subprotocol that nobody offered");
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
                    int count = super.read(bytes, offset, length);
                    // The server's answer to our goodbye is no end of its own.
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

    /** Whatever a read or a write meets once this side has closed, it is this. */
    private static SocketException closedHere(@Nullable Throwable met) {
        SocketException closed = new SocketException("Socket closed");
        if (met != null) {
            closed.addSuppressed(met);
        }
        return closed;
    }

    /** Says goodbye where that needs no waiting, and closes the socket below. */
    @Override
    public void close() throws IOException {
        synchronized (abort) {
            if (closed) {
                return;
            }
            closed = true;
        }
        try {
            if (out.endUnlessStuck(NORMAL)) {
                abort.close();
            }
        } catch (IOException e) {
            // Nobody is there any more to say goodbye to.
        } finally {
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
        in.end();
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

    /** There is no urgent byte in a WebSocket. */
    @Override
    public void sendUrgentData(int data) throws IOException {
        throw new SocketException("Urgent data not supported");
    }

    @Override
    public String toString() {
        return "WebSocket over " + encrypted;
    }
}
