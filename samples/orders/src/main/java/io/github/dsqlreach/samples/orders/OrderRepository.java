package io.github.dsqlreach.samples.orders;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;

/** Orders in the database. Every statement is one that DSQL understands. */
public final class OrderRepository {
    private final DataSource dataSource;

    public OrderRepository(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /** Creates the tables where they are missing; DSQL takes one DDL statement a transaction. */
    public void createTables() throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS orders (id uuid PRIMARY KEY, customer text NOT NULL,"
                    + " total numeric(12, 2) NOT NULL, status text NOT NULL, placed_at timestamptz DEFAULT now())");
            statement.execute("CREATE TABLE IF NOT EXISTS payments (order_id uuid PRIMARY KEY, amount numeric(12, 2))");
        }
    }

    public Order place(String customer, BigDecimal total) throws SQLException {
        return place(UUID.randomUUID(), customer, total);
    }

    /**
     * Places an order under an identifier that the caller has chosen, so that it may do so again: when a connection breaks at a
     * commit, nothing tells whether it was committed. The second time changes nothing.
     */
    public Order place(UUID id, String customer, BigDecimal total) throws SQLException {
        Order order = new Order(id, customer, total, Order.Status.PLACED);
        try (Connection connection = dataSource.getConnection();
                PreparedStatement insert =
                        connection.prepareStatement("INSERT INTO orders (id, customer, total, status)"
                                + " VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING")) {
            insert.setObject(1, order.id());
            insert.setString(2, order.customer());
            insert.setBigDecimal(3, order.total());
            insert.setString(4, order.status().name());
            insert.executeUpdate();
        }
        return order;
    }

    /** Notes the payment and marks the order as paid: both, or neither. The second time changes nothing. */
    public void pay(UUID id) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            try (PreparedStatement payment = connection.prepareStatement(
                            "INSERT INTO payments (order_id, amount) SELECT id, total FROM orders WHERE id = ?"
                                    + " ON CONFLICT (order_id) DO NOTHING");
                    PreparedStatement paid =
                            connection.prepareStatement("UPDATE orders SET status = 'PAID' WHERE id = ?")) {
                payment.setObject(1, id);
                payment.executeUpdate();
                paid.setObject(1, id);
                paid.executeUpdate();
                connection.commit();
            } catch (SQLException e) {
                rollBack(connection, e);
                throw e;
            }
        }
    }

    private static void rollBack(Connection connection, SQLException e) {
        try {
            connection.rollback();
        } catch (SQLException broken) {
            // The connection is gone, and the server rolls back by itself.
            e.addSuppressed(broken);
        }
    }

    public Optional<Order> find(UUID id) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement select =
                        connection.prepareStatement("SELECT id, customer, total, status FROM orders WHERE id = ?")) {
            select.setObject(1, id);
            return read(select).stream().findFirst();
        }
    }

    public List<Order> ofCustomer(String customer) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement select = connection.prepareStatement(
                        "SELECT id, customer, total, status FROM orders WHERE customer = ? ORDER BY placed_at, id")) {
            select.setString(1, customer);
            return read(select);
        }
    }

    /** What a customer has paid so far. */
    public BigDecimal paidBy(String customer) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                PreparedStatement select = connection.prepareStatement("SELECT coalesce(sum(p.amount), 0)"
                        + " FROM payments p JOIN orders o ON o.id = p.order_id WHERE o.customer = ?")) {
            select.setString(1, customer);
            try (ResultSet result = select.executeQuery()) {
                result.next();
                return result.getBigDecimal(1);
            }
        }
    }

    private static List<Order> read(PreparedStatement select) throws SQLException {
        List<Order> orders = new ArrayList<>();
        try (ResultSet result = select.executeQuery()) {
            while (result.next()) {
                orders.add(new Order(
                        result.getObject("id", UUID.class),
                        result.getString("customer"),
                        result.getBigDecimal("total"),
                        Order.Status.valueOf(result.getString("status"))));
            }
        }
        return orders;
    }
}
