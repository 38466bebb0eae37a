package io.github.dsqlreach.toxiproxy;

import java.util.concurrent.ThreadLocalRandom;

/** Delays each chunk by {@code latency} ± {@code jitter} milliseconds from when it was read; the order is kept. */
final class LatencyToxic extends Toxic<Void> {
    private final long latency;
    private final long jitter;

    LatencyToxic(Attributes given) {
        super(given);
        latency = given.number("latency", 0);
        jitter = given.number("jitter", 0);
    }

    @Override
    void receive(ToxicStub stub, Void nothing, Chunk chunk) {
        long wait = delay() - (System.nanoTime() - chunk.readAt());
        if (wait > 0) {
            stub.struck();
        }
        stub.hold(wait, () -> stub.pass(chunk.later(wait)), () -> stub.pass(chunk));
    }

    @Override
    boolean isLongLine() {
        return true;
    }

    private long delay() {
        long most = millis(jitter);
        return millis(latency) + (most > 0 ? ThreadLocalRandom.current().nextLong(-most, most) : 0);
    }
}
