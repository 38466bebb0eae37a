package io.github.dsqlreach;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A cluster as a client addresses it: where it is, who logs in, and how.
 *
 * <pre>{@code
 * Endpoint endpoint = Endpoint.parse("abc.dsql.us-east-1.on.aws");
 * Endpoint direct = Endpoint.parse("jdbc:postgresql://abc.dsql.us-east-1.on.aws/postgres?sslNegotiation=direct");
 * Endpoint tunnel = endpoint.toBuilder().connectTo(HostAndPort.parse("127.0.0.1:15432", 0)).build();
 * }</pre>
 *
 * <p>Immutable. Two endpoints are equal if all their parts are. An endpoint holds no secret: a password in a URL is
 * ignored, because a DSQL password is a token made from AWS credentials.
 */
public final class Endpoint {
    /** The port of every public DSQL endpoint. */
    public static final int DEFAULT_PORT = 5432;
    /** The role every cluster is born with. */
    public static final String DEFAULT_USER = "admin";
    /** The only database of a cluster. */
    public static final String DEFAULT_DATABASE = "postgres";
    /**
     * The class name that a JDBC URL's {@code socketFactory} has when its {@code socketFactoryArg} is a
     * {@link #connectTo()}.
     */
    public static final String CONNECT_TO_SOCKET_FACTORY = "io.github.dsqlreach.connect.ConnectToSocketFactory";

    /** The class name that a JDBC URL's {@code socketFactory} has when it goes over {@link Transport#WEBSOCKET}. */
    public static final String WEB_SOCKET_SOCKET_FACTORY = "io.github.dsqlreach.connect.WebSocketSocketFactory";

    /** What stands before a {@link #proxy()} in such a URL's {@code socketFactoryArg}. */
    public static final String PROXY_SCHEME = "http://";

    private static final int WEB_SOCKET_PORT = 443;

    private static final Pattern CLUSTER_ID_OPTION = Pattern.compile("(?:^|\\s)(?:-c\\s*|--)amzn-cluster-id=(\\S+)");
    private static final Pattern REGION = Pattern.compile("[a-z]{2}(-[a-z]+)+-\\d+");

    private final HostAndPort address;
    private final @Nullable String region;
    private final @Nullable String clusterId;
    private final String user;
    private final String database;
    private final Negotiation negotiation;
    private final Trust trust;
    private final Transport transport;
    private final @Nullable HostAndPort connectTo;
    private final @Nullable HostAndPort webSocketConnectTo;
    private final @Nullable HostAndPort proxy;
    private final String options;
    private final Map<String, String> parameters;

    private Endpoint(Builder builder) {
        HostAndPort given = withoutFinalDot(builder.address);
        HostAndPort named = ClusterName.isClusterId(given.host()) && builder.region != null
                ? new HostAndPort(ClusterName.of(given.host(), builder.region), given.port())
                : given;
        boolean webSocket = builder.transport == Transport.WEBSOCKET;
        this.address =
                webSocket && named.port() == DEFAULT_PORT ? new HostAndPort(named.host(), WEB_SOCKET_PORT) : named;
        this.user = builder.user;
        this.database = builder.database;
        this.negotiation = builder.negotiation;
        this.trust = webSocket ? new Trust(Trust.Mode.VERIFY_FULL, builder.trust.rootCertificate()) : builder.trust;
        this.transport = builder.transport;
        this.connectTo =
                webSocket && builder.webSocketConnectTo != null ? builder.webSocketConnectTo : builder.connectTo;
        this.webSocketConnectTo = webSocket ? null : builder.webSocketConnectTo;
        this.proxy = builder.proxy;
        this.options = builder.options;
        this.parameters = Map.copyOf(builder.parameters);
        Optional<ClusterName> name = ClusterName.parse(address.host());
        Matcher option = CLUSTER_ID_OPTION.matcher(options);
        this.region = builder.region != null
                ? builder.region
                : name.map(ClusterName::region).orElse(null);
        this.clusterId = option.find()
                ? option.group(1)
                : name.flatMap(ClusterName::clusterId).orElse(null);
    }

    /**
     * Reads a host name, {@code host:port}, a {@code jdbc:postgresql://…} URL or a {@code jdbc:aws-dsql:postgresql://…}
     * URL (AWS's connector). Also the ARN of a cluster, {@code https://HOST} and a {@code postgresql://} URL of libpq; blanks
     * and quotes around it do not count. A bare cluster id in place of the host needs the URL's {@code region}.
     *
     * <p>The parameters of a URL mean what they mean to the driver; {@code docs/one-client.md} lists them. Without
     * {@code sslmode}, {@code ssl} and {@code sslfactory} chain and host name are verified against the JDK's trust store,
     * which is stricter than the driver. A parameter that names a class or a file to write is not used, except classes of
     * the driver; {@link #ignoredParameters()} lists these.
     *
     * @throws InvalidEndpointException if the text is none of these; the message names it and what is allowed
     */
    public static Endpoint parse(String text) {
        return read(text).complete();
    }

