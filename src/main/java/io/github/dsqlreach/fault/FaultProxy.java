package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
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
    private final List<Injected> injected = new ArrayList<>();
    private long toxics;
    private long met;
    private long passedBefore;
    private boolean portTaken;
    private boolean uncounted;
    private boolean closed;

    /** An active fault, and what removes it. */
    private record Injected(
            TunedFault fault, List<String> toxics, @Nullable UnreachableTarget elsewhere) {}

    /**
     * Creates the proxy.
     *
     * @param inFrontOf the server as clients call it
     * @param upstream where the proxy connects to
     * @param listener told each fault that is injected
     */
    FaultProxy(
            HostAndPort inFrontOf,
            HostAndPort upstream,
            @Nullable ToxiproxySource given,
            Consumer<TunedFault> listener) {
        this.protectedServer = inFrontOf;
        this.listener = listener;
        source = given == null ? ToxiproxySource.configured() : given;
        server = source.acquire();
        try {
            address = server.createProxy(name, 0, upstream);
        } catch (IOException | RuntimeException e) {
            source.release();
            throw new IllegalStateException(
                    source + " cannot create a proxy in front of " + upstream + ": " + e.getMessage(), e);
        }
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
     * @param its toxics
     * @param elsewhere opens the target that connections get instead of the proxy, if the fault has one
     */
    void inject(
            TunedFault fault,
            List<ToxicDefinition> its,
            Function<UnreachableTarget.Kind, UnreachableTarget> elsewhere) {
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException(this + " is closed");
            }
            long passed = counted().map(now -> now.accepted() - now.open()).orElse(0L);
            Injected added = new Injected(fault, new ArrayList<>(), open(fault, elsewhere));
            try {
                for (ToxicDefinition toxic : its) {
                    String toxicName = "dsql-reach-" + ++toxics + "-" + toxic.type();
                    server.addToxic(name, toxic.named(toxicName));
                    added.toxics.add(toxicName);
                }
            } catch (IOException | RuntimeException e) {
                remove(added);
                throw new IllegalStateException(fault + " cannot be injected: " + e.getMessage(), e);
            }
            if (injected.isEmpty()) {
                passedBefore = passed;
            }
            injected.add(added);
        }
        listener.accept(fault);
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
            uncounted = true;
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
        for (Injected fault : injected) {
            try {
                remove(fault);
            } catch (RuntimeException e) {
                failure = e;
            }
        }
        met += passing();
        injected.clear();
        if (failure != null) {
            throw failure;
        }
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
        return injected.stream().map(Injected::fault).toList();
    }

    /** The target that connections get now instead of the proxy. */
    synchronized Optional<UnreachableTarget> elsewhere() {
        return injected.stream()
                .map(Injected::elsewhere)
                .filter(Objects::nonNull)
                .reduce((older, newer) -> newer);
    }

    /** Counts a connection that met a fault and did not use the proxy. */
    synchronized void countMet() {
        met++;
    }

    Connections connections() {
        return counted()
                .orElseThrow(() -> new UnsupportedOperationException(
                        source + " does not count connections; the server inside the JVM does"));
    }

    synchronized OptionalLong connectionsMet() {
        return uncounted || counted().isEmpty() ? OptionalLong.empty() : OptionalLong.of(met + passing());
    }

    private long passing() {
        return injected.isEmpty()
                ? 0
                : counted().map(now -> now.accepted() - passedBefore).orElse(0L);
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
            injected.stream().map(Injected::elsewhere).filter(Objects::nonNull).forEach(UnreachableTarget::close);
            injected.clear();
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
