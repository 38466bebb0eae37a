package io.github.dsqlreach.internal.client;

import io.github.dsqlreach.Scrubber;
import java.io.IOException;

/** The HTTP proxy or the server rejects the request, or its answer is not HTTP. */
public final class HttpRefusedException extends IOException {
    private static final long serialVersionUID = 1;
    private static final int LONGEST_MESSAGE = 300;

    private final int status;

    HttpRefusedException(int status, String message) {
        super(Scrubber.line(message, LONGEST_MESSAGE));
        this.status = status;
    }

    /** The HTTP status, for example 403; 0 if the answer is not HTTP. */
    public int status() {
        return status;
    }
}
