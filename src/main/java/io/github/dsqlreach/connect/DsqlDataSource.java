package io.github.dsqlreach.connect;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.internal.Rfc9525HostnameVerifier;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Objects;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * A {@link DataSource} that makes a fresh token for each connection. It holds nothing open; put a pool in front where a
 * test opens many connections, because a cluster limits new ones.
 *
 * <pre>{@code
 * DataSource dataSource = DsqlDataSource.of(endpoint, DefaultCredentialsProvider.builder().build());
 * }</pre>
 */
public final class DsqlDataSource implements DataSource {
    private final Endpoint endpoint;
    private final String url;
    private final AwsCredentialsProvider credentials;
    private final Driver driver = new Driver();
    private volatile int loginTimeoutSeconds;

    private DsqlDataSource(Endpoint endpoint, String url, AwsCredentialsProvider credentials) {
        this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
        this.url = Objects.requireNonNull(url, "url");
        this.credentials = Objects.requireNonNull(credentials, "credentials");
    }

    /** A data source for that endpoint with tokens from those credentials. */
    public static DsqlDataSource of(Endpoint endpoint, AwsCredentialsProvider credentials) {
        return new DsqlDataSource(endpoint, DriverProperties.url(endpoint), credentials);
    }

    /**
     * The same by a URL of the caller's, which leads to that endpoint in another way, for example
     * {@code DriverProperties.url(endpoint) + "&socketTimeout=5"}.
     */
    public static DsqlDataSource of(Endpoint endpoint, String url, AwsCredentialsProvider credentials) {
        return new DsqlDataSource(endpoint, url, credentials);
    }

    /** The endpoint that connections go to. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /**
     * A new connection, logged in with a new token. What the driver, the SDK or the provider throw comes out without
     * the secrets that it may quote: as it is where it quotes none.
     */
    @Override
    public Connection getConnection() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty(
                "password", AuthToken.forConnection(endpoint, credentials).value());
        // A URL that names another one is obeyed.
        properties.setProperty("sslhostnameverifier", Rfc9525HostnameVerifier.class.getName());
        if (loginTimeoutSeconds > 0) {
            properties.setProperty("loginTimeout", String.valueOf(loginTimeoutSeconds));
        }
        try {
            // Null it is only for a URL that is none of its own.
            return Objects.requireNonNull(driver.connect(url, properties));
        } catch (SQLException e) {
            throw SafeExceptions.of(e);
        }
    }

    /** Not supported: user and credentials belong to the endpoint. */
    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("the password is a token made for user " + endpoint.user());
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) {
        // The driver logs by java.util.logging.
    }

    /** How long a login may take, in seconds; 0, the default, for the driver's own limits. */
    @Override
    public void setLoginTimeout(int seconds) {
        this.loginTimeoutSeconds = seconds;
    }

    @Override
    public int getLoginTimeout() {
        return loginTimeoutSeconds;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getLogger("org.postgresql");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw new SQLException("this data source is no " + type.getName());
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }

    @Override
    public String toString() {
        return "DsqlDataSource(" + endpoint.user() + "@" + endpoint + ")";
    }
}
