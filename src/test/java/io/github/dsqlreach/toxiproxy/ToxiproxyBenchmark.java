package io.github.dsqlreach.toxiproxy;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import eu.rekawek.toxiproxy.model.ToxicDirection;
import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.fault.Fault;
import io.github.dsqlreach.fault.FaultyTcp;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * A direct connection, the in-JVM server, and the server that {@code DSQL_REACH_TOXIPROXY_URL} names, in turns in the same
 * run; prints a Markdown table of the medians of all rounds. Run it with the test class path; the argument is the number
 * of rounds (default 5).
 */
final class ToxiproxyBenchmark {
    private static final int MEGABYTES = 1500;
    private static final int ROUND_TRIPS = 10_000;
    private static final int CONNECTS = 500;
    private static final int CLIENTS = 8;

    private ToxiproxyBenchmark() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 1 && args[0].equals("start")) {
            printTimeToStart(args[1]);
            return;
        }
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        try (ToxiproxyServer server = ToxiproxyServer.start();
                Upstream echo = Upstream.echo();
                Drain drain = new Drain()) {
            Map<String, Target> targets = new LinkedHashMap<>();
            targets.put("direct", new Target(echo.address(), echo.address(), drain.address()));
            targets.put("in this JVM", Target.through(server.uri(), echo, drain));
            String url = System.getenv("DSQL_REACH_TOXIPROXY_URL");
            if (url != null && !url.isBlank()) {
                targets.put(url, Target.through(URI.create(url), echo, drain));
            }
            Map<String, Results> results = new LinkedHashMap<>();
            for (int round = -1; round < rounds; round++) { // The first warms up.
                for (Map.Entry<String, Target> target : targets.entrySet()) {
                    Results all = results.computeIfAbsent(target.getKey(), name -> new Results());
                    all.add(round, measure(target.getValue()));
                }
            }
            print(results);
        }
        for (String what : List.of("API", "proxy with a toxic", "fault")) {
            System.out.printf("%ntime to start, each in a new JVM, %s: ", what);
            for (int i = 0; i < rounds; i++) {
                startAnew(what);
            }
        }
        System.out.println();
        System.exit(0);
    }

    private static double[] measure(Target target) throws Exception {
        double[] alone = roundTrips(target.echo, 1);
        double[] together = roundTrips(target.echo, CLIENTS);
        double[] delayed = roundTrips(target.delayedBy0, CLIENTS);
        return new double[] {
            throughput(target.drain),
            percentile(alone, 50),
            percentile(alone, 99),
            connects(target.echo),
            percentile(together, 50),
            percentile(together, 99),
            percentile(delayed, 50),
            percentile(delayed, 99)
        };
    }

    /** Megabytes a second, until the other end has taken the last byte. */
    private static double throughput(String address) throws IOException {
        try (Wire wire = Wire.to(address)) {
            byte[] block = new byte[1 << 18];
            OutputStream out = wire.socket().getOutputStream();
            long start = System.nanoTime();
            long left = (long) MEGABYTES << 20;
            Drain.tell(out, left);
            for (; left > 0; left -= block.length) {
                out.write(block);
            }
            if (wire.socket().getInputStream().read() != 1) {
                throw new IOException("lost bytes on the way to " + address);
            }
            return MEGABYTES * 1.048576e9 / (System.nanoTime() - start);
        }
    }

    /** All round trips of so many clients at once. */
    private static double[] roundTrips(String address, int clients) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        try {
            List<Future<double[]>> all = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                all.add(threads.submit(() -> roundTrips(address)));
            }
            double[] micros = new double[clients * ROUND_TRIPS];
            for (int i = 0; i < clients; i++) {
                System.arraycopy(all.get(i).get(), 0, micros, i * ROUND_TRIPS, ROUND_TRIPS);
            }
            return micros;
        } finally {
            threads.shutdownNow();
        }
    }

    private static double[] roundTrips(String address) throws IOException {
        double[] micros = new double[ROUND_TRIPS];
        try (Wire wire = Wire.to(address)) {
            for (int i = -1000; i < ROUND_TRIPS; i++) {
                long start = System.nanoTime();
                wire.socket().getOutputStream().write(1);
                wire.socket().getInputStream().read();
                if (i >= 0) {
                    micros[i] = (System.nanoTime() - start) / 1e3;
                }
            }
        }
        return micros;
    }

    private static double connects(String address) throws IOException {
        double[] micros = new double[CONNECTS];
        for (int i = 0; i < CONNECTS; i++) {
            long start = System.nanoTime();
            try (Wire wire = Wire.to(address)) {
                wire.socket().getOutputStream().write(1);
                wire.socket().getInputStream().read();
                micros[i] = (System.nanoTime() - start) / 1e3;
            }
        }
        return percentile(micros, 50);
    }

    private static double percentile(double[] values, int percent) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[Math.min(sorted.length - 1, sorted.length * percent / 100)];
    }

    private static void print(Map<String, Results> results) {
        System.out.println("| | throughput MB/s | round trip p50 µs | p99 µs | connect + first echo µs" + " | "
                + CLIENTS + " clients p50 µs | p99 µs | the same behind `latency` of 0 ms p50 µs | p99 µs |");
        System.out.println("|---".repeat(9) + "|");
        results.forEach((name, all) -> {
            StringBuilder row = new StringBuilder("| " + name);
            for (int figure = 0; figure < 8; figure++) {
                row.append(String.format(" | %.0f", all.median(figure)));
            }
            System.out.println(row.append(" |"));
        });
        double direct = results.get("direct").median(1);
        results.forEach(
                (name, all) -> System.out.printf("added round trip, %s: %.0f µs%n", name, all.median(1) - direct));
    }

    private static void startAnew(String what) throws Exception {
        Jvm.running(ToxiproxyBenchmark.class, List.of(), "start", what)
                .inheritIO()
                .start()
                .waitFor();
    }

    private static void printTimeToStart(String what) {
        long start = System.nanoTime();
        if (what.equals("fault")) {
            try (FaultyTcp server = FaultyTcp.inFrontOf("127.0.0.1:9")) {
                server.inject(Fault.LATENCY);
                System.out.printf("%.0f ms ", (System.nanoTime() - start) / 1e6);
            }
            return;
        }
        try (ToxiproxyServer server = ToxiproxyServer.start()) {
            if (what.equals("API")) {
                server.port();
            } else {
                server.createProxy("p", "127.0.0.1:0", "127.0.0.1:9")
                        .add(ToxicDefinition.latency(Duration.ofMillis(1)));
            }
            System.out.printf("%.0f ms ", (System.nanoTime() - start) / 1e6);
        }
    }

    private record Target(String echo, String delayedBy0, String drain) {
        static Target through(URI uri, Upstream echo, Drain drain) throws IOException {
            ToxiproxyClient client = new ToxiproxyClient(uri.getHost(), uri.getPort());
            Proxy delayed = proxy(client, "benchmark-delayed", echo.address());
            delayed.toxics().latency("down", ToxicDirection.DOWNSTREAM, 0);
            delayed.toxics().latency("up", ToxicDirection.UPSTREAM, 0);
            return new Target(
                    proxy(client, "benchmark-echo", echo.address()).getListen(),
                    delayed.getListen(),
                    proxy(client, "benchmark-drain", drain.address()).getListen());
        }

        private static Proxy proxy(ToxiproxyClient client, String name, String upstream) throws IOException {
            Proxy old = client.getProxyOrNull(name);
            if (old != null) {
                old.delete();
            }
            return client.createProxy(name, "127.0.0.1:0", upstream);
        }
    }

    private static final class Results {
        private final List<double[]> rounds = new ArrayList<>();

        void add(int round, double[] figures) {
            if (round >= 0) {
                rounds.add(figures);
            }
        }

        double median(int figure) {
            return percentile(
                    rounds.stream().mapToDouble(figures -> figures[figure]).toArray(), 50);
        }
    }

    /** Reads as many bytes as it is told will come, and says so with one. */
    private static final class Drain implements AutoCloseable {
        private final ServerSocket server = new ServerSocket();

        Drain() throws IOException {
            server.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0));
            Thread thread = new Thread(this::serve, "drain");
            thread.setDaemon(true);
            thread.start();
        }

        String address() {
            return "127.0.0.1:" + server.getLocalPort();
        }

        static void tell(OutputStream out, long count) throws IOException {
            out.write(java.nio.ByteBuffer.allocate(8).putLong(count).array());
        }

        private void serve() {
            byte[] buffer = new byte[1 << 18];
            while (true) {
                try (Socket socket = server.accept()) {
                    InputStream in = socket.getInputStream();
                    long left = java.nio.ByteBuffer.wrap(in.readNBytes(8)).getLong();
                    while (left > 0) {
                        left -= in.read(buffer);
                    }
                    socket.getOutputStream().write(1);
                } catch (IOException e) {
                    return;
                }
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
