package io.github.dsqlreach.toxiproxy;

/** Passes data at once, but the close only after {@code delay} milliseconds. */
final class SlowCloseToxic extends Toxic<Void> {
    private final long delay;

    SlowCloseToxic(Attributes given) {
        super(given);
        delay = given.number("delay", 0);
    }

    @Override
    void receive(ToxicStub stub, Void nothing, Chunk chunk) {
        stub.pass(chunk);
    }

    @Override
    void end(ToxicStub stub, Void nothing) {
        if (delay > 0) {
            stub.struck();
        }
        stub.hold(millis(delay), stub::close, () -> {});
    }
}
