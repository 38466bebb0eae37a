package io.github.dsqlreach.local;

import io.github.dsqlreach.internal.client.ForwardingSocket;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import javax.net.ssl.SSLSocket;
import org.java_websocket.drafts.Draft_6455;
import org.java_websocket.enums.HandshakeState;
import org.java_websocket.enums.Opcode;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.framing.BinaryFrame;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.ContinuousFrame;
import org.java_websocket.framing.DataFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.PingFrame;
import org.java_websocket.framing.PongFrame;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.HandshakeImpl1Server;
import org.java_websocket.protocols.Protocol;

/**
 * The server's end of a WebSocket as a socket. The library Java-WebSocket knows the protocol; the threads of the connection read
 * and write, so that a slow peer slows the other one down.
 *
 * <p>Each message to the client is one message of PostgreSQL's protocol. AWS's client for Node.js relies on that where it checks
 * the connection: it looks at the first byte of each message only.
 */
final class ServerWebSocket extends ForwardingSocket {
    static final String ALPN = "http/1.1";

    private static final int MOST_REQUEST_BYTES = 8 * 1024;
    private static final int MOST_FRAME_BYTES = 16 << 20;
    private static final int BUFFER_BYTES = 32 * 1024;

    private final SSLSocket tls;
    private final Draft_6455 draft = new Draft_6455(List.of(), List.of(new Protocol("")), MOST_FRAME_BYTES);
    private final Queue<ByteBuffer> received = new ArrayDeque<>();
    private final OutputStream output = new Output();
    private boolean over;
    private boolean closeSent;

    private ServerWebSocket(SSLSocket tls) throws SocketException {
        super(tls);
        this.tls = tls;
        draft.setParseMode(Role.SERVER);
    }

    /**
     * Answers the request for an upgrade.
     *
     * @param refusal the HTTP status to answer with instead; 0 to accept
     */
    static ServerWebSocket accept(SSLSocket tls, int refusal) throws IOException {
        ServerWebSocket socket = new ServerWebSocket(tls);
        socket.handshake(refusal);
        return socket;
    }

    private void handshake(int refusal) throws IOException {
        try {
            ClientHandshake request = (ClientHandshake) draft.translateHandshake(ByteBuffer.wrap(readRequest()));
            int status =
                    refusal != 0 ? refusal : request.getResourceDescriptor().equals("/") ? 0 : 404;
            if (status != 0) {
                refuse(status);
            }
            if (draft.acceptHandshakeAsServer(request) != HandshakeState.MATCHED) {
                refuse(400);
            }
            HandshakeImpl1Server answer = new HandshakeImpl1Server();
            draft.postProcessHandshakeResponseAsServer(request, answer);
            for (ByteBuffer part : draft.createHandshake(answer)) {
                tls.getOutputStream().write(part.array(), part.arrayOffset() + part.position(), part.remaining());
            }
        } catch (InvalidDataException | RuntimeException e) {
            throw new ProtocolException("no request for a WebSocket: " + e.getMessage());
        }
    }

    private byte[] readRequest() throws IOException {
        InputStream in = tls.getInputStream();
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        int tail = 0;
        while (tail != 0x0d0a0d0a) {
            int next = in.read();
            if (next < 0 || request.size() == MOST_REQUEST_BYTES) {
                throw new ProtocolException("no request for a WebSocket within " + request.size() + " bytes");
            }
            request.write(next);
            tail = tail << 8 | next;
        }
        return request.toByteArray();
    }

    private void refuse(int status) throws IOException {
        String page = "<html><body>" + status + "</body></html>\n";
        tls.getOutputStream()
                .write(("HTTP/1.1 " + status + (status == 200 ? " OK" : " Refused") + "\r\nContent-Type: text/html\r\n"
                                + "Content-Length: " + page.length() + "\r\nConnection: close\r\n\r\n" + page)
                        .getBytes(StandardCharsets.US_ASCII));
        tls.shutdownOutput();
        throw new ProtocolException("the upgrade was refused with " + status);
    }

