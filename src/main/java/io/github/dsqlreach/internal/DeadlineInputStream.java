package io.github.dsqlreach.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * Bounds all reads of a socket together: with {@link Socket#setSoTimeout} alone, each byte of a slow sender would start
 * the timeout again. The socket keeps the last timeout that was set here.
 */
public final class DeadlineInputStream extends FilterInputStream {
    private static final long MILLI = 1_000_000;
    private static final int SKIPPED_AT_ONCE = 512;

    private final Socket socket;
    private final long endNanos;

    /** Reads of that socket, which end after that time from now. */
    public DeadlineInputStream(Socket socket, Duration time) throws IOException {
        this(socket, socket.getInputStream(), System.nanoTime() + time.toNanos());
    }

    /** Reads of that stream, which is the socket's, until that {@link System#nanoTime}. */
    public DeadlineInputStream(Socket socket, InputStream in, long endNanos) {
        super(in);
        this.socket = socket;
        this.endNanos = endNanos;
    }

    @Override
    public int read() throws IOException {
        limit();
        return super.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        limit();
        return super.read(bytes, offset, length);
    }

    @Override
    public long skip(long count) throws IOException {
        int most = (int) Math.min(count, SKIPPED_AT_ONCE);
        return most <= 0 ? 0 : Math.max(0, read(new byte[most], 0, most));
    }

    private void limit() throws IOException {
        long left = endNanos - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("Read timed out");
        }
        socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, (left + MILLI - 1) / MILLI));
    }
}
