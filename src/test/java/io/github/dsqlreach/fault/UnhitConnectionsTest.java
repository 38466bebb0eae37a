package io.github.dsqlreach.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.toxiproxy.Direction;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A fault that hits half of 300 connections leaves the other half alone: the same bytes arrive on both sides, and both sides see
 * the same end. Half of the connections are closed by the server, the others by the client.
 */
@Timeout(120)
class UnhitConnectionsTest {
    private static final int COUNT = 300;
    private static final byte[] SSL_REQUEST = {0, 0, 0, 8, 4, (byte) 0xd2, 22, 47};
    private static final String HOST = "abc.dsql.us-east-1.on.aws";
    private static final byte[] ANSWER = "40 bytes from the server, then its close".getBytes(StandardCharsets.US_ASCII);
    /** Three encrypted records, as of a handshake's end, a startup message and a password. */
    private static final byte[] RECORDS = {23, 3, 3, 0, 2, 1, 2, 23, 3, 3, 0, 2, 1, 2, 23, 3, 3, 0, 2, 1, 2};

    private static final int PATIENCE_MILLIS = 60_000;

    /** What one connection carried, in words; the server's part is known by the number that the client sends. */
    private static final String CLOSED_BY_SERVER = "client: S, H, 40 bytes, FIN";

    private static final String CLOSED_BY_CLIENT = "client: S, H, 40 bytes; server: FIN";

    static Stream<TunedFault> faultsForAShare() {
        return Arrays.stream(Fault.values())
                .filter(fault -> fault.parameters().containsKey("toxicity"))
                .filter(fault -> !fault.isAtCommit())
                // The fixture adds it for a WebSocket only.
                .filter(fault -> fault != Fault.WEBSOCKET_REFUSED)
                .map(UnhitConnectionsTest::tuned)
                .map(fault -> fault.with("toxicity", 0.5).with("seed", 7));
    }

    private static TunedFault tuned(Fault fault) {
        return switch (fault) {
            case QUERY_RESET -> fault.with("bytes", 10);
            case CUT_AFTER -> fault.with("time", 0).with("received", 10);
            case MESSAGE_TOO_LARGE -> fault.with("bytes", 20);
            case SLOW_CLOSE -> fault.with("delay", 50);
            case IDLE_TIMEOUT -> fault.with("idle", 100);
            default -> TunedFault.of(fault);
        };
    }

    @ParameterizedTest
    @MethodSource("faultsForAShare")
    void areUntouched(TunedFault fault, TestReporter reporter) throws Exception {
        Run run = new Run(fault);
        List<String> ends = run.ends();
        long changed = ends.stream()
                .filter(end -> !end.equals(CLOSED_BY_SERVER) && !end.equals(CLOSED_BY_CLIENT))
                .count();
        reporter.publishEntry(
                fault.fault().name(), run.effect + ", " + (COUNT - changed) + " ended as without the fault");
        // It passes what begins with an SSLRequest.
        boolean strikes = fault.fault() != Fault.DIRECT_TLS_FILTER;
        assertThat(run.effect.met()).hasValue(COUNT);
        assertThat(run.effect.struck().orElseThrow()).isBetween(strikes ? 98L : 0L, strikes ? 202L : 0L);
        assertThat(changed)
                .as("%s", ends)
                .isLessThanOrEqualTo(run.effect.struck().orElseThrow());
    }

    /** The promise is broken by the toxic that other servers have: the reason for a toxic of our own. */
    @Test
    void wouldBeResetByTheStockToxic() throws Exception {
        Run run = new Run(List.of(ToxicDefinition.of("reset_peer", Direction.UPSTREAM)
                .withToxicity(0.5)
                .with("seed", 7L)));
        assertThat(run.ends()).doesNotContain(CLOSED_BY_SERVER);
    }

    @Test
    void theSameSeedHitsTheSameConnections() throws Exception {
        TunedFault fault = Fault.INTERMITTENT.with("seed", 11);
        assertThat(oneAfterTheOther(fault)).isEqualTo(oneAfterTheOther(fault));
        assertThat(oneAfterTheOther(fault)).isNotEqualTo(oneAfterTheOther(fault.with("seed", 12)));
    }

