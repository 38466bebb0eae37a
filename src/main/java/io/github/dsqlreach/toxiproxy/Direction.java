package io.github.dsqlreach.toxiproxy;

import java.util.Locale;

/** Which way bytes flow. */
public enum Direction {
    /** From the client to the upstream. */
    UPSTREAM,
    /** From the upstream to the client. */
    DOWNSTREAM;

    static Direction parse(String stream) {
        for (Direction direction : values()) {
            if (direction.name().equals(stream.toUpperCase(Locale.ROOT))) {
                return direction;
            }
        }
        throw new ApiException(400, "stream was invalid, can be either upstream or downstream");
    }
}
