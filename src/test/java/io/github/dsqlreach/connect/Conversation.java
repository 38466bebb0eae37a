package io.github.dsqlreach.connect;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.postgresql.PGConnection;

/**
 * Some two hundred statements that together use all of the driver's protocol, and what came of each, in words: over two
 * connections the same words must come.
 */
final class Conversation {
    /** Larger values and more connections than a build has time for: {@code -Dwebsocket.thorough=true}. */
    static final boolean THOROUGH = Boolean.getBoolean("websocket.thorough");

    static final int LARGE = THOROUGH ? 50 << 20 : 3 << 20;
    private static final int ROWS = THOROUGH ? 20_000 : 3_000;

    private final Connection connection;
    private final List<String> outcomes = new ArrayList<>();

    private Conversation(Connection connection) {
        this.connection = connection;
    }

    static List<String> over(Connection connection) throws SQLException, IOException {
        Conversation conversation = new Conversation(connection);
        conversation.speakOfTypes();
        conversation.fail();
        conversation.batch();
        conversation.fetchByCursor();
        conversation.copy();
        conversation.transact();
        conversation.listen();
        conversation.carryLargeValues();
        return conversation.outcomes;
    }

    private interface Step {
        Object run() throws SQLException, IOException;
    }

    private void note(Step step) throws SQLException, IOException {
        try {
            outcomes.add(String.valueOf(step.run()));
        } catch (BatchUpdateException e) {
            outcomes.add(
                    "batch failed after " + e.getUpdateCounts().length + ": " + e.getSQLState() + " " + e.getMessage());
        } catch (SQLException e) {
            outcomes.add(e.getSQLState() + " " + e.getMessage());
        }
    }

    private void execute(String sql) throws SQLException, IOException {
        note(() -> {
            try (Statement statement = connection.createStatement()) {
                List<String> results = new ArrayList<>();
                boolean rows = statement.execute(sql);
                while (rows || statement.getUpdateCount() >= 0) {
                    results.add(rows ? read(statement.getResultSet()) : "updated " + statement.getUpdateCount());
                    rows = statement.getMoreResults();
                }
                for (SQLWarning w = statement.getWarnings(); w != null; w = w.getNextWarning()) {
                    results.add(w.getSQLState() + " " + w.getMessage());
                }
                return results;
            }
        });
    }