    @Override
    public InputStream getInputStream() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return receive(bytes, offset, length);
            }
        };
    }

    private int receive(byte[] bytes, int offset, int length) throws IOException {
        byte[] buffer = null;
        while (received.isEmpty() && !over) {
            buffer = buffer == null ? new byte[BUFFER_BYTES] : buffer;
            int count = tls.getInputStream().read(buffer);
            if (count < 0) {
                over = true;
            } else {
                take(ByteBuffer.wrap(buffer, 0, count));
            }
        }
        ByteBuffer next = received.peek();
        if (next == null) {
            return -1;
        }
        int count = Math.min(length, next.remaining());
        next.get(bytes, offset, count);
        if (!next.hasRemaining()) {
            received.remove();
        }
        return count;
    }

    private void take(ByteBuffer bytes) throws IOException {
        try {
            for (Framedata frame : draft.translateFrame(bytes)) {
                take(frame);
            }
        } catch (InvalidDataException e) {
            sendClose(e.getCloseCode());
            throw new ProtocolException("no WebSocket: " + e.getMessage());
        }
    }

    private void take(Framedata frame) throws IOException {
        switch (frame.getOpcode()) {
            case BINARY, CONTINUOUS -> {
                if (frame.getPayloadData().hasRemaining()) {
                    received.add(ByteBuffer.wrap(copy(frame.getPayloadData())));
                }
            }
            case PING -> send(List.of(new PongFrame((PingFrame) frame)));
            case CLOSING -> {
                over = true;
                sendClose(CloseFrame.NORMAL);
            }
            case TEXT -> {
                sendClose(CloseFrame.REFUSE);
                throw new ProtocolException("a text message; PostgreSQL's protocol is binary");
            }
            default -> {
                // A pong without a ping.
            }
        }
    }

    private static byte[] copy(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    @Override
    public OutputStream getOutputStream() {
        return output;
    }

    /** Divides what is written into messages. A part of one is sent at once, as a frame that others continue. */
    private final class Output extends OutputStream {
        private byte[] incompleteHeader = {};
        /** Bytes of the message that has begun. */
        private long left;

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer data = ByteBuffer.allocate(incompleteHeader.length + length)
                    .put(incompleteHeader)
                    .put(bytes, offset, length)
                    .flip();
            List<Framedata> frames = new ArrayList<>();
            while (left > 0 ? data.hasRemaining() : data.remaining() >= MessageStream.HEADER_BYTES) {
                frames.add(next(data));
            }
            incompleteHeader = copy(data);
            send(frames);
        }

        private Framedata next(ByteBuffer data) {
            DataFrame frame = left > 0 ? new ContinuousFrame() : new BinaryFrame();
            if (left == 0) {
                left = 1 + Integer.toUnsignedLong(data.getInt(data.position() + 1));
            }
            int count = (int) Math.min(left, data.remaining());
            left -= count;
            frame.setFin(left == 0);
            frame.setPayload(data.slice(data.position(), count));
            data.position(data.position() + count);
            return frame;
        }
    }

    private synchronized void send(List<Framedata> frames) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(BUFFER_BYTES);
        for (Framedata frame : frames) {
            if (closeSent) {
                throw new SocketException("the WebSocket was closed");
            }
            closeSent = frame.getOpcode() == Opcode.CLOSING;
            ByteBuffer encoded = draft.createBinaryFrame(frame);
            bytes.write(encoded.array(), encoded.arrayOffset() + encoded.position(), encoded.remaining());
        }
        bytes.writeTo(tls.getOutputStream());
    }

    private synchronized void sendClose(int code) throws IOException {
        if (!closeSent) {
            CloseFrame frame = new CloseFrame();
            frame.setCode(code);
            send(List.of(frame));
        }
    }

    /** Ends the WebSocket, and then TLS. */
    @Override
    public void shutdownOutput() throws IOException {
        sendClose(CloseFrame.NORMAL);
        tls.shutdownOutput();
    }
}
