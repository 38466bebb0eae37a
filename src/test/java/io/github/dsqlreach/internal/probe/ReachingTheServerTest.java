package io.github.dsqlreach.internal.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FullQueue;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Jvm;
import io.github.dsqlreach.LoopbackServer;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The phases before TLS: names, addresses, connections. */
class ReachingTheServerTest {
    private static final Duration SHORT = Duration.ofMillis(600);
    private static final Endpoint CLUSTER = Endpoint.parse(Given.HOST);

    private static InetAddress address(String literal) throws UnknownHostException {
        return InetAddress.getByName(literal);
    }

    private static Resolver failing(String message) {
        return host -> {
            throw new UnknownHostException(message.replace("HOST", host));
        };
    }

    private static PhaseResult dns(Resolver resolver, Duration timeout) throws InterruptedException {
        Attempt attempt = Given.attempt(CLUSTER, timeout, resolver);
        assertThat(attempt.result(Phase.TCP).status()).isEqualTo(PhaseResult.Status.NOT_REACHED);
        assertThat(attempt.result(Phase.TOKEN).passed()).isTrue();
        return attempt.result(Phase.DNS);
    }

    @ParameterizedTest
    @CsvSource({
        "HOST: Name or service not known, NAME_NOT_FOUND",
        "HOST: nodename nor servname provided or not known, NAME_NOT_FOUND",
        "No such host is known (HOST), NAME_NOT_FOUND",
        "HOST: No address associated with hostname, NAME_NOT_FOUND",
        "HOST: Temporary failure in name resolution, NAME_LOOKUP_FAILED",
        "HOST: Non-recoverable failure in name resolution, NAME_LOOKUP_FAILED",
        "HOST, NAME_LOOKUP_FAILED",
        "'', NAME_LOOKUP_FAILED",
    })
    void tellsAMissingNameFromAFailedLookup(String message, FailureKind kind) throws Exception {
        PhaseResult dns = dns(failing(message), Given.AMPLE);

        assertThat(dns.failedWith(kind)).as(dns.toString()).isTrue();
        assertThat(dns.failure().orElseThrow().message()).contains(Given.HOST);
    }

    @Test
    void asksAnewWhereTheJdkOnlyRemembersThatALookupFailed() throws Exception {
        List<String> asked = new ArrayList<>();
        PhaseResult dns = dns(
                host -> {
                    asked.add(host);
                    throw new UnknownHostException(host.endsWith(".") ? host + ": Name or service not known" : host);
                },
                Given.AMPLE);

        assertThat(dns.failedWith(FailureKind.NAME_NOT_FOUND)).isTrue();
        assertThat(asked).containsExactly(Given.HOST, Given.HOST + ".");
    }

    /** A label of 64 letters cannot be asked for: the C library answers itself, in the language of this machine. */
    @Test
    void understandsThisMachinesOwnWordsForAMissingName() throws Exception {
        String words = "x".repeat(64) + ".invalid";

        PhaseResult first = dns(host -> InetAddress.getAllByName(words), Given.AMPLE);
        PhaseResult again = dns(
                host -> {
                    try {
                        return InetAddress.getAllByName("y".repeat(64) + ".invalid");
                    } catch (UnknownHostException e) {
                        throw new UnknownHostException(host + ": "
                                + OsErrorMessages.reason(e, "y".repeat(64) + ".invalid")
                                        .orElse("nothing"));
                    }
                },
                Given.AMPLE);

        assertThat(first.failed()).isTrue();
        assertThat(again.failedWith(FailureKind.NAME_NOT_FOUND))
                .as(again.toString())
                .isTrue();
    }

