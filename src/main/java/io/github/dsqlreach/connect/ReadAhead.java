package io.github.dsqlreach.connect;

import java.io.IOException;
import java.io.InputStream;

/** Reads ahead into a buffer that never grows, and loses nothing when a read times out in between. */
final class ReadAhead {
    /** The longest beginning of an answer that is looked at as a whole. */
    static final int SIZE = 16 * 1024;

    private final InputStream in;
    private final byte[] buffer = new byte[SIZE];
    private int position;
    private int limit;

    ReadAhead(InputStream in) {
        this.in = in;
    }

    /** How many bytes are here. */
    int ahead() {
        return limit - position;
    }

    /** A byte that is here, counted from the next one on. */
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
     * Reads on until so many bytes are here, at most {@link #SIZE}.
     *
     * @return whether they are; {@code false} if the stream ended before the first of them
     * @throws WebSocketClosedException if it ended in the middle
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

    /** What is here first, else straight from the stream, where that saves a copy. */
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
