package io.github.dsqlreach.internal.client;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Writes the client's frames. A flush sends what was written as one binary message, as does a full buffer. So a message
 * holds what the driver sends at once, as with AWS's own client, and the server need not reassemble.
 */
final class FrameOutput extends OutputStream {
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PONG = 10;

    private static final int FINAL = 0x80;
    private static final int MASKED = 0x80;
    private static final int SHORT_LENGTH = 126;
    private static final int MASK_BYTES = 4;
    /** Space before the payload for the longest header in use: two bytes, two of length, the mask. */
    private static final int HEADER = 8;

    private static final int SMALLEST = 8 * 1024;
    /** Four full TLS records. */
    private static final int LARGEST = 64 * 1024;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final OutputStream out;
    private final Executor executor;
    private final AtomicBoolean answering = new AtomicBoolean();
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicReference<byte @Nullable []> ping = new AtomicReference<>();
    private final ByteBuffer masks = ByteBuffer.allocate(64 * MASK_BYTES).flip();
    private byte[] buffer = new byte[SMALLEST];
    private int end = HEADER;
    private volatile boolean ended;

    /**
     * @param executor sends pongs and closing messages for the reading thread, which must not wait for a server that
     *     does not read
     */
    FrameOutput(OutputStream out, Executor executor) {
        this.out = out;
        this.executor = executor;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        lock.lock();
        try {
            checkOpen();
            int left = length;
            while (left > 0) {
                makeRoom(left);
                int count = Math.min(left, buffer.length - end);
                System.arraycopy(bytes, offset + length - left, buffer, end, count);
                end += count;
                left -= count;
            }
        } finally {
            lock.unlock();
        }
        answerPing();
    }

    private void makeRoom(int wanted) throws IOException {
        if (end + wanted > buffer.length && buffer.length < LARGEST) {
            int size = Math.min(LARGEST, Math.max(2 * buffer.length, end + wanted));
            buffer = Arrays.copyOf(buffer, size);
        }
        if (end == buffer.length) {
            sendBuffered();
        }
    }

    @Override
    public void flush() throws IOException {
        lock.lock();
        try {
            checkOpen();
            sendBuffered();
            out.flush();
        } finally {
            lock.unlock();
        }
        answerPing();
    }

    private void checkOpen() throws SocketException {
        if (ended) {
            throw new SocketException("Socket output is shutdown");
        }
    }

    private void sendBuffered() throws IOException {
        if (end == HEADER) {
            return;
        }
        int length = end - HEADER;
        // First, because a frame that was sent in part must not be sent again.
        end = HEADER;
        send(BINARY, buffer, length);
    }

    /** Sends header and masked payload at once. The payload begins at {@link #HEADER}. */
    private void send(int opcode, byte[] frame, int length) throws IOException {
        int start = HEADER - MASK_BYTES - (length < SHORT_LENGTH ? 2 : 4);
        frame[start] = (byte) (FINAL | opcode);
        if (length < SHORT_LENGTH) {
            frame[start + 1] = (byte) (MASKED | length);
        } else {
            frame[start + 1] = (byte) (MASKED | SHORT_LENGTH);
            frame[start + 2] = (byte) (length >> 8);
            frame[start + 3] = (byte) length;
        }
        mask(frame, length);
        out.write(frame, start, HEADER - start + length);
    }

    private void mask(byte[] frame, int length) {
        if (!masks.hasRemaining()) {
            RANDOM.nextBytes(masks.clear().array());
        }
        int key = masks.getInt();
        long twice = (long) key << 32 | key & 0xffff_ffffL;
        frame[4] = (byte) (key >> 24);
        frame[5] = (byte) (key >> 16);
        frame[6] = (byte) (key >> 8);
        frame[7] = (byte) key;
        int at = HEADER;
        int whole = HEADER + (length & -Long.BYTES);
        for (; at < whole; at += Long.BYTES) {
            LONGS.set(frame, at, (long) LONGS.get(frame, at) ^ twice);
        }
        for (; at < HEADER + length; at++) {
            frame[at] ^= frame[4 + (at & 3)];
        }
    }

    /**
     * Answers a ping. While another thread writes, that thread answers afterwards. Of several waiting pings only the
     * last one is answered, as the protocol allows.
     */
    void pong(byte[] payload) {
        ping.set(payload);
        if (answering.compareAndSet(false, true)) {
            forReader(() -> {
                answering.set(false);
                answerPing();
            });
        }
    }

    private interface Sending {
        void run() throws IOException;
    }

    private void forReader(Sending sending) {
        try {
            executor.execute(() -> {
                try {
                    sending.run();
                } catch (IOException e) {
                    // The next write or read fails with the same error.
                }
            });
        } catch (OutOfMemoryError e) {
            // Without a thread, the next write answers a ping, and the close ends the connection.
            answering.set(false);
        }
    }

    private void answerPing() throws IOException {
        while (ping.get() != null && lock.tryLock()) {
            try {
                byte[] payload = ping.getAndSet(null);
                if (payload != null && !ended) {
                    control(PONG, payload);
                }
            } finally {
                lock.unlock();
            }
        }
    }

    private void control(int opcode, byte[] payload) throws IOException {
        byte[] frame = new byte[HEADER + payload.length];
        System.arraycopy(payload, 0, frame, HEADER, payload.length);
        send(opcode, frame, payload.length);
        out.flush();
    }

    /** Sends the buffered bytes and the closing message, which ends this direction. */
    void end(int code) throws IOException {
        lock.lock();
        try {
            endLocked(code);
        } finally {
            lock.unlock();
        }
    }

    /** Answers the server's closing message or a protocol violation, on the executor. */
    void endForReader(int code) {
        forReader(() -> endUnlessStuck(code));
    }

    /** As {@link #end}, unless another thread is writing. Returns whether one is. */
    boolean endUnlessStuck(int code) throws IOException {
        if (!lock.tryLock()) {
            return true;
        }
        try {
            endLocked(code);
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void endLocked(int code) throws IOException {
        if (ended) {
            return;
        }
        ended = true;
        sendBuffered();
        control(CLOSE, new byte[] {(byte) (code >> 8), (byte) code});
    }

    boolean hasEnded() {
        return ended;
    }
}
