package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer.Connections;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One proxy on a Toxiproxy server, and the faults that are active on it. */
final class FaultProxy implements AutoCloseable {
    private final HostAndPort protectedServer;
    private final Consumer<TunedFault> listener;
    private final ToxiproxySource source;
    private final ProxyServer server;
    private final String name =
            "dsql-reach-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
    private final HostAndPort address;
    /** All faults that were injected, removed ones included: tests ask what each has done. */
    private final List<Injected> all = new ArrayList<>();

    private long toxics;
    private boolean portTaken;
    private boolean closed;

    /** An injected fault: what removes it, and what it has done. */
    private static final class Injected {
        private final TunedFault asked;
        /** With a seed, if it hits a share of the connections. */
        private final TunedFault fault;

        private final List<String> toxics = new ArrayList<>();
        private final AtomicLong struck = new AtomicLong();
        private final Runnable onStrike = struck::incrementAndGet;
        private final long passedBefore;
        private @Nullable UnreachableTarget elsewhere;
        private boolean uncounted;
        /** Connections that did not use the proxy; later all. */
        private long met;

        private boolean active = true;

        Injected(TunedFault asked, TunedFault fault, long passedBefore) {
            this.asked = asked;
            this.fault = fault;
            this.passedBefore = passedBefore;
        }
    }

    /**
     * Creates the proxy.
     *
     * @param inFrontOf the server as clients call it
     * @param upstream where the proxy connects to
     * @param port that it listens on; 0 for a free one
     * @param listener told each fault that is injected
     */
    FaultProxy(
            HostAndPort inFrontOf,
            HostAndPort upstream,
            int port,
            @Nullable ToxiproxySource given,
            Consumer<TunedFault> listener) {
        this.protectedServer = inFrontOf;
        this.listener = listener;
        source = given == null ? ToxiproxySource.configured() : given;
        server = source.acquire();
        try {
            address = server.createProxy(name, port, upstream);
        } catch (IOException | RuntimeException e) {
            source.release();
            throw new IllegalStateException(
                    source + " cannot create a proxy in front of " + upstream + ": " + e.getMessage(), e);
        }
    }

