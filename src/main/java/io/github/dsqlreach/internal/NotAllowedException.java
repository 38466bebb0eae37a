package io.github.dsqlreach.internal;

/** A value that is not allowed. The message says what is allowed, as the end of a sentence about the value. */
public final class NotAllowedException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** With what is allowed, for example {@code allowed is one of a, b}. */
    public NotAllowedException(String allowed) {
        super(allowed);
    }

    /** With what is allowed, and the cause. */
    public NotAllowedException(String allowed, Throwable cause) {
        super(allowed, cause);
    }
}
