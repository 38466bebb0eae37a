package io.github.dsqlreach.samples.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyDsql;
import io.github.dsqlreach.fault.TunedFault;
import io.github.dsqlreach.junit.FaultExtension;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import io.github.dsqlreach.local.LocalDsql;
import io.r2dbc.pool.ConnectionPool;
import io.r2dbc.pool.ConnectionPoolConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionConfiguration;
import io.r2dbc.postgresql.PostgresqlConnectionFactory;
import io.r2dbc.postgresql.client.SSLMode;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.ConnectionFactory;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What R2DBC's pool does when its open connections die, and which of its settings help. */
@WithLocalDsql
@RequiresDsqlReachability
@Timeout(60)
class R2dbcPoolTest {
    private static final Duration LONG = Duration.ofSeconds(10);

    @RegisterExtension
    static final FaultExtension FAULTS = FaultExtension.builder().allowUnused().build();

    private LocalDsql local;
    private FaultyDsql dsql;
    private ConnectionPool pool;

    @BeforeEach
    void prepare(LocalDsql local, FaultyDsql dsql) {
        this.local = local;
        this.dsql = dsql;
    }

    @AfterEach
    void close() {
        if (pool != null) {
            pool.disposeLater().block(LONG);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"silent=0", "silent=1"})
    void aValidationQueryReplacesLostConnections(String parameter) {
        pool = pool(config -> config.validationQuery("SELECT 1").maxValidationTime(Duration.ofMillis(300)));
        int before = backend();

        dsql.inject(TunedFault.parse(Fault.LOST_CONNECTIONS, parameter));

        assertThat(backend()).isNotEqualTo(before);
        assertThat(dsql.effects().get(0).struck()).hasValue(1);
    }

    @Test
    void withoutOneASilentConnectionIsLentAndNeverAnswers() {
        pool = pool(config -> config);
        backend();

        dsql.inject(Fault.LOST_CONNECTIONS.with("silent", 1));

        assertThatThrownBy(() -> query().block(Duration.ofSeconds(1))).hasMessageContaining("Timeout");
    }

    @Test
    void maxLifeTimeBelowTheLimitOfASessionAvoidsItsEnd() {
        dsql.inject(Fault.CUT_AFTER.with("time", 3_000));
        pool = pool(config -> config.maxLifeTime(Duration.ofMillis(500)));

        List<Integer> backends = Flux.range(0, 20)
                .delayElements(Duration.ofMillis(200))
                .concatMap(tick -> query())
                .collectList()
                .block(LONG);

        assertThat(backends).hasSize(20);
        assertThat(backends.stream().distinct().count()).isGreaterThan(3);
        assertThat(dsql.effects().get(0).struck())
                .as("retired before the limit")
                .hasValue(0);
    }

    @Test
    void maxIdleTimeBelowTheIdleTimeoutOfTheNetworkClosesConnectionsInTime() throws InterruptedException {
        dsql.inject(Fault.IDLE_TIMEOUT.with("idle", 1_500).with("silent", 1));
        pool = pool(config ->
                config.maxIdleTime(Duration.ofMillis(300)).backgroundEvictionInterval(Duration.ofMillis(100)));
        int before = backend();

        await().until(() -> pool.getMetrics().orElseThrow().allocatedSize() == 0);

        assertThat(backend()).isNotEqualTo(before);
        assertThat(dsql.effects().get(0).struck()).hasValue(0);
    }

    private int backend() {
        return query().block(LONG);
    }

    private Mono<Integer> query() {
        return Mono.usingWhen(
                pool.create(),
                connection -> Mono.from(connection
                                .createStatement("SELECT pg_backend_pid()")
                                .execute())
                        .flatMap(result -> Mono.from(result.map((row, metadata) -> row.get(0, Integer.class)))),
                Connection::close);
    }

    private ConnectionPool pool(UnaryOperator<ConnectionPoolConfiguration.Builder> settings) {
        return new ConnectionPool(settings.apply(ConnectionPoolConfiguration.builder(connections())
                        .initialSize(1)
                        .maxSize(1))
                .build());
    }

    private ConnectionFactory connections() {
        SSLParameters tls = new SSLParameters();
        tls.setServerNames(List.of(new SNIHostName(local.endpoint().host())));
        tls.setEndpointIdentificationAlgorithm("HTTPS");
        return new PostgresqlConnectionFactory(PostgresqlConnectionConfiguration.builder()
                .host(dsql.host())
                .port(dsql.port())
                .username("admin")
                .database("postgres")
                .password(Mono.fromSupplier(() -> local.token("admin")))
                .sslMode(SSLMode.VERIFY_CA)
                .sslRootCert(local.rootCertificate().toString())
                .sslSni(false)
                .sslParameters(address -> tls)
                .build());
    }
}
