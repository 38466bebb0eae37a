package io.github.dsqlreach;

import java.util.Arrays;
import java.util.Optional;

/** What was sent last before a connection ended or fell silent: the {@link Evidence#AFTER} of a step. */
public enum SentMessage {
    /** The request to an HTTP proxy for a way through. */
    CONNECT("CONNECT"),
    /** PostgreSQL's request to start TLS. */
    SSL_REQUEST("SSLRequest"),
    /** The first message of TLS; nothing of the server's answer has come. */
    CLIENT_HELLO("ClientHello"),
    /** The first message of TLS, and a part of the server's answer has come. */
    HANDSHAKE("handshake"),
    /** The request, in TLS, to go on with a WebSocket. */
    UPGRADE("the WebSocket upgrade"),
    /** The beginning of the login. */
    STARTUP_MESSAGE("StartupMessage"),
    /** The token. */
    PASSWORD("password"),
    /** A query. */
    QUERY("query"),
    /** An experiment's request for a web page. */
    WEB_REQUEST("a web request");

    private final String label;

    SentMessage(String label) {
        this.label = label;
    }

    /** The message of that label; empty if this version knows none. */
    public static Optional<SentMessage> of(String label) {
        return Arrays.stream(values())
                .filter(message -> message.label.equals(label))
                .findFirst();
    }

    /** The words for it in sentences and in evidence, for example {@code ClientHello}. */
    public String label() {
        return label;
    }

    /** The {@link #label()}. */
    @Override
    public String toString() {
        return label;
    }
}
