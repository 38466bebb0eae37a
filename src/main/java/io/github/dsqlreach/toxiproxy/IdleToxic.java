package io.github.dsqlreach.toxiproxy;

/**
 * Forgets a connection that carries no data for {@code idle} milliseconds, as firewalls, NAT gateways and load balancers do. Data
 * that comes later gets a {@code reset}, a {@code close}, or is swallowed in {@code silence}. To see the data of both directions it is needed
 * in both.
 */
final class IdleToxic extends Toxic<IdleToxic.Forgotten> {
    private final Direction direction;
    private final long idle;
    private final AfterTlsToxic.Then then;

    IdleToxic(Attributes given) {
        super(given);
        direction = given.direction();
        idle = given.number("idle", 0);
        then = given.constant("then", AfterTlsToxic.Then.class, AfterTlsToxic.Then.RESET);
        if (idle < 1) {
            throw new IllegalArgumentException("idle must be 1 or more");
        }
    }

    @Override
    Forgotten memory() {
        return new Forgotten();
    }

    @Override
    void start(ToxicStub stub, Forgotten forgotten) {
        stub.dataPassed();
    }

    @Override
    void receive(ToxicStub stub, Forgotten forgotten, Chunk chunk) {
        if (stub.nanosWithoutData() < millis(idle)) {
            stub.dataPassed();
            stub.pass(chunk);
            return;
        }
        // Swallowed data is not counted as data, so both directions stay silent.
        forgotten.connection = true;
        stub.struck();
        switch (then) {
            case RESET -> stub.abortByReset();
            case CLOSE -> stub.abort();
            case SILENCE -> {
                // Swallowed.
            }
        }
    }

    /** The upstream's close is lost too. */
    @Override
    void end(ToxicStub stub, Forgotten forgotten) {
        boolean lost = then == AfterTlsToxic.Then.SILENCE
                && direction == Direction.DOWNSTREAM
                && stub.nanosWithoutData() >= millis(idle);
        if (lost) {
            forgotten.connection = true;
            stub.struck();
        } else {
            stub.close();
        }
    }

    @Override
    void removed(ToxicStub stub, Forgotten forgotten) {
        if (forgotten.connection) {
            stub.abort();
        }
    }

    /** Whether data of a connection was swallowed. */
    static final class Forgotten {
        private boolean connection;
    }
}
