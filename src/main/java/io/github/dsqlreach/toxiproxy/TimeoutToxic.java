package io.github.dsqlreach.toxiproxy;

/**
 * Swallows all data, and closes when none came for {@code timeout} milliseconds; 0 never closes. Taking it away closes
 * the connections it silenced: they have lost data.
 */
final class TimeoutToxic extends Toxic {
    private long timeout;

    @Override
    void start(Stage stage) {
        if (timeout > 0) {
            stage.alarm(millis(timeout), stage::close);
        }
    }

    @Override
    void receive(Stage stage, Chunk swallowed) {
        start(stage);
    }

    @Override
    void removed(Stage stage) {
        stage.close();
    }
}
