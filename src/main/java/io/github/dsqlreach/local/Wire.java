package io.github.dsqlreach.local;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The messages of PostgreSQL's protocol that the listener reads and writes itself. */
final class Wire {
    static final int MOST_STARTUP_BYTES = 10 * 1024;
    static final int MOST_PASSWORD_BYTES = 64 * 1024;

    static final int AUTHENTICATION_OK = 0;
    static final int AUTHENTICATION_CLEARTEXT = 3;

    private Wire() {}

    /** A message with its type; the body does not hold the length. */
    record Message(char type, byte[] body) {
        int firstInt() throws IOException {
            if (body.length < 4) {
                throw new ProtocolException("message " + (int) type + " has only " + body.length + " bytes");
            }
            return ByteBuffer.wrap(body).getInt();
        }
    }

    /** Reads a packet without a type, as they come before and at the startup; the result does not hold the length. */
    static byte[] readUntyped(InputStream in, int firstByte) throws IOException {
        DataInputStream data = new DataInputStream(in);
        int length = firstByte << 24
                | data.readUnsignedByte() << 16
                | data.readUnsignedByte() << 8
                | data.readUnsignedByte();
        return readBody(data, length, 8, MOST_STARTUP_BYTES);
    }

    static byte[] readUntyped(InputStream in) throws IOException {
        int first = in.read();
        if (first < 0) {
            throw new EOFException();
        }
        return readUntyped(in, first);
    }

    static Message readMessage(InputStream in, int most) throws IOException {
        DataInputStream data = new DataInputStream(in);
        char type = (char) data.readUnsignedByte();
        return new Message(type, readBody(data, data.readInt(), 4, most));
    }

    private static byte[] readBody(DataInputStream data, int length, int least, int most) throws IOException {
        if (length < least || length > most) {
            throw new ProtocolException("a message of " + length + " bytes; allowed are " + least + " to " + most);
        }
        byte[] body = new byte[length - 4];
        data.readFully(body);
        return body;
    }

    static byte[] message(Message message) {
        return message(message.type(), message.body());
    }

    static byte[] message(char type, byte[] body) {
        return ByteBuffer.allocate(body.length + 5)
                .put((byte) type)
                .putInt(body.length + 4)
                .put(body)
                .array();
    }

    /** One character for each byte, whatever the client's encoding is. */
    static String text(byte[] buffer, int from, int end) {
        return new String(buffer, from, end - from, StandardCharsets.ISO_8859_1);
    }

    /** Up to the next zero. */
    static String textAt(byte[] buffer, int from) {
        int end = from;
        while (buffer[end] != 0) {
            end++;
        }
        return text(buffer, from, end);
    }

    /** Of a row, which begins with the number of its values and the length of the first one; empty if there is none. */
    static String firstValue(byte[] buffer, int body, int end) {
        return text(buffer, Math.min(body + 6, end), end);
    }

    /** A simple query, of which each character is one byte. */
    static byte[] query(String sql) {
        return message('Q', new Body().bytes(sql).zero().bytes());
    }

    static byte[] parse(String statement, String sql) {
        return message(
                'P',
                new Body().bytes(statement).zero().bytes(sql).raw(new byte[3]).bytes());
    }

    /** Without parameters. */
    static byte[] bind(String portal, String statement) {
        return message(
                'B',
                new Body()
                        .bytes(portal)
                        .zero()
                        .bytes(statement)
                        .raw(new byte[7])
                        .bytes());
    }

    static byte[] describePortal(String name) {
        return message('D', new Body().raw(new byte[] {'P'}).bytes(name).zero().bytes());
    }

    static byte[] execute(String portal) {
        return message('E', new Body().bytes(portal).raw(new byte[5]).bytes());
    }

    static byte[] closeStatement(String name) {
        return message('C', new Body().raw(new byte[] {'S'}).bytes(name).zero().bytes());
    }

    static byte[] closePortal(String name) {
        return message('C', new Body().raw(new byte[] {'P'}).bytes(name).zero().bytes());
    }

    static byte[] sync() {
        return message('S', new byte[0]);
    }

    static byte[] flush() {
        return message('H', new byte[0]);
    }

    static byte[] concatenated(byte[]... messages) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            all.writeBytes(message);
        }
        return all.toByteArray();
    }

    static byte[] untyped(byte[] body) {
        return ByteBuffer.allocate(body.length + 4)
                .putInt(body.length + 4)
                .put(body)
                .array();
    }

    static byte[] authentication(int request) {
        return message('R', ByteBuffer.allocate(4).putInt(request).array());
    }

    /** That ends the connection. */
    static byte[] error(ErrorText error) {
        return error("FATAL", error);
    }

    static byte[] error(String severity, ErrorText error) {
        Body body = new Body()
                .field('S', severity)
                .field('V', severity)
                .field('C', error.sqlState())
                .field('M', error.message());
        if (error.hint() != null) {
            body.field('H', error.hint());
        }
        return message('E', body.zero().bytes());
    }

    /** Writes the body of a message. */
    static final class Body {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Body number(int value) {
            return raw(ByteBuffer.allocate(4).putInt(value).array());
        }

        /** Of which each character is one byte. */
        Body bytes(String value) {
            return raw(value.getBytes(StandardCharsets.ISO_8859_1));
        }

        Body text(String value) {
            return raw(value.getBytes(StandardCharsets.UTF_8)).zero();
        }

        Body raw(byte[] value) {
            bytes.writeBytes(value);
            return this;
        }

        Body field(char name, String value) {
            bytes.write(name);
            return text(value);
        }

        Body zero() {
            bytes.write(0);
            return this;
        }

        byte[] bytes() {
            return bytes.toByteArray();
        }
    }
}
