package io.github.dsqlreach.toxiproxy;

/**
 * Passes {@code bytes} bytes of the connection, or passes data for {@code time} milliseconds, and then {@code reset}s or
 * {@code close}s the connection or falls into {@code silence}. A connection that has not got there is left alone, also in the
 * way it ends. That is the difference to {@code limit_data} with {@code reset_peer}.
 */
final class CutToxic extends Toxic<CutToxic.Passed> {
    private static final long NONE = -1;

    private final long bytes;
    private final long time;
    private final AfterTlsToxic.Then then;

    CutToxic(Attributes given) {
        super(given);
        bytes = given.number("bytes", NONE);
        time = given.number("time", NONE);
        then = given.constant("then", AfterTlsToxic.Then.class, AfterTlsToxic.Then.RESET);
        if (bytes < 0 && time < 0) {
            throw new IllegalArgumentException("bytes or time must be 0 or more");
        }
    }

    @Override
    Passed memory() {
        return new Passed();
    }

    @Override
    void start(ToxicStub stub, Passed passed) {
        if (time >= 0) {
            stub.alarm(millis(time), () -> cut(stub, passed));
        }
    }

    @Override
    void receive(ToxicStub stub, Passed passed, Chunk chunk) {
        if (passed.silenced) {
            return;
        }
        if (bytes < 0) {
            stub.pass(chunk);
            return;
        }
        int now = (int) Math.min(chunk.length(), Math.max(0, bytes - passed.bytes));
        if (now > 0) {
            stub.pass(chunk.slice(0, now));
        }
        passed.bytes += now;
        if (passed.bytes >= bytes) {
            cut(stub, passed);
        }
    }

    private void cut(ToxicStub stub, Passed passed) {
        stub.struck();
        switch (then) {
            case RESET -> {
                stub.closeByReset();
                stub.close();
            }
            case CLOSE -> stub.close();
            case SILENCE -> passed.silenced = true;
        }
    }

    /** A connection that has lost data must not go on. */
    @Override
    void removed(ToxicStub stub, Passed passed) {
        if (passed.silenced) {
            stub.close();
        }
    }

    /** How many bytes of a connection have passed, and whether the rest is swallowed. */
    static final class Passed {
        private long bytes;
        private boolean silenced;
    }
}
