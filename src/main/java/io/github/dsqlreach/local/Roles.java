package io.github.dsqlreach.local;

import io.github.dsqlreach.HostAndPort;
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

    private static final int TIMEOUT_MILLIS = 5_000;

    private final HostAndPort server;
    private final RolePassword password;
    private @Nullable Connection owner;

    Roles(HostAndPort server, RolePassword password) {
        this.server = server;
        this.password = password;
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
        if (owner == null) {
            Connection connection = connect("postgres");
            connection.setNetworkTimeout(Runnable::run, TIMEOUT_MILLIS);
            owner = connection;
        }
        return owner;
    }

    /** What each role logs in with that {@link #refusal} has nothing against. */
    String password() {
        return password.password();
    }

    /**
     * Why that role gets no session; otherwise it has {@link #password()} afterwards. The superuser is not a role of the
     * cluster.
     */
    synchronized Optional<ErrorText> refusal(String role) throws IOException {
        try {
            return lookUp(role);
        } catch (SQLException e) {
            return lookUpAgain(role);
        }
    }

    /** On a new connection: a test may have ended the old one, by pg_terminate_backend for example. */
    private Optional<ErrorText> lookUpAgain(String role) throws IOException {
        try {
            close();
            return lookUp(role);
        } catch (SQLException e) {
            throw new IOException("cannot look up the role: " + e.getMessage(), e);
        }
    }

    private Optional<ErrorText> lookUp(String role) throws SQLException {
        try (PreparedStatement query =
                owner().prepareStatement("SELECT rolcanlogin, rolpassword FROM pg_authid WHERE rolname = ?")) {
            query.setString(1, role);
            try (ResultSet rows = query.executeQuery()) {
                if (!rows.next() || role.equals(SUPERUSER)) {
                    return Optional.of(new ErrorText("28000", "role \"" + role + "\" does not exist", null));
                }
                if (!rows.getBoolean(1)) {
                    return Optional.of(
                            new ErrorText("28000", "role \"" + role + "\" is not permitted to log in", null));
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

    @Override
    public synchronized void close() throws IOException {
        try {
            if (owner != null) {
                owner.close();
            }
        } catch (SQLException e) {
            throw new IOException(e);
        } finally {
            owner = null;
        }
    }
}
