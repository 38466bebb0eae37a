package io.github.dsqlreach.local;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;

/**
 * Copies messages of PostgreSQL's protocol from one stream to another one, and lets its user look at some of them. All others are
 * copied as they arrive, however long they are.
 */
final class MessageStream {
    /** As an answer of {@link Handler#message}: the message stays as it is. */
    static final byte[] KEEP = new byte[0];

    private static final int BUFFER_BYTES = 32 * 1024;
    /** Before the body of a message: its type and length. */
    static final int HEADER_BYTES = 5;

    private final InputStream in;
    private final OutputStream out;
    private final int mostBytes;

    private byte[] buffer = new byte[BUFFER_BYTES];
    /** Where the bytes begin that are to be copied. */
    private int from;
    /** Where the next message begins; behind it only parts of messages that are copied. */
    private int next;
    /** The end of what was read. */
    private int end;
    /** Bytes of a message that is copied without a look. */
    private long passing;

    /** A stream; a message that is longer than allowed ends it. */
    MessageStream(InputStream in, OutputStream out, int mostBytes) {
        this.in = in;
        this.out = new BufferedOutputStream(out, BUFFER_BYTES);
        this.mostBytes = mostBytes;
    }

    /** Looks at messages. */
    interface Handler {
        /** Bytes have arrived, and are about to be handled. */
        default void begin() throws IOException {}

        /** All that has arrived is handled, and sent on as far as it is complete. */
        default void end() {}

        /** Whether to look at the next message, which has this type. */
        boolean wants(char type);

        /**
         * Looks at a message.
         *
         * @param buffer holds it, until this returns
         * @param body where its body begins
         * @param end where it ends
         * @return {@link #KEEP}, or the bytes to send instead
         */
        byte[] message(char type, byte[] buffer, int body, int end) throws IOException;
    }

    /** Copies until the end of the input. */
    void copy(Handler handler) throws IOException {
        while (read()) {
            handler.begin();
            try {
                while (passOrHandle(handler)) {}
                copyUntil(next);
                out.flush();
            } finally {
                handler.end();
            }
        }
    }

    /** Whether bytes have arrived behind that position of the buffer. */
    boolean hasReadBeyond(int position) {
        return position < end;
    }

    /** Sends these bytes at once, before the message that is being handled and after everything that came before it. */
    void sendBefore(byte[] messages) throws IOException {
        copyUntil(next);
        out.write(messages);
        out.flush();
    }

    private boolean read() throws IOException {
        if (next == end) {
            from = 0;
            next = 0;
            end = 0;
        } else if (end == buffer.length) {
            makeRoom();
        }
        int count = in.read(buffer, end, buffer.length - end);
        end += Math.max(count, 0);
        return count >= 0;
    }

    /** For the rest of a message; everything before it has been copied. */
    private void makeRoom() {
        byte[] larger = next > 0 ? buffer : new byte[buffer.length * 2];
        System.arraycopy(buffer, next, larger, 0, end - next);
        buffer = larger;
        end -= next;
        from = 0;
        next = 0;
    }

    /** Whether there may be more in the buffer. */
    private boolean passOrHandle(Handler handler) throws IOException {
        if (passing > 0) {
            int count = (int) Math.min(passing, end - next);
            next += count;
            passing -= count;
            return next < end;
        }
        if (end - next < HEADER_BYTES) {
            return false;
        }
        char type = (char) (buffer[next] & 0xff);
        long length = length();
        if (!handler.wants(type)) {
            passing = length + 1;
            return true;
        }
        if (end - next <= length) {
            return false;
        }
        int after = next + (int) length + 1;
        byte[] instead = handler.message(type, buffer, next + HEADER_BYTES, after);
        if (instead != KEEP) {
            copyUntil(next);
            out.write(instead);
            from = after;
        }
        next = after;
        return true;
    }

    /** Of the next message, without its type. */
    private long length() throws IOException {
        long length = (buffer[next + 1] & 0xffL) << 24
                | (buffer[next + 2] & 0xff) << 16
                | (buffer[next + 3] & 0xff) << 8
                | (buffer[next + 4] & 0xff);
        if (length < 4 || length > mostBytes) {
            throw new ProtocolException("a message of " + length + " bytes; allowed are 4 to " + mostBytes);
        }
        return length;
    }

    private void copyUntil(int position) throws IOException {
        out.write(buffer, from, position - from);
        from = position;
    }
}
