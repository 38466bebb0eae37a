package com.example.orders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.junit.InjectFault;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@WithLocalDsql(unlessConfigured = true)
@RequiresDsqlReachability
class OrdersTest {
    @Test
    void isInAModule() {
        assertTrue(Orders.class.getModule().isNamed());
    }

    @Test
    void counts(DataSource dsql) throws SQLException {
        assertEquals(2, new Orders(dsql).count());
    }

    @Test
    @InjectFault(Fault.TLS_RESET)
    void tellsAnOutage(DataSource dsql) {
        assertThrows(SQLException.class, () -> new Orders(dsql).count());
    }
}
