package io.github.dsqlreach.toxiproxy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One direction of one connection. Toxics stand in the order of their creation:
 *
 * <pre>
 *            Stage     Stage
 *              v         v
 * source &gt; [queue] &gt; [queue] &gt; outbox &gt; sink
 * </pre>
 *
 * Without toxics bytes go from socket to socket through the loop's buffer, uncopied. When more waits inside than may, the
 * source is not read until some of it has gone.
 */
final class Pipe {
    /** With toxics, what is read at once: toxics count in chunks of this size at most. */
    private static final int CHUNK = 32 << 10;

    private static final int MAY_WAIT = 64 << 10;
    /** What a pipe in which nothing waits may always read. */
    private static final int LEAST = 512;

    private final Link link;
    private final Direction direction;
    private SocketChannel source;
    private SocketChannel sink;
    private final List<Stage<?>> stages = new ArrayList<>();
    private final ArrayDeque<ByteBuffer> outbox = new ArrayDeque<>();
    private long waitingInOutbox;
    private long mayWait = MAY_WAIT;
    private long accounted;
    private long reads;
    private boolean sourceEnded;
    private boolean outputEnded;
    private boolean finished;

    Pipe(Link link, Direction direction, SocketChannel source, SocketChannel sink) {
        this.link = link;
        this.direction = direction;
        this.source = source;
        this.sink = sink;
    }

    void divertSource(SocketChannel other) {
        source = other;
    }

    void divertSink(SocketChannel other) {
        sink = other;
    }

    Link link() {
        return link;
    }

    EventLoop loop() {
        return link.loop();
    }

    EventLoop.Timer after(long nanos, Runnable then) {
        return loop().after(nanos, link.guarded(then));
    }

    boolean wantsToRead() {
        long waiting = account();
        return !sourceEnded
                && !finished
                && waitingInOutbox < MAY_WAIT
                && (waiting == 0 || waiting < Math.min(mayWait, Memory.left()))
                && !someStageClosed();
    }

    boolean wantsToWrite() {
        return !finished && !outbox.isEmpty();
    }

    boolean isFinished() {
        return finished;
    }

    void readable() {
        if (!wantsToRead()) {
            return;
        }
        ByteBuffer buffer = loop().buffer();
        long most = Math.max(LEAST, Memory.left() - accounted);
        buffer.limit((int) Math.min(most, stages.isEmpty() ? buffer.capacity() : CHUNK));
        int count;
        try {
            count = source.read(buffer);
        } catch (IOException e) {
            count = -1;
        }
        if (count < 0) {
            sourceGone();
            return;
        }
        reads++;
        buffer.flip();
        if (stages.isEmpty()) {
            write(buffer);
        } else if (count > 0) {
            stages.get(0).receive(new Chunk(copy(buffer), System.nanoTime()));
        }
    }

    void writable() {
        while (!finished && !outbox.isEmpty()) {
            ByteBuffer first = outbox.peek();
            int before = first.remaining();
            if (!tryWrite(first)) {
                return;
            }
            waitingInOutbox -= before - first.remaining();
            if (first.hasRemaining()) {
                return;
            }
            outbox.remove();
        }
        if (outputEnded && outbox.isEmpty()) {
            finish();
        }
    }

    /** How often the source has sent something. */
    long reads() {
        return reads;
    }

    /** Reads no more from the source, without passing an end on. */
    void endInput() {
        sourceEnded = true;
    }

    /** Forgets what waits for the sink. */
    void dropOutput() {
        outbox.clear();
        waitingInOutbox = 0;
    }

    /** Nothing more will come from the source: the end travels behind what did. */
    void sourceGone() {
        if (sourceEnded) {
            return;
        }
        sourceEnded = true;
        if (stages.isEmpty()) {
            endOutput();
        } else {
            stages.get(0).receiveEnd();
        }
    }

    /** Brings the living chain to what is asked for now. */
    void follow(List<ToxicSpec> wanted) {
        List<ToxicSpec> mine =
                wanted.stream().filter(spec -> spec.direction() == direction).toList();
        for (Stage<?> stage : List.copyOf(stages)) {
            if (mine.stream().noneMatch(spec -> spec.id() == stage.spec().id()) && !stage.isFirm()) {
                stage.release();
                stages.remove(stage);
            }
        }
        for (ToxicSpec spec : mine) {
            if (finished) {
                return; // A toxic has closed the connection.
            }
            Stage<?> stage = stageOf(spec);
            if (stage == null) {
                add(spec);
            } else if (stage.spec() != spec) {
                stage.change(spec);
            }
        }
        mayWait = mine.stream().anyMatch(spec -> spec.toxic().isLongLine()) ? Long.MAX_VALUE : MAY_WAIT;
        progressed();
    }

    private void add(ToxicSpec spec) {
        Stage<?> stage = Stage.of(this, spec);
        stages.add(stage);
        if (spec.toxic().closesByReset()) {
            link.closeByReset();
        }
        if (outputEnded) {
            stage.receiveEnd();
        }
        stage.start();
    }

    private @Nullable Stage<?> stageOf(ToxicSpec spec) {
        for (Stage<?> stage : stages) {
            if (stage.spec().id() == spec.id()) {
                return stage;
            }
        }
        return null;
    }

    void after(Stage<?> stage, Chunk chunk) {
        int next = stages.indexOf(stage) + 1;
        if (next < stages.size()) {
            stages.get(next).receive(chunk);
        } else {
            write(chunk.data().duplicate());
        }
    }

    void endAfter(Stage<?> stage) {
        int next = stages.indexOf(stage) + 1;
        if (next < stages.size()) {
            stages.get(next).receiveEnd();
        } else {
            endOutput();
        }
    }

    void progressed() {
        link.updateInterest();
    }

    /** Sends bytes to the sink past all toxics, after what waits for it already. */
    void write(ByteBuffer bytes) {
        if (outputEnded || finished) {
            return;
        }
        if (outbox.isEmpty() && !tryWrite(bytes)) {
            return;
        }
        if (bytes.hasRemaining()) {
            ByteBuffer rest = bytes.isDirect() ? copy(bytes) : bytes;
            waitingInOutbox += rest.remaining();
            outbox.add(rest);
        }
    }

    void endOutput() {
        outputEnded = true;
        if (outbox.isEmpty()) {
            finish();
        }
    }

    /** Closes the sink, as a whole: like Toxiproxy, a link knows no half-closed connection. */
    void finish() {
        if (finished) {
            return;
        }
        finished = true;
        stages.forEach(Stage::discard);
        outbox.clear();
        waitingInOutbox = 0;
        account();
        loop().close(sink);
        link.finished(this);
    }

    private boolean tryWrite(ByteBuffer bytes) {
        try {
            sink.write(bytes);
            return true;
        } catch (IOException e) {
            finish();
            return false;
        }
    }

    /** What waits here, as the memory that all share knows it. */
    private long account() {
        long waiting = waiting();
        Memory.hold(waiting - accounted);
        accounted = waiting;
        return waiting;
    }

    private long waiting() {
        long waiting = waitingInOutbox;
        for (int i = 0; i < stages.size(); i++) {
            waiting += stages.get(i).waiting();
        }
        return waiting;
    }

    private boolean someStageClosed() {
        for (int i = 0; i < stages.size(); i++) {
            if (stages.get(i).isClosed()) {
                return true;
            }
        }
        return false;
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
    }
}
