package io.github.dsqlreach.toxiproxy;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Cuts chunks into pieces of {@code average_size} ± {@code size_variation} bytes, and waits {@code delay} microseconds
 * after each.
 */
final class SlicerToxic extends Toxic<Void> {
    private final long averageSize;
    private final long sizeVariation;
    private final long delay;

    SlicerToxic(Attributes given) {
        super(given);
        averageSize = given.number("average_size", 0);
        sizeVariation = given.number("size_variation", 0);
        delay = given.number("delay", 0);
    }

    @Override
    void receive(ToxicStub stub, Void nothing, Chunk chunk) {
        Deque<Integer> cuts = new ArrayDeque<>();
        cut(0, chunk.length(), cuts);
        if (cuts.size() > 1 || delay > 0) {
            stub.struck();
        }
        pass(stub, chunk, 0, cuts);
    }

    private void pass(ToxicStub stub, Chunk chunk, int from, Deque<Integer> cuts) {
        int at = from;
        while (!cuts.isEmpty()) {
            int to = cuts.remove();
            stub.pass(chunk.slice(at, to));
            at = to;
            if (delay > 0) {
                Runnable rest = () -> stub.pass(chunk.from(to));
                stub.hold(
                        TimeUnit.MICROSECONDS.toNanos(Math.min(delay, Integer.MAX_VALUE)),
                        () -> pass(stub, chunk, to, cuts),
                        rest);
                return;
            }
        }
    }

    /** Halves, not quite in the middle, until a piece is small enough; adds where each piece ends. */
    private void cut(int from, int to, Deque<Integer> cuts) {
        long average = Math.max(1, averageSize);
        long variation = Math.max(0, Math.min(sizeVariation, average - 1));
        if (to - from - average <= variation) {
            cuts.add(to);
            return;
        }
        long middle = from + (to - from) / 2;
        if (variation > 0) {
            middle += ThreadLocalRandom.current().nextLong(-variation, variation);
        }
        int at = (int) Math.max(from + 1, Math.min(middle, to - 1));
        cut(from, at, cuts);
        cut(at, to, cuts);
    }
}
