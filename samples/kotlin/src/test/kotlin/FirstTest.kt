import io.github.dsqlreach.Transport
import io.github.dsqlreach.fault.Fault
import io.github.dsqlreach.fault.FaultyDsql
import io.github.dsqlreach.junit.InjectFault
import io.github.dsqlreach.junit.RequiresDsqlReachability
import io.github.dsqlreach.junit.WithLocalDsql
import java.sql.SQLException
import javax.sql.DataSource
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

@WithLocalDsql(unlessConfigured = true)
@RequiresDsqlReachability(transport = [Transport.TCP]) // an attribute with an array type takes brackets
class FirstTest {
    @Test
    fun `reaches the cluster`(dsql: DataSource) {
        dsql.connection.use { assertTrue(it.isValid(5)) }
    }

    @Test
    @InjectFault(Fault.TLS_RESET)
    fun `recovers from a reset`(dsql: DataSource, network: FaultyDsql) {
        assertThrows(SQLException::class.java) { dsql.connection.close() }
        network.clearFaults()
        dsql.connection.use { assertTrue(it.isValid(5)) }
    }
}
