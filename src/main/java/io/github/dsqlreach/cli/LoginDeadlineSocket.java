package io.github.dsqlreach.cli;

import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.internal.client.ForwardingSocket;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * A connection to a PostgreSQL server with a deadline for the login. After the deadline, a read yields an error of the
 * protocol that says so, and then the end of the stream.
 */
final class LoginDeadlineSocket extends ForwardingSocket {
    /** PostgreSQL's own SQLSTATE for a timeout. */
    private static final String QUERY_CANCELED = "57014";

    private final Socket socket;
    private final InputStream in;

    LoginDeadlineSocket(Socket socket, Duration login) throws IOException {
        super(socket);
        this.socket = socket;
        this.in = new LoginInput(socket.getInputStream(), login);
    }

    @Override
    public InputStream getInputStream() {
        return in;
    }

    /** An ErrorResponse of PostgreSQL's protocol. */
    static byte[] error(String sqlState, String message) {
        byte[] fields = ("SFATAL\0VFATAL\0C" + sqlState + "\0M" + message + "\0\0").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(5 + fields.length)
                .put((byte) 'E')
                .putInt(4 + fields.length)
                .put(fields)
                .array();
    }

    /** Follows the server's messages until one says that the login succeeded. */
    private final class LoginInput extends FilterInputStream {
        private static final int HEADER = 5;
        /** A type, a length, and the beginning of the body. */
        private static final int ENOUGH = HEADER + Integer.BYTES;

        private final Duration login;
        private final long endNanos;
        private final byte[] message = new byte[ENOUGH];
        private int seen;
        private long bodyLeft;
        private boolean loggedIn;

        LoginInput(InputStream in, Duration login) {
            super(in);
            this.login = login;
            this.endNanos = System.nanoTime() + login.toNanos();
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (loggedIn) {
                return in.read(bytes, offset, length);
            }
            try {
                socket.setSoTimeout((int) Math.max(1, (endNanos - System.nanoTime()) / 1_000_000));
                int count = in.read(bytes, offset, length);
                for (int i = offset; i < offset + count && !loggedIn; i++) {
                    follow(bytes[i]);
                }
                if (loggedIn) {
                    socket.setSoTimeout(0);
                }
                return count;
            } catch (SocketTimeoutException e) {
                loggedIn = true;
                in = new ByteArrayInputStream(error(QUERY_CANCELED, "no login within " + Numbers.print(login)));
                return in.read(bytes, offset, length);
            }
        }

        private void follow(byte next) {
            if (seen < HEADER || seen < ENOUGH && bodyLeft > 0) {
                message[seen++] = next;
                if (seen == HEADER) {
                    bodyLeft = Math.max(0, number(1) - Integer.BYTES);
                } else if (seen > HEADER) {
                    bodyLeft--;
                }
            } else {
                bodyLeft--;
            }
            // AuthenticationOk
            loggedIn = seen == ENOUGH && message[0] == 'R' && number(HEADER) == 0;
            if (seen >= HEADER && bodyLeft <= 0) {
                seen = 0;
            }
        }

        private long number(int at) {
            return (message[at] & 0xffL) << 24
                    | (message[at + 1] & 0xffL) << 16
                    | (message[at + 2] & 0xffL) << 8
                    | message[at + 3] & 0xffL;
        }
    }
}
