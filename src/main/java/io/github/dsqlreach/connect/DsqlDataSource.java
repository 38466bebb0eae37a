package io.github.dsqlreach.connect;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.internal.Rfc9525HostnameVerifier;
import io.github.dsqlreach.internal.client.ConnectionCount;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;

/**
 * A {@link DataSource} that makes a new token for each connection. It keeps nothing open. If a test opens many
 * connections, put a pool in front, because a cluster limits the rate of new ones.
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
    /** Where the next connection is counted; empty for a URL of the caller's, and while a fault is active. */
    private final Supplier<Optional<ConnectionCount>> counts;

    private volatile int loginTimeoutSeconds;

    private DsqlDataSource(
            Endpoint endpoint,
            String url,
            AwsCredentialsProvider credentials,
            Supplier<Optional<ConnectionCount>> counts) {
        this.counts = counts;
        this.endpoint = Objects.requireNonNull(endpoint, "endpoint");
        this.url = Objects.requireNonNull(url, "url");
        this.credentials = Objects.requireNonNull(credentials, "credentials");
    }

    /** A data source for that endpoint, with tokens from those credentials. */
    public static DsqlDataSource of(Endpoint endpoint, AwsCredentialsProvider credentials) {
        Optional<ConnectionCount> count = Optional.of(ConnectionCount.of(endpoint));
        return new DsqlDataSource(endpoint, DriverProperties.url(endpoint), credentials, () -> count);
    }

    /**
     * The same with a URL of the caller's for that endpoint, for example
     * {@code DriverProperties.url(endpoint) + "&socketTimeout=5"}.
     */
    public static DsqlDataSource of(Endpoint endpoint, String url, AwsCredentialsProvider credentials) {
        return of(endpoint, url, credentials, Optional::empty);
    }

    /**
     * The same, whose connections are counted.
     *
     * @param counts where the next connection is counted; empty if it is not
     */
    public static DsqlDataSource of(
            Endpoint endpoint,
            String url,
            AwsCredentialsProvider credentials,
            Supplier<Optional<ConnectionCount>> counts) {
        return new DsqlDataSource(endpoint, url, credentials, counts);
    }

    /** The endpoint that connections go to. */
    public Endpoint endpoint() {
        return endpoint;
    }

    /**
     * A new connection, logged in with a new token. If an exception of the driver, the SDK or the provider quotes a
     * secret, it is replaced by a copy without the secret.
     */
    @Override
    public Connection getConnection() throws SQLException {
        Optional<ConnectionCount> count = counts.get();
        count.ifPresent(ConnectionCount::started);
        try {
            return connect();
        } catch (SQLException e) {
            count.ifPresent(of -> of.failed(e));
            throw e;
        }
    }

    private Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty(
                "password", AuthToken.forConnection(endpoint, credentials).value());
        // A URL that names another verifier keeps it.
        properties.setProperty("sslhostnameverifier", Rfc9525HostnameVerifier.class.getName());
        if (loginTimeoutSeconds > 0) {
            properties.setProperty("loginTimeout", String.valueOf(loginTimeoutSeconds));
        }
        try {
            // The driver returns null only for a URL of another driver.
            return Objects.requireNonNull(driver.connect(url, properties));
        } catch (SQLException e) {
            throw SafeExceptions.of(e);
        }
    }

    /** Not supported: the endpoint has the user, and the password is a token. */
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
        // The driver logs to java.util.logging.
    }

    /** The longest time for a login, in seconds; 0, the default, for the driver's own limits. */
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
        throw new SQLException("this data source does not wrap a " + type.getName());
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
