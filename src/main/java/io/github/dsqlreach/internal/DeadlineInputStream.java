package io.github.dsqlreach.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * Bounds all reads of a socket together. With {@link Socket#setSoTimeout} alone, each byte of a slow sender starts the
 * timeout again. Each read sets the socket's own timeout to the remaining time.
 */
public final class DeadlineInputStream extends FilterInputStream {
    private static final long MILLI = 1_000_000;
    private static final int SKIPPED_AT_ONCE = 512;

    private final Socket socket;
    private volatile boolean limited;
    private volatile long endNanos;

    /** The input of that socket, without a deadline yet. */
    public DeadlineInputStream(Socket socket) throws IOException {
        super(socket.getInputStream());
        this.socket = socket;
    }

    /** The input of that socket, with a deadline that time from now. */
    public DeadlineInputStream(Socket socket, Duration time) throws IOException {
        this(socket);
        limit((int) Math.max(1, time.toMillis()));
    }

    /**
     * Starts a new deadline for all following reads.
     *
     * @param millis from now; 0 for none
     */
    public void limit(int millis) throws IOException {
        endNanos = System.nanoTime() + millis * MILLI;
        if (millis == 0 && limited) {
            socket.setSoTimeout(0);
        }
        limited = millis > 0;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (limited) {
            long left = endNanos - System.nanoTime();
            if (left <= 0) {
                throw new SocketTimeoutException("Read timed out");
            }
            socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, (left + MILLI - 1) / MILLI));
        }
        return super.read(bytes, offset, length);
    }

    @Override
    public long skip(long count) throws IOException {
        int most = (int) Math.min(count, SKIPPED_AT_ONCE);
        return most <= 0 ? 0 : Math.max(0, read(new byte[most], 0, most));
    }
}
