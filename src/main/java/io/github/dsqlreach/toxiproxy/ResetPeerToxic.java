package io.github.dsqlreach.toxiproxy;

/**
 * Drops the first chunk, and {@code timeout} milliseconds later closes both sides by RST. Its presence alone, whatever its
 * toxicity, turns every other close of the connection into an RST.
 */
final class ResetPeerToxic extends Toxic {
    private long timeout;

    @Override
    void receive(Stage stage, Chunk dropped) {
        end(stage);
    }

    @Override
    void end(Stage stage) {
        stage.holdFirmly(millis(timeout), stage::close);
    }

    @Override
    boolean closesByReset() {
        return true;
    }
}
