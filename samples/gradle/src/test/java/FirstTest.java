import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

@WithLocalDsql // a cluster on this machine; without it, the one that DSQL_ENDPOINT names
@RequiresDsqlReachability
class FirstTest {

    @Test
    void reachesTheCluster(DataSource dsql) throws SQLException { // a fresh token for each connection
        try (Connection connection = dsql.getConnection()) {
            assertTrue(connection.isValid(5));
        }
    }
}
