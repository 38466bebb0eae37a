package io.github.dsqlreach.samples.orders;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runs on a cluster where {@code DSQL_ENDPOINT} names one, and on a local one otherwise. */
@RequiresDsqlReachability
@WithLocalDsql(unlessConfigured = true, clusterId = "orders")
class OrderRepositoryTest {
    private static HikariDataSource pool;
    private static OrderRepository orders;

    private final String customer = "customer-" + UUID.randomUUID();

    @BeforeAll
    static void connect(DataSource dsql) throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setDataSource(dsql);
        config.setMaximumPoolSize(2);
        pool = new HikariDataSource(config);
        orders = new OrderRepository(pool);
        orders.createTables();
    }

    @AfterAll
    static void disconnect() {
        if (pool != null) {
            pool.close();
        }
    }

    @Test
    void findsAnOrderThatWasPlaced() throws SQLException {
        Order placed = orders.place(customer, new BigDecimal("12.50"));

        assertThat(orders.find(placed.id())).contains(placed);
    }

    @Test
    void findsNothingForAnUnknownId() throws SQLException {
        assertThat(orders.find(UUID.randomUUID())).isEmpty();
    }

    @Test
    void listsTheOrdersOfACustomerInTheOrderTheyWerePlaced() throws SQLException {
        Order first = orders.place(customer, new BigDecimal("1.00"));
        Order second = orders.place(customer, new BigDecimal("2.00"));

        assertThat(orders.ofCustomer(customer)).containsExactly(first, second);
    }

    @Test
    void notesAPaymentAndMarksTheOrderAsPaid() throws SQLException {
        Order placed = orders.place(customer, new BigDecimal("30.00"));

        orders.pay(placed.id());

        assertThat(orders.find(placed.id()).orElseThrow().status()).isEqualTo(Order.Status.PAID);
        assertThat(orders.paidBy(customer)).isEqualByComparingTo("30.00");
    }
}
