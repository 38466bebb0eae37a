package io.github.dsqlreach.toxiproxy;

/**
 * Swallows all data, and closes when none came for {@code timeout} milliseconds; 0 never closes. Taking it away closes
 * the connections it silenced: they have lost data.
 */
final class TimeoutToxic extends Toxic<Void> {
    private final long timeout;

    TimeoutToxic(Attributes given) {
        super(given);
        timeout = given.number("timeout", 0);
    }

    @Override
    void start(ToxicStub stub, Void nothing) {
        if (timeout > 0) {
            stub.alarm(millis(timeout), () -> {
                stub.struck();
                stub.close();
            });
        }
    }

    @Override
    void receive(ToxicStub stub, Void nothing, Chunk swallowed) {
        stub.struck();
        start(stub, nothing);
    }

    @Override
    void removed(ToxicStub stub, Void nothing) {
        stub.close();
    }
}
