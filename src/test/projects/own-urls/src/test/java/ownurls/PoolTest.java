package ownurls;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import java.sql.Connection;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** A pool that is full before the outage begins. */
@RequiresDsqlReachability
@Order(1)
class PoolTest {
    private static HikariDataSource pool;

    @BeforeAll
    static void connect() throws Exception {
        pool = Own.pool(false);
        pool.getConnection().close();
        Own.beginOutage();
    }

    @AfterAll
    static void disconnect() {
        if (pool != null) {
            pool.close();
        }
    }

    @Test
    void inserts() throws Exception {
        try (Connection connection = pool.getConnection()) {
            Own.insert(connection);
        }
    }

    @Test
    void usesAConnectionThatWasIdle() throws Exception {
        try (Connection connection = pool.getConnection()) {
            Thread.sleep(Long.getLong("idle.millis", 0));
            Own.insert(connection);
        }
    }

    @Test
    void readsMuch() throws Exception {
        try (Connection connection = pool.getConnection()) {
            assertEquals(100_000, Own.readMuch(connection));
        }
    }
}
