package io.github.dsqlreach.local;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Scrubber;
import java.io.Closeable;
import java.io.IOException;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.postgresql.Driver;

/** The roles of an embedded PostgreSQL, which get in with a password that only this JVM knows. */
final class Roles implements Closeable {
    static final String SUPERUSER = "postgres";

    private static final int TIMEOUT_MILLIS = 5_000;

    private final HostAndPort server;
    private final String ownerPassword;
    private final String password = newPassword();
    private final String verifier = Scram.verifier(password);
    private Connection owner;

    Roles(HostAndPort server, String ownerPassword) throws SQLException {
        this.server = server;
        this.ownerPassword = ownerPassword;
        this.owner = connectForRoles();
    }

    /** Every login waits for this connection, so that it may not hang. */
    private Connection connectForRoles() throws SQLException {
        Connection connection = connect("postgres");
        connection.setNetworkTimeout(Runnable::run, TIMEOUT_MILLIS);
        return connection;
    }

    /** A random one, which no output shows. */
    static String newPassword() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        String password = Base64.getUrlEncoder().encodeToString(random);
        Scrubber.keepSecret(password);
        return password;
    }

    /** What the admin of a cluster may, and no more: a superuser could run programs as the user who runs the tests. */
    void createAdmin() throws SQLException {
        try (Statement statement = owner.createStatement()) {
            statement.execute("CREATE ROLE admin LOGIN CREATEROLE");
            statement.execute("GRANT CREATE ON DATABASE postgres TO admin");
            statement.execute("GRANT ALL ON SCHEMA public TO admin WITH GRANT OPTION");
            statement.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        }
    }

    /** A connection as the superuser that owns everything. */
    Connection connect(String database) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", SUPERUSER);
        properties.setProperty("password", ownerPassword);
        properties.setProperty("connectTimeout", String.valueOf(TIMEOUT_MILLIS / 1_000));
        properties.setProperty("loginTimeout", String.valueOf(TIMEOUT_MILLIS / 1_000));
        return Objects.requireNonNull(new Driver().connect("jdbc:postgresql://" + server + "/" + database, properties));
    }

    /** What each role logs in with that {@link #refusal} found nothing against. */
    String password() {
        return password;
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
            owner.close();
            owner = connectForRoles();
            return lookUp(role);
        } catch (SQLException e) {
            throw new IOException("cannot look up the role: " + e.getMessage(), e);
        }
    }

    private Optional<ErrorText> lookUp(String role) throws SQLException {
        try (PreparedStatement query =
                owner.prepareStatement("SELECT rolcanlogin, rolpassword FROM pg_authid WHERE rolname = ?")) {
            query.setString(1, role);
            try (ResultSet rows = query.executeQuery()) {
                if (!rows.next() || role.equals(SUPERUSER)) {
                    return Optional.of(new ErrorText("28000", "role \"" + role + "\" does not exist", null));
                }
                if (!rows.getBoolean(1)) {
                    return Optional.of(
                            new ErrorText("28000", "role \"" + role + "\" is not permitted to log in", null));
                }
                if (!verifier.equals(rows.getString(2))) {
                    setPassword(role);
                }
                return Optional.empty();
            }
        }
    }

    private void setPassword(String role) throws SQLException {
        try (Statement statement = owner.createStatement()) {
            statement.execute("ALTER ROLE \"" + role.replace("\"", "\"\"") + "\" PASSWORD '" + verifier + "'");
        }
    }

    @Override
    public void close() throws IOException {
        try {
            owner.close();
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
