package io.github.dsqlreach.toxiproxy;

/**
 * Drops the first chunk, and {@code timeout} milliseconds later closes both sides by RST. Its presence alone, whatever its
 * toxicity, turns every other close of the connection into an RST.
 */
final class ResetPeerToxic extends Toxic<Void> {
    private final long timeout;

    ResetPeerToxic(Attributes given) {
        super(given);
        timeout = given.number("timeout", 0);
    }

    @Override
    void receive(ToxicStub stub, Void nothing, Chunk dropped) {
        end(stub, nothing);
    }

    @Override
    void end(ToxicStub stub, Void nothing) {
        stub.struck();
        stub.holdFirmly(millis(timeout), stub::close);
    }

    @Override
    boolean closesByReset() {
        return true;
    }
}
