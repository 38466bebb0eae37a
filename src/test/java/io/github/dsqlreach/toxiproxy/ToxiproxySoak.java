package io.github.dsqlreach.toxiproxy;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * The server under what a suite never does: many connections at once, very many one after the other, and readers that stall
 * while senders do not. Prints what is left of it; run it with the test class path and {@code -Xmx128m}.
 */
final class ToxiproxySoak {
    private static final int AT_ONCE = 1_000;
    private static final int CYCLES = 20_000;
    private static final int STALLED = 100;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private ToxiproxySoak() {}

    public static void main(String... none) throws Exception {
        try (ToxiproxyServer server = ToxiproxyServer.start();
                Upstream echo = Upstream.echo();
                Upstream deaf = Upstream.manual()) {
            ToxiproxyServer.Proxy proxy = server.createProxy("soak", "127.0.0.1:0", echo.address());
            cycles(proxy, 100);
            tell("before", proxy);
            proxy.add(ToxicDefinition.latency(Duration.ofMillis(5)).withToxicity(0.5));
            atOnce(proxy);
            tell(AT_ONCE + " connections at once", proxy);
            cycles(proxy, CYCLES);
            echo.forgetClosed();
            tell(CYCLES + " cycles", proxy);
            stalled(server.createProxy("stalled", "127.0.0.1:0", deaf.address()));
            tell(STALLED + " stalled readers", proxy);
            cycles(proxy, 100);
            System.out.println("serves on");
        }
        System.exit(0);
    }

    private static void atOnce(ToxiproxyServer.Proxy proxy) throws IOException {
        List<Wire> open = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            open.add(Wire.to(proxy.listen()));
        }
        for (Wire wire : open) {
            check(wire.echo("hello").equals("hello"), "an echo");
        }
        check(proxy.connections().open() == AT_ONCE, "all are open");
        for (int i = 0; i < AT_ONCE; i++) {
            if (i % 2 == 0) {
                open.get(i).close();
            } else {
                open.get(i).reset();
            }
        }
        await().atMost(PATIENCE).until(() -> proxy.connections().open() == 0);
    }

    private static void cycles(ToxiproxyServer.Proxy proxy, int count) throws Exception {
        ExecutorService clients = Executors.newFixedThreadPool(16);
        AtomicLong left = new AtomicLong(count);
        String listen = proxy.listen();
        try {
            List<Future<?>> all = Stream.generate(() -> clients.submit(() -> {
                        while (left.getAndDecrement() > 0) {
                            try (Wire wire = Wire.to(listen)) {
                                check(wire.echo("hello").equals("hello"), "an echo");
                            }
                        }
                        return null;
                    }))
                    .limit(16)
                    .<Future<?>>map(future -> future)
                    .toList();
            for (Future<?> one : all) {
                one.get();
            }
        } finally {
            clients.shutdownNow();
        }
        await().atMost(PATIENCE).until(() -> proxy.connections().open() == 0);
    }

    /** Senders go on until they are held back; nobody reads. */
    private static void stalled(ToxiproxyServer.Proxy proxy) throws Exception {
        proxy.add(new ToxicDefinition("late", "latency", Direction.UPSTREAM, 1, Map.of("latency", 60_000L)));
        ExecutorService senders = Executors.newFixedThreadPool(STALLED);
        AtomicLong sent = new AtomicLong();
        List<Wire> open = new ArrayList<>();
        for (int i = 0; i < STALLED; i++) {
            Wire wire = Wire.to(proxy.listen());
            open.add(wire);
            senders.submit(() -> {
                byte[] block = new byte[1 << 14];
                while (wire.sendUnlessClosed(block).isEmpty()) {
                    sent.addAndGet(block.length);
                }
            });
        }
        // Held back: nothing more goes for a second.
        AtomicLong last = new AtomicLong(-1);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> sent.get() == last.getAndSet(sent.get()));
        System.out.printf("held back after %,d KB%n", sent.get() >> 10);
        for (Wire wire : open) {
            wire.close();
        }
        senders.shutdownNow();
        proxy.delete();
    }

    private static void tell(String when, ToxiproxyServer.Proxy proxy) throws IOException {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"))) {
            System.out.printf(
                    "%s: %,d accepted, %d open, %d handles, %d threads of the server, %,d KB of heap%n",
                    when,
                    proxy.connections().accepted(),
                    proxy.connections().open(),
                    handles.count(),
                    Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> thread.getName().startsWith("dsql-reach-toxiproxy"))
                            .count(),
                    (runtime.totalMemory() - runtime.freeMemory()) >> 10);
        }
    }

    private static void check(boolean fine, String what) {
        if (!fine) {
            throw new AssertionError(what);
        }
    }
}
