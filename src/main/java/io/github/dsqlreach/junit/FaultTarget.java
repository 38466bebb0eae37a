package io.github.dsqlreach.junit;

import io.github.dsqlreach.fault.FaultEffect;
import io.github.dsqlreach.fault.FaultyServer;
import io.github.dsqlreach.fault.TunedFault;
import io.github.dsqlreach.local.LocalDsql;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Where faults act: a proxy, or the commits of a local cluster. */
final class FaultTarget {
    private final Object owner;
    private final Consumer<TunedFault> inject;
    private final Runnable clear;
    private final Supplier<List<FaultEffect>> effects;

    private FaultTarget(
            Object owner, Consumer<TunedFault> inject, Runnable clear, Supplier<List<FaultEffect>> effects) {
        this.owner = owner;
        this.inject = inject;
        this.clear = clear;
        this.effects = effects;
    }

    static FaultTarget proxy(FaultyServer proxy) {
        return new FaultTarget(proxy, proxy::inject, proxy::clearFaults, proxy::effects);
    }

    static FaultTarget commits(LocalDsql cluster) {
        return new FaultTarget(cluster, cluster::inject, cluster::clearFaults, cluster::effects);
    }

    /** The proxy, or the cluster. */
    Object owner() {
        return owner;
    }

    void inject(TunedFault fault) {
        inject.accept(fault);
    }

    void clearFaults() {
        clear.run();
    }

    /** What each fault has done, the oldest first. */
    List<FaultEffect> effects() {
        return effects.get();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FaultTarget that && owner == that.owner;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(owner);
    }
}
