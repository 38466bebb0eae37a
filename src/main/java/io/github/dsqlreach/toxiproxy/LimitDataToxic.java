package io.github.dsqlreach.toxiproxy;

/** Passes {@code bytes} bytes of the connection, then closes it. */
final class LimitDataToxic extends Toxic<LimitDataToxic.Passed> {
    private final long bytes;

    LimitDataToxic(Attributes given) {
        super(given);
        bytes = given.number("bytes", 0);
    }

    @Override
    Passed memory() {
        return new Passed();
    }

    @Override
    void receive(ToxicStub stub, Passed passed, Chunk chunk) {
        int now = (int) Math.min(chunk.length(), Math.max(0, bytes - passed.bytes));
        if (now > 0) {
            stub.pass(chunk.slice(0, now));
        }
        passed.bytes += now;
        if (passed.bytes >= bytes) {
            stub.struck();
            stub.close();
        }
    }

    /** How many bytes of a connection have passed. */
    static final class Passed {
        private long bytes;
    }
}
