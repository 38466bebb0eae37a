package io.github.dsqlreach.samples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.junit.InjectFault;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the service does when its transaction meets another one, or the answer to its commit is lost. */
@RequiresDsqlReachability
@WithLocalDsql(clusterId = "orders")
class OrdersInConflictTest {
    private static final BigDecimal TOTAL = new BigDecimal("12.50");

    private final UUID id = UUID.randomUUID();
    private final String customer = "customer-" + id;
    private final Retry retry = new Retry(5, Duration.ofMillis(10));
    private final AtomicInteger attempts = new AtomicInteger();

    private HikariDataSource pool;
    private OrderRepository orders;

    @BeforeEach
    void connect(DataSource dsql) throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setDataSource(dsql);
        config.setMaximumPoolSize(2);
        pool = new HikariDataSource(config);
        orders = new OrderRepository(pool);
        orders.createTables();
    }

    @AfterEach
    void disconnect() {
        pool.close();
    }

    @Test
    @InjectFault(
            value = Fault.OCC_CONFLICT,
            parameters = {"times=3", "statements=INSERT INTO payments"})
    void paysOnceHoweverOftenTheTransactionConflicts() throws SQLException {
        orders.place(id, customer, TOTAL);

        pay();

        assertThat(attempts).hasValue(4);
        assertThat(orders.paidBy(customer)).isEqualByComparingTo(TOTAL);
    }

    @Test
    @InjectFault(
            value = Fault.OCC_CONFLICT,
            parameters = {"times=5", "statements=INSERT INTO payments"})
    void givesUpAfterTheLastAttemptAndHasNotPaid() throws SQLException {
        orders.place(id, customer, TOTAL);

        assertThatThrownBy(this::pay)
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));

        assertThat(orders.find(id).orElseThrow().status()).isEqualTo(Order.Status.PLACED);
        assertThat(orders.paidBy(customer)).isEqualByComparingTo("0");
    }

    @Test
    @InjectFault(value = Fault.COMMIT_LOST, parameters = "statements=INSERT INTO orders")
    void placesAnOrderOnceThoughTheAnswerToItsCommitIsLost() throws SQLException {
        Order placed = retry.call(() -> {
            attempts.incrementAndGet();
            return orders.place(id, customer, TOTAL);
        });

        assertThat(attempts).hasValue(2);
        assertThat(orders.ofCustomer(customer)).containsExactly(placed);
    }

    @Test
    @InjectFault(value = Fault.COMMIT_LOST, parameters = "statements=INSERT INTO payments")
    void paysOnceThoughTheAnswerToItsCommitIsLost() throws SQLException {
        orders.place(id, customer, TOTAL);

        pay();

        assertThat(attempts).hasValue(2);
        assertThat(orders.find(id).orElseThrow().status()).isEqualTo(Order.Status.PAID);
        assertThat(orders.paidBy(customer)).isEqualByComparingTo(TOTAL);
    }

    private void pay() throws SQLException {
        retry.call(() -> {
            attempts.incrementAndGet();
            orders.pay(id);
            return id;
        });
    }
}
