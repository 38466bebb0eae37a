package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A proxy of its own in front of any TCP server, into which faults are injected: Redis, HTTP, a PostgreSQL without TLS.
 * Clients connect to {@link #host()} and {@link #port()}, which stay the same until this closes.
 *
 * <pre>{@code
 * try (FaultyTcp redis = FaultyTcp.inFrontOf("localhost:6379")) {
 *     Cache cache = new Cache(redis.host(), redis.port());
 *     redis.inject(Fault.SILENCE);
 *     …                                       // what does my code do now?
 *     redis.clearFaults();
 *     …                                       // and does it recover?
 * }
 * }</pre>
 *
 * <p>It takes the faults that need no knowledge of the protocol, see {@link Fault#isForAnyServer()}. Several can be in
 * force at once. {@code TCP_REFUSED} and {@code TCP_TIMEOUT}, one at a time, end the connections that are open. It needs
 * neither the AWS SDK nor a database driver on the class path. Safe for use by many threads. {@link #close()} takes
 * everything back.
 */
public sealed class FaultyTcp implements AutoCloseable permits FaultyDsql {
    /** The toxics that servers other than this library's own have too. */
    static final Set<String> STOCK =
            Set.of("latency", "bandwidth", "slow_close", "timeout", "reset_peer", "slicer", "limit_data");

    private final HostAndPort upstream;
    private final Consumer<TunedFault> listener;
    private final ToxiproxySource source;
    private final ToxiproxySource.Running server;
    private final ToxiproxyControl api;
    private final String name =
            "dsql-reach-" + Long.toHexString(ThreadLocalRandom.current().nextLong());
    private final String listen;
    private final HostAndPort address;
    private final List<Injected> injected = new ArrayList<>();
    private long toxics;
    private long met;
    private long passedBefore;
    private boolean unseen;
    private boolean closed;

    /** A fault in force, and what undoes it. */
    private record Injected(
            TunedFault fault, List<String> toxics, @Nullable UnreachableTarget detour) {}

    FaultyTcp(HostAndPort upstream, @Nullable ToxiproxySource given, Consumer<TunedFault> listener) {
        this.upstream = upstream;
        this.listener = listener;
        source = given == null ? ToxiproxySource.configured() : given;
        server = source.start();
        api = server.service().control();
        try {
            listen = createProxy();
            address = server.service().reachable(listen);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw new IllegalStateException(
                    source + " does not put a proxy in front of " + upstream + ": " + e.getMessage(), e);
        }
    }

    private String createProxy() throws IOException {
        String wanted = server.service().listen();
        try {
            return api.createProxy(name, wanted, server.service().upstream(upstream));
        } catch (IOException | RuntimeException e) {
            server.service().released(wanted);
            throw e;
        }
    }

    /**
     * Puts a proxy in front of that server, with all defaults; {@code builder(upstream).start()}.
     *
     * @param upstream {@code HOST:PORT}, for example {@code localhost:6379}
     * @throws IllegalArgumentException if it is not; the message names it
     * @throws IllegalStateException if there is no Toxiproxy server; the message says why
     */
    public static FaultyTcp inFrontOf(String upstream) {
        return builder(upstream).start();
    }

    /**
     * A builder with all defaults.
     *
     * @param upstream {@code HOST:PORT}, for example {@code localhost:6379}
     * @throws IllegalArgumentException if it is not; the message names it
     */
    public static Builder builder(String upstream) {
        return new Builder(HostAndPort.parse(upstream, 0));
    }

    /** Where clients connect to. */
    public HostAndPort address() {
        return address;
    }

    /** The host that clients connect to. */
    public final String host() {
        return address().host();
    }

    /** The port that clients connect to. */
    public final int port() {
        return address().port();
    }

    /**
     * Lets that fault begin.
     *
     * @return this
     * @throws IllegalArgumentException if the fault makes no sense here; the message names those that do
     * @throws IllegalStateException if the server lacks a toxic that it needs, or does not answer, or if this is closed
     */
    public FaultyTcp inject(Fault fault) {
        return inject(TunedFault.of(fault));
    }

    /**
     * Lets that fault begin, with parameters of its own.
     *
     * @return this
     * @throws IllegalArgumentException if the fault makes no sense here; the message names those that do
     * @throws IllegalStateException if the server lacks a toxic that it needs, or does not answer, or if this is closed
     */
    public FaultyTcp inject(TunedFault fault) {
        check(fault.fault());
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException(this + " is closed");
            }
            long passed = counted().map(now -> now.accepted() - now.open()).orElse(0L);
            Injected added = new Injected(
                    fault,
                    new ArrayList<>(),
                    fault.detour().map(kind -> begin(fault, kind)).orElse(null));
            try {
                for (ToxicDefinition toxic : toxics(fault)) {
                    added.toxics.add(add(toxic, fault));
                }
            } catch (RuntimeException e) {
                undo(added);
                throw e;
            }
            if (injected.isEmpty()) {
                passedBefore = passed;
            }
            injected.add(added);
        }
        listener.accept(fault);
        return this;
    }

    /** Refuses a fault that makes no sense here. */
    void check(Fault fault) {
        if (!fault.isForAnyServer()) {
            throw new IllegalArgumentException(fault
                    + " needs a cluster's name, or TLS; in front of any TCP server there are "
                    + Stream.of(Fault.values()).filter(Fault::isForAnyServer).toList());
        }
    }

    /** What makes the fault in front of this server. */
    List<ToxicDefinition> toxics(TunedFault fault) {
        return fault.toxics(knownAs().host());
    }

    /** What clients call the server. */
    HostAndPort knownAs() {
        return upstream;
    }

    private UnreachableTarget begin(TunedFault fault, UnreachableTarget.Kind kind) {
        try {
            return begin(kind);
        } catch (IOException e) {
            throw new IllegalStateException(fault + " cannot be injected: " + e.getMessage(), e);
        }
    }

    /** On the proxy's own port, whose address clients know, in its place. */
    UnreachableTarget begin(UnreachableTarget.Kind kind) throws IOException {
        if (!server.service().isOnThisMachine()) {
            throw new IOException("it takes over the proxy's port, and " + source + " does not listen on this machine");
        }
        if (injected.stream().anyMatch(one -> one.detour != null)) {
            throw new IOException("the port is taken over already; clearFaults() first");
        }
        unseen = true;
        api.enableProxy(name, false);
        try {
            return kind.open(address.port());
        } catch (RuntimeException e) {
            api.enableProxy(name, true);
            throw e;
        }
    }

    void end(UnreachableTarget detour) throws IOException {
        detour.close();
        api.enableProxy(name, true);
    }

    private String add(ToxicDefinition toxic, TunedFault fault) {
        String toxicName = "dsql-reach-" + ++toxics + "-" + toxic.type();
        try {
            api.addToxic(name, toxic.named(toxicName));
            return toxicName;
        } catch (ToxiproxyControl.Refused e) {
            if (e.status() == 400 && !STOCK.contains(toxic.type())) {
                throw new IllegalStateException(
                        fault + " needs the toxic '" + toxic.type() + "', which " + source
                                + " does not have: use the server inside the JVM, which is the default ("
                                + e.getMessage() + ")",
                        e);
            }
            throw new IllegalStateException(fault + " cannot be injected: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException(fault + " cannot be injected: " + e.getMessage(), e);
        }
    }

    /**
     * Ends all faults that were injected. Connections that a fault holds in silence are closed, new ones work. Toxics of
     * your own stay.
     *
     * @return this
     * @throws IllegalStateException if the server does not answer
     */
    public synchronized FaultyTcp clearFaults() {
        RuntimeException trouble = null;
        for (Injected fault : injected) {
            try {
                undo(fault);
            } catch (RuntimeException e) {
                trouble = e;
            }
        }
        met += passing();
        injected.clear();
        if (trouble != null) {
            throw trouble;
        }
        return this;
    }

    private void undo(Injected fault) {
        try {
            if (fault.detour != null) {
                end(fault.detour);
            }
            for (String toxic : fault.toxics) {
                removeToxic(toxic);
            }
        } catch (IOException e) {
            throw new IllegalStateException(fault.fault + " cannot be undone: " + e.getMessage(), e);
        }
    }

    private void removeToxic(String toxic) throws IOException {
        try {
            api.removeToxic(name, toxic);
        } catch (ToxiproxyControl.Refused e) {
            if (e.status() != 404) {
                throw e;
            }
        }
    }

    /** The faults in force, the oldest first. */
    public synchronized List<TunedFault> faults() {
        return injected.stream().map(Injected::fault).toList();
    }

    /** Where connections go now, if not to the proxy. */
    synchronized Optional<UnreachableTarget> detour() {
        return injected.stream().map(Injected::detour).filter(Objects::nonNull).reduce((older, newer) -> newer);
    }

    /** One more that the proxy does not see. */
    synchronized void countMet() {
        met++;
    }

    /** The control API of the server that the proxy is on. */
    public URI toxiproxy() {
        return server.uri();
    }

    /** The proxy's name there. */
    String proxyName() {
        return name;
    }

    ToxiproxySource source() {
        return source;
    }

    /**
     * How many connections the proxy has had, and has. Those that a fault of DNS or TCP stops never reach it. Opening and
     * closing shows shortly after the client's side of it: wait for the figure rather than expect it at once.
     *
     * @throws UnsupportedOperationException if the server does not count: only the one inside this JVM does
     */
    public ToxiproxyServer.Connections connections() {
        return counted()
                .orElseThrow(() -> new UnsupportedOperationException(
                        source + " does not count connections; the server inside the JVM does"));
    }

    /**
     * How many connections have met a fault so far: those that were open when one began, and those that began while one
     * was in force. A test whose fault met none has tested nothing.
     *
     * @return empty if nobody knows: only the server inside this JVM counts, and what {@code TCP_REFUSED} and
     *     {@code TCP_TIMEOUT} stop is seen by the kernel alone
     */
    public synchronized OptionalLong connectionsMet() {
        return unseen || counted().isEmpty() ? OptionalLong.empty() : OptionalLong.of(met + passing());
    }

    private long passing() {
        return injected.isEmpty()
                ? 0
                : counted().map(now -> now.accepted() - passedBefore).orElse(0L);
    }

    private Optional<ToxiproxyServer.Connections> counted() {
        return server.service().connections(name);
    }

    /** Ends all faults, and the proxy with every connection through it; does nothing the second time. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
            injected.stream().map(Injected::detour).filter(Objects::nonNull).forEach(UnreachableTarget::close);
            injected.clear();
        }
        try (server) {
            api.deleteProxy(name);
        } catch (IOException e) {
            throw new IllegalStateException(
                    source + " does not remove the proxy of " + this + ": " + e.getMessage(), e);
        } finally {
            server.service().released(listen);
        }
    }

    /** The server and the faults in force. */
    @Override
    public String toString() {
        List<TunedFault> faults = faults();
        return knownAs() + " behind " + (faults.isEmpty() ? "no fault" : faults);
    }

    /** Sets up a {@link FaultyTcp}. */
    public static final class Builder {
        private final HostAndPort upstream;
        private @Nullable ToxiproxySource source;
        private Consumer<TunedFault> listener = fault -> {};

        private Builder(HostAndPort upstream) {
            this.upstream = upstream;
        }

        /** Where the Toxiproxy server comes from; {@link ToxiproxySource#configured()} by default. */
        public Builder toxiproxy(ToxiproxySource source) {
            this.source = Objects.requireNonNull(source, "source");
            return this;
        }

        /** Told each fault that is injected; nothing by default. */
        public Builder onInject(Consumer<TunedFault> listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Starts the proxy, and the server if it does not run yet.
         *
         * @throws IllegalStateException if there is no Toxiproxy server; the message says why
         */
        public FaultyTcp start() {
            return new FaultyTcp(upstream, source, listener);
        }
    }
}
