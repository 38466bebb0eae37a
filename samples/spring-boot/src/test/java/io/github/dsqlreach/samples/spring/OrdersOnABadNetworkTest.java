package io.github.dsqlreach.samples.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.junit.InjectFault;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;

/** What the running service does when the network is in the way of its pool. */
class OrdersOnABadNetworkTest extends OnDsql {
    @Autowired
    Orders orders;

    @BeforeEach
    void createTable() {
        orders.createTable();
    }

    @Test
    void replacesConnectionsThatDiedSilently(FaultyDsql network) throws InterruptedException {
        network.inject(Fault.LOST_CONNECTIONS.with("silent", 1));
        Thread.sleep(600); // HikariCP does not test what was used in the last 500 ms.

        assertThat(orders.ofCustomer("nobody")).isEmpty();

        assertThat(network.effects().get(network.effects().size() - 1).struck().orElseThrow())
                .isPositive();
        network.clearFaults();
    }

    @Test
    @InjectFault(value = Fault.LOST_CONNECTIONS, parameters = "silent=1")
    void doesNotWaitForEverForAConnectionThatDiedWhileItWasUsed() {
        assertThatThrownBy(() -> orders.ofCustomer("nobody")).isInstanceOf(DataAccessException.class);
    }

    @Test
    @InjectFault(Fault.TLS_RESET)
    void reportsAnOutageAndRecovers(FaultyDsql network) {
        assertThatThrownBy(() -> orders.ofCustomer("anybody")).isInstanceOf(DataAccessException.class);

        network.clearFaults();

        await().atMost(Duration.ofMinutes(1))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(orders.ofCustomer("nobody")).isEmpty());
    }
}