    @Test
    void doesNotWaitForAResolverThatHangs() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try {
            PhaseResult dns = dns(
                    host -> {
                        while (release.getCount() > 0) {
                            try {
                                release.await();
                            } catch (InterruptedException e) {
                                // As the C library's resolver does.
                            }
                        }
                        return new InetAddress[] {};
                    },
                    SHORT);

            assertThat(dns.failedWith(FailureKind.TIMEOUT)).isTrue();
            assertThat(dns.duration()).isBetween(SHORT.minusMillis(20), SHORT.plusSeconds(2));
        } finally {
            release.countDown();
        }
    }

    /** Linux tells what did not get there, what was not read and what was sent again. */
    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "only Linux tells")
    void asksTheKernelWhatBecameOfAStepThatGotNoAnswer() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.hold())) {
            PhaseResult tls = Given.attempt(Given.endpoint(server.address()), Duration.ofMillis(800))
                    .result(Phase.TLS);

            assertThat(tls.failedWith(FailureKind.TIMEOUT)).isTrue();
            assertThat(tls.evidence().get(Evidence.UNACKNOWLEDGED_BYTES)).contains(0L);
            assertThat(tls.evidence().get(Evidence.UNREAD_BYTES)).contains(0L);
            assertThat(tls.evidence().get(Evidence.RETRANSMISSIONS)).contains(0L);
            assertThat(tls.evidence().get(Evidence.LISTENED_MILLIS).orElseThrow())
                    .isGreaterThan(400);
        }
    }

    @Test
    void callsAClosedPortRefused() throws Exception {
        int port = LoopbackServer.nobody().port();
        Attempt attempt = Given.attempt(Given.endpoint(new HostAndPort("127.0.0.1", port)), Given.AMPLE);

        PhaseResult tcp = attempt.result(Phase.TCP);
        assertThat(tcp.failedWith(FailureKind.REFUSED)).as(attempt.toString()).isTrue();
        assertThat(tcp.evidence().list(Evidence.ATTEMPTS)).hasSize(1);
        assertThat(attempt.result(Phase.TLS).status()).isEqualTo(PhaseResult.Status.NOT_REACHED);
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere a full queue of connections answers with a reset")
    void callsAPortThatDoesNotAnswerATimeout() throws Exception {
        try (FullQueue full = new FullQueue("127.0.0.1")) {
            Attempt attempt = Given.attempt(Given.endpoint(full.address()), SHORT);

            PhaseResult tcp = attempt.result(Phase.TCP);
            assertThat(tcp.failedWith(FailureKind.TIMEOUT))
                    .as(attempt.toString())
                    .isTrue();
            assertThat(tcp.duration()).isBetween(SHORT.minusMillis(20), SHORT.plusSeconds(2));
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere 127.0.0.2 is no address of this machine")
    void fallsBackToALivingAddressWhereOneIsRefused() throws Exception {
        try (ScriptedServer server =
                ScriptedServer.start(visitor -> visitor.hear(8).say("N"))) {
            Endpoint endpoint = at(server.address().port());
            Attempt attempt = Given.attempt(
                    endpoint, Given.AMPLE, host -> new InetAddress[] {address("127.0.0.2"), address("127.0.0.1")});

            PhaseResult tcp = attempt.result(Phase.TCP);
            assertThat(tcp.passed()).as(attempt.toString()).isTrue();
            assertThat(tcp.evidence().text(Evidence.ADDRESS))
                    .contains(server.address().toString());
            assertThat(tcp.evidence().list(Evidence.ATTEMPTS))
                    .satisfiesExactly(
                            dead -> assertThat(dead).startsWith("127.0.0.2:").contains("refused"),
                            alive -> assertThat(alive).startsWith("127.0.0.1:").contains("connected"));
        }
    }

    @Test
    void fallsBackToIpv4WhereIpv6IsDead() throws Exception {
        try (ScriptedServer server =
                ScriptedServer.start(visitor -> visitor.hear(8).say("N"))) {
            Attempt attempt = Given.attempt(at(server.address().port()), Given.AMPLE, host ->
                    new InetAddress[] {address("::1"), address("127.0.0.1")});

            PhaseResult tcp = attempt.result(Phase.TCP);
            assertThat(tcp.passed()).as(attempt.toString()).isTrue();
            assertThat(tcp.evidence().list(Evidence.ATTEMPTS)).hasSize(2);
            assertThat(attempt.result(Phase.DNS).evidence().list(Evidence.ADDRESSES))
                    .hasSize(2);
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere 127.0.0.2 is no address of this machine")
    void doesNotWaitLongForAnAddressThatIsSilent() throws Exception {
        try (FullQueue full = new FullQueue("127.0.0.2");
                ServerSocket alive = new ServerSocket(full.address().port(), 5, address("127.0.0.3"))) {
            Attempt attempt = Given.attempt(at(alive.getLocalPort()), Duration.ofSeconds(3), host ->
                    new InetAddress[] {address("127.0.0.2"), address("127.0.0.3")});

            PhaseResult tcp = attempt.result(Phase.TCP);
            assertThat(tcp.passed()).as(attempt.toString()).isTrue();
            assertThat(tcp.duration()).isLessThan(Duration.ofSeconds(2));
            assertThat(tcp.evidence().list(Evidence.ATTEMPTS).get(0)).contains("no answer");
        }
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere 127.0.0.2 is no address of this machine")
    void saysHowEveryAddressFailed() throws Exception {
        int port = LoopbackServer.nobody().port();
        Attempt attempt = Given.attempt(
                at(port), Given.AMPLE, host -> new InetAddress[] {address("127.0.0.1"), address("127.0.0.2")});

        PhaseResult tcp = attempt.result(Phase.TCP);
        assertThat(tcp.failedWith(FailureKind.REFUSED)).isTrue();
        assertThat(tcp.failure().orElseThrow().message())
                .isEqualTo("connection refused at all 2 addresses, port " + port);
        assertThat(tcp.evidence().list(Evidence.ATTEMPTS)).hasSize(2).allMatch(line -> line.contains("refused"));
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "other systems refuse a multicast address in another way")
    void saysHowManyAddressesFailedInTheWayThatCounts() throws Exception {
        int port = LoopbackServer.nobody().port();
        Attempt attempt = Given.attempt(
                at(port), Given.AMPLE, host -> new InetAddress[] {address("224.0.0.1"), address("127.0.0.1")});

        assertThat(attempt.result(Phase.TCP).failure().orElseThrow().message())
                .isEqualTo("connection refused at 1 of 2 addresses, port " + port);
    }

    @Test
    void triesNoMoreThanSixteenAddresses() throws Exception {
        Attempt attempt = Given.attempt(at(1), Given.AMPLE, host -> {
            InetAddress[] many = new InetAddress[5_000];
            for (int i = 0; i < many.length; i++) {
                many[i] = InetAddress.getByAddress(new byte[] {127, 1, (byte) (i >> 8), (byte) i});
            }
            return many;
        });

        assertThat(attempt.result(Phase.TCP).evidence().list(Evidence.ATTEMPTS)).hasSize(16);
    }

    /** Multicast is no place for TCP: the kernel says "network unreachable", in the language of this machine. */
    @Test
    void callsAnUnreachableNetworkSo() throws Exception {
        Attempt attempt = Given.attempt(at(5432), Given.AMPLE, host -> new InetAddress[] {address("224.0.0.1")});

        assertThat(attempt.result(Phase.TCP).failedWith(FailureKind.UNREACHABLE))
                .as(attempt.toString())
                .isTrue();
    }

    /** The others cannot be caused on purpose. */
    @ParameterizedTest
    @EnumSource(
            mode = EnumSource.Mode.EXCLUDE,
            names = {"TOO_MANY_FILES", "ADDRESS_IN_USE", "NO_BUFFERS"})
    @EnabledOnOs(value = OS.LINUX, disabledReason = "Linux has all of them, and translates them")
    void knowsTheTextsOfThisMachine(OsErrorMessages error) throws IOException {
        String text = error.cause().orElseThrow();

        assertThat(OsErrorMessages.values()).filteredOn(one -> one.is(text)).containsExactly(error);
        assertThat(error.is("something else")).isFalse();
        assertThat(error.is(null)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "RESET, An existing connection was forcibly closed by the remote host",
        "BROKEN_PIPE, An established connection was aborted by the software in your host machine",
        "UNREACHABLE, Network is unreachable: connect",
        "ACCESS_DENIED, Permission denied: connect",
        "NO_BUFFERS, No buffer space available (maximum connections reached?): connect",
        "ADDRESS_IN_USE, Address already in use: connect",
        "ADDRESS_NOT_AVAILABLE, Cannot assign requested address: connect"
    })
    void knowsTheWordsOfWindows(OsErrorMessages text, String message) {
        assertThat(OsErrorMessages.values()).filteredOn(one -> one.is(message)).containsExactly(text);
    }

    /** How a SOCKS proxy treats who asks for 192.0.2.1, an address of nobody. */
    enum SocksProxy {
        DEAD(FailureKind.PROXY_FAILED, visitor -> {}),
        CLOSES(FailureKind.PROXY_FAILED, visitor -> visitor.hear(1)),
        IS_NONE(FailureKind.PROXY_FAILED, visitor -> visitor.hear(3).say("HTTP/1.1 400 Bad Request\r\n\r\n")),
        FORBIDS(FailureKind.PROXY_FAILED, visitor -> answer(visitor, 2)),
        WANTS_A_PASSWORD(
                FailureKind.PROXY_FAILED,
                visitor -> visitor.hear(3).say(5, 0xff).listen()),
        REPORTS_A_REFUSAL(FailureKind.REFUSED, visitor -> answer(visitor, 5)),
        REPORTS_NO_ROUTE(FailureKind.UNREACHABLE, visitor -> answer(visitor, 3)),
        IS_SILENT(FailureKind.TIMEOUT, visitor -> visitor.hold());

        private final FailureKind kind;
        private final ScriptedServer.Script script;

        SocksProxy(FailureKind kind, ScriptedServer.Script script) {
            this.kind = kind;
            this.script = script;
        }

        private static void answer(ScriptedServer.Visitor visitor, int reply) throws IOException {
            visitor.hear(1);
            visitor.hear(visitor.hearByte()).say(5, 0).hear(10).say(5, reply, 0, 1, 0, 0, 0, 0, 0, 0);
            visitor.listen();
        }
    }

    /** In a JVM of its own, because a proxy is everybody's. */
    @Test
    void blamesTheSocksProxyThatThisJvmIsSetToUse() throws Exception {
        List<ScriptedServer> servers = new ArrayList<>();
        try {
            Map<SocksProxy, Integer> ports = new EnumMap<>(SocksProxy.class);
            for (SocksProxy proxy : SocksProxy.values()) {
                ScriptedServer server = ScriptedServer.start(proxy.script);
                servers.add(server);
                ports.put(
                        proxy,
                        proxy == SocksProxy.DEAD
                                ? LoopbackServer.nobody().port()
                                : server.address().port());
            }
            String said = Jvm.outputOf(Jvm.running(
                    ThroughSocks.class,
                    List.of("-DsocksProxyHost=127.0.0.1"),
                    ports.values().stream().map(String::valueOf).toArray(String[]::new)));

            assertThat(ports.entrySet())
                    .allSatisfy(each -> assertThat(said.lines())
                            .anySatisfy(line -> assertThat(line)
                                    .startsWith("KIND " + each.getKey().kind + " ")
                                    .contains("the SOCKS proxy 127.0.0.1:" + each.getValue()
                                            + " (system property socksProxyHost)")));
        } finally {
            for (ScriptedServer server : servers) {
                server.close();
            }
        }
    }

    /** Checks to an address of nobody, through each of the proxies at those ports. */
    static final class ThroughSocks {
        public static void main(String[] ports) throws Exception {
            Endpoint endpoint =
                    Endpoint.builder("192.0.2.1").region("us-east-1").build();
            for (String port : ports) {
                System.setProperty("socksProxyPort", port);
                PhaseResult tcp = Given.attempt(endpoint, Duration.ofSeconds(3)).result(Phase.TCP);
                System.out.println("KIND " + tcp.failure().orElseThrow().kind() + " " + tcp);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"999, false", "1003, true", "1251, false", "2040, true", "3100, true", "500, false", "4010, false"})
    void remarksThatAPacketGotLostWhenConnecting(long millis, boolean lost) {
        assertThat(TcpPhase.remarks(Duration.ofMillis(millis)))
                .hasSize(lost ? 1 : 0)
                .allMatch(remark -> remark.contains("lost packet"));
    }

    /** On a machine without IPv6 its addresses are always unreachable; what IPv4 got is what counts. */
    @Test
    void anUnreachableIpv6AddressDoesNotHideWhatIpv4Got() throws Exception {
        int port = LoopbackServer.nobody().port();
        for (String[] order : new String[][] {{"224.0.0.1", "127.0.0.1"}, {"127.0.0.1", "224.0.0.1"}}) {
            Attempt attempt = Given.attempt(
                    at(port), Given.AMPLE, host -> new InetAddress[] {address(order[0]), address(order[1])});

            assertThat(attempt.result(Phase.TCP).failedWith(FailureKind.REFUSED))
                    .as(attempt.toString())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Connection reset by peer, RESET",
        "Network is unreachable, UNREACHABLE",
        "Too many open files, NO_FILE_HANDLE",
        "Too many open files in system, NO_FILE_HANDLE",
        "No buffer space available, NO_MEMORY",
        "Cannot allocate memory, NO_MEMORY",
        "Operation not permitted, NOT_PERMITTED",
        "Permission denied, NOT_PERMITTED",
        "Cannot assign requested address, NO_LOCAL_PORT",
        "Something else, UNCLASSIFIED"
    })
    void tellsErrorsWithoutATypeOfTheirOwnApart(String text, FailureKind kind) {
        InetSocketAddress routed = new InetSocketAddress("127.0.0.1", 1);

        assertThat(Failures.ofConnect(new SocketException(text), routed, Duration.ZERO, Deadline.in(SHORT))
                        .kind())
                .isEqualTo(kind);
    }

    /** A system without IPv6 says of its addresses what it says when no local port is left. */
    @Test
    void noAddressOfTheFamilyIsNoLackOfPorts() throws Exception {
        // Without asking for it a broadcast is refused, as an address without a route is.
        InetSocketAddress notRouted = new InetSocketAddress(InetAddress.getByName("255.255.255.255"), 1);

        assertThat(Failures.ofConnect(
                                new BindException("Cannot assign requested address"),
                                notRouted,
                                Duration.ZERO,
                                Deadline.in(SHORT))
                        .kind())
                .isEqualTo(FailureKind.UNREACHABLE);
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere a full queue of connections answers with a reset")
    void endsAtOnceWhenInterruptedAndInterruptsTheProvider() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch interrupted = new CountDownLatch(1);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread attempting = new Thread(() -> {
            try (FullQueue full = new FullQueue("127.0.0.1")) {
                Given.attempt(Given.endpoint(full.address()), Duration.ofMinutes(1), () -> {
                    asked.countDown();
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                    }
                    return null;
                });
            } catch (Exception e) {
                thrown.set(e);
            }
        });
        attempting.start();
        asked.await();
        attempting.interrupt();
        attempting.join(10_000);

        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        Awaitility.await().until(() -> interrupted.getCount() == 0);
    }

    private static Endpoint at(int port) {
        return Endpoint.parse(Given.HOST + ":" + port);
    }
}
