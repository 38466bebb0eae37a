package io.github.dsqlreach.toxiproxy;

/**
 * Ends the connections that are open when the toxic is added; later ones pass. {@code reset} and {@code close} end both sides at once;
 * {@code silence} swallows all data of this direction; {@code half_open} closes the upstream's side and tells the client nothing.
 */
final class LoseToxic extends Toxic<LoseToxic.Lost> {
    enum Then {
        RESET,
        CLOSE,
        SILENCE,
        HALF_OPEN
    }

    private final Direction direction;
    private final Then then;

    LoseToxic(Attributes given) {
        super(given);
        direction = given.direction();
        then = given.constant("then", Then.class, Then.RESET);
        if (then == Then.HALF_OPEN && direction != Direction.UPSTREAM) {
            throw new IllegalArgumentException("half_open swallows the client's bytes: its stream must be upstream");
        }
    }

    @Override
    Lost memory() {
        return new Lost();
    }

    @Override
    void start(ToxicStub stub, Lost lost) {
        if (!stub.isOlderThanToxic() || lost.connection) {
            return;
        }
        lost.connection = true;
        stub.struck();
        switch (then) {
            case RESET -> stub.abortByReset();
            case CLOSE -> stub.abort();
            case HALF_OPEN -> stub.closeUpstream();
            case SILENCE -> {
                // The data that comes is swallowed.
            }
        }
    }

    @Override
    void receive(ToxicStub stub, Lost lost, Chunk chunk) {
        if (!lost.connection) {
            stub.pass(chunk);
        }
    }

    /** The upstream's close is lost too. */
    @Override
    void end(ToxicStub stub, Lost lost) {
        if (!lost.connection) {
            stub.close();
        } else if (direction == Direction.UPSTREAM) {
            stub.abort();
        }
    }

    @Override
    void removed(ToxicStub stub, Lost lost) {
        if (lost.connection) {
            stub.abort();
        }
    }

    /** Whether a connection was open when the toxic was added. */
    static final class Lost {
        private boolean connection;
    }
}
