package io.github.dsqlreach.fault;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.DriverProperties;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.internal.Relay;
import io.github.dsqlreach.internal.Rfc9525HostnameVerifier;
import io.github.dsqlreach.internal.Troubles;
import io.github.dsqlreach.internal.client.ConnectionCount;
import io.github.dsqlreach.internal.client.Credentials;
import io.github.dsqlreach.internal.client.HttpProxy;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
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
 *     dsql.clearFaults();
 *     …                                       // and does it recover?
 * }
 * }</pre>
 *
 * <p>Several faults can be in force at once. Data source and URLs follow faults as they come and go; an
 * {@link #endpoint()} must be asked for again. Safe for use by many threads. {@link #close()} takes everything back.
 */
public final class FaultyDsql implements FaultyServer {
    private final Endpoint endpoint;
    private final Duration connectTimeout;
    private final Credentials credentials;
    private final FaultProxy proxy;
    private final String id;
    /** The way through an HTTP proxy; {@code null} where none is needed. */
    private final @Nullable Relay relay;

    private @Nullable AwsCredentialsProvider provider;

    private FaultyDsql(Builder builder) {
        endpoint = builder.endpoint;
        connectTimeout = builder.connectTimeout;
        credentials = builder.credentials;
        proxy = new FaultProxy(endpoint.address(), builder.upstream(), builder.port, builder.source, builder.listener);
        relay = builder.relay;
        id = FaultSocketFactory.register(this);
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

    @Override
    public FaultyDsql inject(Fault fault) {
        return inject(TunedFault.of(fault));
    }

    @Override
    public FaultyDsql inject(TunedFault fault) {
        if (fault.fault().isAtCommit()) {
            throw new IllegalArgumentException(
                    fault.fault() + " happens at a commit inside a local cluster, and a proxy sees"
                            + " no commits; use LocalDsql.inject, or @InjectFault in a class with @WithLocalDsql");
        }
        proxy.inject(fault, this::toxics, this::open);
        return this;
    }

    /** Over a WebSocket its upgrade is the first message in TLS, before those that a fault counts; elsewhere there is none. */
    private List<ToxicDefinition> toxics(TunedFault fault) {
        return fault.toxics(endpoint.host()).stream()
                .map(toxic -> isOverWebSocket() && toxic.attributes().get("message") instanceof Long message
                        ? toxic.with("message", message + 1)
                        : toxic)
                .filter(toxic ->
                        !Long.valueOf(Fault.UPGRADE).equals(toxic.attributes().get("message")))
                .toList();
    }

    /** At an address of its own, so that connections through the proxy stay open. */
    private UnreachableTarget open(UnreachableTarget.Kind kind) {
        // A proxy is for HTTP; a network that requires one lets nothing else out.
        boolean noProxy = kind == UnreachableTarget.Kind.LOGIN_WANTING_PROXY && !isOverWebSocket();
        return noProxy
                ? UnreachableTarget.Kind.REFUSING_PORT.open(0)
                : kind.open(kind == UnreachableTarget.Kind.UNKNOWN_NAME ? endpoint.port() : 0);
    }

    @Override
    public FaultyDsql clearFaults() {
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

    /** Where connections go now: the faults of DNS and TCP have addresses of their own. */
    @Override
    public HostAndPort address() {
        return proxy.elsewhere().map(UnreachableTarget::target).orElseGet(proxy::address);
    }

    /**
     * The endpoint through the proxy: the same, but for the address that TCP connects to. The faults of DNS and TCP have
     * addresses of their own, so call this again after one was injected or removed.
     */
    public Endpoint endpoint() {
        Optional<UnreachableTarget> elsewhere = proxy.elsewhere();
        HostAndPort target = elsewhere.map(UnreachableTarget::target).orElseGet(proxy::address);
        Endpoint.Builder through = endpoint.toBuilder();
        if (elsewhere.filter(UnreachableTarget::isProxy).isPresent()) {
            return through.connectTo(null).proxy(target).build();
        }
        through.connectTo(target).proxy(null);
        if (!isOverWebSocket() && faults().stream().anyMatch(fault -> fault.fault() == Fault.PROXY_REQUIRED)) {
            // Neither port can be reached without the proxy.
            return through.webSocketConnectTo(target).build();
        }
        if (endpoint.transport() == Transport.AUTO && endpoint.connectTo().isEmpty()) {
            // The other port is not behind this proxy.
            through.webSocketConnectTo(endpoint.over(Transport.WEBSOCKET).target());
        }
        return through.build();
    }

    /** Where a connection that begins now goes. */
    Endpoint connecting() {
        proxy.elsewhere().ifPresent(unused -> proxy.countElsewhere());
        return endpoint();
    }

    boolean isOverWebSocket() {
        return endpoint.transport() == Transport.WEBSOCKET;
    }

    Duration connectTimeout() {
        return connectTimeout;
    }

    /**
     * A URL for the PostgreSQL driver of this JVM, and for whatever is configured by a URL: pools, Spring Boot, Flyway.
     * It needs no password: each connection logs in with a fresh token, made with the credentials of the builder. A given
     * password is used only if it is a token.
     *
     * <pre>{@code
     * config.setJdbcUrl(dsql.jdbcUrl());
     * }</pre>
     */
    public String jdbcUrl() {
        return DriverProperties.url(
                                endpoint.toBuilder().connectTo(null).proxy(null).build())
                        .replace("&socketFactory=" + Endpoint.WEB_SOCKET_SOCKET_FACTORY, "")
                + "&socketFactory=" + FaultSocketFactory.class.getName() + "&socketFactoryArg=" + id
                + "&sslhostnameverifier=" + Rfc9525HostnameVerifier.class.getName()
                + "&authenticationPluginClassName=" + FaultSocketFactory.class.getName();
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

    /**
     * A data source through the proxy that makes a fresh token for each connection, with those credentials. Its connections while
     * no fault is active are counted as those of the cluster, for the evidence after a failure.
     */
    public DataSource dataSource(AwsCredentialsProvider credentials) {
        Optional<ConnectionCount> count = Optional.of(ConnectionCount.of(endpoint));
        return DsqlDataSource.of(endpoint, jdbcUrl(), credentials, () -> count.filter(unused -> faults().isEmpty()));
    }

    String token(String user) throws SQLException {
        return AuthToken.forConnection(
                        endpoint.toBuilder().user(user).build(),
                        () -> provider().resolveCredentials())
                .value();
    }

    private synchronized AwsCredentialsProvider provider() {
        if (provider == null) {
            provider = credentials.provider();
        }
        return provider;
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
        ToxiproxyClient client =
                new ToxiproxyClient(toxiproxy().getHost(), toxiproxy().getPort());
        // The client has no timeouts of its own.
        FutureTask<Proxy> call = new FutureTask<>(() -> client.getProxy(proxy.name()));
        Daemon.start("dsql-reach-toxiproxy-client", call);
        try {
            return call.get(RemoteToxiproxy.TIME.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for " + proxy.source(), e);
        } catch (ExecutionException e) {
            throw noAnswer(e.getCause());
        } catch (TimeoutException e) {
            throw noAnswer(new IOException("nothing within " + Numbers.print(RemoteToxiproxy.TIME), e));
        }
    }

    private UncheckedIOException noAnswer(@Nullable Throwable why) {
        return new UncheckedIOException(
                "no answer from " + proxy.source() + ": " + (why == null ? "" : why.getMessage()),
                why instanceof IOException e ? e : new IOException(why));
    }

    /**
     * {@inheritDoc} Faults of DNS and TCP strike connections of data sources and URLs; a connection to an {@link #endpoint()} of
     * theirs is not counted.
     */
    @Override
    public List<FaultEffect> effects() {
        return proxy.effects();
    }

    @Override
    public void close() {
        FaultSocketFactory.unregister(id);
        try {
            proxy.close();
        } finally {
            Quietly.close(relay);
            closeProvider();
        }
    }

    /** The endpoint and the active faults. */
    @Override
    public String toString() {
        return proxy.toString();
    }

    private void closeProvider() {
        if (credentials.isOwned() && provider instanceof software.amazon.awssdk.utils.SdkAutoCloseable closeable) {
            closeable.close();
        }
    }

    /** Sets up a {@link FaultyDsql}. */
    public static final class Builder {
        private final Endpoint endpoint;
        private @Nullable ToxiproxySource source;
        private Credentials credentials = Credentials.defaultChain();
        private Duration connectTimeout = Duration.ofSeconds(10);
        private Consumer<TunedFault> listener = fault -> {};
        private int port;
        private @Nullable Relay relay;

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
        public FaultyDsql start() {
            relay = null;
            try {
                return new FaultyDsql(this);
            } catch (RuntimeException e) {
                Quietly.close(relay);
                throw e;
            }
        }

        /** The endpoint, or where the HTTP proxy that leads there is asked for it: faults are behind that. */
        private HostAndPort upstream() {
            try {
                Optional<HttpProxy> proxy = HttpProxy.to(endpoint);
                if (proxy.isEmpty()) {
                    return endpoint.target();
                }
                relay = new Relay(
                        InetAddress.getLoopbackAddress(),
                        0,
                        client -> proxy.get().open(endpoint.address()),
                        Troubles::log);
                return new HostAndPort(
                        relay.address().getAddress().getHostAddress(),
                        relay.address().getPort());
            } catch (IOException e) {
                throw new IllegalStateException("no way to " + endpoint + ": " + e.getMessage(), e);
            }
        }
    }
}
