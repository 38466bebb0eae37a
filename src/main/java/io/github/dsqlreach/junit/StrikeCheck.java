package io.github.dsqlreach.junit;

import io.github.dsqlreach.fault.FaultEffect;
import io.github.dsqlreach.fault.FaultyServer;
import io.github.dsqlreach.fault.TunedFault;
import java.util.List;

/**
 * The check that a fault of a test had an effect.
 *
 * @param target the server that it is in front of
 * @param index its place among the effects of that server
 */
record StrikeCheck(FaultyServer target, int index) {
    /** The proxy sees shortly after the test what the test did last, for example that it closed a connection. */
    private static final long MOST_MILLIS = 1_000;

    private static final long POLL_MILLIS = 5;

    /** Waits for a moment, but only if one of them would fail. */
    static void await(List<StrikeCheck> checks) throws InterruptedException {
        long start = System.nanoTime();
        while (checks.stream().anyMatch(StrikeCheck::isUnused) && System.nanoTime() - start < MOST_MILLIS * 1_000_000) {
            Thread.sleep(POLL_MILLIS);
        }
    }

    private boolean isUnused() {
        return effect().struck().orElse(1) == 0;
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
        return effect.fault() + ": no connection used the proxy while the fault was active, so nothing was"
                + " tested. A pool or a bean that was made before the test keeps its own connections: make it with the"
                + " proxy of a FaultExtension with perClass(), or give the code under test the DataSource of this test,"
                + " the URL of @ThroughFault, or the address of its FaultyTcp. If this is intended, set"
                + " allowUnused = true";
    }

    private static String notStruck(FaultEffect effect) {
        TunedFault fault = effect.fault();
        return effect + ", so nothing was tested. "
                + (fault.isForAShare()
                        ? "The toxicity and the seed decide which connections the fault hits: make more connections, or set"
                                + " parameters such as \"toxicity=1\" or another \"seed\". "
                        : "")
                + "The fault has an effect when " + fault.fault().strikesWhen() + ". Its parameters are "
                + fault.simulation().parameters() + ". If this is intended, set allowUnused = true";
    }
}