    /** The same, while a bare cluster id may still get its region. */
    static Endpoint read(String text) {
        Objects.requireNonNull(text, "text");
        String given = EndpointForms.strip(text);
        String trimmed = EndpointForms.known(given);
        Optional<JdbcUrl> url = readUrl(trimmed, given);
        if (url.isPresent()) {
            return of(url.get(), given);
        }
        if (trimmed.startsWith("jdbc:aws-wrapper:")) {
            throw invalid(
                    trimmed,
                    "the AWS Advanced JDBC Wrapper knows no DSQL: its plugin iam makes tokens for RDS, which a cluster"
                            + " refuses; allowed is jdbc:postgresql://… or jdbc:aws-dsql:postgresql://…");
        }
        if (trimmed.isEmpty() || trimmed.contains("://") || trimmed.startsWith("jdbc:")) {
            throw invalid(trimmed, "it is no host, HOST:PORT, jdbc:postgresql://… or jdbc:aws-dsql:postgresql://… URL");
        }
        return new Builder(address(trimmed, trimmed)).build();
    }

    /**
     * This endpoint, if it has a host.
     *
     * @throws InvalidEndpointException if it has only a cluster's id
     */
    Endpoint complete() {
        if (ClusterName.isClusterId(host())) {
            throw invalid(
                    address.toString(),
                    "it is a cluster's id, and no region is known; allowed is the id with a region (dsql.reach.region,"
                            + " AWS_REGION), or " + host() + ".dsql.<region>.on.aws");
        }
        return this;
    }

    /**
     * A builder for an endpoint on that host, or on the public host of the cluster with that id once the region is given,
     * with port 5432, user {@code admin} and database {@code postgres}.
     */
    public static Builder builder(String host) {
        return new Builder(address(host, host));
    }

    /** The JDK sends no server name (SNI) that ends with a dot. */
    private static HostAndPort withoutFinalDot(HostAndPort address) {
        String host = address.host();
        return host.length() > 1 && host.endsWith(".")
                ? new HostAndPort(host.substring(0, host.length() - 1), address.port())
                : address;
    }

    private static HostAndPort address(String text, String whole) {
        try {
            return HostAndPort.parse(text, DEFAULT_PORT);
        } catch (IllegalArgumentException e) {
            // Half a password may look like a host.
            throw invalid(
                    whole, whole.indexOf('@') < 0 ? String.valueOf(e.getMessage()) : "it has no HOST or HOST:PORT");
        }
    }

    private static Optional<JdbcUrl> readUrl(String text, String whole) {
        try {
            return JdbcUrl.parse(text);
        } catch (IllegalArgumentException e) {
            throw invalid(whole, String.valueOf(e.getMessage()));
        }
    }

    private static Endpoint of(JdbcUrl url, String whole) {
        Builder builder = new Builder(address(url.address(), whole));
        if (!url.database().isEmpty()) {
            builder.database(url.database());
        }
        try {
            url.parameter("user").ifPresent(builder::user);
            url.parameter("region").ifPresent(builder::region);
            url.parameter("options").ifPresent(builder::options);
            url.parameter("sslNegotiation").ifPresent(value -> builder.negotiation(negotiation(value)));
            Optional<String> factory = url.parameter("socketFactory");
            boolean webSocket =
                    factory.filter(WEB_SOCKET_SOCKET_FACTORY::equals).isPresent();
            if (webSocket) {
                builder.transport(Transport.WEBSOCKET);
            }
            builder.trust(webSocket ? UrlTrust.overWebSocket(url) : UrlTrust.of(url));
            if (url.isConnector()
                    && !webSocket
                    && url.parameter("sslNegotiation").isEmpty()) {
                builder.negotiation(ConnectorVersion.negotiation());
            }
            builder.parameters(UrlParameters.of(url));
            if (webSocket) {
                url.parameter("socketFactoryArg").ifPresent(way -> throughOrTo(builder, way));
            } else if (factory.filter(CONNECT_TO_SOCKET_FACTORY::equals).isPresent()) {
                builder.connectTo(url.parameter("socketFactoryArg")
                        .map(way -> HostAndPort.parse(way, 0))
                        .orElseThrow(
                                () -> new IllegalArgumentException("socketFactoryArg is missing; it is HOST:PORT")));
            }
        } catch (IllegalArgumentException e) {
            throw invalid(whole, String.valueOf(e.getMessage()));
        }
        return builder.build();
    }

