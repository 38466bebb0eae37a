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
    @InjectFault(Fault.TLS_RESET)
    void reportsAnOutageAndRecovers(FaultyDsql network) {
        assertThatThrownBy(() -> orders.ofCustomer("anybody")).isInstanceOf(DataAccessException.class);

        network.clearFaults();

        await().atMost(Duration.ofMinutes(1))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(orders.ofCustomer("nobody")).isEmpty());
    }
}
