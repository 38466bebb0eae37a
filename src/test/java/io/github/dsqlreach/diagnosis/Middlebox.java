package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * A device on the way: forwards to a server, and does something else when its program says so. The program is asked at
 * each message of the client's that a device can recognize.
 */
final class Middlebox implements LoopbackServer.Talk {
    private static final int SSL_REQUEST_CODE = 80_877_103;
    private static final int HANDSHAKE = 22;
    private static final int APPLICATION_DATA = 23;

    /** What the client does. */
    enum Event {
        CONNECTED,
        SSL_REQUEST,
        CLIENT_HELLO,
        /** An encrypted record; with TLS 1.3 the first one ends the handshake. */
        ENCRYPTED,
        /** A start that is neither of those. */
        OTHER
    }

    /**
     * What the program sees.
     *
     * @param event what the client does
     * @param connection which connection this is, from 0
     * @param count how many such events this connection had before
     * @param first whether nothing came before it on this connection
     * @param hello the last ClientHello
     */
    record Sight(Event event, int connection, int count, boolean first, Optional<Hello> hello) {
        boolean is(Event other) {
            return event == other;
        }

        boolean sni(String name) {
            return event == Event.CLIENT_HELLO && hello.orElseThrow().sni().equals(name);
        }

        boolean offersTls13() {
            return event == Event.CLIENT_HELLO && hello.orElseThrow().tls13();
        }
    }

    /** Of a ClientHello what devices look at. */
    record Hello(String sni, boolean tls13) {}

    /** What the device does; {@code true} to go on forwarding. */
    interface Deed {
        boolean to(Socket client) throws IOException, InterruptedException;
    }

    interface Program {
        Deed at(Sight sight);
    }

    static final Deed FORWARD = client -> true;

    static final Deed RESET = client -> {
        client.setSoLinger(true, 0);
        client.close();
        return false;
    };

    static final Deed SILENCE = client -> {
        Talks.drain(client);
        return false;
    };

    static final Deed CLOSE = answer(new byte[0]);

    /** Says that, and closes. */
    static Deed answer(byte[] bytes) {
        return client -> {
            Talks.answer(client, bytes);
            return false;
        };
    }

    static Deed alert(int description) {
        return answer(new byte[] {21, 3, 3, 0, 2, 2, (byte) description});
    }

    static Deed late(Duration delay, Deed deed) {
        return client -> {
            LoopbackServer.hearOut(client, delay);
            return deed.to(client);
        };
    }

    private final HostAndPort upstream;
    private final Program program;

    private Middlebox(HostAndPort upstream, Program program) {
        this.upstream = upstream;
        this.program = program;
    }

    static LoopbackServer before(HostAndPort upstream, Program program) throws IOException {
        return new LoopbackServer(new Middlebox(upstream, program));
    }

    @Override
    public void with(Socket client, int connection) throws IOException, InterruptedException {
        if (!program.at(new Sight(Event.CONNECTED, connection, 0, true, Optional.empty()))
                .to(client)) {
            return;
        }
        try (Socket server = new Socket(upstream.host(), upstream.port())) {
            server.setTcpNoDelay(true);
            LoopbackServer.inThread(() -> pump(server, client));
            upwards(client, server, connection);
        }
    }

    /** Message by message, so that the program sees each one before the server does. */
    private void upwards(Socket client, Socket server, int connection) throws IOException, InterruptedException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        OutputStream out = server.getOutputStream();
        Optional<Hello> hello = Optional.empty();
        int encrypted = 0;
        boolean first = true;
        while (true) {
            byte[] message = next(in, hello.isPresent());
            Event event = event(message, hello.isPresent());
            if (event == Event.CLIENT_HELLO) {
                hello = Optional.of(hello(message));
            }
            Sight sight = new Sight(event, connection, event == Event.ENCRYPTED ? encrypted++ : 0, first, hello);
            if (!program.at(sight).to(client)) {
                return;
            }
            out.write(message);
            if (event == Event.OTHER && hello.isEmpty()) {
                in.transferTo(out);
                return;
            }
            first = false;
        }
    }

    private static byte[] next(DataInputStream in, boolean inTls) throws IOException {
        int first = in.readUnsignedByte();
        byte[] head = new byte[first == 0 && !inTls ? 4 : 5];
        head[0] = (byte) first;
        in.readFully(head, 1, head.length - 1);
        int rest = head.length == 4
                ? ByteBuffer.wrap(head).getInt() - 4
                : ByteBuffer.wrap(head).getShort(3) & 0xffff;
        boolean framed = head.length == 4 || head[0] >= 20 && head[0] <= 23 && head[1] == 3;
        if (!framed) {
            return head;
        }
        if (rest > 20_000) {
            throw new EOFException("a message of " + rest + " bytes");
        }
        return ByteBuffer.allocate(head.length + rest)
                .put(head)
                .put(in.readNBytes(rest))
                .array();
    }

    private static Event event(byte[] message, boolean inTls) {
        if (inTls) {
            return message[0] == APPLICATION_DATA ? Event.ENCRYPTED : Event.OTHER;
        }
        if (message[0] == HANDSHAKE) {
            return Event.CLIENT_HELLO;
        }
        return message.length == 8 && ByteBuffer.wrap(message).getInt(4) == SSL_REQUEST_CODE
                ? Event.SSL_REQUEST
                : Event.OTHER;
    }

    private static Hello hello(byte[] record) {
        ByteBuffer in = ByteBuffer.wrap(record, 9, record.length - 9);
        skip(in, 2 + 32);
        skip(in, in.get() & 0xff);
        skip(in, in.getShort() & 0xffff);
        skip(in, in.get() & 0xff);
        skip(in, 2);
        String sni = "";
        boolean tls13 = false;
        while (in.remaining() >= 4) {
            int type = in.getShort();
            byte[] body = new byte[in.getShort() & 0xffff];
            in.get(body);
            if (type == 0) {
                sni = new String(body, 5, body.length - 5, StandardCharsets.US_ASCII);
            } else if (type == 43) {
                for (int i = 1; i + 1 < body.length; i += 2) {
                    tls13 |= body[i] == 3 && body[i + 1] == 4;
                }
            }
        }
        return new Hello(sni, tls13);
    }

    private static void skip(ByteBuffer in, int bytes) {
        in.position(in.position() + bytes);
    }

    private static void pump(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // One side is gone.
        }
    }
}
