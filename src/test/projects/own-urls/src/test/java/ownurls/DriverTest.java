package ownurls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.dsqlreach.junit.RequiresDsqlReachability;
import java.sql.Connection;
import java.sql.DriverManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A connection for each test, made before it. */
@RequiresDsqlReachability
@Order(3)
class DriverTest {
    private Connection connection;

    @BeforeEach
    void connect() throws Exception {
        connection = DriverManager.getConnection(Own.url());
    }

    @AfterEach
    void disconnect() throws Exception {
        if (connection != null) {
            connection.close();
        }
    }

    @Test
    void inserts() throws Exception {
        Own.insert(connection);
    }

    @Test
    void readsMuch() throws Exception {
        assertEquals(100_000, Own.readMuch(connection));
    }
}
