package io.github.dsqlreach.toxiproxy;

/**
 * Swallows all data, and closes when none came for {@code timeout} milliseconds; 0 never closes. Taking it away closes
 * the connections it silenced: they have lost data.
 */
final class TimeoutToxic extends Toxic<Void> {
    private long timeout;

    @Override
    void start(Stage<Void> stage, Void nothing) {
        if (timeout > 0) {
            stage.alarm(millis(timeout), stage::close);
        }
    }

    @Override
    void receive(Stage<Void> stage, Void nothing, Chunk swallowed) {
        start(stage, nothing);
    }

    @Override
    void removed(Stage<Void> stage, Void nothing) {
        stage.close();
    }
}
