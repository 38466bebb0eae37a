package io.github.dsqlreach.toxiproxy;

import java.nio.ByteBuffer;

/** Bytes that were read at once, and when ({@link System#nanoTime()}); they are not changed. */
record Chunk(ByteBuffer data, long readAt) {

    int length() {
        return data.remaining();
    }

    /** The bytes from {@code from} to before {@code to}, counted from this chunk's start. */
    Chunk slice(int from, int to) {
        return new Chunk(data.slice(data.position() + from, to - from), readAt);
    }

    Chunk from(int start) {
        return slice(start, length());
    }

    /** The same bytes, as if they had been read that much later. */
    Chunk later(long nanos) {
        return new Chunk(data, readAt + nanos);
    }
}
