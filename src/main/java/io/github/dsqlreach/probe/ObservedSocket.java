package io.github.dsqlreach.probe;

import io.github.dsqlreach.FailureKind;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Optional;

/**
 * A connected socket that keeps a deadline and notes what happens on it: bytes and times in both directions, the
 * beginning of what was received, and how it ended. Libraries above wrap such endings into exceptions of many kinds and
 * languages; here they are still told apart by type and state.
 */
final class ObservedSocket extends Socket {
    private static final int MOST_BYTES = 4 << 20;
    private static final int KEPT_BYTES = 1024;

    private final Socket socket;
    private final boolean forDriver;
    private volatile Deadline deadline;
    private volatile FailureKind ending;
    private volatile boolean closedHere;
    private volatile boolean held;
    private long received;
    private long sent;
    private long lastSentAt = System.nanoTime();
    private long endedAt;
    private int lastFirstByte = -1;
    private ByteArrayOutputStream beginning = new ByteArrayOutputStream();
    private InputStream in;
    private OutputStream out;

    ObservedSocket(Socket socket, Deadline deadline) {
        this(socket, deadline, false);
    }

    private ObservedSocket(Socket socket, Deadline deadline, boolean forDriver) {
        this.socket = socket;
        this.deadline = deadline;
        this.forDriver = forDriver;
    }

    /**
     * One for the driver, which reads again after a {@link SocketTimeoutException}, for ever: there the end of time is an
     * error like any other.
     */
    static ObservedSocket forDriver(Socket socket, Deadline deadline) {
        return new ObservedSocket(socket, deadline, true);
    }

    Deadline deadline() {
        return deadline;
    }

    /** The deadline of what comes next. */
    void deadline(Deadline next) {
        this.deadline = next;
    }

    /** Starts a new step: counts and the kept beginning start over. */
    synchronized void startStep() {
        received = 0;
        sent = 0;
        beginning = new ByteArrayOutputStream();
        lastFirstByte = -1;
    }

    /**
     * Whether to stay open when closed from above: the JDK's TLS closes at the first bytes that are not TLS, and the
     * rest of that answer would be lost.
     */
    void hold(boolean hold) {
        this.held = hold;
    }

    /** How the connection ended: RESET, CLOSED, TIMEOUT or UNCLASSIFIED; empty if it did not. */
    Optional<FailureKind> ending() {
        return Optional.ofNullable(ending);
    }

    synchronized long received() {
        return received;
    }

    synchronized long sent() {
        return sent;
    }

    /** The first bytes received in this step. */
    synchronized byte[] beginning() {
        return beginning.toByteArray();
    }

    /** The first byte of the last write. */
    synchronized int lastFirstByte() {
        return lastFirstByte;
    }

    /** Milliseconds from the last byte sent to the ending, or to now if there was none. */
    synchronized double millisAfterSending() {
        return ((ending == null ? System.nanoTime() : endedAt) - lastSentAt) / 1e6;
    }

    private synchronized void end(FailureKind kind) {
        if (ending == null && !closedHere) {
            endedAt = System.nanoTime();
            ending = kind;
        }
    }

    private synchronized void noteReceived(byte[] bytes, int offset, int length) throws IOException {
        received += length;
        int room = KEPT_BYTES - beginning.size();
        if (room > 0) {
            beginning.write(bytes, offset, Math.min(room, length));
        }
        if (received > MOST_BYTES) {
            end(FailureKind.UNCLASSIFIED);
            throw new IOException("more than " + MOST_BYTES + " bytes received: stopped reading");
        }
    }

    private synchronized void noteSending(int firstByte, int length) {
        sent += length;
        if (ending != null) {
            return; // What a library says after the end, such as a TLS alert, is not what was answered.
        }
        lastFirstByte = firstByte;
        lastSentAt = System.nanoTime();
    }

    private static FailureKind kind(IOException e) {
        if (e instanceof SocketTimeoutException) {
            return FailureKind.TIMEOUT;
        }
        if (e instanceof SocketException) {
            // A write to a connection that the other side closed gives EPIPE; any other error on an established one is
            // a reset.
            return SystemTexts.BROKEN_PIPE.is(e.getMessage()) ? FailureKind.CLOSED : FailureKind.RESET;
        }
        return FailureKind.UNCLASSIFIED;
    }

