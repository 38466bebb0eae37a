package io.github.dsqlreach;

/** An endpoint that cannot be understood. The message names the value and what is allowed. */
public class InvalidEndpointException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** With a message, which is scrubbed of secrets. */
    public InvalidEndpointException(String message) {
        super(Scrubber.scrub(message));
    }
}
