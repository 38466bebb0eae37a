package io.github.dsqlreach.fault;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.postgresql.Driver;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkException;

/** Connections through a {@link FaultyDsql}, each with a fresh token. */
final class FaultyDataSource implements DataSource {
    private final FaultyDsql faulty;
    private final AwsCredentialsProvider credentials;
    private final Driver driver = new Driver();
    private volatile int loginTimeoutSeconds;

    FaultyDataSource(FaultyDsql faulty, AwsCredentialsProvider credentials) {
        this.faulty = faulty;
        this.credentials = credentials;
    }

    @Override
    public Connection getConnection() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("password", token());
        if (loginTimeoutSeconds > 0) {
            properties.setProperty("loginTimeout", String.valueOf(loginTimeoutSeconds));
        }
        return driver.connect(faulty.jdbcUrl(), properties);
    }

    private String token() throws SQLException {
        try {
            return faulty.token(credentials);
        } catch (SdkException | IllegalStateException e) {
            throw new SQLException("no token for " + faulty + ": " + e.getMessage(), "28000", e);
        }
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("user and token belong to the endpoint");
    }

    @Override
    public PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(PrintWriter out) {
        // The driver logs by java.util.logging.
    }

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
        return "DataSource through " + faulty;
    }
}
