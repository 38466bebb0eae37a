package io.github.dsqlreach.toxiproxy;

/** Passes everything on. */
final class NoopToxic extends Toxic {

    @Override
    void receive(Stage stage, Chunk chunk) {
        stage.pass(chunk);
    }
}
