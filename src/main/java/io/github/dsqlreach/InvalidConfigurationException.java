package io.github.dsqlreach;

import org.jspecify.annotations.Nullable;

/** A setting that cannot be used. The message names the value, the place it came from and what is allowed. */
public class InvalidConfigurationException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** With a message, which is scrubbed of secrets. */
    public InvalidConfigurationException(String message) {
        super(Scrubber.scrub(message));
    }

    /** With a message, which is scrubbed of secrets, and what led to it. */
    public InvalidConfigurationException(String message, @Nullable Throwable cause) {
        super(Scrubber.scrub(message), cause);
    }
}
