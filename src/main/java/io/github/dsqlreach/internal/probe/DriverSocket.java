package io.github.dsqlreach.internal.probe;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.OptionalLong;

/**
 * What the driver talks over. Two things that it does are bounded here: it reads again after a {@link
 * SocketTimeoutException}, for ever, and it allocates whatever length a message announces.
 */
final class DriverSocket extends ObservedSocket {
    /** Far more than any message of a login or of {@code SELECT 1} has. */
    private static final int LONGEST_MESSAGE = 64 << 10;

    private static final int HEADER = 5;

    private int headerBytes;
    private long length;
    private long bodyLeft;
    private volatile long tooLong;

    DriverSocket(Socket encrypted, Deadline deadline) throws SocketException {
        super(encrypted, deadline);
    }

    /** The length of a message that was refused. */
    OptionalLong tooLong() {
        return tooLong == 0 ? OptionalLong.empty() : OptionalLong.of(tooLong);
    }

    @Override
    IOException timedOut(SocketTimeoutException e) {
        return new IOException("no answer in the time allowed", e);
    }

    /** Follows the messages: a letter, a length that counts itself, and the rest. */
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

    private void header(int next) throws IOException {
        if (headerBytes++ == 0) {
            length = 0;
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
