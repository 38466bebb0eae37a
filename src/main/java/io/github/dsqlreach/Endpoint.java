package io.github.dsqlreach;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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

    private static final Pattern CLUSTER_HOST =
            Pattern.compile("([a-z0-9]+)\\.(dsql(?:-[a-z0-9]+)?)\\.([a-z]{2}(?:-[a-z]+)+-\\d+)\\.on\\.aws\\.?");
    private static final Pattern VPCE_HOST = Pattern.compile(
            "vpce-[a-z0-9-]+\\.(dsql(?:-[a-z0-9]+)?)\\.([a-z]{2}(?:-[a-z]+)+-\\d+)\\.vpce\\.amazonaws\\.com\\.?");
    private static final Pattern CLUSTER_ID_OPTION = Pattern.compile("(?:^|\\s)(?:-c\\s*|--)amzn-cluster-id=(\\S+)");
    /** Stages of the public endpoint, not service ids of PrivateLink. */
    private static final Set<String> PUBLIC_LABELS = Set.of("dsql", "dsql-fips", "dsql-gamma");

    private static final Pattern CLUSTER_ID = Pattern.compile("[a-z0-9]{26}");
    private static final Pattern REGION = Pattern.compile("[a-z]{2}(-[a-z]+)+-\\d+");

    private static final Pattern JDBC = Pattern.compile("jdbc:(?:aws-dsql:)?postgresql:(.*)");

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

    private Endpoint(Builder builder) {
        HostAndPort named = isClusterId(builder.address.host()) && builder.region != null
                ? new HostAndPort(
                        builder.address.host() + ".dsql." + builder.region + ".on.aws", builder.address.port())
                : builder.address;
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
        this.region = builder.region != null ? builder.region : regionOf(address.host());
        this.clusterId = clusterIdOf(address.host(), options);
    }

    /**
     * Reads a host name, {@code host:port}, a {@code jdbc:postgresql://…} URL or a {@code jdbc:aws-dsql:postgresql://…}
     * URL (AWS's connector). A bare cluster id in place of the host needs the URL's {@code region}. Of a URL's parameters count {@code user}, {@code region}, {@code sslNegotiation},
     * {@code sslmode}, {@code sslrootcert}, {@code options}, and this library's {@code socketFactory}; the others are
     * the driver's business.
     *
     * @throws InvalidEndpointException if the text is none of these; the message names it and what is allowed
     */
    public static Endpoint parse(String text) {
        return read(text).complete();
    }

    /** The same, while a bare cluster id may still get its region. */
    static Endpoint read(String text) {
        Objects.requireNonNull(text, "text");
        String trimmed = text.strip();
        Matcher jdbc = JDBC.matcher(trimmed);
        if (jdbc.matches()) {
            return parseUrl(trimmed, jdbc.group(1));
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

    static boolean isClusterId(String host) {
        return CLUSTER_ID.matcher(host).matches();
    }

    /**
     * This endpoint, if it has a host.
     *
     * @throws InvalidEndpointException if it has only a cluster's id
     */
    Endpoint complete() {
        if (isClusterId(host())) {
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

    private static HostAndPort address(String text, String whole) {
        try {
            return HostAndPort.parse(text, DEFAULT_PORT);
        } catch (IllegalArgumentException e) {
            // Half a password may look like a host.
            throw invalid(
                    whole, whole.indexOf('@') < 0 ? String.valueOf(e.getMessage()) : "it has no HOST or HOST:PORT");
        }
    }

    private static Endpoint parseUrl(String url, String rest) {
        if (!rest.startsWith("//")) {
            throw invalid(url, "the URL names no host; allowed is jdbc:postgresql://HOST[:PORT]/postgres");
        }
        String afterSlashes = rest.substring(2);
        int question = afterSlashes.indexOf('?');
        String location = question < 0 ? afterSlashes : afterSlashes.substring(0, question);
        int slash = location.indexOf('/');
        String host = slash < 0 ? location : location.substring(0, slash);
        String database = slash < 0 ? "" : decode(url, location.substring(slash + 1));
        if (host.indexOf(',') >= 0) {
            throw invalid(url, "the URL names several hosts; allowed is one");
        }
        if (location.indexOf('@') >= 0) {
            throw invalid(url, "the driver knows no user before the host; allowed is the parameter user");
        }
        if (host.isEmpty()) {
            throw invalid(url, "the URL names no host; allowed is jdbc:postgresql://HOST[:PORT]/postgres");
        }
        Builder builder = new Builder(address(host, url));
        if (!database.isEmpty()) {
            builder.database(database);
        }
        applyParameters(builder, url, parameters(url, question < 0 ? "" : afterSlashes.substring(question + 1)));
        return builder.build();
    }

    private static void applyParameters(Builder builder, String url, Map<String, String> parameters) {
        try {
            Optional.ofNullable(parameters.get("user")).ifPresent(builder::user);
            Optional.ofNullable(parameters.get("region")).ifPresent(builder::region);
            Optional.ofNullable(parameters.get("options")).ifPresent(builder::options);
            Optional.ofNullable(parameters.get("sslNegotiation"))
                    .ifPresent(value -> builder.negotiation(negotiation(value)));
            boolean webSocket = WEB_SOCKET_SOCKET_FACTORY.equals(parameters.get("socketFactory"));
            if (webSocket) {
                builder.transport(Transport.WEBSOCKET);
                // It keeps the driver from asking for TLS inside TLS, and says nothing about trust.
                parameters.remove("sslmode");
            }
            Optional<Path> rootCertificate = Optional.ofNullable(parameters.get("sslrootcert"))
                    .filter(file -> !file.isEmpty() && !file.equals("system"))
                    .map(Path::of);
            builder.trust(new Trust(trustMode(parameters.get("sslmode")), rootCertificate));
            if (CONNECT_TO_SOCKET_FACTORY.equals(parameters.get("socketFactory"))) {
                String target = parameters.get("socketFactoryArg");
                if (target == null) {
                    throw new IllegalArgumentException("socketFactoryArg is missing; it is HOST:PORT");
                }
                builder.connectTo(HostAndPort.parse(target, 0));
            }
            String way = webSocket ? parameters.get("socketFactoryArg") : null;
            if (way != null && way.startsWith(PROXY_SCHEME)) {
                builder.proxy(HostAndPort.parse(way.substring(PROXY_SCHEME.length()), 0));
            } else if (way != null) {
                builder.connectTo(HostAndPort.parse(way, 0));
            }
        } catch (IllegalArgumentException e) {
            throw invalid(url, String.valueOf(e.getMessage()));
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

    private static Trust.Mode trustMode(@Nullable String sslmode) {
        return switch (sslmode == null ? "verify-full" : sslmode.toLowerCase(Locale.ROOT)) {
            case "require" -> Trust.Mode.REQUIRE;
            case "verify-ca" -> Trust.Mode.VERIFY_CA;
            // Neither asks for an unverified server, so the kit stays with its own, stronger default.
            case "verify-full", "prefer", "allow" -> Trust.Mode.VERIFY_FULL;
            default ->
                throw new IllegalArgumentException("sslmode '" + sslmode
                        + "' does not work with DSQL, which needs TLS; allowed are verify-full, verify-ca, require");
        };
    }

    private static Map<String, String> parameters(String url, String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(decode(url, pair.substring(0, equals)), decode(url, pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decode(String url, String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw invalid(url, "it has a broken percent escape");
        }
    }

    private static InvalidEndpointException invalid(String value, String reason) {
        return new InvalidEndpointException("invalid DSQL endpoint '" + Shown.text(value) + "': " + reason);
    }

    private static @Nullable String regionOf(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        Matcher cluster = CLUSTER_HOST.matcher(name);
        if (cluster.matches()) {
            return cluster.group(3);
        }
        Matcher vpce = VPCE_HOST.matcher(name);
        return vpce.matches() ? vpce.group(2) : null;
    }

    private static @Nullable String clusterIdOf(String host, String options) {
        Matcher option = CLUSTER_ID_OPTION.matcher(options);
        if (option.find()) {
            return option.group(1);
        }
        Matcher cluster = CLUSTER_HOST.matcher(host.toLowerCase(Locale.ROOT));
        return cluster.matches() ? cluster.group(1) : null;
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
        return Optional.ofNullable(regionOf(address.host()));
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
     * The host that a token is made for: the host itself, but for a {@code vpce-…} name with a known cluster the
     * public name {@code <cluster-id>.dsql.<region>.on.aws}, because DSQL checks the token against that one.
     */
    public String tokenHost() {
        String name = host().toLowerCase(Locale.ROOT);
        if (VPCE_HOST.matcher(name).matches() && clusterId != null && region != null) {
            return clusterId + ".dsql." + region + ".on.aws";
        }
        return isClusterName() && name.endsWith(".") ? name.substring(0, name.length() - 1) : host();
    }

    /** Whether the host name has one of the forms of a DSQL cluster (public or PrivateLink). */
    public boolean isClusterName() {
        String name = host().toLowerCase(Locale.ROOT);
        return CLUSTER_HOST.matcher(name).matches() || VPCE_HOST.matcher(name).matches();
    }

    /** Whether the host name only resolves inside a VPC: a PrivateLink name, with or without private DNS. */
    public boolean isPrivateLinkName() {
        String name = host().toLowerCase(Locale.ROOT);
        Matcher cluster = CLUSTER_HOST.matcher(name);
        return VPCE_HOST.matcher(name).matches() || cluster.matches() && !PUBLIC_LABELS.contains(cluster.group(2));
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
        builder.region = region;
        return builder;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Endpoint that
                && address.equals(that.address)
                && Objects.equals(region, that.region)
                && Objects.equals(clusterId, that.clusterId)
                && user.equals(that.user)
                && database.equals(that.database)
                && negotiation == that.negotiation
                && trust.equals(that.trust)
                && transport == that.transport
                && Objects.equals(connectTo, that.connectTo)
                && Objects.equals(webSocketConnectTo, that.webSocketConnectTo)
                && Objects.equals(proxy, that.proxy)
                && options.equals(that.options);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
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
                options);
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

        /** Which certificate counts. */
        public Builder trust(Trust trust) {
            this.trust = Objects.requireNonNull(trust);
            return this;
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
