package io.github.dsqlreach.connect;

import io.github.dsqlreach.Scrubber;
import java.io.IOException;

/** What answers does not do what was asked for: it does not speak WebSocket, or lets nobody through. */
public final class HttpRefusedException extends IOException {
    private static final long serialVersionUID = 1;
    private static final int LONGEST_MESSAGE = 300;

    private final int status;

    HttpRefusedException(int status, String message) {
        super(Scrubber.line(message, LONGEST_MESSAGE));
        this.status = status;
    }

    /** The HTTP status, for example 403; 0 if the answer was no HTTP at all. */
    public int status() {
        return status;
    }
}
