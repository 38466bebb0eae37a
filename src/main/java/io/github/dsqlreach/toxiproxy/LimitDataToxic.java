package io.github.dsqlreach.toxiproxy;

/** Passes {@code bytes} bytes of the connection, then closes it. */
final class LimitDataToxic extends Toxic {
    private long bytes;

    @Override
    void receive(Stage stage, Chunk chunk) {
        long passed = stage.state == null ? 0 : (Long) stage.state;
        int now = (int) Math.min(chunk.length(), Math.max(0, bytes - passed));
        if (now > 0) {
            stage.pass(chunk.slice(0, now));
        }
        stage.state = passed + now;
        if (passed + now >= bytes) {
            stage.close();
        }
    }
}
