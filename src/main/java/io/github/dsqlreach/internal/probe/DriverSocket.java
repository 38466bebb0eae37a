package io.github.dsqlreach.internal.probe;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The driver's socket. The driver reads again after a {@link SocketTimeoutException}, without end, and allocates the length
 * that a message announces; this socket bounds both. It counts the server's messages by type.
 */
final class DriverSocket extends ObservedSocket {
    /** Far more than the longest message of a login or of {@code SELECT 1}. */
    private static final int LONGEST_MESSAGE = 64 << 10;

    private static final int HEADER = 5;

    private int headerBytes;
    private long length;
    private long bodyLeft;
    private volatile long tooLong;
    private final Map<Character, Integer> messages = new HashMap<>();

    DriverSocket(Socket encrypted, Deadline deadline) throws SocketException {
        super(encrypted, deadline);
    }

    /** The length of the message that was too long, if any. */
    OptionalLong tooLong() {
        return tooLong == 0 ? OptionalLong.empty() : OptionalLong.of(tooLong);
    }

    @Override
    IOException timedOut(SocketTimeoutException e) {
        return new IOException("no answer in the time allowed", e);
    }

    /** Parses the messages: a letter, a length that includes itself, and the body. */
    @Override
    void check(byte[] bytes, int offset, int count) throws IOException {
        int at = offset;
        int end = offset + count;
        while (at < end) {
            if (bodyLeft > 0) {
                int part = (int) Math.min(bodyLeft, end - at);
                bodyLeft -= part;
                at += part;
            } else {
                header(bytes[at++] & 0xff);
            }
        }
    }

    /** The number of messages of each type in this step. */
    synchronized Map<Character, Integer> messages() {
        return Map.copyOf(messages);
    }

    @Override
    synchronized void startStep() {
        super.startStep();
        messages.clear();
    }

    private synchronized void count(int type) {
        messages.merge((char) type, 1, Integer::sum);
    }

    private void header(int next) throws IOException {
        if (headerBytes++ == 0) {
            length = 0;
            count(next);
            return;
        }
        length = length << 8 | next;
        if (headerBytes == HEADER) {
            headerBytes = 0;
            bodyLeft = length - Integer.BYTES;
            if (length > LONGEST_MESSAGE) {
                tooLong = length;
                throw new IOException("a message of " + length + " bytes is too long for a login");
            }
        }
    }
}
