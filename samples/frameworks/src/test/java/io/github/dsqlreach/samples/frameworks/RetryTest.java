package io.github.dsqlreach.samples.frameworks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.junit.InjectFault;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import io.github.dsqlreach.local.LocalDsql;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Trying a whole transaction again after a conflict, whatever exceptions a framework makes of it. */
@WithLocalDsql
@RequiresDsqlReachability
class RetryTest {
    private static final int ATTEMPTS = 5;

    private static HikariDataSource pool;

    private final AtomicInteger attempts = new AtomicInteger();

    @BeforeAll
    static void connect(LocalDsql cluster, DataSource dsql) throws SQLException {
        cluster.execute(Row.SCHEMA);
        HikariConfig config = new HikariConfig();
        config.setDataSource(dsql);
        config.setMaximumPoolSize(1);
        pool = new HikariDataSource(config);
    }

    @AfterAll
    static void disconnect() {
        if (pool != null) {
            pool.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    @InjectFault(value = Fault.OCC_CONFLICT, parameters = "times=3")
    void commitsAfterConflicts(Layer layer) throws Exception {
        retry(() -> insert(layer));

        assertThat(attempts).hasValue(4);
    }

    @ParameterizedTest
    @EnumSource
    @InjectFault(Fault.COMMIT_LOST)
    void doesNotRepeatALostCommit(Layer layer) {
        assertThatThrownBy(() -> retry(() -> insert(layer))).isNotNull();

        assertThat(attempts).hasValue(1);
    }

    private Void insert(Layer layer) throws SQLException {
        attempts.incrementAndGet();
        layer.insert(pool, "name");
        return null;
    }

    /** Runs a transaction, and runs it again if it conflicts with another one. The pause doubles, with jitter. */
    static <T> T retry(Callable<T> transaction) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                return transaction.call();
            } catch (Exception e) {
                if (attempt == ATTEMPTS || !isConflict(e)) {
                    throw e;
                }
                Thread.sleep(ThreadLocalRandom.current().nextLong(10L << attempt));
            }
        }
    }

    static boolean isConflict(Throwable failure) {
        return Stream.iterate(failure, e -> e != null, Throwable::getCause)
                .anyMatch(e -> e instanceof SQLException sql && "40001".equals(sql.getSQLState()));
    }
}
