package io.github.dsqlreach.toxiproxy;

/** Passes everything on. */
final class NoopToxic extends Toxic<Void> {

    @Override
    void receive(Stage<Void> stage, Void nothing, Chunk chunk) {
        stage.pass(chunk);
    }
}
