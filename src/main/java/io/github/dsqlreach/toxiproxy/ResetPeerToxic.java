package io.github.dsqlreach.toxiproxy;

/**
 * Drops the first chunk, and {@code timeout} milliseconds later closes both sides by RST. Its presence alone, whatever its
 * toxicity, turns every other close of the connection into an RST.
 */
final class ResetPeerToxic extends Toxic<Void> {
    private long timeout;

    @Override
    void receive(Stage<Void> stage, Void nothing, Chunk dropped) {
        end(stage, nothing);
    }

    @Override
    void end(Stage<Void> stage, Void nothing) {
        stage.holdFirmly(millis(timeout), stage::close);
    }

    @Override
    boolean closesByReset() {
        return true;
    }
}
