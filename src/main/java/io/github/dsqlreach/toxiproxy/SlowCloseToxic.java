package io.github.dsqlreach.toxiproxy;

/** Passes data at once, but the close only after {@code delay} milliseconds. */
final class SlowCloseToxic extends Toxic<Void> {
    private long delay;

    @Override
    void receive(Stage<Void> stage, Void nothing, Chunk chunk) {
        stage.pass(chunk);
    }

    @Override
    void end(Stage<Void> stage, Void nothing) {
        stage.hold(millis(delay), stage::close, () -> {});
    }
}
