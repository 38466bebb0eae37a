package io.github.dsqlreach.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.internal.client.ConnectionCount;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.local.Refusal;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What is known of the connections of a run when one of them breaks. */
class ConnectionCountTest {
    @Test
    void saysInWhichPhaseConnectionsFailed() throws SQLException {
        try (LocalDsql cluster =
                        LocalDsql.builder().inFrontOf(SharedCluster.get()).start();
                FaultyDsql network = FaultyDsql.inFrontOf(cluster.endpoint())) {
            ConnectionCount count = ConnectionCount.of(cluster.endpoint());
            DsqlDataSource.of(cluster.endpoint(), cluster.credentialsProvider())
                    .getConnection()
                    .close();
            assertThat(count.note()).isEmpty();

            for (Fault fault :
                    new Fault[] {Fault.DNS_NAME_NOT_FOUND, Fault.TCP_REFUSED, Fault.TLS_RESET, Fault.TLS_ALERT}) {
                network.inject(fault);
                fails(DsqlDataSource.of(network.endpoint(), cluster.credentialsProvider()));
                network.clearFaults();
            }
            cluster.refuseWith(Refusal.NOT_AUTHORIZED);
            fails(DsqlDataSource.of(cluster.endpoint(), cluster.credentialsProvider()));

            assertThat(count.note())
                    .startsWith(
                            "; 5 of 6 connections of the injected DataSource failed (1 at DNS, 1 at TCP, 2 at TLS, 1 at"
                                    + " authentication), the last with: ");
        }
    }

    @Test
    void aResetDoesNotTellThePhase() throws SQLException {
        try (LocalDsql cluster =
                        LocalDsql.builder().inFrontOf(SharedCluster.get()).start();
                FaultyDsql network = FaultyDsql.inFrontOf(cluster.endpoint())) {
            network.inject(Fault.AUTH_RESET);
            fails(DsqlDataSource.of(network.endpoint(), cluster.credentialsProvider()));

            assertThat(ConnectionCount.of(cluster.endpoint()).note())
                    .startsWith("; 1 of 1 connections of the injected DataSource failed, the last with: ");
        }
    }

    @Test
    void aProxyCountsWhileNoFaultIsActive() throws SQLException {
        try (LocalDsql cluster =
                        LocalDsql.builder().inFrontOf(SharedCluster.get()).start();
                FaultyDsql network = FaultyDsql.builder(cluster.endpoint())
                        .credentials(cluster.credentialsProvider())
                        .start()) {
            DataSource dataSource = network.dataSource();
            dataSource.getConnection().close();
            network.inject(Fault.TLS_RESET);
            fails(dataSource);
            assertThat(ConnectionCount.of(cluster.endpoint()).note()).isEmpty();

            network.clearFaults();
            cluster.refuseWith(Refusal.NOT_AUTHORIZED);
            fails(dataSource);
            assertThat(ConnectionCount.of(cluster.endpoint()).note()).startsWith("; 1 of 2 connections");
        }
    }

    private static void fails(DataSource dataSource) {
        assertThatThrownBy(dataSource::getConnection).isInstanceOf(SQLException.class);
    }
}
