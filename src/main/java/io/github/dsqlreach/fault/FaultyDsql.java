package io.github.dsqlreach.fault;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.Credentials;
import io.github.dsqlreach.connect.DriverProperties;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;
import javax.sql.DataSource;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * A proxy of its own in front of an endpoint, into which faults are injected. Host name, SNI, certificate check and token
 * stay the cluster's; only TCP goes through the proxy.
 *
 * <pre>{@code
 * try (FaultyDsql dsql = FaultyDsql.inFrontOf(endpoint)) {
 *     DataSource dataSource = dsql.dataSource();
 *     dsql.inject(Fault.TLS_RESET);
 *     …                                       // what does my code do now?
 *     dsql.heal();
 *     …                                       // and does it recover?
 * }
 * }</pre>
 *
 * <p>Several faults can be in force at once. Data source and URLs follow faults as they come and go; an
 * {@link #endpoint()} must be asked for again. Safe for use by many threads. {@link #close()} takes everything back.
 */
public final class FaultyDsql implements AutoCloseable {
    private final Endpoint endpoint;
    private final Duration connectTimeout;
    private final Credentials credentials;
    private final Consumer<TunedFault> listener;
    private final ToxiproxySource source;
    private final ToxiproxySource.Running server;
    private final ToxiproxyControl api;
    private final String name = "dsql-reach-" + UUID.randomUUID();
    private final String listen;
    private final HostAndPort address;
    private final String id;
    private final List<Injected> injected = new ArrayList<>();
    private AwsCredentialsProvider provider;
    private long toxics;
    private long met;
    private long passedBefore;
    private boolean closed;

    /** A fault in force, and what undoes it. */
    private record Injected(TunedFault fault, List<String> toxics, Detour detour) {}

    private FaultyDsql(Builder builder) {
        endpoint = builder.endpoint;
        connectTimeout = builder.connectTimeout;
        credentials = builder.credentials;
        listener = builder.listener;
        source = builder.source == null ? ToxiproxySource.configured() : builder.source;
        server = source.start();
        api = server.service().control();
        try {
            listen = createProxy();
            address = server.service().reachable(listen);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw new IllegalStateException(
                    source + " does not put a proxy in front of " + endpoint + ": " + why(e), e);
        }
        id = FaultSocketFactory.register(this);
    }

    private String createProxy() throws IOException {
        String wanted = server.service().listen();
        try {
            return api.createProxy(name, wanted, server.service().upstream(endpoint.target()));
        } catch (IOException | RuntimeException e) {
            server.service().released(wanted);
            throw e;
        }
    }

    private String why(Exception e) {
        String trouble =
                e instanceof ToxiproxyControl.Refused ? "" : server.service().trouble();
        return e.getMessage() + (trouble.isEmpty() ? "" : "; " + trouble);
    }

    /**
     * Puts a proxy in front of that endpoint, with all defaults; {@code builder(endpoint).start()}.
     *
     * @throws IllegalStateException if there is no Toxiproxy server; the message says why
     */
    public static FaultyDsql inFrontOf(Endpoint endpoint) {
        return builder(endpoint).start();
    }

    /** A builder with all defaults. */
    public static Builder builder(Endpoint endpoint) {
        return new Builder(endpoint);
    }

    /**
     * Lets that fault begin.
     *
     * @return this
     * @throws IllegalStateException if the server lacks a toxic that it needs, or does not answer, or if this is closed
     */
    public FaultyDsql inject(Fault fault) {
        return inject(TunedFault.of(fault));
    }

    /**
     * Lets that fault begin, with parameters of its own.
     *
     * @return this
     * @throws IllegalStateException if the server lacks a toxic that it needs, or does not answer, or if this is closed
     */
    public FaultyDsql inject(TunedFault fault) {
        synchronized (this) {
            if (closed) {
                throw new IllegalStateException(this + " is closed");
            }
            Injected added = new Injected(
                    fault,
                    new ArrayList<>(),
                    fault.detour().map(kind -> kind.open(endpoint.port())).orElse(null));
            try {
                for (Ingredient toxic : fault.toxics(endpoint)) {
                    added.toxics.add(add(toxic, fault));
                }
            } catch (RuntimeException e) {
                undo(added);
                throw e;
            }
            if (injected.isEmpty()) {
                passedBefore = counted().map(now -> now.accepted() - now.open()).orElse(0L);
            }
            injected.add(added);
        }
        listener.accept(fault);
        return this;
    }

    private String add(Ingredient toxic, TunedFault fault) {
        String toxicName = "dsql-reach-" + ++toxics + "-" + toxic.type();
        try {
            api.addToxic(name, toxicName, toxic);
            return toxicName;
        } catch (ToxiproxyControl.Refused e) {
            if (e.status() == 400 && !toxic.isStock()) {
                throw new IllegalStateException(
                        fault + " needs the toxic '" + toxic.type() + "', which " + source
                                + " does not have: use the server inside the JVM, which is the default ("
                                + e.getMessage() + ")",
                        e);
            }
            throw new IllegalStateException(fault + " cannot be injected: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException(fault + " cannot be injected: " + why(e), e);
        }
    }

    /**
     * Ends all faults that were injected. Connections that a fault holds in silence are closed, new ones work. Toxics of
     * your own, added by {@link #proxy()}, stay.
     *
     * @return this
     * @throws IllegalStateException if the server does not answer
     */
    public synchronized FaultyDsql heal() {
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
        if (fault.detour != null) {
            fault.detour.close();
        }
        for (String toxic : fault.toxics) {
            try {
                api.removeToxic(name, toxic);
            } catch (ToxiproxyControl.Refused e) {
                if (e.status() != 404) {
                    throw new IllegalStateException(fault.fault + " cannot be undone: " + e.getMessage(), e);
                }
            } catch (IOException e) {
                throw new IllegalStateException(fault.fault + " cannot be undone: " + why(e), e);
            }
        }
    }

    /** The faults in force, the oldest first. */
    public synchronized List<TunedFault> faults() {
        return injected.stream().map(Injected::fault).toList();
    }

    /**
     * The endpoint through the proxy: everything as it was, but for {@code connectTo}. The faults of DNS and TCP have
     * addresses of their own, so ask again after one was injected or healed.
     */
    public Endpoint endpoint() {
        return endpoint.toBuilder().connectTo(target()).build();
    }

    /** Where connections go now. */
    synchronized HostAndPort target() {
        for (int i = injected.size() - 1; i >= 0; i--) {
            if (injected.get(i).detour != null) {
                return injected.get(i).detour.target();
            }
        }
        return address;
    }

    /** Where a connection that begins now goes. */
    synchronized HostAndPort connecting() {
        HostAndPort target = target();
        if (!target.equals(address)) {
            met++;
        }
        return target;
    }

    Duration connectTimeout() {
        return connectTimeout;
    }

    /**
     * A URL for the PostgreSQL driver of this JVM, and for pools on top of it; the password is {@link #token()}.
     *
     * <pre>{@code
     * config.setJdbcUrl(dsql.jdbcUrl());
     * config.setPassword(dsql.token());
     * }</pre>
     */
    public String jdbcUrl() {
        return DriverProperties.url(endpoint.toBuilder().connectTo(null).build()) + "&socketFactory="
                + FaultSocketFactory.class.getName() + "&socketFactoryArg=" + id;
    }

    /** A URL for AWS's {@code aurora-dsql-jdbc-connector} in this JVM, which makes the token itself. */
    public String connectorUrl() {
        return "jdbc:aws-dsql:" + jdbcUrl().substring("jdbc:".length());
    }

    /**
     * A data source through the proxy that makes a fresh token for each connection, with the credentials of the builder.
     * It does not pool; HikariCP takes it with {@code setDataSource}.
     */
    public DataSource dataSource() {
        return dataSource(provider());
    }

    /** A data source through the proxy that makes a fresh token for each connection, with those credentials. */
    public DataSource dataSource(AwsCredentialsProvider credentials) {
        return DsqlDataSource.of(endpoint, jdbcUrl(), credentials);
    }

    /**
     * A fresh token, the password that goes with {@link #jdbcUrl()}, good for 15 minutes; a credential.
     *
     * @throws software.amazon.awssdk.core.exception.SdkException if the builder's credentials give none
     */
    public String token() {
        return AuthToken.generate(endpoint, provider().resolveCredentials(), AuthToken.DEFAULT_LIFETIME)
                .value();
    }

    private synchronized AwsCredentialsProvider provider() {
        if (provider == null) {
            provider = credentials.provider();
        }
        return provider;
    }

    /** The control API of the server that the proxy is on. */
    public URI toxiproxy() {
        return server.uri();
    }

    /**
     * The proxy, for toxics of your own; they are gone when this closes.
     *
     * <pre>{@code
     * dsql.proxy().toxics().slicer("small pieces", ToxicDirection.DOWNSTREAM, 10, 0);
     * }</pre>
     *
     * <p>Its {@code toxics().getAll()} and {@code get} know the stock types only, and fail while a fault with another one
     * is in force.
     *
     * @throws UncheckedIOException if the server does not answer
     */
    public Proxy proxy() {
        try {
            return new ToxiproxyClient(server.uri().getHost(), server.uri().getPort()).getProxy(name);
        } catch (IOException e) {
            throw new UncheckedIOException("no answer from " + source + ": " + why(e), e);
        }
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
     * was in force. A test whose fault met none has tested nothing. Faults of DNS and TCP are met by data sources and
     * URLs, where they are counted; what goes to an {@link #endpoint()} of theirs is not seen.
     *
     * @return empty if the server does not count: only the one inside this JVM does
     */
    public synchronized OptionalLong connectionsMet() {
        return counted().isEmpty() ? OptionalLong.empty() : OptionalLong.of(met + passing());
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
            FaultSocketFactory.unregister(id);
            injected.stream().map(Injected::detour).filter(Objects::nonNull).forEach(Detour::close);
            injected.clear();
        }
        try (server) {
            closeProvider();
            api.deleteProxy(name);
        } catch (IOException e) {
            throw new IllegalStateException(source + " does not remove the proxy of " + this + ": " + why(e), e);
        } finally {
            server.service().released(listen);
        }
    }

    private void closeProvider() {
        if (credentials.isOwned() && provider instanceof software.amazon.awssdk.utils.SdkAutoCloseable closeable) {
            closeable.close();
        }
    }

    /** The endpoint and the faults in force. */
    @Override
    public String toString() {
        List<TunedFault> faults = faults();
        return endpoint.address() + " behind " + (faults.isEmpty() ? "no fault" : faults);
    }

    /** Sets up a {@link FaultyDsql}. */
    public static final class Builder {
        private final Endpoint endpoint;
        private ToxiproxySource source;
        private Credentials credentials = Credentials.defaultChain();
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Consumer<TunedFault> listener = fault -> {};

        private Builder(Endpoint endpoint) {
            this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
        }

        /** Where the Toxiproxy server comes from; {@link ToxiproxySource#configured()} by default. */
        public Builder toxiproxy(ToxiproxySource source) {
            this.source = Objects.requireNonNull(source, "source");
            return this;
        }

        /** Where AWS credentials come from; the SDK's default chain by default. */
        public Builder credentials(AwsCredentialsProvider credentials) {
            this.credentials = Credentials.of(credentials);
            return this;
        }

        /**
         * How long data source and URLs wait for TCP to connect, which the driver leaves to its socket factory; 10 s by
         * default, as the driver's own.
         *
         * @param timeout 1 ms to 10 min
         * @throws IllegalArgumentException if it is not
         */
        public Builder connectTimeout(Duration timeout) {
            if (timeout.toMillis() < 1 || timeout.compareTo(Duration.ofMinutes(10)) > 0) {
                throw new IllegalArgumentException("connectTimeout is " + timeout + "; allowed is 1 ms to 10 min");
            }
            this.connectTimeout = timeout;
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
        public FaultyDsql start() {
            return new FaultyDsql(this);
        }
    }
}
