package io.github.dsqlreach.junit;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.internal.client.ConnectionCount;

/**
 * What a check found after a test had lost its connection: a suppressed exception of the test's own failure, so that build tools
 * show both. It has no stack trace, since it says nothing about code.
 */
final class CheckAfterFailure extends Exception {
    private static final long serialVersionUID = 1;

    CheckAfterFailure(String message) {
        super(message, null, false, false);
    }

    /** For the result of that check. */
    static CheckAfterFailure of(Reachability now, ConnectionCount connections) {
        return new CheckAfterFailure(
                now.isReachable()
                        ? "a check right after this failure passed: " + now.summary()
                                + " - so the failure was temporary, or is not about the cluster" + connections.note()
                        : "a check right after this failure: " + now.summary() + connections.note());
    }
}
