package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.internal.client.ForwardingSocket;
import io.github.dsqlreach.internal.client.WebSocketClosedException;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Optional;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * A connected socket that keeps a deadline, also for writes, and records what happens: bytes and times in both directions,
 * the time spent waiting for the network, the first bytes received, and how the connection ended. Libraries above wrap that
 * end into exceptions of many types and languages. Here the type and the state still tell it.
 */
class ObservedSocket extends ForwardingSocket {
    private static final int MOST_BYTES = 4 << 20;
    private static final int KEPT_BYTES = 1024;

    private final Socket socket;
    private final ReadTimer waits = new ReadTimer();
    private volatile Deadline deadline;
    private volatile @Nullable FailureKind ending;
    private volatile boolean closedHere;
    private volatile boolean held;
    private long received;
    private long sent;
    private long lastSentAt = System.nanoTime();
    private long endedAt;
    private int lastFirstByte = -1;
    private ByteArrayOutputStream beginning = new ByteArrayOutputStream();
    private @Nullable InputStream in;
    private @Nullable OutputStream out;
    private long roundTrip = Long.MAX_VALUE;

    private volatile boolean reading;
    private volatile @Nullable ObservedSocket above;
    /** The server sends requests of its own, such as pings, so that unread bytes mean nothing. */
    private boolean chatting;

    private boolean askingKernel = true;

    private Optional<SocketTable> atTheEnd = Optional.empty();
    private @Nullable Future<?> watch;
    private @Nullable Deadline watched;

    ObservedSocket(Socket socket, Deadline deadline) throws SocketException {
        super(socket);
        this.socket = socket;
        this.deadline = deadline;
    }

    Deadline deadline() {
        return deadline;
    }

    /** Sets the deadline of the next step. */
    void deadline(Deadline next) {
        this.deadline = next;
    }

    /** Enforces the deadline from now on by closing the connection. For the TCP socket. */
    synchronized ObservedSocket watched() {
        if (watched == null || deadline.or(watched) != watched) {
            stopWatching();
            watched = deadline;
            watch = Watchdog.in(deadline.withGrace().left(), this::enforce);
        }
        return this;
    }

    private void stopWatching() {
        if (watch != null) {
            watch.cancel(false);
        }
    }

    /** Closes the connection if a read or write is going on. Otherwise the next step brings its own deadline. */
    private synchronized void enforce() {
        if (closedHere) {
            return;
        }
        watched = null;
        Deadline now = deadline.withGrace();
        if (!now.isOver() || !waits.areGoingOn()) {
            watch = Watchdog.in(now.isOver() ? Deadline.GRACE : now.left(), this::enforce);
            return;
        }
        end(FailureKind.TIMEOUT);
        shut();
    }

    /** Closes at once, even while held, and below TLS, which may wait for a lock. */
    final synchronized void shut() {
        closedHere = true;
        stopWatching();
        Quietly.close(socket);
    }

    /** The socket whose data this one carries. What is sent while that one reads answers a WebSocket's ping or the like. */
    void carries(ObservedSocket above) {
        this.above = above;
    }

    /** Starts a new step, with new counts and a new beginning. */
    synchronized void startStep() {
        received = 0;
        sent = 0;
        waits.startStep();
        beginning = new ByteArrayOutputStream();
        lastFirstByte = -1;
    }

    /**
     * Whether to ignore a close from above. The JDK's TLS closes at the first bytes that are not TLS, and the rest of the
     * answer would be lost.
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

    /** Milliseconds from the last byte sent to the end of the connection, or to now. */
    synchronized double millisAfterSending() {
        return ((ending == null ? System.nanoTime() : endedAt) - lastSentAt) / 1e6;
    }

    /** The longest wait of this step, in milliseconds. */
    synchronized double longestWaitMillis() {
        return waits.longest() / 1e6;
    }

    /** Records the time between a message and its answer. */
    synchronized void noteRoundTrip(long nanos) {
        roundTrip = Math.min(roundTrip, nanos);
    }

    private Optional<SocketTable> askKernel() {
        return askingKernel ? SocketTable.of(socket) : Optional.empty();
    }

    /** For one of many connections, because reading the table of all connections takes time on a large machine. */
    void skipKernelTable() {
        askingKernel = false;
    }

