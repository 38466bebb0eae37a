package io.github.dsqlreach.local;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Scrubber;
import java.io.Closeable;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/** The roles of an embedded PostgreSQL, which log in with a password that their clients do not know. */
final class Roles implements Closeable {
    static final String SUPERUSER = "postgres";

    private static final System.Logger LOG = System.getLogger(Roles.class.getName());
    private static final int TIMEOUT_MILLIS = 5_000;

    private final HostAndPort server;
    private final RolePassword password;
    private final boolean mapped;
    private @Nullable Connection owner;
    private boolean closed;

    /**
     * The roles of that server.
     *
     * @param mapped whether only those IAM principals may take a role that it is mapped to
     */
    Roles(HostAndPort server, RolePassword password, boolean mapped) {
        this.server = server;
        this.password = password;
        this.mapped = mapped;
    }

    /** A new connection as the superuser that owns everything. */
    Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", SUPERUSER);
        properties.setProperty("password", password.password());
        properties.setProperty("connectTimeout", String.valueOf(TIMEOUT_MILLIS / 1_000));
        properties.setProperty("loginTimeout", String.valueOf(TIMEOUT_MILLIS / 1_000));
        return Objects.requireNonNull(new Driver().connect("jdbc:postgresql://" + server + "/" + database, properties));
    }

    /** The one that is kept for looking up roles. Every login waits for it, so that it may not hang. */
    private Connection owner() throws SQLException {
        if (closed) {
            throw new SQLException("closed");
        }
        if (owner == null) {
            Connection connection = connect("postgres");
            connection.setNetworkTimeout(Runnable::run, TIMEOUT_MILLIS);
            owner = connection;
        }
        return owner;
    }

    /** Logs in for {@link #refusal}, so that no client waits for it. If it fails, {@link #refusal} tries it again. */
    synchronized void logIn() {
        try {
            owner();
        } catch (SQLException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "the owner's login: " + Scrubber.line(String.valueOf(e), 200));
        }
    }

    /** What each role logs in with that {@link #refusal} has nothing against. */
    String password() {
        return password.password();
    }

    /**
     * Why that role gets no session; otherwise it has {@link #password()} afterwards. The superuser is not a role of the
     * cluster.
     *
     * @param principal who wants to take the role, as an ARN
     */
    synchronized Optional<ErrorText> refusal(String role, String principal) throws IOException {
        try {
            return lookUp(role, principal);
        } catch (SQLException e) {
            return lookUpAgain(role, principal);
        }
    }

    /** On a new connection: a test may have ended the old one, by pg_terminate_backend for example. */
    private Optional<ErrorText> lookUpAgain(String role, String principal) throws IOException {
        try {
            closeOwner();
            return lookUp(role, principal);
        } catch (SQLException e) {
            throw new IOException("cannot look up the role: " + e.getMessage(), e);
        }
    }

    private Optional<ErrorText> lookUp(String role, String principal) throws SQLException {
        String isMapped = mapped
                ? "rolname = 'admin' OR EXISTS (SELECT FROM dsql_reach.iam_mapping m WHERE m.role = r.oid AND arn = ?)"
                : "?::text IS NOT NULL";
        try (PreparedStatement query = owner().prepareStatement(
                        "SELECT rolcanlogin, rolpassword, " + isMapped + " FROM pg_authid r WHERE rolname = ?")) {
            query.setString(1, principal);
            query.setString(2, role);
            try (ResultSet rows = query.executeQuery()) {
                if (!rows.next() || role.equals(SUPERUSER)) {
                    return Optional.of(new ErrorText("28000", "role \"" + role + "\" does not exist", null));
                }
                if (!rows.getBoolean(1)) {
                    return Optional.of(
                            new ErrorText("28000", "role \"" + role + "\" is not permitted to log in", null));
                }
                if (!rows.getBoolean(3)) {
                    return Optional.of(Refusal.NOT_MAPPED);
                }
                if (!password.verifier().equals(rows.getString(2))) {
                    setPassword(role);
                }
                return Optional.empty();
            }
        }
    }

    private void setPassword(String role) throws SQLException {
        try (Statement statement = owner().createStatement()) {
            statement.execute(
                    "ALTER ROLE \"" + role.replace("\"", "\"\"") + "\" PASSWORD '" + password.verifier() + "'");
        }
    }

    /** After it no connection is opened any more. */
    @Override
    public synchronized void close() throws IOException {
        closed = true;
        try {
            closeOwner();
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    private void closeOwner() throws SQLException {
        try {
            if (owner != null) {
                owner.close();
            }
        } finally {
            owner = null;
        }
    }
}
