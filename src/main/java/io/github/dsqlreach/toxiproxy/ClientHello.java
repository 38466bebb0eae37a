package io.github.dsqlreach.toxiproxy;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a TLS ClientHello says in clear text.
 *
 * @param names the server names (SNI); usually one or none
 * @param protocols the application protocols (ALPN)
 */
record ClientHello(List<String> names, List<String> protocols) {
    private static final int HANDSHAKE_RECORD = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int RECORD_HEADER = 5;
    private static final int MESSAGE_HEADER = 4;
    private static final int SERVER_NAME = 0;
    private static final int ALPN = 16;

    /** Whether bytes may be the start of a ClientHello; the more there are, the surer. */
    static boolean mayStart(byte[] bytes) {
        return (bytes.length < 1 || bytes[0] == HANDSHAKE_RECORD)
                && (bytes.length < 2 || bytes[1] == 3)
                && (bytes.length <= RECORD_HEADER || bytes[RECORD_HEADER] == CLIENT_HELLO);
    }

    /** Whether enough is there to be sure. */
    static boolean starts(byte[] bytes) {
        return bytes.length > RECORD_HEADER && mayStart(bytes);
    }

    /** Reads a ClientHello piece by piece; each byte is looked at once. */
    static final class Reader {
        private final ByteArrayOutputStream message = new ByteArrayOutputStream();
        private int recordHeader;
        private int lastByte;
        private int leftInRecord;
        private int header;

        /**
         * Reads on; null as long as bytes are missing.
         *
         * @throws IllegalArgumentException when it is none
         */
        @Nullable
        ClientHello read(byte[] bytes, int from, int to) {
            for (int at = from; at < to; ) {
                if (leftInRecord == 0) {
                    readRecordHeader(bytes[at++]);
                } else {
                    int count = Math.min(leftInRecord, to - at);
                    for (int i = at; i < Math.min(at + count, at + MESSAGE_HEADER - message.size()); i++) {
                        header = header << 8 | bytes[i] & 0xff;
                    }
                    message.write(bytes, at, count);
                    leftInRecord -= count;
                    at += count;
                }
            }
            if (message.size() < MESSAGE_HEADER) {
                return null;
            }
            if (header >>> 24 != CLIENT_HELLO) {
                throw new IllegalArgumentException("not a ClientHello");
            }
            int length = header & 0xffffff;
            if (message.size() - MESSAGE_HEADER < length) {
                return null;
            }
            try {
                return parseBody(ByteBuffer.wrap(message.toByteArray()).slice(MESSAGE_HEADER, length));
            } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
                throw new IllegalArgumentException("a broken ClientHello", e);
            }
        }

        private void readRecordHeader(byte next) {
            if (recordHeader == 0 && next != HANDSHAKE_RECORD) {
                throw new IllegalArgumentException("not a handshake");
            }
            recordHeader++;
            leftInRecord = recordHeader < RECORD_HEADER ? 0 : lastByte << 8 | next & 0xff;
            lastByte = next & 0xff;
            recordHeader %= RECORD_HEADER;
        }
    }

    private static ClientHello parseBody(ByteBuffer in) {
        List<String> names = new ArrayList<>();
        List<String> protocols = new ArrayList<>();
        take(in, 2 + 32); // version, random
        take(in, in.get() & 0xff); // session id
        take(in, in.getShort() & 0xffff); // cipher suites
        take(in, in.get() & 0xff); // compression methods
        ByteBuffer extensions = in.hasRemaining() ? take(in, in.getShort() & 0xffff) : ByteBuffer.allocate(0);
        while (extensions.hasRemaining()) {
            int type = extensions.getShort() & 0xffff;
            ByteBuffer body = take(extensions, extensions.getShort() & 0xffff);
            if (type == SERVER_NAME && body.hasRemaining()) {
                ByteBuffer list = take(body, body.getShort() & 0xffff);
                while (list.hasRemaining()) {
                    list.get(); // the type of name, which is always host_name
                    names.add(text(take(list, list.getShort() & 0xffff)));
                }
            } else if (type == ALPN) {
                ByteBuffer list = take(body, body.getShort() & 0xffff);
                while (list.hasRemaining()) {
                    protocols.add(text(take(list, list.get() & 0xff)));
                }
            }
        }
        return new ClientHello(List.copyOf(names), List.copyOf(protocols));
    }

    private static ByteBuffer take(ByteBuffer in, int length) {
        ByteBuffer taken = in.slice(in.position(), length);
        in.position(in.position() + length);
        return taken;
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes).toString();
    }
}
