package io.github.dsqlreach.toxiproxy;

/** Passes everything on. */
final class NoopToxic extends Toxic<Void> {

    NoopToxic(Attributes given) {
        super(given);
    }

    @Override
    void receive(ToxicStub stub, Void nothing, Chunk chunk) {
        stub.pass(chunk);
    }
}
