package io.github.dsqlreach.toxiproxy;

/** Passes data at once, but the close only after {@code delay} milliseconds. */
final class SlowCloseToxic extends Toxic {
    private long delay;

    @Override
    void receive(Stage stage, Chunk chunk) {
        stage.pass(chunk);
    }

    @Override
    void end(Stage stage) {
        stage.hold(millis(delay), stage::close, () -> {});
    }
}