    private static void throughOrTo(Builder builder, String way) {
        if (way.startsWith(PROXY_SCHEME)) {
            builder.proxy(HostAndPort.parse(way.substring(PROXY_SCHEME.length()), 0));
        } else {
            builder.connectTo(HostAndPort.parse(way, 0));
        }
    }

    /**
     * Reads the value of {@code sslNegotiation}.
     *
     * @throws IllegalArgumentException if it is neither {@code postgres} nor {@code direct}
     */
    public static Negotiation negotiation(String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
            case "postgres" -> Negotiation.POSTGRES;
            case "direct" -> Negotiation.DIRECT;
            default -> throw new IllegalArgumentException("negotiation '" + value + "' is not one of postgres, direct");
        };
    }

    private static InvalidEndpointException invalid(String value, String reason) {
        return new InvalidEndpointException("invalid DSQL endpoint '" + Redaction.text(value) + "': " + reason);
    }

    /** The cluster's host name: what SNI, the certificate check and the token are for. */
    public String host() {
        return address.host();
    }

    /** The cluster's port; 5432 by default. */
    public int port() {
        return address.port();
    }

    /** Host and port. */
    public HostAndPort address() {
        return address;
    }

    /** The AWS region: the one configured, else the one in the host name; empty if neither tells. */
    public Optional<String> region() {
        return Optional.ofNullable(region);
    }

    /** The region that the host name tells; empty if it tells none. */
    public Optional<String> regionOfHost() {
        return ClusterName.parse(host()).map(ClusterName::region);
    }

    /** The cluster's identifier, from the option {@code amzn-cluster-id} or the host name; empty if neither tells. */
    public Optional<String> clusterId() {
        return Optional.ofNullable(clusterId);
    }

    /** The database role; {@code admin} by default. */
    public String user() {
        return user;
    }

    /** The database; {@code postgres} by default, the only one that DSQL has. */
    public String database() {
        return database;
    }

    /** How TLS starts; {@link Negotiation#POSTGRES} by default, as with pgjdbc. */
    public Negotiation negotiation() {
        return negotiation;
    }

    /** Which certificate counts; {@link Trust#jdk()} by default. Over a WebSocket it is always verified in full. */
    public Trust trust() {
        return trust;
    }

    /** What carries PostgreSQL's protocol; {@link Transport#TCP} by default. */
    public Transport transport() {
        return transport;
    }

    /**
     * The same endpoint over that transport. Over {@link Transport#WEBSOCKET} port 443 takes the place of 5432, another
     * port stays.
     */
    public Endpoint over(Transport transport) {
        return toBuilder().transport(transport).build();
    }

    /** Where TCP goes instead of host and port, when a tunnel or a proxy is in between; empty by default. */
    public Optional<HostAndPort> connectTo() {
        return Optional.ofNullable(connectTo);
    }

    /**
     * Where TCP would go for a WebSocket instead of port 443 of the host, while another transport is in use; empty by
     * default. {@code over(WEBSOCKET)} makes it the {@link #connectTo()}.
     */
    public Optional<HostAndPort> webSocketConnectTo() {
        return Optional.ofNullable(webSocketConnectTo);
    }

    /**
     * The HTTP proxy that leads to a WebSocket, where it is not the one that this machine is set to use; empty by default.
     * It gets no login.
     */
    public Optional<HostAndPort> proxy() {
        return Optional.ofNullable(proxy);
    }

    /** Where TCP goes: {@link #connectTo()} if given, else host and port. */
    public HostAndPort target() {
        return connectTo != null ? connectTo : address;
    }

    /** The startup parameter {@code options}, such as {@code -c amzn-cluster-id=…}; empty text by default. */
    public String options() {
        return options;
    }

    /**
     * The AWS profile that a URL for AWS's connector names; empty by default. The setting {@code dsql.reach.profile} and
     * given credentials win.
     */
    public Optional<String> profile() {
        return Optional.ofNullable(parameters.get(UrlParameters.PROFILE));
    }

    /**
     * The parameters of the URL that are no part of their own, such as {@code socketTimeout} and {@code currentSchema}: the
     * driver gets them as they are. Empty by default.
     */
    public Map<String, String> parameters() {
        return UrlParameters.used(parameters);
    }

    /**
     * The names of the URL's parameters that are not used, because they name a class to load or a file to write; sorted,
     * empty by default.
     */
    public List<String> ignoredParameters() {
        return UrlParameters.ignored(parameters);
    }

    /**
     * The host that a token is made for: the host itself, but for a {@code vpce-…} name with a known cluster the
     * public name {@code <cluster-id>.dsql.<region>.on.aws}, because DSQL checks the token against that one.
     */
    public String tokenHost() {
        Optional<ClusterName> name = ClusterName.parse(host());
        boolean isVpce = name.filter(known -> known.clusterId().isEmpty()).isPresent();
        if (isVpce && clusterId != null && region != null) {
            return ClusterName.of(clusterId, region);
        }
        return name.isPresent() ? host().toLowerCase(Locale.ROOT) : host();
    }

    /** Whether the host name has one of the forms of a DSQL cluster (public or PrivateLink). */
    public boolean isClusterName() {
        return ClusterName.parse(host()).isPresent();
    }

    /** Whether the host name only resolves inside a VPC: a PrivateLink name, with or without private DNS. */
    public boolean isPrivateLinkName() {
        return ClusterName.parse(host()).filter(ClusterName::isPrivateLink).isPresent();
    }

    /** A builder that starts with all parts of this endpoint. */
    public Builder toBuilder() {
        Builder builder = new Builder(address);
        builder.user = user;
        builder.database = database;
        builder.negotiation = negotiation;
        builder.trust = trust;
        builder.transport = transport;
        builder.connectTo = connectTo;
        builder.webSocketConnectTo = webSocketConnectTo;
        builder.proxy = proxy;
        builder.options = options;
        builder.parameters = parameters;
        builder.region = region;
        return builder;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Endpoint that && parts().equals(that.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    private List<@Nullable Object> parts() {
        return Arrays.asList(
                address,
                region,
                clusterId,
                user,
                database,
                negotiation,
                trust,
                transport,
                connectTo,
                webSocketConnectTo,
                proxy,
                options,
                parameters);
    }

    /** {@code host:port}, whether over a WebSocket, and where TCP goes if that is elsewhere. */
    @Override
    public String toString() {
        return address
                + (transport == Transport.WEBSOCKET ? " over WebSocket" : "")
                + (connectTo == null ? "" : " via " + connectTo);
    }

    /** Builds an {@link Endpoint}. */
    public static final class Builder {
        private final HostAndPort address;
        private @Nullable String region;
        private String user = DEFAULT_USER;
        private String database = DEFAULT_DATABASE;
        private Negotiation negotiation = Negotiation.POSTGRES;
        private Trust trust = Trust.jdk();
        private Transport transport = Transport.TCP;
        private @Nullable HostAndPort connectTo;
        private @Nullable HostAndPort webSocketConnectTo;
        private @Nullable HostAndPort proxy;
        private String options = "";
        private Map<String, String> parameters = Map.of();

        private Builder(HostAndPort address) {
            this.address = address;
        }

        /**
         * The AWS region, where the host name does not tell it.
         *
         * @throws InvalidEndpointException if it does not look like {@code us-east-1}
         */
        public Builder region(String region) {
            if (!REGION.matcher(region).matches()) {
                throw new InvalidEndpointException(
                        "'" + region + "' is not an AWS region; allowed are names such as us-east-1");
            }
            this.region = region;
            return this;
        }

        /**
         * The database role that logs in.
         *
         * @throws InvalidEndpointException if it is blank
         */
        public Builder user(String user) {
            if (user.isBlank()) {
                throw new InvalidEndpointException("the user is blank; allowed is the name of a database role");
            }
            this.user = user;
            return this;
        }

        /** The database. */
        public Builder database(String database) {
            this.database = database;
            return this;
        }

        /** How TLS starts. */
        public Builder negotiation(Negotiation negotiation) {
            this.negotiation = Objects.requireNonNull(negotiation);
            return this;
        }

        /** Which certificate counts, instead of what a URL says. */
        public Builder trust(Trust trust) {
            this.trust = Objects.requireNonNull(trust);
            this.parameters = UrlParameters.withoutTrust(parameters);
            return this;
        }

        private void parameters(Map<String, String> parameters) {
            this.parameters = parameters;
        }

        /** What carries PostgreSQL's protocol. */
        public Builder transport(Transport transport) {
            this.transport = Objects.requireNonNull(transport);
            return this;
        }

        /** Where TCP goes instead, for example the local end of a tunnel; {@code null} for host and port. */
        public Builder connectTo(@Nullable HostAndPort connectTo) {
            this.connectTo = connectTo;
            return this;
        }

        /** Where TCP goes for a WebSocket instead of port 443 of the host; {@code null} for that. */
        public Builder webSocketConnectTo(@Nullable HostAndPort webSocketConnectTo) {
            this.webSocketConnectTo = webSocketConnectTo;
            return this;
        }

        /** The HTTP proxy that leads to a WebSocket; {@code null} for the one that this machine is set to use, if any. */
        public Builder proxy(@Nullable HostAndPort proxy) {
            this.proxy = proxy;
            return this;
        }

        /** The startup parameter {@code options}. */
        public Builder options(String options) {
            this.options = Objects.requireNonNull(options);
            return this;
        }

        /** The endpoint. */
        public Endpoint build() {
            return new Endpoint(this);
        }
    }
}
