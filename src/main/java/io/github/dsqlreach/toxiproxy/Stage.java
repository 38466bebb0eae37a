package io.github.dsqlreach.toxiproxy;

import java.io.IOException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One toxic at work on one direction of one connection: a queue of chunks before it, and what it remembers. Without luck
 * in the draw of its toxicity it lets everything through.
 *
 * <p>Once closed it swallows what still comes, while the close travels on behind the data already passed.
 */
final class Stage<M> implements ToxicStub {
    private static final int CHUNK_OVERHEAD = 128;

    private final Pipe pipe;
    private final ArrayDeque<Chunk> inbox = new ArrayDeque<>();
    private final M memory;
    private ToxicSpec spec;
    private Toxic<M> toxic;
    private boolean active;
    private long waiting;
    private boolean inputEnded;
    private boolean endHandled;
    private boolean closed;
    private boolean draining;
    private EventLoop.@Nullable Timer hold;
    private @Nullable Runnable whenInterrupted;
    private EventLoop.@Nullable Timer alarm;

    private Stage(Pipe pipe, ToxicSpec spec, Toxic<M> toxic) {
        this.pipe = pipe;
        this.spec = spec;
        this.toxic = toxic;
        this.memory = toxic.memory();
    }

    static Stage<?> of(Pipe pipe, ToxicSpec spec) {
        return new Stage<>(pipe, spec, spec.toxic());
    }

    // What a toxic may do

    @Override
    public void pass(Chunk chunk) {
        if (!closed && chunk.length() > 0) {
            pipe.after(this, chunk);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            discard();
            pipe.endAfter(this);
        }
    }

    @Override
    public void hold(long nanos, Runnable then, @Nullable Runnable interrupted) {
        if (nanos <= 0) {
            then.run();
            return;
        }
        whenInterrupted = interrupted;
        hold = pipe.after(nanos, () -> {
            hold = null;
            then.run();
            drain();
        });
    }

    @Override
    public void holdFirmly(long nanos, Runnable then) {
        hold(nanos, then, null);
    }

    @Override
    public void alarm(long nanos, Runnable then) {
        cancel(alarm);
        alarm = pipe.after(nanos, then);
    }

    @Override
    public String upstream() {
        return pipe.link().proxy().upstream();
    }

    @Override
    public void struck() {
        pipe.link().struck(spec);
    }

    @Override
    public boolean isOlderThanToxic() {
        return pipe.link().acceptedAt() - spec.addedAt() < 0;
    }

    @Override
    public void dataPassed() {
        pipe.link().dataPassed();
    }

    @Override
    public long nanosWithoutData() {
        return pipe.link().nanosWithoutData();
    }

    @Override
    public long answers() {
        return pipe.link().answers();
    }

    @Override
    public void closeUpstream() {
        pipe.link().abandonUpstream();
    }

    @Override
    public void endAnswers() {
        pipe.link().endAnswers();
    }

    @Override
    public void closeByReset() {
        pipe.link().closeByReset();
    }

    @Override
    public void abort() {
        pipe.link().abort();
    }

    @Override
    public void answerAndClose(byte[] answer) {
        pipe.link().answerAndClose(answer);
    }

    @Override
    public void divert(Interceptor elsewhere) throws IOException {
        pipe.link().divert(elsewhere);
    }

    // What the pipe does

    ToxicSpec spec() {
        return spec;
    }

    long waiting() {
        return waiting;
    }

    boolean isClosed() {
        return closed;
    }

    /** A reset that is on its way is not called off. */
    boolean isFirm() {
        return hold != null && whenInterrupted == null;
    }

    void start() {
        active = spec.draws(pipe.link().number());
        if (active) {
            toxic.start(this, memory);
        }
    }

    void receive(Chunk chunk) {
        if (!closed && !inputEnded) {
            inbox.add(chunk);
            waiting += cost(chunk);
            drain();
        }
    }

    void receiveEnd() {
        inputEnded = true;
        drain();
    }

    /** The toxic was changed: what it held goes on at once, and the draw is made anew. */
    void change(ToxicSpec changed) {
        boolean over = closed || isFirm();
        if (!over) {
            interrupt();
        }
        become(changed);
        if (!over) {
            start();
            drain();
        }
    }

    @SuppressWarnings("unchecked") // What has the same id has the same type.
    private void become(ToxicSpec changed) {
        spec = changed;
        toxic = (Toxic<M>) changed.toxic();
    }

    /** The toxic was removed: all that waits goes on at once. */
    void release() {
        interrupt();
        toxic.removed(this, memory);
        for (Chunk chunk = inbox.poll(); chunk != null; chunk = inbox.poll()) {
            pass(chunk);
        }
        if (inputEnded) {
            close();
        }
    }

    /** The connection is gone. */
    void discard() {
        cancel(hold);
        cancel(alarm);
        hold = null;
        inbox.clear();
        waiting = 0;
    }

    private void interrupt() {
        cancel(alarm);
        if (hold != null && whenInterrupted != null) {
            cancel(hold);
            hold = null;
            endHandled = false;
            whenInterrupted.run();
        }
    }

    private void drain() {
        if (draining) {
            return;
        }
        draining = true;
        try {
            while (hold == null && !closed && !inbox.isEmpty()) {
                Chunk chunk = inbox.remove();
                waiting -= cost(chunk);
                if (active) {
                    toxic.receive(this, memory, chunk);
                } else {
                    pass(chunk);
                }
            }
            if (hold == null && !closed && inputEnded && !endHandled) {
                endHandled = true;
                if (active) {
                    toxic.end(this, memory);
                } else {
                    close();
                }
            }
        } finally {
            draining = false;
        }
        pipe.progressed();
    }

    /** Small chunks weigh more than their bytes. */
    private static int cost(Chunk chunk) {
        return chunk.length() + CHUNK_OVERHEAD;
    }

    private static void cancel(EventLoop.@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }
}
