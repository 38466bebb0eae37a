package io.github.dsqlreach.local;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the listeners of one {@link LocalDsql} were told to do, and what they have seen. */
final class ServerState {
    private static final int FOREVER = Integer.MAX_VALUE;

    final AtomicLong accepted = new AtomicLong();
    final AtomicLong tlsEstablished = new AtomicLong();
    final AtomicLong passwordsReceived = new AtomicLong();
    final AtomicLong passwordsInPlainText = new AtomicLong();
    final AtomicLong tokensVerified = new AtomicLong();
    final AtomicLong refused = new AtomicLong();
    final AtomicLong loggedIn = new AtomicLong();

    final StatementFaults statementFaults = new StatementFaults();

    private volatile Duration clockOffset;
    private @Nullable Function<Refusal.Occasion, ErrorText> refusal;
    private int refusalsLeft;
    private volatile int upgradeRefusal;
    private volatile @Nullable String failure;

    ServerState(Duration clockOffset) {
        this.clockOffset = clockOffset;
    }

    synchronized void refuse(@Nullable Function<Refusal.Occasion, ErrorText> newRefusal, int times) {
        refusal = newRefusal;
        refusalsLeft = times;
    }

    void refuse(Function<Refusal.Occasion, ErrorText> newRefusal) {
        refuse(newRefusal, FOREVER);
    }

    void accept() {
        refuse(null, 0);
        upgradeRefusal = 0;
    }

    void refuseUpgrade(int status) {
        upgradeRefusal = status;
    }

    /** The HTTP status that a request for a WebSocket gets; 0 if it is accepted. */
    int upgradeRefusal() {
        return upgradeRefusal;
    }

    /** The refusal that a test ordered for this connection; counts it. */
    synchronized Optional<ErrorText> takeRefusal(Refusal.Occasion occasion) {
        if (refusal == null || refusalsLeft == 0) {
            return Optional.empty();
        }
        if (refusalsLeft != FOREVER) {
            refusalsLeft--;
        }
        return Optional.of(refusal.apply(occasion));
    }

    /** Why the last login failed for a reason that lies in PostgreSQL and not in the client; {@code null} if it did not. */
    @Nullable
    String failure() {
        return failure;
    }

    void failure(@Nullable String reason) {
        failure = reason;
    }

    void clockOffset(Duration offset) {
        clockOffset = offset;
    }

    Instant now() {
        return Clock.systemUTC().instant().plus(clockOffset);
    }

    Connections snapshot(int open) {
        return new Connections(new Connections.Counted(
                accepted.get(),
                open,
                tlsEstablished.get(),
                passwordsReceived.get(),
                passwordsInPlainText.get(),
                tokensVerified.get(),
                refused.get(),
                loggedIn.get()));
    }
}
