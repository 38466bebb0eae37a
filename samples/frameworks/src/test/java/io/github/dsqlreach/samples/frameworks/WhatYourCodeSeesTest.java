package io.github.dsqlreach.samples.frameworks;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.junit.InjectFault;
import io.github.dsqlreach.junit.RequiresDsqlReachability;
import io.github.dsqlreach.junit.WithLocalDsql;
import io.github.dsqlreach.local.LocalDsql;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What each way to write to a database throws when its transaction meets another one, at its COMMIT or at a statement, and when the
 * answer to its COMMIT is lost. The table of dsql-reach's {@code docs/faults.md} is {@code what-your-code-sees.md}, and this test
 * measures it.
 */
@WithLocalDsql
@RequiresDsqlReachability
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WhatYourCodeSeesTest {
    private static final Map<Layer, List<String>> SEEN = new EnumMap<>(Layer.class);

    private static HikariDataSource pool;

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

    @Test
    @Order(1)
    @InjectFault(value = Fault.OCC_CONFLICT, parameters = "times=0")
    void aConflictAtTheCommit() throws SQLException {
        note("name", "kept");
    }

    @Test
    @Order(2)
    void aConflictAtAStatement() throws SQLException {
        note(Row.CONFLICTING, "kept");
    }

    @Test
    @Order(3)
    @InjectFault(value = Fault.COMMIT_LOST, parameters = "times=0")
    void aLostCommit() throws SQLException {
        note("name", "dropped");
    }

    @Test
    @Order(4)
    void isWhatTheTableSays() throws Exception {
        String table = Stream.concat(
                        Stream.of(
                                "| your code | conflict at the `COMMIT` | conflict at a statement | lost commit |",
                                "|---|---|---|---|"),
                        SEEN.entrySet().stream()
                                .map(row -> "| " + row.getKey().description() + " | "
                                        + String.join(" | ", row.getValue()) + " |"))
                .collect(Collectors.joining("\n", "", "\n"));

        Files.writeString(Path.of("target", "what-your-code-sees.md"), table);
        assertThat(WhatYourCodeSeesTest.class.getResourceAsStream("/what-your-code-sees.md"))
                .hasContent(table);
    }

    /** What each layer throws; and the pool keeps its connection, or drops it. */
    private static void note(String name, String connection) throws SQLException {
        for (Layer layer : Layer.values()) {
            int before = backend();
            String seen = failure(layer, name);
            assertThat(backend() == before ? "kept" : "dropped").as("%s", layer).isEqualTo(connection);
            SEEN.computeIfAbsent(layer, unused -> new ArrayList<>()).add(seen);
        }
    }

    private static int backend() throws SQLException {
        try (Connection connection = pool.getConnection()) {
            return connection.unwrap(org.postgresql.PGConnection.class).getBackendPID();
        }
    }

    /** The exceptions from the outermost one to the driver's. */
    private static String failure(Layer layer, String name) {
        try {
            layer.insert(pool, name);
            return "nothing";
        } catch (Exception e) {
            return Stream.<Throwable>iterate(e, each -> each != null, Throwable::getCause)
                    .takeWhile(each -> !(each instanceof java.io.IOException))
                    .map(each -> each instanceof SQLException sql
                            ? sql.getSQLState() == null ? "no SQLSTATE" : "`" + sql.getSQLState() + "`"
                            : "`" + each.getClass().getSimpleName() + "`")
                    .collect(Collectors.joining(" ← "));
        }
    }
}