    /** The failure of a connection that ended like that. A timeout counts only if this machine really waited. */
    Failure cut(FailureKind kind, String after, Evidence.Builder evidence) {
        if (kind != FailureKind.TIMEOUT) {
            return Failures.cut(kind, millisAfterSending(), after);
        }
        TimeoutAssessment silence = silence();
        silence.note(evidence);
        return silence.failure(after, millisAfterSending());
    }

    /** The assessment of a timeout that is over now, or that ended this connection. */
    synchronized TimeoutAssessment silence() {
        Optional<SocketTable> known = atTheEnd.isPresent() || socket.isClosed() ? atTheEnd : askKernel();
        Optional<SocketTable> kernel = known.filter(table -> !chatting);
        return new TimeoutAssessment(
                waits.sinceLastByte(),
                waits.sinceSending(),
                roundTrip,
                deadline.length().toNanos(),
                received,
                waits.parts(),
                kernel);
    }

    private synchronized void end(FailureKind kind) {
        if (ending == null && !closedHere) {
            endedAt = System.nanoTime();
            endWait();
            if (kind == FailureKind.TIMEOUT) {
                atTheEnd = askKernel();
            }
            ending = kind;
        }
    }

    private synchronized void beginWait() {
        waits.begin();
    }

    private synchronized void endWait() {
        waits.end();
    }

    private synchronized void noteReceived(byte[] bytes, int offset, int length) throws IOException {
        if (ending == null) {
            waits.received(); // Something after the end, such as the answer to a TLS alert, is no answer in time.
        }
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
            return; // Something after the end, such as a TLS alert, is not what the server answered.
        }
        chatting = above != null && above.reading;
        if (chatting) {
            waits.receivedNothing();
            return;
        }
        lastFirstByte = firstByte;
        lastSentAt = System.nanoTime();
        waits.sent();
    }

    private static FailureKind kind(IOException e) {
        if (e instanceof SocketTimeoutException) {
            return FailureKind.TIMEOUT;
        }
        if (e instanceof WebSocketClosedException) {
            return FailureKind.CLOSED;
        }
        if (e instanceof SocketException) {
            if (OsErrorMessages.RESET.is(e.getMessage())) {
                return FailureKind.RESET;
            }
            // A write to a connection that the server closed.
            if (OsErrorMessages.BROKEN_PIPE.is(e.getMessage())) {
                return FailureKind.CLOSED;
            }
        }
        return LocalErrors.of(e).map(Failure::kind).orElse(FailureKind.UNCLASSIFIED);
    }

    /** The exception for the reader at the deadline. */
    IOException timedOut(SocketTimeoutException e) {
        return e;
    }

    /** Checks received bytes before the reader gets them. */
    void check(byte[] bytes, int offset, int length) throws IOException {}

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

        /** Reads, because skipped bytes were received too. */
        @Override
        public long skip(long count) throws IOException {
            return Math.max(0, read(new byte[(int) Math.min(count, KEPT_BYTES)], 0, (int) Math.min(count, KEPT_BYTES)));
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            try {
                // Even after the deadline, because bytes that have arrived while this thread had no processor count.
                socket.setSoTimeout(deadline.leftMillis());
                beginWait();
                reading = true;
                int count;
                try {
                    count = in.read(bytes, offset, length);
                } finally {
                    reading = false;
                    endWait();
                }
                if (count < 0) {
                    end(FailureKind.CLOSED);
                } else {
                    noteReceived(bytes, offset, count);
                    check(bytes, offset, count);
                }
                return count;
            } catch (SocketTimeoutException e) {
                end(FailureKind.TIMEOUT);
                throw timedOut(e);
            } catch (IOException e) {
                end(kind(e));
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
                beginWait();
                try {
                    out.write(bytes, offset, length);
                } finally {
                    endWait();
                }
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
        synchronized (this) {
            closedHere = true;
            stopWatching();
        }
        socket.close();
    }

    /** Ignored, because the deadline decides. */
    @Override
    public void setSoTimeout(int timeout) {}

    @Override
    public int getSoTimeout() {
        return 0;
    }

    @Override
    public void shutdownInput() throws IOException {
        if (!held) {
            socket.shutdownInput();
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        if (!held) {
            socket.shutdownOutput();
        }
    }
}
