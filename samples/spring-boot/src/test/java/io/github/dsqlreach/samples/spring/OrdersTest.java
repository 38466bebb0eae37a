package io.github.dsqlreach.samples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

class OrdersTest extends OnDsql {
    @Autowired
    Orders orders;

    @BeforeEach
    void createTable() {
        orders.createTable();
    }

    @Test
    void findsTheOrdersOfACustomer() {
        String customer = "customer-" + UUID.randomUUID();

        UUID placed = orders.place(customer);

        assertThat(orders.ofCustomer(customer)).containsExactly(placed);
    }
}
