package io.github.dsqlreach.junit;

import io.github.dsqlreach.Reachability;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tests need a cluster that cannot be used from here, and the policy says that this is a failure. The message is the
 * diagnosis in one line; {@link #toString} and with it the stack trace have the whole attempt below it, so that build tools
 * show it once and not again where they sum up.
 */
public class DsqlUnreachableError extends AssertionError {
    private static final long serialVersionUID = 1;

    private final transient @Nullable Reachability reachability;

    /** With the answer that says why. */
    public DsqlUnreachableError(Reachability reachability) {
        super(Objects.requireNonNull(reachability, "reachability").summary());
        this.reachability = reachability;
    }

    /** What was found out; {@code null} only in an error that was serialized. */
    public @Nullable Reachability reachability() {
        return reachability;
    }

    @Override
    public String toString() {
        return reachability == null ? super.toString() : getClass().getName() + ": " + reachability;
    }
}
