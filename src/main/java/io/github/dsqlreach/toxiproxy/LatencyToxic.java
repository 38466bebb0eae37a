package io.github.dsqlreach.toxiproxy;

import java.util.concurrent.ThreadLocalRandom;

/** Delays each chunk by {@code latency} ± {@code jitter} milliseconds from when it was read; the order is kept. */
final class LatencyToxic extends Toxic<Void> {
    private long latency;
    private long jitter;

    @Override
    void receive(ToxicStub stub, Void nothing, Chunk chunk) {
        long wait = delay() - (System.nanoTime() - chunk.readAt());
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
