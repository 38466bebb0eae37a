package io.github.dsqlreach.toxiproxy;

import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * What one toxic does to the bytes that flow one way. It reads its attributes when it is made, and refuses those that make
 * no sense by an {@link IllegalArgumentException} that says why.
 *
 * <p>{@link Toxics} knows the types. One object serves all connections; what it remembers of one is handed to it with its
 * {@link ToxicStub}, on whose thread every method is called: nothing here may block.
 *
 * @param <M> what it remembers of a connection, also when its attributes change; {@code Void} for nothing
 */
abstract class Toxic<M> {
    /** An end to numbers, so that sums of nanoseconds cannot overflow: 30 years. */
    private static final long LONGEST_MILLIS = TimeUnit.DAYS.toMillis(365 * 30);

    private final Attributes attributes;
    private final OptionalLong seed;

    Toxic(Attributes given) {
        attributes = given;
        seed = given.optionalNumber("seed");
    }

    /** What decides which connections it acts on, if that was given. */
    final OptionalLong seed() {
        return seed;
    }

    /** All its attributes, by their names in the API. */
    final Map<String, Object> attributes() {
        return attributes.known();
    }

    /** What it remembers of a connection of which it has seen nothing yet. */
    @SuppressWarnings("NullAway") // Void has no other value.
    M memory() {
        return null;
    }

    /** A connection begins, or the toxic was added to or changed on a living one. */
    void start(ToxicStub stub, M memory) {}

    /** Bytes came: pass them on, changed or not, or drop them. Not called while the stage holds. */
    abstract void receive(ToxicStub stub, M memory, Chunk chunk);

    /** The sender has closed, and all it sent was received. */
    void end(ToxicStub stub, M memory) {
        stub.close();
    }

    /** The toxic was taken away from a living connection. */
    void removed(ToxicStub stub, M memory) {}

    /** Whether a connection that has this toxic is closed by RST. */
    boolean closesByReset() {
        return false;
    }

    /** Whether bytes are on their way here for a while: as many may be as memory allows. */
    boolean isLongLine() {
        return false;
    }

    static long millis(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(Math.max(-LONGEST_MILLIS, Math.min(millis, LONGEST_MILLIS)));
    }
}
