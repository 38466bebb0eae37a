package io.github.dsqlreach.connect;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;

/** Bounds all reads together until the connection is made: the socket's own timeout would start again with each byte. */
final class TimedSocket extends Socket {
    private final long endNanos;
    private volatile boolean timed;

    /** No limit where it is 0. */
    TimedSocket(int timeoutMillis) {
        this.endNanos = System.nanoTime() + timeoutMillis * 1_000_000L;
        this.timed = timeoutMillis > 0;
    }

    void forever() throws SocketException {
        timed = false;
        setSoTimeout(0);
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(super.getInputStream()) {
            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                if (timed) {
                    limit();
                }
                return super.read(bytes, offset, length);
            }
        };
    }

    private void limit() throws IOException {
        long left = (endNanos - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException("Connect timed out");
        }
        setSoTimeout((int) left);
    }
}
