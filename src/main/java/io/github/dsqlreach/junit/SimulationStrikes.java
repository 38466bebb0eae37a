package io.github.dsqlreach.junit;

import io.github.dsqlreach.Configuration;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.fault.FaultEffect;
import io.github.dsqlreach.fault.TunedFault;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtensionContext;

/** How many connections of the tests the fault of {@link SimulatedFault} has struck; those of checks do not count. */
final class SimulationStrikes {
    /** How long the proxy may take to see that a check has closed its connections. */
    private static final long MOST_MILLIS = 500;

    private final TunedFault fault;
    private final List<Place> open = new ArrayList<>();
    private Count closed = new Count(0, 0, true);
    private Count checks = new Count(0, 0, true);
    private long reported;
    /** Then tests avoid the fault because the check met it: that they are not struck means nothing. */
    private boolean fellBack;

    /**
     * Where the fault is active.
     *
     * @param index its place among the faults there
     * @param connections how many are open through it
     */
    private record Place(FaultTarget target, int index, LongSupplier connections) {}

    /** Connections, or commits; if they are not counted, the numbers mean nothing. */
    private record Count(long met, long struck, boolean counted) {
        static Count of(Place place) {
            FaultEffect effect = place.target.effects().get(place.index);
            return new Count(
                    effect.met().orElse(0),
                    effect.struck().orElse(0),
                    effect.met().isPresent());
        }

        Count plus(Count other) {
            return new Count(met + other.met, struck + other.struck, counted && other.counted);
        }

        Count minus(Count other) {
            return new Count(met - other.met, struck - other.struck, counted && other.counted);
        }
    }

    private SimulationStrikes(TunedFault fault) {
        this.fault = fault;
    }

    /** Those of that fault in the run that this context belongs to. */
    static SimulationStrikes of(ExtensionContext context, TunedFault fault) {
        return RunStore.computeOnce(context, SimulationStrikes.class, () -> new SimulationStrikes(fault), unused -> {});
    }

    /** The fault, the only one there, is active on a proxy with so many open connections. */
    synchronized void opened(FaultTarget proxy, LongSupplier connections) {
        open.add(new Place(proxy, 0, connections));
    }

    /** The fault is active at commits, as the fault with that number there. */
    synchronized void opened(FaultTarget commits, int index) {
        open.add(new Place(commits, index, () -> 0));
    }

    synchronized void closing(FaultTarget target) {
        List<Place> its =
                open.stream().filter(place -> place.target.equals(target)).toList();
        its.forEach(place -> closed = closed.plus(Count.of(place)));
        open.removeAll(its);
    }

    private synchronized Count all() {
        return open.stream().map(Count::of).reduce(closed, Count::plus);
    }

    /** Runs a check, whose connections do not count. */
    Reachability duringCheck(Supplier<Reachability> check) {
        Count before = all();
        try {
            Reachability result = check.get();
            if (result.usedWebSocketFallback()) {
                fallBack();
            }
            return result;
        } finally {
            awaitClosed();
            addCheck(all().minus(before));
        }
    }

    private synchronized void fallBack() {
        fellBack = true;
    }

    private synchronized void addCheck(Count count) {
        checks = checks.plus(count);
    }

    private void awaitClosed() {
        long start = System.nanoTime();
        try {
            while (isSomeOpen() && System.nanoTime() - start < TimeUnit.MILLISECONDS.toNanos(MOST_MILLIS)) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isSomeOpen() {
        return open.stream()
                .filter(place -> Count.of(place).counted)
                .anyMatch(place -> place.connections.getAsLong() > 0);
    }

    /** How many connections of tests were struck since the last call; empty if they are not counted. */
    synchronized Optional<Long> sinceLastReport() {
        Count tests = all().minus(checks);
        long more = tests.struck - reported;
        reported = tests.struck;
        return tests.counted && !fellBack ? Optional.of(more) : Optional.empty();
    }

    /** A sentence if tests ran and the fault struck none of their connections. */
    synchronized Optional<String> unused(long testsThatRan) {
        Count tests = all().minus(checks);
        if (testsThatRan == 0 || !tests.counted || fellBack || tests.struck > 0) {
            return Optional.empty();
        }
        if (fault.fault().isAtCommit()) {
            return Optional.of("The simulated fault struck none of the " + tests.met
                    + " commits of the tests in their local clusters. It has an effect when "
                    + fault.fault().strikesWhen()
                    + fault.statements()
                            .map(regex -> ", and a statement of it matches '" + regex + "'")
                            .orElse(""));
        }
        return Optional.of(
                tests.met == 0
                        ? "No connection of a test used the proxy of the simulated fault, so the tests met no fault. Tests that"
                                + " build their own URL, for example from CLUSTER_ENDPOINT, do not use it: give them the"
                                + " DataSource or the Endpoint that is injected"
                        : "The simulated fault struck none of the " + tests.met
                                + " connections of the tests. It has an effect" + " when "
                                + fault.fault().strikesWhen());
    }

    /** Fails the run if that is asked for and the fault struck no connection of its tests. */
    void failIfUnused(long testsThatRan, Configuration configuration) {
        if (configuration.get(Setting.SIMULATE_MUST_STRIKE).orElse(false)) {
            unused(testsThatRan).ifPresent(sentence -> {
                throw new AssertionError(Setting.SIMULATE + "=" + fault + ": " + sentence + " ("
                        + Setting.SIMULATE_MUST_STRIKE + " is set)");
            });
        }
    }
}
