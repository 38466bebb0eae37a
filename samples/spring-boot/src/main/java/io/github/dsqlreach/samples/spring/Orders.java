package io.github.dsqlreach.samples.spring;

import java.util.List;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The orders in the cluster. */
@Repository
public class Orders {
    private final JdbcClient jdbc;

    public Orders(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** DSQL has one DDL statement in a transaction, and nothing else in it. */
    public void createTable() {
        jdbc.sql("CREATE TABLE IF NOT EXISTS orders (id uuid PRIMARY KEY, customer varchar(60) NOT NULL)")
                .update();
    }

    public UUID place(String customer) {
        UUID id = UUID.randomUUID();
        jdbc.sql("INSERT INTO orders (id, customer) VALUES (?, ?)")
                .params(id, customer)
                .update();
        return id;
    }

    public List<UUID> ofCustomer(String customer) {
        return jdbc.sql("SELECT id FROM orders WHERE customer = ?")
                .param(customer)
                .query(UUID.class)
                .list();
    }
}
