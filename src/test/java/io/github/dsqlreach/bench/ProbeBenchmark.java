package io.github.dsqlreach.bench;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Verdict;
import io.github.dsqlreach.connect.DsqlDataSource;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import io.github.dsqlreach.local.LocalDsql;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;

/**
 * The budgets that concern a probe, each measured side by side with the bare driver, in turns, in one run. Printed as
 * Markdown: {@code mvn verify -Drun=bench}.
 */
final class ProbeBenchmark {
    private static final int ROUND_TRIP_MILLIS = 80;

    private ProbeBenchmark() {}

    public static void main(String[] args) throws Exception {
        long begin = System.nanoTime();
        try (LocalDsql cluster = LocalDsql.start();
                ToxiproxyServer server = ToxiproxyServer.start()) {
            System.out.printf(Locale.ROOT, "LocalDsql started in %.0f ms%n%n", millis(begin));
            ToxiproxyClient client = new ToxiproxyClient(server.host(), server.port());
            System.out.println("| measured | bare pgjdbc, median | dsql-reach, median | ratio | budget |");
            System.out.println("|---|---|---|---|---|");
            healthy(cluster, proxy(client, "healthy", cluster));
            observed(cluster);
            reset(cluster, proxy(client, "reset", cluster));
            silence(cluster, proxy(client, "silence", cluster));
        }
    }

    private static Proxy proxy(ToxiproxyClient client, String name, LocalDsql cluster) throws Exception {
        Proxy proxy = client.createProxy(name, "127.0.0.1:0", cluster.address().toString());
        proxy.toxics().latency("there", ToxicDirection.UPSTREAM, ROUND_TRIP_MILLIS / 2);
        proxy.toxics().latency("back", ToxicDirection.DOWNSTREAM, ROUND_TRIP_MILLIS / 2);
        return proxy;
    }

    private static Endpoint through(Proxy proxy, LocalDsql cluster) {
        return cluster.endpoint().toBuilder()
                .connectTo(HostAndPort.parse(proxy.getListen(), 0))
                .build();
    }

    /** Connect, {@code SELECT 1}, close: with the token made for each connection on both sides. */
    private static void healthy(LocalDsql cluster, Proxy proxy) throws Exception {
        Endpoint endpoint = through(proxy, cluster);
        DataSource bare = DsqlDataSource.of(endpoint, cluster.credentialsProvider());
        Series driver = new Series();
        Series ours = new Series();
        for (int i = -10; i < 40; i++) {
            driver.add(i, () -> selectOne(bare));
            ours.add(i, () -> expect(check(endpoint, cluster, Duration.ofSeconds(10)), Verdict.REACHABLE));
        }
        row("healthy, round trip " + ROUND_TRIP_MILLIS + " ms", driver, ours, "≤ 1.05");
    }

    /** The same data source with and without its counters: connect, {@code SELECT 1}, close, on loopback. */
    private static void observed(LocalDsql cluster) throws Exception {
        Endpoint endpoint = cluster.endpoint();
        DataSource counted = DsqlDataSource.of(endpoint, cluster.credentialsProvider());
        DataSource uncounted = DsqlDataSource.of(endpoint, cluster.jdbcUrl(), cluster.credentialsProvider());
        Series without = new Series();
        Series with = new Series();
        for (int i = -100; i < 500; i++) {
            without.add(i, () -> selectOne(uncounted));
            with.add(i, () -> selectOne(counted));
        }
        row("a connection that is counted", without, with, "≤ 1.02");
    }

    /** A reset instead of the answer to the SSLRequest, one round trip after it. */
    private static void reset(LocalDsql cluster, Proxy proxy) throws Exception {
        proxy.toxics().resetPeer("reset", ToxicDirection.DOWNSTREAM, 0);
        Endpoint endpoint = through(proxy, cluster);
        DataSource bare = DsqlDataSource.of(endpoint, cluster.credentialsProvider());
        Series driver = new Series();
        Series ours = new Series();
        for (int i = -10; i < 40; i++) {
            driver.add(i, () -> fails(bare));
            ours.add(i, () -> expect(check(endpoint, cluster, Duration.ofSeconds(10)), Verdict.BLOCKED));
        }
        row("verdict on a reset, experiments included", driver, ours, "≤ 2");
    }

    /** Nothing comes back; the peer here is the phase timeout itself. */
    private static void silence(LocalDsql cluster, Proxy proxy) throws Exception {
        proxy.toxics().timeout("silence", ToxicDirection.DOWNSTREAM, 0);
        Endpoint endpoint = through(proxy, cluster);
        Duration timeout = Duration.ofSeconds(2);
        Series ours = new Series();
        for (int i = -1; i < 5; i++) {
            ours.add(i, () -> expect(check(endpoint, cluster, timeout), Verdict.BLOCKED));
        }
        System.out.printf(
                Locale.ROOT,
                "| verdict on silence, phase timeout %d ms | – | %.0f ms | %.2f of the timeout | ≤ 1.15 |%n",
                timeout.toMillis(),
                ours.median(),
                ours.median() / timeout.toMillis());
    }

    private static Reachability check(Endpoint endpoint, LocalDsql cluster, Duration timeout) {
        return ReachabilityCheck.of(endpoint)
                .credentials(cluster.credentialsProvider())
                .timeout(timeout)
                .run();
    }

    private static void expect(Reachability reachability, Verdict verdict) {
        if (reachability.verdict() != verdict) {
            throw new IllegalStateException("measured something else: " + reachability);
        }
    }

    private static void selectOne(DataSource dataSource) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT 1")) {
            result.next();
        }
    }

    private static void fails(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection()) {
            throw new IllegalStateException("connected although it should be reset: " + connection);
        } catch (SQLException e) {
            // As it should.
        }
    }

    private static void row(String what, Series driver, Series ours, String budget) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %.1f ms | %.1f ms | %.2f | %s |%n",
                what,
                driver.median(),
                ours.median(),
                ours.median() / driver.median(),
                budget);
    }

    private static double millis(long since) {
        return (System.nanoTime() - since) / 1e6;
    }

    private interface Action {
        void run() throws Exception;
    }

    private static final class Series {
        private final List<Double> millis = new ArrayList<>();

        /** Runs and measures; rounds below zero only warm up. */
        void add(int round, Action action) throws Exception {
            long begin = System.nanoTime();
            action.run();
            if (round >= 0) {
                millis.add(millis(begin));
            }
        }

        double median() {
            return millis.stream().sorted().skip(millis.size() / 2).findFirst().orElseThrow();
        }
    }
}
