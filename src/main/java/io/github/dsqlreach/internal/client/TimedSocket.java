package io.github.dsqlreach.internal.client;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;

/**
 * A socket whose timeout bounds all reads together, from the time it is set. The timeout of an ordinary socket starts
 * again with each byte of a slow sender. TLS reads a record in several reads, so only the socket below TLS can bound
 * them.
 */
public final class TimedSocket extends Socket {
    private static final long MILLI = 1_000_000;

    private volatile boolean together = true;
    private volatile int timeout;
    private volatile long endNanos;

    /** Starts that timeout now; 0 for none. */
    public TimedSocket(int timeoutMillis) {
        start(timeoutMillis);
    }

    private void start(int millis) {
        endNanos = System.nanoTime() + millis * MILLI;
        timeout = millis;
    }

    /** From now on this is an ordinary socket, without a timeout. A timeout that is set later bounds each read. */
    public void timeoutPerRead() throws SocketException {
        together = false;
        super.setSoTimeout(0);
    }

    /** Starts a new timeout now; 0 for none. */
    @Override
    public void setSoTimeout(int millis) throws SocketException {
        if (millis < 0) {
            throw new IllegalArgumentException("timeout " + millis + " is negative");
        }
        if (together) {
            start(millis);
        } else {
            super.setSoTimeout(millis);
        }
    }

    @Override
    public int getSoTimeout() throws SocketException {
        return together ? timeout : super.getSoTimeout();
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new FilterInputStream(super.getInputStream()) {
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
        };
    }

    private void limit() throws IOException {
        if (!together) {
            return;
        }
        if (timeout == 0) {
            super.setSoTimeout(0);
            return;
        }
        long left = endNanos - System.nanoTime();
        if (left <= 0) {
            throw new SocketTimeoutException("Read timed out");
        }
        super.setSoTimeout((int) Math.min(Integer.MAX_VALUE, (left + MILLI - 1) / MILLI));
    }
}
