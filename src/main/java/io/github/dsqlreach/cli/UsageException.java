package io.github.dsqlreach.cli;

import org.jspecify.annotations.Nullable;

/** The user has to change something on the command line or around it; the message says what. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
        super(message);
    }

    UsageException(@Nullable String message, Throwable cause) {
        super(message, cause);
    }
}