    private static String read(ResultSet rows) throws SQLException {
        StringBuilder text = new StringBuilder();
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
            for (int column = 1; column <= columns; column++) {
                text.append(rows.getMetaData().getColumnTypeName(column))
                        .append('=')
                        .append(rows.getString(column))
                        .append(' ');
            }
        }
        return text.toString();
    }

    private void speakOfTypes() throws SQLException, IOException {
        List<String> values = List.of(
                "1::int2",
                "(-32768)::int2",
                "2147483647::int4",
                "(-9223372036854775808)::int8",
                "1.5::float4",
                "'NaN'::float8",
                "'-Infinity'::float8",
                "12345678901234567890.123456789::numeric",
                "true",
                "null::text",
                "''",
                "repeat('ä€𐍈', 1000)",
                "'\\x00ff10'::bytea",
                "date '2026-02-28'",
                "time '23:59:59.999999'",
                "timestamp '1970-01-01 00:00:00'",
                "timestamptz '2026-11-25 10:00:00+02'",
                "interval '1 year 2 days 3 seconds'",
                "'6f9619ff-8b86-d011-b42d-00cf4fc964ff'::uuid",
                "'{\"a\": [1, null]}'::json",
                "'{\"b\": 2}'::jsonb",
                "array[1, 2, null]",
                "array['a', 'b,c', '\"']",
                "int4range(1, 5)",
                "point(1, 2)",
                "'10.0.0.1/8'::inet",
                "row(1, 'x')",
                "'xml & more'::varchar(8)",
                "B'1010'",
                "'a b'::tsvector");
        for (String value : values) {
            execute("SELECT " + value);
            for (int round = 0; round < 3; round++) {
                note(() -> prepared("SELECT " + value + ", ?::int", 5));
            }
            note(() -> prepared("SELECT ?::text || pg_typeof(" + value + ")", 7));
        }
        // From the fifth time on the driver uses a named statement and binary results.
        for (int round = 0; round < 8; round++) {
            note(() -> prepared("SELECT ?::int8, now() IS NOT NULL, 1.5::float8, current_date > '2020-01-01'", 9));
        }
        execute("");
        execute("SELECT 1; SELECT 2; SELECT 3");
        execute("SELECT");
    }

    private String prepared(String sql, int parameter) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, parameter);
            try (ResultSet rows = statement.executeQuery()) {
                return read(rows);
            }
        }
    }

    private void fail() throws SQLException, IOException {
        for (String sql : List.of(
                "SELEC 1",
                "SELECT 1/0",
                "SELECT * FROM nowhere",
                "SELECT 'x'::int",
                "SELECT pg_terminate_backend(-1)",
                "SET no_such_setting = 1",
                "DO $$ BEGIN RAISE NOTICE 'a notice'; END $$",
                "DO $$ BEGIN RAISE WARNING 'one'; RAISE WARNING 'two'; END $$",
                "DO $$ BEGIN RAISE EXCEPTION 'own' USING ERRCODE = 'P0099', HINT = 'a hint', DETAIL = 'a detail'; END $$",
                "DROP TABLE IF EXISTS never_there",
                "SELECT 1; SELECT 1/0; SELECT 2")) {
            execute(sql);
        }
        note(() -> {
            try (Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(1);
                return statement.execute("SELECT pg_sleep(60)");
            }
        });
    }

    private void batch() throws SQLException, IOException {
        execute("CREATE TEMP TABLE item (id int PRIMARY KEY, name text, data bytea)");
        note(() -> {
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO item (id, name) VALUES (?, ?)")) {
                for (int i = 0; i < ROWS; i++) {
                    insert.setInt(1, i);
                    insert.setString(2, "name " + i);
                    insert.addBatch();
                }
                return Stream.of(insert.executeBatch())
                        .mapToInt(counts -> counts.length)
                        .sum();
            }
        });
        execute("SELECT count(*), sum(id), md5(string_agg(name, ',' ORDER BY id)) FROM item");
        note(() -> {
            try (Statement batch = connection.createStatement()) {
                batch.addBatch("UPDATE item SET name = 'x' WHERE id < 10");
                batch.addBatch("INSERT INTO item (id) VALUES (1)");
                batch.addBatch("DELETE FROM item");
                return batch.executeBatch().length;
            }
        });
        note(() -> {
            try (PreparedStatement insert =
                    connection.prepareStatement("INSERT INTO item (id) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
                insert.setInt(1, 9_000_000);
                insert.executeUpdate();
                return read(insert.getGeneratedKeys());
            }
        });
        execute("SELECT count(*) FROM item");
    }

    private void fetchByCursor() throws SQLException, IOException {
        note(() -> {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(97);
                long sum = 0;
                try (ResultSet rows =
                        statement.executeQuery("SELECT i, repeat('x', i % 500) FROM generate_series(1, 5000) i")) {
                    while (rows.next()) {
                        sum += rows.getInt(1) * 31L + rows.getString(2).length();
                    }
                }
                return sum;
            } finally {
                connection.setAutoCommit(true);
            }
        });
    }

    private void copy() throws SQLException, IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 2 * ROWS; i++) {
            lines.append(i).append("\tline ").append(i).append('\n');
        }
        execute("CREATE TEMP TABLE copied (id int, text text)");
        PGConnection driver = connection.unwrap(PGConnection.class);
        note(() -> driver.getCopyAPI()
                .copyIn(
                        "COPY copied FROM STDIN",
                        new ByteArrayInputStream(lines.toString().getBytes(StandardCharsets.UTF_8))));
        note(() -> driver.getCopyAPI()
                .copyIn("COPY copied FROM STDIN", new ByteArrayInputStream("x\n".getBytes(StandardCharsets.UTF_8))));
        note(() -> {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            long rows = driver.getCopyAPI().copyOut("COPY (SELECT * FROM copied ORDER BY id) TO STDOUT", out);
            return rows + " rows " + digest(out.toByteArray());
        });
    }

    private void transact() throws SQLException, IOException {
        note(() -> {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO item (id) VALUES (8000000)");
                Savepoint savepoint = connection.setSavepoint();
                try {
                    statement.execute("INSERT INTO item (id) VALUES (8000000)");
                } catch (SQLException e) {
                    connection.rollback(savepoint);
                }
                connection.commit();
                statement.execute("DELETE FROM item WHERE id = 8000000");
                connection.rollback();
                return read(statement.executeQuery("SELECT id FROM item WHERE id = 8000000"));
            } finally {
                connection.setAutoCommit(true);
            }
        });
        execute("BEGIN");
        execute("SELECT 1/0");
        execute("SELECT 1");
        execute("ROLLBACK");
        note(() -> connection.isValid(10));
        note(() -> read(connection.getMetaData().getTables(null, "pg_catalog", "pg_clas%", null)));
    }

    private void listen() throws SQLException, IOException {
        execute("LISTEN news");
        execute("NOTIFY news, 'hello'");
        note(() -> {
            var notifications = connection.unwrap(PGConnection.class).getNotifications(10_000);
            return notifications.length + " " + notifications[0].getParameter();
        });
        // Nothing comes: the wait ends, and the connection is as good as before.
        note(() -> connection.unwrap(PGConnection.class).getNotifications(20).length);
        execute("UNLISTEN news");
    }

    private void carryLargeValues() throws SQLException, IOException {
        byte[] large = new byte[LARGE];
        new Random(10).nextBytes(large);
        note(() -> {
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO item (id, data) VALUES (-1, ?)")) {
                insert.setBytes(1, large);
                return insert.executeUpdate();
            }
        });
        execute("SELECT length(data), md5(data) FROM item WHERE id = -1");
        note(() -> {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT data FROM item WHERE id = -1")) {
                rows.next();
                return digest(rows.getBytes(1));
            }
        });
        note(() -> {
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO item (id, data) VALUES (-2, ?)");
                    InputStream stream = new ByteArrayInputStream(large, 0, 1 << 20)) {
                insert.setBinaryStream(1, stream, 1 << 20);
                return insert.executeUpdate();
            }
        });
        execute("SELECT length(data), md5(data) FROM item WHERE id = -2");
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes))
                    .toLowerCase(Locale.ROOT);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
