package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.net.URI;
import java.util.List;
import java.util.Objects;
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
 * <p>It takes the faults that need no knowledge of the protocol, see {@link Fault#isForAnyServer()}. {@code TCP_REFUSED} and
 * {@code TCP_TIMEOUT} close the open connections; only one of the two can be active at a time. Neither the AWS SDK nor a
 * database driver is needed on the class path.
 */
public final class FaultyTcp implements FaultyServer {
    private final HostAndPort upstream;
    private final FaultProxy proxy;

    private FaultyTcp(Builder builder) {
        upstream = builder.upstream;
        proxy = new FaultProxy(upstream, upstream, builder.port, builder.source, builder.listener);
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

    @Override
    public HostAndPort address() {
        return proxy.address();
    }

    @Override
    public FaultyTcp inject(Fault fault) {
        return inject(TunedFault.of(fault));
    }

    @Override
    public FaultyTcp inject(TunedFault fault) {
        if (!fault.fault().isForAnyServer()) {
            throw new IllegalArgumentException(fault.fault()
                    + (fault.fault().isAtCommit()
                            ? " happens inside a local cluster"
                            : " needs a cluster's name, or TLS")
                    + "; in front of any TCP server there are "
                    + Stream.of(Fault.values()).filter(Fault::isForAnyServer).toList());
        }
        proxy.inject(fault, seeded -> seeded.toxics(upstream.host()), proxy::takePort);
        return this;
    }

    @Override
    public FaultyTcp clearFaults() {
        proxy.clear();
        return this;
    }

    @Override
    public List<TunedFault> faults() {
        return proxy.faults();
    }

    @Override
    public URI toxiproxy() {
        return proxy.toxiproxy();
    }

    @Override
    public ToxiproxyServer.Connections connections() {
        return proxy.connections();
    }

    @Override
    public List<FaultEffect> effects() {
        return proxy.effects();
    }

    @Override
    public void close() {
        proxy.close();
    }

    /** The server and the active faults. */
    @Override
    public String toString() {
        return proxy.toString();
    }

    /** Sets up a {@link FaultyTcp}. */
    public static final class Builder {
        private final HostAndPort upstream;
        private @Nullable ToxiproxySource source;
        private Consumer<TunedFault> listener = fault -> {};
        private int port;

        private Builder(HostAndPort upstream) {
            this.upstream = upstream;
        }

        /** Where the Toxiproxy server comes from; {@link ToxiproxySource#configured()} by default. */
        public Builder toxiproxy(ToxiproxySource source) {
            this.source = Objects.requireNonNull(source, "source");
            return this;
        }

        /**
         * The port that the proxy listens on, for clients that cannot be given another one; 0, the default, is a free one.
         *
         * @throws IllegalArgumentException if it is not from 0 to 65535
         */
        public Builder port(int port) {
            this.port = FaultProxy.checkedPort(port);
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
            return new FaultyTcp(this);
        }
    }
}
