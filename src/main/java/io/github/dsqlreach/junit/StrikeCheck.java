package io.github.dsqlreach.junit;

import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultEffect;
import io.github.dsqlreach.fault.TunedFault;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The check that a fault of a test had an effect. A fault is excused if another fault of the test ended all connections before it
 * could have one, as {@code TCP_REFUSED} does to {@code LATENCY}.
 *
 * @param target where it acts
 * @param first the place of the first fault of the test among the effects there
 * @param index the place of this one
 */
record StrikeCheck(FaultTarget target, int first, int index) {
    /** The faults after which a connection goes on. */
    private static final Set<Fault> DELAYS = EnumSet.of(Fault.LATENCY, Fault.JITTER, Fault.BANDWIDTH, Fault.SLOW_CLOSE);

    /** The proxy sees shortly after the test what the test did last, for example that it closed a connection. */
    private static final long MOST_MILLIS = 1_000;

    private static final long POLL_MILLIS = 5;

    /** Waits for a moment, but only if one of them would fail. Commits are counted before the client has their answer. */
    static void await(List<StrikeCheck> checks) throws InterruptedException {
        long start = System.nanoTime();
        while (checks.stream().anyMatch(check -> !check.isAtCommit() && check.isUnused())
                && System.nanoTime() - start < MOST_MILLIS * 1_000_000) {
            Thread.sleep(POLL_MILLIS);
        }
    }

    private boolean isAtCommit() {
        return effect().fault().fault().isAtCommit();
    }

    private boolean isUnused() {
        FaultEffect effect = effect();
        return effect.struck().orElse(1) == 0 && !isHidden(effect.met().orElse(0));
    }

    private boolean isHidden(long met) {
        List<FaultEffect> all = target.effects();
        return met > 0
                && all.subList(first, all.size()).stream()
                        .filter(other -> !DELAYS.contains(other.fault().fault()))
                        .anyMatch(other -> other.struck().orElse(0) >= met);
    }

    private FaultEffect effect() {
        return target.effects().get(index);
    }

    void failIfUnused() {
        if (isUnused()) {
            throw new AssertionError(effect().met().orElse(0) == 0 ? unmet(effect()) : notStruck(effect()));
        }
    }

    private static String unmet(FaultEffect effect) {
        TunedFault fault = effect.fault();
        if (fault.fault().isAtCommit()) {
            return fault + ": no transaction "
                    + fault.statements()
                            .map(regex -> "with a statement that matches '" + regex + "' ")
                            .orElse("")
                    + "committed in the local cluster while the fault was active, so nothing was tested. The fault has an"
                    + " effect when " + fault.fault().strikesWhen() + ". If this is intended, set allowUnused = true";
        }
        return fault + ": no connection used the proxy while the fault was active, so nothing was"
                + " tested. A pool or a bean that was made before the test keeps its own connections: make it with the"
                + " proxy of a FaultExtension with perClass(), or give the code under test the DataSource of this test,"
                + " the URL of @ThroughFault, or the address of its FaultyTcp. If this is intended, set"
                + " allowUnused = true";
    }

    private static String notStruck(FaultEffect effect) {
        TunedFault fault = effect.fault();
        return effect + ", so nothing was tested. "
                + (fault.isForAShare()
                        ? "The toxicity and the seed decide which "
                                + (fault.fault().isAtCommit()
                                        ? "commits the fault hits: commit more often"
                                        : "connections the fault hits: make more connections")
                                + ", or set parameters such as \"toxicity=1\" or another \"seed\". "
                        : "")
                + "The fault has an effect when " + fault.fault().strikesWhen() + ". Its parameters are "
                + fault.simulation().parameters() + ". If this is intended, set allowUnused = true";
    }
}
