package io.github.dsqlreach;

import java.util.Objects;

/**
 * Why a step did not pass.
 *
 * @param kind how it failed
 * @param message what was seen, in one line; scrubbed of secrets, control characters and commands to a CI service when constructed
 */
public record Failure(FailureKind kind, String message) {
    public Failure {
        Objects.requireNonNull(kind, "kind");
        message = Scrubber.oneLine(message == null || message.isBlank() ? kind.label() : message);
    }

    /** A failure that its kind says all about. */
    public static Failure of(FailureKind kind) {
        return new Failure(kind, kind.label());
    }

    @Override
    public String toString() {
        return message;
    }
}