    private static List<Boolean> oneAfterTheOther(TunedFault fault) throws Exception {
        try (LoopbackServer server = new LoopbackServer((client, connection) -> {
                    client.getInputStream().read();
                    client.getOutputStream().write('x');
                });
                FaultyTcp tcp = FaultyTcp.inFrontOf(server.address().toString()).inject(fault)) {
            List<Boolean> works = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                try (Socket socket = new Socket(tcp.host(), tcp.port())) {
                    socket.getOutputStream().write('x');
                    works.add(socket.getInputStream().read() == 'x');
                } catch (SocketException e) {
                    works.add(false);
                }
            }
            return works;
        }
    }

    /** 300 connections through one proxy. */
    private static final class Run {
        private final List<ToxicDefinition> toxics;
        private final TunedFault fault;
        private final byte[] hello = hello();
        private final CountDownLatch injected = new CountDownLatch(1);
        private final AtomicInteger opened = new AtomicInteger();
        private final AtomicInteger finished = new AtomicInteger();
        private final AtomicInteger unchanged = new AtomicInteger();
        private final Map<Integer, String> endsAtServer = new ConcurrentHashMap<>();
        private FaultEffect effect;

        Run(TunedFault fault) throws Exception {
            this.fault = fault;
            this.toxics = fault.toxics(HOST);
        }

        Run(List<ToxicDefinition> toxics) throws Exception {
            this.fault = TunedFault.of(Fault.INTERMITTENT);
            this.toxics = toxics;
        }

        List<String> ends() throws Exception {
            ExecutorService clients = Executors.newCachedThreadPool();
            try (LoopbackServer server = new LoopbackServer(this::serve);
                    FaultProxy proxy = new FaultProxy(server.address(), server.address(), 0, null, told -> {})) {
                boolean openBefore =
                        Set.of(Fault.LOST_CONNECTIONS, Fault.HALF_OPEN).contains(fault.fault());
                if (!openBefore) {
                    inject(proxy);
                }
                List<Future<String>> ends = new ArrayList<>();
                for (int i = 0; i < COUNT; i++) {
                    int number = i;
                    ends.add(clients.submit(() -> end(proxy.address(), number)));
                }
                await().atMost(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                        .until(() -> proxy.connections().accepted() == COUNT && opened.get() >= COUNT);
                if (openBefore) {
                    inject(proxy);
                }
                if (fault.fault() == Fault.IDLE_TIMEOUT) {
                    TimeUnit.MILLISECONDS.sleep(150); // The time without data that this fault is about.
                }
                injected.countDown();
                // Then those that are left hang in silence.
                await().atMost(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                        .until(() -> finished.get() == COUNT || unchanged.get() + struck(proxy) >= COUNT);
                proxy.clear();
                List<String> all = new ArrayList<>();
                for (Future<String> end : ends) {
                    all.add(end.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
                }
                effect = proxy.effects().get(0);
                return all;
            } finally {
                clients.shutdownNow();
            }
        }

        private void inject(FaultProxy proxy) {
            proxy.inject(fault, seeded -> toxics, kind -> {
                throw new AssertionError(kind);
            });
        }

        private static long struck(FaultProxy proxy) {
            return proxy.effects().get(0).struck().orElseThrow();
        }

        /** The last bytes are the client's number; odd ones are closed by the server. */
        private void serve(Socket client, int connection) throws IOException {
            if (client.getInputStream().readNBytes(SSL_REQUEST.length).length < SSL_REQUEST.length) {
                return;
            }
            client.getOutputStream().write('S');
            if (!Arrays.equals(client.getInputStream().readNBytes(hello.length), hello)) {
                return;
            }
            client.getOutputStream().write('H');
            byte[] rest = client.getInputStream().readNBytes(RECORDS.length + 4);
            if (rest.length < RECORDS.length + 4 || Arrays.mismatch(rest, RECORDS) != RECORDS.length) {
                return;
            }
            int number = ByteBuffer.wrap(rest, RECORDS.length, 4).getInt();
            client.getOutputStream().write(ANSWER);
            if (number % 2 == 0) {
                endsAtServer.put(number, endAtServer(client));
            }
        }

        private String end(HostAndPort proxy, int number) {
            StringBuilder seen = new StringBuilder("client: ");
            boolean first = false;
            try (Socket socket = new Socket(proxy.host(), proxy.port())) {
                socket.setSoTimeout(PATIENCE_MILLIS);
                socket.getOutputStream().write(SSL_REQUEST);
                opened.incrementAndGet();
                first = true;
                seen.append(letter(socket));
                injected.await();
                socket.getOutputStream().write(hello);
                seen.append(", ").append(letter(socket));
                socket.getOutputStream()
                        .write(ByteBuffer.allocate(RECORDS.length + 4)
                                .put(RECORDS)
                                .putInt(number)
                                .array());
                int count = socket.getInputStream().readNBytes(ANSWER.length).length;
                seen.append(", ").append(count).append(" bytes");
                if (number % 2 == 1) {
                    seen.append(socket.getInputStream().read() < 0 ? ", FIN" : ", more");
                }
            } catch (IOException e) {
                seen.append(" ").append(e.getMessage());
            } catch (InterruptedException e) {
                return "interrupted";
            }
            if (!first) {
                opened.incrementAndGet();
            }
            String end = seen.toString();
            if (number % 2 == 0 && end.equals("client: S, H, 40 bytes")) {
                await().atMost(PATIENCE_MILLIS, TimeUnit.MILLISECONDS).until(() -> endsAtServer.containsKey(number));
                end += "; server: " + endsAtServer.get(number);
            }
            finished.incrementAndGet();
            if (end.equals(CLOSED_BY_CLIENT) || end.equals(CLOSED_BY_SERVER)) {
                unchanged.incrementAndGet();
            }
            return end;
        }

        private static String endAtServer(Socket client) {
            try {
                return client.getInputStream().read() < 0 ? "FIN" : "more";
            } catch (IOException e) {
                return "RST";
            }
        }

        private static String letter(Socket socket) throws IOException {
            int letter = socket.getInputStream().read();
            return letter < 0 ? "FIN" : String.valueOf((char) letter);
        }

        private static byte[] hello() throws Exception {
            SSLEngine engine = SSLContext.getDefault().createSSLEngine();
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(HOST)));
            engine.setSSLParameters(parameters);
            ByteBuffer hello = ByteBuffer.allocate(32 << 10);
            engine.wrap(ByteBuffer.allocate(0), hello);
            return Arrays.copyOf(hello.array(), hello.position());
        }
    }
}
