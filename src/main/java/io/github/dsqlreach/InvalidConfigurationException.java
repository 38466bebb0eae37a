package io.github.dsqlreach;

import org.jspecify.annotations.Nullable;

/**
 * A setting whose value is not allowed. The message names the value, where it came from and what is allowed.
 *
 * <pre>{@code
 * try {
 *     CheckSettings settings = CheckSettings.of(Configuration.ofSystem());
 * } catch (InvalidConfigurationException e) {
 *     System.err.println(e.getMessage());
 * }
 * }</pre>
 */
public class InvalidConfigurationException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** With a message, which is scrubbed of secrets. */
    public InvalidConfigurationException(String message) {
        super(Scrubber.scrub(message));
    }

    /** With a message, which is scrubbed of secrets, and a cause. */
    public InvalidConfigurationException(String message, @Nullable Throwable cause) {
        super(Scrubber.scrub(message), cause);
    }
}
