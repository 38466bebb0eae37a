package io.github.dsqlreach.samples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.junit.InjectFault;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the service does when the network is in the way; every fault is undone after its test. */
@RequiresDsqlReachability
@WithLocalDsql(unlessConfigured = true, clusterId = "orders")
class OrdersOnABadNetworkTest {
    private final UUID id = UUID.randomUUID();

    @BeforeAll
    static void createTables(DataSource dsql) throws SQLException {
        new OrderRepository(dsql).createTables();
    }

    @Test
    @InjectFault(Fault.TLS_RESET)
    void triesAgainUntilTheNetworkLetsTlsThrough(DataSource dsql, FaultyDsql network) throws SQLException {
        OrderRepository orders = new OrderRepository(dsql);
        AtomicInteger attempts = new AtomicInteger();

        Order placed = new Retry(5, Duration.ofMillis(20)).call(() -> {
            if (attempts.incrementAndGet() == 3) {
                network.clearFaults();
            }
            return orders.place("retried-" + id, new BigDecimal("12.50"));
        });

        assertThat(attempts).hasValue(3);
        assertThat(orders.find(placed.id())).contains(placed);
    }

    @Test
    @InjectFault(Fault.SILENCE)
    void doesNotKeepItsCallersWaitingWhenNothingComesBack(DataSource dsql) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(dsql);
        config.setConnectionTimeout(500);
        config.setInitializationFailTimeout(-1);
        try (HikariDataSource pool = new HikariDataSource(config)) {
            OrderRepository orders = new OrderRepository(pool);

            assertThatThrownBy(() -> orders.find(id)).isInstanceOf(SQLTransientConnectionException.class);
        }
    }

    @Test
    @InjectFault(Fault.QUERY_RESET)
    void leavesNoHalfAnOrderWhenTheConnectionBreaks(DataSource dsql, FaultyDsql network) throws SQLException {
        assertThatThrownBy(() -> placeAndReadMuch(dsql))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).startsWith("08"));

        network.clearFaults();
        assertThat(new OrderRepository(dsql).find(id)).isEmpty();
    }

    /** One transaction: an order, and a result that is too large for this network. */
    private void placeAndReadMuch(DataSource dsql) throws SQLException {
        try (Connection connection = dsql.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO orders (id, customer, total, status) VALUES (?, 'half', 1.00, 'PLACED')")) {
                insert.setObject(1, id);
                insert.executeUpdate();
            }
            try (Statement statement = connection.createStatement()) {
                statement.executeQuery("SELECT repeat('x', 1000) FROM generate_series(1, 1000)");
            }
            connection.commit();
        }
    }
}
