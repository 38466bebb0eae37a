package io.github.dsqlreach.local;

import io.github.dsqlreach.Jvm;
import java.io.Reader;
import java.io.StringReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.postgresql.PGConnection;

/**
 * What a local cluster costs: its start, and a statement through the relay beside the same one with {@code plainPostgres()}, where
 * bytes are copied as they are; in turns, in one run. Printed as Markdown: {@code mvn verify -Drun=bench}.
 */
final class LocalDsqlBenchmark {
    private static final int ROUNDS = 15;
    private static final int STATEMENTS = 1_000;
    private static final int BULK_ROUNDS = 5;

    private LocalDsqlBenchmark() {}

    /** As the first thing of a new JVM. */
    static final class Start {
        public static void main(String[] arguments) {
            long begin = System.nanoTime();
            try (LocalDsql cluster = LocalDsql.start()) {
                System.out.printf(Locale.ROOT, "%.0f%n", millis(begin));
                if (cluster.failure().isPresent()) {
                    throw new IllegalStateException(cluster.failure().get());
                }
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        LocalDsql.start().close(); // Unpacks and prepares.
        System.out.println("| a start, programs unpacked | median | budget |");
        System.out.println("|---|---|---|");
        List<Double> cold = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            cold.add(Double.parseDouble(Jvm.outputOf(Jvm.running(Start.class, List.of()))
                    .strip()
                    .lines()
                    .reduce((first, second) -> second)
                    .orElseThrow()));
        }
        System.out.printf(Locale.ROOT, "| the first thing of a new JVM | %.0f ms | ≤ 900 ms |%n", median(cold));
        List<Double> warm = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            long begin = System.nanoTime();
            LocalDsql cluster = LocalDsql.start();
            warm.add(millis(begin));
            cluster.close();
        }
        System.out.printf(Locale.ROOT, "| a further one | %.0f ms | ≤ 400 ms |%n%n", median(warm));

        System.out.println("| measured | plain | as a cluster | ratio | budget |");
        System.out.println("|---|---|---|---|---|");
        try (LocalDsql plain = LocalDsql.builder().plainPostgres().start();
                LocalDsql dsql = LocalDsql.start();
                Connection toPlain = connect(plain);
                Connection toDsql = connect(dsql)) {
            compare("`SELECT 1`, prepared", ROUNDS, toPlain, toDsql, LocalDsqlBenchmark::select);
            compare("`INSERT` in autocommit", ROUNDS, toPlain, toDsql, LocalDsqlBenchmark::insert);
            compare("`BEGIN`, `INSERT`, `COMMIT`", ROUNDS, toPlain, toDsql, LocalDsqlBenchmark::transaction);
            compare("100 MB of rows", BULK_ROUNDS, toPlain, toDsql, LocalDsqlBenchmark::readRows);
            compare("`COPY` of 20 MB", BULK_ROUNDS, toPlain, toDsql, LocalDsqlBenchmark::copyIn);
        }
    }

    private static Connection connect(LocalDsql cluster) throws SQLException {
        Connection connection = cluster.dataSource().getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE t (id int, value text)");
        }
        return connection;
    }

    private interface Work {
        void on(Connection connection) throws Exception;
    }

    private static void compare(String what, int rounds, Connection plain, Connection dsql, Work work)
            throws Exception {
        List<Double> ofPlain = new ArrayList<>();
        List<Double> ofDsql = new ArrayList<>();
        for (int i = -2; i < rounds; i++) {
            double first = time(work, plain);
            double second = time(work, dsql);
            if (i >= 0) {
                ofPlain.add(first);
                ofDsql.add(second);
            }
        }
        boolean single = rounds == ROUNDS;
        double factor = single ? 1_000.0 / STATEMENTS : 1;
        String unit = single ? "µs" : "ms";
        System.out.printf(
                Locale.ROOT,
                "| %s | %.0f %s | %.0f %s | %.2f | ≤ 1.1 |%n",
                what,
                median(ofPlain) * factor,
                unit,
                median(ofDsql) * factor,
                unit,
                median(ofDsql) / median(ofPlain));
    }

    private static double time(Work work, Connection connection) throws Exception {
        long begin = System.nanoTime();
        work.on(connection);
        return millis(begin);
    }

    private static void select(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement("SELECT 1")) {
            for (int i = 0; i < STATEMENTS; i++) {
                select.executeQuery().close();
            }
        }
    }

    private static void insert(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (?, 'value')")) {
            for (int i = 0; i < STATEMENTS; i++) {
                insert.setInt(1, i);
                insert.executeUpdate();
            }
        }
    }

    private static void transaction(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (?, 'value')")) {
            for (int i = 0; i < STATEMENTS; i++) {
                insert.setInt(1, i);
                insert.executeUpdate();
                connection.commit();
            }
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static void readRows(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(10_000);
            long bytes = 0;
            try (ResultSet rows = statement.executeQuery("SELECT repeat('x', 1000) FROM generate_series(1, 100000)")) {
                while (rows.next()) {
                    bytes += rows.getBytes(1).length;
                }
            }
            if (bytes != 100_000_000) {
                throw new IllegalStateException("read " + bytes);
            }
        } finally {
            connection.commit();
            connection.setAutoCommit(true);
        }
    }

    private static void copyIn(Connection connection) throws Exception {
        // A cluster allows 3,000 rows in a transaction.
        String row = "1\t" + "x".repeat(7_998) + "\n";
        Reader rows = new StringReader(row.repeat(2_500));
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE copied (id int, value text)");
            connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY copied FROM STDIN", rows);
            statement.execute("DROP TABLE copied");
        }
    }

    private static double millis(long since) {
        return (System.nanoTime() - since) / 1e6;
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }
}
