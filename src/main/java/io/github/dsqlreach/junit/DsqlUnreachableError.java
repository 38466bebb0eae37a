package io.github.dsqlreach.junit;

import io.github.dsqlreach.Reachability;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Tests need a cluster that cannot be used from here, and by the settings this fails them. The message is the diagnosis in one
 * line: the phase that failed, the cause, and what to do. {@link #toString}, and so the stack trace, has the whole attempt below
 * it; build tools repeat the message in their summaries, but not the stack trace.
 *
 * <pre>{@code
 * @RequiresDsqlReachability(onBlocked = Action.FAIL) // throws it if the network blocks the connection
 * class OrdersIT { … }
 * }</pre>
 */
public class DsqlUnreachableError extends AssertionError {
    private static final long serialVersionUID = 1;

    private final transient @Nullable Reachability reachability;

    /** With the result of the check. */
    public DsqlUnreachableError(Reachability reachability) {
        super(Objects.requireNonNull(reachability, "reachability").summary());
        this.reachability = reachability;
    }

    /** The result of the check; {@code null} only in an error that was serialized. */
    public @Nullable Reachability reachability() {
        return reachability;
    }

    @Override
    public String toString() {
        return reachability == null ? super.toString() : getClass().getName() + ": " + reachability;
    }
}
