package io.github.dsqlreach.samples.connector;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.connect.DriverProperties;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.junit.InjectFault;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.ThroughFault;
import io.github.dsqlreach.junit.WithLocalDsql;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.dsql.jdbc.AuroraDsqlCredentialsManager;

@RequiresDsqlReachability
@WithLocalDsql(unlessConfigured = true)
class ConnectorTest {
    @BeforeAll
    static void giveTheConnectorTheCredentialsOfTheCheck(AwsCredentialsProvider credentials) {
        AuroraDsqlCredentialsManager.setProvider(credentials);
    }

    @Test
    void connects(Endpoint endpoint) throws SQLException {
        assertWorks(DriverManager.getConnection(DriverProperties.connectorUrl(endpoint)));
    }

    @Test
    void connectsFromAPool(Endpoint endpoint) throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(DriverProperties.connectorUrl(endpoint));
        try (HikariDataSource pool = new HikariDataSource(config)) {
            assertWorks(pool.getConnection());
        }
    }

    @Test
    void aPoolConnectsWithoutTheConnectorToo(DataSource dsql) throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setDataSource(dsql);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            assertWorks(pool.getConnection());
        }
    }

    @Test
    @InjectFault(Fault.TLS_RESET)
    void meetsFaults(@ThroughFault(ThroughFault.Form.AWS_CONNECTOR) String url, FaultyDsql network)
            throws SQLException {
        assertThrows(SQLException.class, () -> DriverManager.getConnection(url));

        network.clearFaults();

        assertWorks(DriverManager.getConnection(url));
    }

    private static void assertWorks(Connection connection) throws SQLException {
        try (connection) {
            assertTrue(connection.isValid(10));
        }
    }
}