    /**
     * The port that a proxy is asked to listen on.
     *
     * @throws IllegalArgumentException if it is not from 0 to 65535
     */
    static int checkedPort(int port) {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port is " + port + "; allowed is 0 to 65535");
        }
        return port;
    }

    /** The address of the proxy. */
    HostAndPort address() {
        return address;
    }

    String name() {
        return name;
    }

    ToxiproxySource source() {
        return source;
    }

    /** The control API of the server. */
    URI toxiproxy() {
        return server.uri();
    }

    /**
     * Activates a fault.
     *
     * @param asked the fault as it was asked for
     * @param its the toxics of a fault
     * @param elsewhere opens the target that connections get instead of the proxy, if the fault has one
     */
    void inject(
            TunedFault asked,
            Function<TunedFault, List<ToxicDefinition>> its,
            Function<UnreachableTarget.Kind, UnreachableTarget> elsewhere) {
        TunedFault fault = asked.seeded();
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException(this + " is closed");
            }
            long passed = counted().map(now -> now.accepted() - now.open()).orElse(0L);
            Injected added = new Injected(asked, fault, passed);
            added.elsewhere = open(fault, elsewhere);
            added.uncounted = portTaken || counted().isEmpty();
            try {
                addToxics(added, its.apply(fault));
            } catch (IOException | RuntimeException e) {
                remove(added);
                throw new IllegalStateException(fault + " cannot be injected: " + e.getMessage(), e);
            }
            all.add(added);
        }
        listener.accept(fault);
    }

    /** A server that lacks a toxic of ours gets the stock toxics that come nearest. */
    private void addToxics(Injected added, List<ToxicDefinition> its) throws IOException {
        try {
            for (ToxicDefinition toxic : its) {
                add(added, toxic);
            }
        } catch (ProxyServer.UnknownToxicException e) {
            List<ToxicDefinition> stock = added.fault.stockToxics().orElseThrow(() -> e);
            for (ToxicDefinition toxic : stock) {
                add(added, toxic);
            }
        }
    }

    private void add(Injected added, ToxicDefinition toxic) throws IOException {
        String toxicName = "dsql-reach-" + ++toxics + "-" + toxic.type();
        server.addToxic(name, toxic.named(toxicName), added.onStrike);
        added.toxics.add(toxicName);
    }

    private static @Nullable UnreachableTarget open(
            TunedFault fault, Function<UnreachableTarget.Kind, UnreachableTarget> elsewhere) {
        try {
            return fault.detour().map(elsewhere).orElse(null);
        } catch (RuntimeException e) {
            throw new IllegalStateException(fault + " cannot be injected: " + e.getMessage(), e);
        }
    }

    /** Closes the proxy's port and connections, and opens the target there: clients keep the address. */
    UnreachableTarget takePort(UnreachableTarget.Kind kind) {
        try {
            if (!server.isOnThisMachine()) {
                throw new IOException("it needs the proxy's port, and " + source + " does not listen on this machine");
            }
            if (portTaken) {
                throw new IOException("another fault has the proxy's port; call clearFaults() first");
            }
            server.enableProxy(name, false);
            try {
                UnreachableTarget target = kind.open(address.port());
                portTaken = true;
                return target;
            } catch (RuntimeException e) {
                server.enableProxy(name, true);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** Removes all faults. */
    synchronized void clear() {
        RuntimeException failure = null;
        for (Injected fault : active()) {
            try {
                remove(fault);
            } catch (RuntimeException e) {
                failure = e;
            }
            fault.met += passed(fault);
            fault.active = false;
        }
        if (failure != null) {
            throw failure;
        }
    }

    private List<Injected> active() {
        return all.stream().filter(fault -> fault.active).toList();
    }

    private void remove(Injected fault) {
        try {
            if (fault.elsewhere != null) {
                fault.elsewhere.close();
                if (portTaken) {
                    portTaken = false;
                    server.enableProxy(name, true);
                }
            }
            for (String toxic : fault.toxics) {
                server.removeToxic(name, toxic);
            }
        } catch (IOException e) {
            throw new IllegalStateException(fault.fault + " cannot be removed: " + e.getMessage(), e);
        }
    }

    /** The active faults, the oldest first. */
    synchronized List<TunedFault> faults() {
        return active().stream().map(fault -> fault.asked).toList();
    }

    /** The target that connections get now instead of the proxy. */
    synchronized Optional<UnreachableTarget> elsewhere() {
        return active().stream()
                .map(fault -> fault.elsewhere)
                .filter(Objects::nonNull)
                .reduce((older, newer) -> newer);
    }

    /** Counts a connection that gets a target instead of the proxy. */
    synchronized void countElsewhere() {
        for (Injected fault : active()) {
            fault.met++;
            if (fault.elsewhere != null) {
                fault.struck.incrementAndGet();
            }
        }
    }

    Connections connections() {
        return counted()
                .orElseThrow(() -> new UnsupportedOperationException(
                        source + " does not count connections; the server inside the JVM does"));
    }

    /** What each fault has done, the oldest first. */
    synchronized List<FaultEffect> effects() {
        return all.stream().map(this::effect).toList();
    }

    private FaultEffect effect(Injected fault) {
        return fault.uncounted
                ? new FaultEffect(fault.fault, OptionalLong.empty(), OptionalLong.empty())
                : new FaultEffect(
                        fault.fault,
                        OptionalLong.of(fault.met + (fault.active ? passed(fault) : 0)),
                        OptionalLong.of(fault.struck.get()));
    }

    /** The connections through the proxy that met the fault. */
    private long passed(Injected fault) {
        return counted().map(now -> now.accepted() - fault.passedBefore).orElse(0L);
    }

    private Optional<Connections> counted() {
        return server.connections(name);
    }

    /** Removes the faults and the proxy with its connections; does nothing the second time. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            active().forEach(fault -> Quietly.close(fault.elsewhere));
            all.clear();
        }
        try {
            server.deleteProxy(name);
        } catch (IOException e) {
            throw new IllegalStateException(source + " cannot delete the proxy of " + this + ": " + e.getMessage(), e);
        } finally {
            source.release();
        }
    }

    /** The server and the active faults. */
    @Override
    public String toString() {
        List<TunedFault> faults = faults();
        return protectedServer + " behind " + (faults.isEmpty() ? "no fault" : faults);
    }
}