    @Override
    public synchronized InputStream getInputStream() throws IOException {
        if (in == null) {
            in = new Reading(socket.getInputStream());
        }
        return in;
    }

    @Override
    public synchronized OutputStream getOutputStream() throws IOException {
        if (out == null) {
            out = new Writing(socket.getOutputStream());
        }
        return out;
    }

    private final class Reading extends FilterInputStream {
        Reading(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        /** Reads: what is skipped was received, too. */
        @Override
        public long skip(long count) throws IOException {
            return Math.max(0, read(new byte[(int) Math.min(count, KEPT_BYTES)], 0, (int) Math.min(count, KEPT_BYTES)));
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                if (deadline.isOver()) {
                    throw new SocketTimeoutException("deadline passed");
                }
                socket.setSoTimeout(deadline.leftMillis());
                int count = in.read(bytes, offset, length);
                if (count < 0) {
                    end(FailureKind.CLOSED);
                } else {
                    noteReceived(bytes, offset, count);
                }
                return count;
            } catch (IOException e) {
                end(kind(e));
                if (forDriver && e instanceof SocketTimeoutException) {
                    throw new IOException("no answer in the time allowed", e);
                }
                throw e;
            }
        }
    }

    private final class Writing extends FilterOutputStream {
        Writing(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return;
            }
            try {
                noteSending(bytes[offset] & 0xff, length);
                out.write(bytes, offset, length);
            } catch (IOException e) {
                end(kind(e));
                throw e;
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (held) {
            return;
        }
        closedHere = true;
        socket.close();
    }

    /** Left alone: the deadline decides. */
    @Override
    public void setSoTimeout(int timeout) {}

    @Override
    public int getSoTimeout() {
        return 0;
    }

    @Override
    public boolean isConnected() {
        return socket.isConnected();
    }

    @Override
    public boolean isBound() {
        return socket.isBound();
    }

    @Override
    public boolean isClosed() {
        return socket.isClosed();
    }

    @Override
    public boolean isInputShutdown() {
        return socket.isInputShutdown();
    }

    @Override
    public boolean isOutputShutdown() {
        return socket.isOutputShutdown();
    }

    @Override
    public void shutdownInput() throws IOException {
        if (held) {
            return;
        }
        socket.shutdownInput();
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (held) {
            return;
        }
        socket.shutdownOutput();
    }

    @Override
    public InetAddress getInetAddress() {
        return socket.getInetAddress();
    }

    @Override
    public InetAddress getLocalAddress() {
        return socket.getLocalAddress();
    }

    @Override
    public int getPort() {
        return socket.getPort();
    }

    @Override
    public int getLocalPort() {
        return socket.getLocalPort();
    }

    @Override
    public SocketAddress getRemoteSocketAddress() {
        return socket.getRemoteSocketAddress();
    }

    @Override
    public SocketAddress getLocalSocketAddress() {
        return socket.getLocalSocketAddress();
    }

    @Override
    public void setTcpNoDelay(boolean on) throws SocketException {
        socket.setTcpNoDelay(on);
    }

    @Override
    public boolean getTcpNoDelay() throws SocketException {
        return socket.getTcpNoDelay();
    }

    @Override
    public void setKeepAlive(boolean on) throws SocketException {
        socket.setKeepAlive(on);
    }

    @Override
    public void setSoLinger(boolean on, int linger) throws SocketException {
        socket.setSoLinger(on, linger);
    }

    @Override
    public int getSendBufferSize() throws SocketException {
        return socket.getSendBufferSize();
    }

    @Override
    public int getReceiveBufferSize() throws SocketException {
        return socket.getReceiveBufferSize();
    }

    @Override
    public void setSendBufferSize(int size) throws SocketException {
        socket.setSendBufferSize(size);
    }

    @Override
    public void setReceiveBufferSize(int size) throws SocketException {
        socket.setReceiveBufferSize(size);
    }
}
