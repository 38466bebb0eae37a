package io.github.dsqlreach.internal.client;

import java.io.IOException;
import java.io.InputStream;

/** Reads ahead into a buffer of fixed size. A read that times out loses nothing. */
final class ReadAhead {
    /** The size of the buffer, and so the most that {@link #await} can wait for. */
    static final int SIZE = 16 * 1024;

    private final InputStream in;
    private final byte[] buffer = new byte[SIZE];
    private int position;
    private int limit;

    ReadAhead(InputStream in) {
        this.in = in;
    }

    /** The number of buffered bytes. */
    int ahead() {
        return limit - position;
    }

    /** The buffered byte at that index; 0 is the next one. */
    int at(int index) {
        return buffer[position + index] & 0xff;
    }

    byte[] take(int count) {
        byte[] taken = new byte[count];
        System.arraycopy(buffer, position, taken, 0, count);
        position += count;
        return taken;
    }

    /**
     * Reads until that many bytes are buffered, at most {@link #SIZE}.
     *
     * @return {@code false} if the stream ended before the first of them
     * @throws WebSocketClosedException if it ended after the first of them
     */
    boolean await(int count) throws IOException {
        while (ahead() < count) {
            if (!more()) {
                if (ahead() == 0) {
                    return false;
                }
                throw new WebSocketClosedException("message");
            }
        }
        return true;
    }

    /** Reads once; {@code false} at the end of the stream. */
    boolean more() throws IOException {
        if (position > 0) {
            System.arraycopy(buffer, position, buffer, 0, ahead());
            limit -= position;
            position = 0;
        }
        int count = in.read(buffer, limit, SIZE - limit);
        limit += Math.max(0, count);
        return count >= 0;
    }

    /** Reads buffered bytes, or else from the stream, without a copy if the array is large. */
    int read(byte[] bytes, int offset, int length) throws IOException {
        if (ahead() == 0) {
            if (length >= SIZE) {
                return in.read(bytes, offset, length);
            }
            if (!more()) {
                return -1;
            }
        }
        int count = Math.min(length, ahead());
        System.arraycopy(buffer, position, bytes, offset, count);
        position += count;
        return count;
    }

    int available() throws IOException {
        return ahead() + in.available();
    }
}
