package io.github.dsqlreach.probe;

import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.connect.Credentials;

/** What the SDK's exceptions say about credentials. */
final class CredentialsFailures {
    private static final int LONGEST_MESSAGE = 400;

    private CredentialsFailures() {}

    static Failure of(Credentials credentials, Throwable e) {
        String message = String.valueOf(e.getMessage());
        if (message.contains("Unable to load credentials from any of the providers")) {
            return new Failure(FailureKind.CREDENTIALS_NOT_FOUND, credentials + " found no credentials");
        }
        return new Failure(
                FailureKind.CREDENTIALS_FAILED,
                credentials + " failed: "
                        + Scrubber.line(e.getClass().getSimpleName() + ": " + message, LONGEST_MESSAGE));
    }
}
