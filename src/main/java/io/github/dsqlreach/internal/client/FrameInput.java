package io.github.dsqlreach.internal.client;

import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the server's frames: the payload of binary messages as one stream. The length that a frame announces allocates
 * nothing. A read that times out can be repeated, even in the middle of a header.
 */
final class FrameInput extends InputStream {
    private static final int CONTINUATION = 0;
    private static final int TEXT = 1;
    private static final int PING = 9;

    private static final int LONGEST_CONTROL = 125;
    private static final int NORMAL = 1000;
    private static final int GOING_AWAY = 1001;
    private static final int PROTOCOL_ERROR = 1002;
    private static final int UNSUPPORTED_DATA = 1003;

    private final ReadAhead in;
    private final FrameOutput out;
    private long left;
    private boolean inMessage;
    private boolean over;
    private volatile boolean shut;
    private @Nullable IOException failure;

    FrameInput(ReadAhead in, FrameOutput out) {
        this.in = in;
        this.out = out;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        while (left == 0 || shut) {
            if (failure != null) {
                throw failure;
            }
            if (shut) {
                return -1;
            }
            if (over || !in.await(2)) {
                return end(!over && inMessage);
            }
            nextFrame();
        }
        int count = in.read(bytes, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw new WebSocketClosedException("frame");
        }
        left -= count;
        return count;
    }

    private int end(boolean inTheMiddle) throws SocketException {
        over = true;
        if (inTheMiddle) {
            throw new WebSocketClosedException("message");
        }
        return -1;
    }

    /** Reads a header or a control frame. Nothing changes until all of it has arrived. */
    private void nextFrame() throws IOException {
        boolean last = (in.at(0) & 0x80) != 0;
        int opcode = in.at(0) & 0x0f;
        int announced = in.at(1) & 0x7f;
        if ((in.at(0) & 0x70) != 0) {
            throw violation(PROTOCOL_ERROR, "uses an extension that was not agreed on");
        }
        if ((in.at(1) & 0x80) != 0) {
            throw violation(PROTOCOL_ERROR, "is masked, which only a client may do");
        }
        if (opcode >= FrameOutput.CLOSE) {
            if (!last || announced > LONGEST_CONTROL) {
                throw violation(PROTOCOL_ERROR, "is a fragmented control frame or one of more than 125 bytes");
            }
            in.await(2 + announced);
            in.take(2);
            control(opcode, in.take(announced));
            return;
        }
        check(opcode);
        int more = announced == 127 ? 8 : announced == 126 ? 2 : 0;
        in.await(2 + more);
        long length = more == 0 ? announced : 0;
        for (int i = 0; i < more; i++) {
            length = length << 8 | in.at(2 + i);
        }
        if (length < 0) {
            throw violation(PROTOCOL_ERROR, "announces a negative length");
        }
        in.take(2 + more);
        inMessage = !last;
        left = length;
    }

    private void check(int opcode) throws IOException {
        switch (opcode) {
            case CONTINUATION -> {
                if (!inMessage) {
                    throw violation(PROTOCOL_ERROR, "continues a message that did not begin");
                }
            }
            case FrameOutput.BINARY -> {
                if (inMessage) {
                    throw violation(PROTOCOL_ERROR, "begins a message within another");
                }
            }
            case TEXT -> throw violation(UNSUPPORTED_DATA, "is text, but PostgreSQL's protocol is binary");
            default -> throw violation(PROTOCOL_ERROR, "has the unknown type " + opcode);
        }
    }

    private void control(int opcode, byte[] payload) throws IOException {
        switch (opcode) {
            case PING -> out.pong(payload);
            case FrameOutput.PONG -> {
                // An unsolicited pong is allowed.
            }
            case FrameOutput.CLOSE -> closed(payload);
            default -> throw violation(PROTOCOL_ERROR, "has the unknown type " + opcode);
        }
    }

    private void closed(byte[] payload) throws IOException {
        if (payload.length == 1) {
            throw violation(PROTOCOL_ERROR, "has a closing code of one byte");
        }
        over = true;
        int code = payload.length == 0 ? NORMAL : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        if (code != NORMAL && code != GOING_AWAY) {
            failure = new WebSocketClosedException(
                    code, new String(Arrays.copyOfRange(payload, 2, payload.length), StandardCharsets.UTF_8));
        }
        out.endForReader(code);
    }

    private IOException violation(int code, String what) {
        failure = new ProtocolException("the server's WebSocket frame " + what);
        out.endForReader(code);
        return failure;
    }

    /** Ends the stream. A thread that is reading notices when its read returns. */
    void shut() {
        shut = true;
    }

    @Override
    public int available() throws IOException {
        return left == 0 ? 0 : (int) Math.min(left, in.available());
    }
}
