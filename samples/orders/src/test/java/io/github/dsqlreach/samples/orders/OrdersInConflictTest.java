package io.github.dsqlreach.samples.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.StatementFault;
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
@WithLocalDsql(shared = false)
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
    void disconnect(LocalDsql cluster) {
        cluster.removeStatementFaults();
        pool.close();
    }

    @Test
    void paysOnceHoweverOftenTheTransactionConflicts(LocalDsql cluster) throws SQLException {
        orders.place(id, customer, TOTAL);
        cluster.inject(StatementFault.OCC_CONFLICT.times(3));

        retry.call(() -> {
            attempts.incrementAndGet();
            orders.pay(id);
            return id;
        });

        assertThat(attempts).hasValue(4);
        assertThat(orders.paidBy(customer)).isEqualByComparingTo(TOTAL);
    }

    @Test
    void givesUpAfterTheLastAttemptAndHasNotPaid(LocalDsql cluster) throws SQLException {
        orders.place(id, customer, TOTAL);
        cluster.inject(StatementFault.OCC_CONFLICT.times(5));

        assertThatThrownBy(() -> retry.call(() -> {
                    orders.pay(id);
                    return id;
                }))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("40001"));
        assertThat(orders.find(id).orElseThrow().status()).isEqualTo(Order.Status.PLACED);
        assertThat(orders.paidBy(customer)).isEqualByComparingTo("0");
    }

    @Test
    void placesAnOrderOnceThoughTheAnswerToItsCommitIsLost(LocalDsql cluster) throws SQLException {
        cluster.inject(StatementFault.COMMIT_LOST.where("INSERT INTO orders"));

        Order placed = retry.call(() -> {
            attempts.incrementAndGet();
            return orders.place(id, customer, TOTAL);
        });

        assertThat(attempts).hasValue(2);
        assertThat(orders.ofCustomer(customer)).containsExactly(placed);
    }

    @Test
    void paysOnceThoughTheAnswerToItsCommitIsLost(LocalDsql cluster) throws SQLException {
        orders.place(id, customer, TOTAL);
        cluster.inject(StatementFault.COMMIT_LOST.where("INSERT INTO payments"));

        retry.call(() -> {
            orders.pay(id);
            return id;
        });

        assertThat(orders.find(id).orElseThrow().status()).isEqualTo(Order.Status.PAID);
        assertThat(orders.paidBy(customer)).isEqualByComparingTo(TOTAL);
    }
}
