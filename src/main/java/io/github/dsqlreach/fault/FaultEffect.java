package io.github.dsqlreach.fault;

import java.util.Objects;
import java.util.OptionalLong;

/**
 * What an injected fault has done so far.
 *
 * <p>For a fault {@linkplain Fault#isAtCommit() at a commit}, read "commit" for "connection": the commits that came while it was
 * active, of the transactions that it is for.
 *
 * @param fault the fault, with its seed if it hits a share of the connections
 * @param met how many connections were open when it began, or began while it was active; empty if this is unknown: only the
 *     server inside this JVM counts, and connections that {@code TCP_REFUSED} or {@code TCP_TIMEOUT} stops at a
 *     {@link FaultyTcp} are seen by the kernel alone
 * @param struck on how many of them it had an effect: data was delayed, held back or altered, or the connection was ended;
 *     empty if {@code met} is
 */
public record FaultEffect(TunedFault fault, OptionalLong met, OptionalLong struck) {
    public FaultEffect {
        Objects.requireNonNull(fault, "fault");
        Objects.requireNonNull(met, "met");
        Objects.requireNonNull(struck, "struck");
    }

    /** For example {@code LATENCY(latency=500): 3 of 4 connections struck}. */
    @Override
    public String toString() {
        return fault + ": "
                + (met.isEmpty()
                        ? "connections not counted"
                        : struck.orElse(0) + " of " + met.getAsLong()
                                + (fault.fault().isAtCommit() ? " commit" : " connection")
                                + (met.getAsLong() == 1 ? " struck" : "s struck"));
    }
}
