package io.github.dsqlreach.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.local.LocalDsql;
import java.lang.reflect.Field;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The recipes for HikariCP in {@code docs/faults.md}: what a pool does when its open connections die, and what helps. */
@Timeout(60)
class HikariRecipesTest {
    private final LocalDsql cluster = SharedCluster.get();

    @ParameterizedTest
    @ValueSource(strings = {"LOST_CONNECTIONS", "LOST_CONNECTIONS silent=1", "HALF_OPEN"})
    void aPoolReplacesLostConnectionsWhenItLendsThem(String lost) throws Exception {
        try (FaultyDsql dsql = start();
                HikariDataSource pool = pool(dsql, config -> config.setValidationTimeout(250))) {
            int before = backend(pool);
            pauseBeyondTheBypassWindow();
            dsql.inject(TunedFault.parse(
                    Fault.valueOf(lost.split(" ")[0]),
                    lost.contains(" ") ? new String[] {lost.split(" ")[1]} : new String[0]));
            assertThat(backend(pool)).isNotEqualTo(before);
            assertThat(dsql.effects().get(0).struck()).hasValue(1);
        }
    }

    @Test
    void aConnectionInUseFailsWhenItIsLost() throws Exception {
        try (FaultyDsql dsql = start();
                HikariDataSource pool = pool(dsql, config -> {})) {
            try (Connection connection = pool.getConnection()) {
                dsql.inject(Fault.LOST_CONNECTIONS);
                assertThatThrownBy(() -> connection.createStatement().execute("SELECT 1"))
                        .isInstanceOf(SQLException.class);
            }
            assertThatCode(() -> backend(pool)).as("the pool has evicted it").doesNotThrowAnyException();
        }
    }

    @Test
    void maxLifetimeBelowTheLimitOfASessionAvoidsItsEnd() throws Exception {
        try (FaultyDsql dsql = start()) {
            dsql.inject(Fault.CUT_AFTER.with("time", 2_000));
            try (HikariDataSource pool = pool(dsql, config -> {})) {
                // At run time HikariCP takes a value below 30 s too, for connections that it opens from then on.
                pool.getHikariConfigMXBean().setMaxLifetime(500);
                pool.getHikariPoolMXBean().softEvictConnections();
                int first = backend(pool);
                await().atMost(Duration.ofSeconds(10))
                        .untilAsserted(() -> assertThat(backend(pool)).isNotEqualTo(first));
                assertThat(dsql.effects().get(0).struck())
                        .as("retired before the limit")
                        .hasValue(0);
            }
        }
    }

    @Test
    void keepaliveTimeBelowTheIdleTimeoutKeepsConnections() throws Exception {
        try (FaultyDsql dsql = start()) {
            dsql.inject(Fault.IDLE_TIMEOUT.with("idle", 2_000));
            try (HikariDataSource pool = pool(dsql, config -> {})) {
                // HikariCP allows no less than 30 s.
                Field keepalive = HikariConfig.class.getDeclaredField("keepaliveTime");
                keepalive.setAccessible(true);
                keepalive.setLong(pool, 300);
                pool.getHikariPoolMXBean().softEvictConnections();
                int first = backend(pool);
                TimeUnit.MILLISECONDS.sleep(3_000); // The time without use that this is about.
                assertThat(backend(pool)).isEqualTo(first);
                assertThat(dsql.effects().get(0).struck()).hasValue(0);
            }
        }
    }

    @Test
    void withoutKeepaliveAnIdleConnectionIsReplacedWhenItIsLent() throws Exception {
        try (FaultyDsql dsql = start()) {
            dsql.inject(Fault.IDLE_TIMEOUT.with("idle", 600).with("silent", 1));
            try (HikariDataSource pool = pool(dsql, config -> config.setValidationTimeout(250))) {
                int first = backend(pool);
                TimeUnit.MILLISECONDS.sleep(900); // The time without use that this is about.
                assertThat(backend(pool)).isNotEqualTo(first);
                assertThat(dsql.effects().get(0).struck()).hasValue(1);
            }
        }
    }

    @Test
    void aMessageOverTheLimitClosesTheConnectionWithoutAnError() throws Exception {
        try (FaultyDsql dsql = start();
                HikariDataSource pool = pool(dsql, config -> {})) {
            dsql.inject(Fault.MESSAGE_TOO_LARGE.with("bytes", 1_000_000));
            assertThatThrownBy(() -> length(pool, 1_100_000))
                    .isInstanceOf(SQLException.class)
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("08006");
            assertThat(length(pool, 900_000)).isEqualTo(900_000);
        }
    }

    private static int length(HikariDataSource pool, int size) throws SQLException {
        try (Connection connection = pool.getConnection();
                var statement = connection.prepareStatement("SELECT length(?::text)")) {
            statement.setString(1, "x".repeat(size));
            try (ResultSet result = statement.executeQuery()) {
                result.next();
                return result.getInt(1);
            }
        }
    }

    /** HikariCP does not test a connection that was used in the last 500 ms. */
    private static void pauseBeyondTheBypassWindow() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(600);
    }

    /** The server process of the pool's one connection. */
    private static int backend(HikariDataSource pool) throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return connection.unwrap(org.postgresql.jdbc.PgConnection.class).getBackendPID();
        }
    }

    private FaultyDsql start() {
        return FaultyDsql.builder(cluster.endpoint())
                .credentials(cluster.credentialsProvider())
                .start();
    }

    private static HikariDataSource pool(FaultyDsql dsql, Consumer<HikariConfig> settings) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(dsql.jdbcUrl());
        config.addDataSourceProperty("socketTimeout", "5");
        config.setMaximumPoolSize(1);
        settings.accept(config);
        return new HikariDataSource(config);
    }
}
