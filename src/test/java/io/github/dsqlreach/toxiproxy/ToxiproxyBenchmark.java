package io.github.dsqlreach.toxiproxy;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A direct connection, the in-JVM server, and the server that {@code DSQL_REACH_TOXIPROXY_URL} names, in turns in the same
 * run; prints a Markdown table of the medians of all rounds. Run it with the test class path; the argument is the number
 * of rounds (default 5).
 */
final class ToxiproxyBenchmark {
    private static final int MEGABYTES = 1500;
    private static final int ROUND_TRIPS = 10_000;
    private static final int CONNECTS = 500;

    private ToxiproxyBenchmark() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals("start")) {
            printTimeToStart();
            return;
        }
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        try (ToxiproxyServer server = ToxiproxyServer.start();
                Upstream echo = Upstream.echo();
                Drain drain = new Drain()) {
            Map<String, Target> targets = new LinkedHashMap<>();
            targets.put("direct", new Target(echo.address(), drain.address()));
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
        System.out.printf("%ntime to start, each in a new JVM: ");
        for (int i = 0; i < rounds; i++) {
            startAnew();
        }
        System.out.println();
        System.exit(0);
    }

    private static double[] measure(Target target) throws IOException {
        double[] roundTrips = roundTrips(target.echo);
        return new double[] {
            throughput(target.drain), percentile(roundTrips, 50), percentile(roundTrips, 99), connects(target.echo)
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
        System.out.println("| | throughput MB/s | round trip p50 µs | p99 µs | connect + first echo µs |");
        System.out.println("|---|---|---|---|---|");
        results.forEach((name, all) -> System.out.printf(
                "| %s | %.0f | %.0f | %.0f | %.0f |%n",
                name, all.median(0), all.median(1), all.median(2), all.median(3)));
        double direct = results.get("direct").median(1);
        results.forEach(
                (name, all) -> System.out.printf("added round trip, %s: %.0f µs%n", name, all.median(1) - direct));
    }

    private static void startAnew() throws Exception {
        new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ToxiproxyBenchmark.class.getName(),
                        "start")
                .inheritIO()
                .start()
                .waitFor();
    }

    private static void printTimeToStart() {
        long start = System.nanoTime();
        try (ToxiproxyServer server = ToxiproxyServer.start()) {
            System.out.printf("%.0f ms ", (System.nanoTime() - start) / 1e6);
            if (server.port() == 0) {
                throw new IllegalStateException();
            }
        }
    }

    private record Target(String echo, String drain) {
        static Target through(URI uri, Upstream echo, Drain drain) throws IOException {
            ToxiproxyClient client = new ToxiproxyClient(uri.getHost(), uri.getPort());
            return new Target(
                    proxy(client, "benchmark-echo", echo.address()), proxy(client, "benchmark-drain", drain.address()));
        }

        private static String proxy(ToxiproxyClient client, String name, String upstream) throws IOException {
            Proxy old = client.getProxyOrNull(name);
            if (old != null) {
                old.delete();
            }
            return client.createProxy(name, "127.0.0.1:0", upstream).getListen();
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
