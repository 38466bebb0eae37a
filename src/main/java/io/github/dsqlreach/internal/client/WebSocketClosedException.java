package io.github.dsqlreach.internal.client;

import io.github.dsqlreach.Scrubber;
import java.net.SocketException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The server closed a WebSocket with an error code, or in the middle of a message. */
public final class WebSocketClosedException extends SocketException {
    private static final long serialVersionUID = 1;
    private static final int LONGEST_REASON = 200;

    private final @Nullable String reason;

    WebSocketClosedException(String what) {
        super("Connection closed in the middle of a WebSocket " + what);
        this.reason = null;
    }

    WebSocketClosedException(int code, String words) {
        this(code, words.isEmpty() ? "" : ": ", Scrubber.line(words, LONGEST_REASON));
    }

    private WebSocketClosedException(int code, String colon, String words) {
        super("Connection closed by the server with WebSocket code " + code + colon + words);
        this.reason = "closed with WebSocket code " + code + colon + words;
    }

    /** The code and the server's text, for example {@code closed with WebSocket code 1013: try again}; empty without a code. */
    public Optional<String> reason() {
        return Optional.ofNullable(reason);
    }
}
