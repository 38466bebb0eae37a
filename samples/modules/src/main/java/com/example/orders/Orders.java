package com.example.orders;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

public class Orders {
    private final DataSource dataSource;

    public Orders(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    public int count() throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet orders = statement.executeQuery("SELECT count(*) FROM (VALUES (1), (2)) AS orders")) {
            orders.next();
            return orders.getInt(1);
        }
    }
}
