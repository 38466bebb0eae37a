package ownurls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import java.sql.Connection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A pool that connects when the first test asks for a connection. */
@RequiresDsqlReachability
@Order(2)
class LazyPoolTest {
    private static final HikariDataSource POOL = Own.pool(true);

    @AfterAll
    static void disconnect() {
        POOL.close();
    }

    @Test
    void inserts() throws Exception {
        try (Connection connection = POOL.getConnection()) {
            Own.insert(connection);
        }
    }

    @Test
    void readsMuch() throws Exception {
        try (Connection connection = POOL.getConnection()) {
            assertEquals(100_000, Own.readMuch(connection));
        }
    }
}
