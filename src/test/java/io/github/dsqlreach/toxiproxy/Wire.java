package io.github.dsqlreach.toxiproxy;

import eu.rekawek.toxiproxy.Proxy;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A client's raw connection, and what became of it in words. */
final class Wire implements AutoCloseable {
    private final Socket socket;

    private Wire(Socket socket) {
        this.socket = socket;
    }

    static Wire to(Proxy proxy) throws IOException {
        return to(proxy.getListen());
    }

    static Wire to(String address) throws IOException {
        int colon = address.lastIndexOf(':');
        Socket socket = new Socket();
        socket.connect(
                new InetSocketAddress(address.substring(0, colon), Integer.parseInt(address.substring(colon + 1))),
                Upstream.PATIENCE_MILLIS);
        socket.setSoTimeout(Upstream.PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        return new Wire(socket);
    }

    static Wire of(Socket connected) {
        return new Wire(connected);
    }

    Socket socket() {
        return socket;
    }

    Wire send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Wire send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    /** Empty when all was sent; else how the peer had closed: {@code RST}, or {@code FIN} long before. */
    String sendUnlessClosed(byte[] bytes) {
        try {
            send(bytes);
            return "";
        } catch (IOException e) {
            return String.valueOf(e.getMessage()).contains("reset") ? "RST" : "FIN";
        }
    }

    /** How many bytes come until the end, and how it comes: {@code 10 bytes FIN}. */
    String end() {
        long count = 0;
        byte[] buffer = new byte[1 << 16];
        try {
            for (int n = socket.getInputStream().read(buffer);
                    n >= 0;
                    n = socket.getInputStream().read(buffer)) {
                count += n;
            }
            return count + " bytes FIN";
        } catch (SocketTimeoutException e) {
            return count + " bytes and silence";
        } catch (IOException e) {
            return count + " bytes RST";
        }
    }

    /** Exactly that many characters. */
    String receive(int count) throws IOException {
        return new String(socket.getInputStream().readNBytes(count), StandardCharsets.ISO_8859_1);
    }

    /** All until the close. */
    byte[] receiveAll() throws IOException {
        return socket.getInputStream().readAllBytes();
    }

    String echo(String text) throws IOException {
        return send(text).receive(text.length());
    }

    /** What the next read brings: {@code FIN}, {@code RST}, or the data. */
    String next() throws IOException {
        return next(Duration.ofMillis(Upstream.PATIENCE_MILLIS));
    }

    /** Like {@link #next()}, or {@code silence} for that long. */
    String next(Duration patience) throws IOException {
        socket.setSoTimeout((int) patience.toMillis());
        try {
            byte[] buffer = new byte[1 << 16];
            int count = socket.getInputStream().read(buffer);
            return count < 0 ? "FIN" : new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
        } catch (SocketTimeoutException e) {
            return "silence";
        } catch (SocketException e) {
            return "RST";
        } finally {
            socket.setSoTimeout(Upstream.PATIENCE_MILLIS);
        }
    }

    /** Closes so that the peer gets an RST. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
