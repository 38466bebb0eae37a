package io.github.dsqlreach.internal.probe;

import static io.github.dsqlreach.Phase.AUTH;
import static io.github.dsqlreach.Phase.QUERY;
import static io.github.dsqlreach.Phase.TCP;
import static io.github.dsqlreach.Phase.TLS;
import static io.github.dsqlreach.internal.probe.Given.CERTIFICATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.diagnosis.ReachabilityCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever a server does, a check ends, its experiments included, and nobody waits for ever. */
class DeadlineTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final long NEARLY = TIMEOUT.toMillis() * 8 / 10;
    /** Prints how long each phase took: a figure that only a quiet machine gives. */
    private static final boolean PRINT = Boolean.getBoolean("deadlines.print");
    /** In time is a few seconds; a starved machine needs longer, and what is not bounded takes for ever. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    enum Server {
        STALLS_BEFORE_S(TLS, visitor -> visitor.hear(8).hold()),
        DRIPS_A_RECORD(TLS, visitor -> drip(visitor.agree().hearRecord().say(22, 3, 3, 16, 0), 2)),
        // A server of TLS 1.3 sends six: ServerHello, (a ChangeCipherSpec,) EncryptedExtensions, Certificate,
        // CertificateVerify, Finished.
        STALLS_BEFORE_SERVER_HELLO(TLS, visitor -> stall(visitor, 0)),
        STALLS_AFTER_SERVER_HELLO(TLS, visitor -> stall(visitor, 1)),
        STALLS_AFTER_CHANGE_CIPHER_SPEC(TLS, visitor -> stall(visitor, 2)),
        STALLS_AFTER_ENCRYPTED_EXTENSIONS(TLS, visitor -> stall(visitor, 3)),
        STALLS_AFTER_CERTIFICATE(TLS, visitor -> stall(visitor, 4)),
        STALLS_BEFORE_FINISHED(TLS, visitor -> stall(visitor, 5)),
        STALLS_AFTER_FINISHED(AUTH, visitor -> stall(visitor, 6)),
        DRIPS_THE_QUESTION_FOR_A_PASSWORD(
                AUTH,
                visitor -> drip(visitor.startTls(CERTIFICATE).hearMessage(false).say("R"), 0)),
        ANNOUNCES_A_HUGE_ERROR(
                AUTH,
                visitor -> visitor.startTls(CERTIFICATE)
                        .hearMessage(false)
                        .say("E")
                        .say(127, 255, 255, 255)
                        .hold()),
        WARNS_WITHOUT_END(
                AUTH,
                visitor -> noticeForEver(
                        visitor.askForPassword(CERTIFICATE).say("R").say(0, 0, 0, 8, 0, 0, 0, 0))),
        ASKS_FOR_NEW_KEYS_AT_LOGIN(AUTH, visitor -> askForNewKeys(visitor.askForPassword(CERTIFICATE))),
        ASKS_FOR_NEW_KEYS_AT_THE_QUERY(QUERY, visitor -> askForNewKeys(visitor.hearQuery(CERTIFICATE))),
        NOTICES_WITHOUT_END(QUERY, visitor -> noticeForEver(visitor.hearQuery(CERTIFICATE))),
        SENDS_ROWS_WITHOUT_END(QUERY, visitor -> rowsForEver(announceRows(visitor.hearQuery(CERTIFICATE)))),
        DRIPS_THE_ROW(QUERY, visitor -> drip(visitor.hearQuery(CERTIFICATE).say("T"), 0)),
        HALF_CLOSES_AND_READS_NOTHING(QUERY, visitor -> {
            visitor.hearQuery(CERTIFICATE).closeOutput();
            visitor.hold();
        });

        private final Phase held;
        private final ScriptedServer.Script script;

        Server(Phase held, ScriptedServer.Script script) {
            this.held = held;
            this.script = script;
        }

        /** The token is made beside TLS, and told of afterwards. */
        Phase before() {
            return held == TLS ? TCP : Phase.values()[held.ordinal() - 1];
        }
    }

    private static void drip(ScriptedServer.Visitor visitor, int letter) throws Exception {
        while (true) {
            visitor.pause(1000).say(letter);
        }
    }

    private static void stall(ScriptedServer.Visitor visitor, int records) throws Exception {
        visitor.agree().stallingTls(CERTIFICATE.serverContext(), records).hold();
    }

    /** And reads none of the answers: at last the visitor can write no more. */
    private static void askForNewKeys(ScriptedServer.Visitor visitor) throws IOException {
        while (true) {
            visitor.askForNewKeys();
        }
    }

    private static void noticeForEver(ScriptedServer.Visitor visitor) throws IOException {
        String fields = "SWARNING\0C01000\0Mall is well\0\0";
        while (true) {
            visitor.say("N").say(0, 0, 0, fields.length() + 4).say(fields);
        }
    }

    private static void rowsForEver(ScriptedServer.Visitor visitor) throws IOException {
        while (true) {
            row(visitor);
        }
    }

    private static void row(ScriptedServer.Visitor visitor) throws IOException {
        visitor.say("D").say(0, 0, 0, 11, 0, 1, 0, 0, 0, 1).say("1");
    }

    private static ScriptedServer.Visitor announceRows(ScriptedServer.Visitor visitor) throws IOException {
        visitor.say("1").say(0, 0, 0, 4).say("2").say(0, 0, 0, 4);
        visitor.say("T").say(0, 0, 0, 26, 0, 1).say("x\0");
        return visitor.say(0, 0, 0, 0, 0, 0, 0, 0, 0, 23, 0, 4, 255, 255, 255, 255, 0, 0);
    }

    /** Answers everything, each phase's question shortly before its time is up. */
    private static void takeAllTheTime(ScriptedServer.Visitor visitor) throws Exception {
        visitor.pause(NEARLY).askForPassword(CERTIFICATE).pause(NEARLY).logInAndHearQuery();
        row(announceRows(visitor.pause(NEARLY)));
        visitor.say("C")
                .say(0, 0, 0, 13)
                .say("SELECT 1\0")
                .say("Z")
                .say(0, 0, 0, 5)
                .say("I");
    }

    private static final Map<Server, ScriptedServer> SERVERS = new EnumMap<>(Server.class);
    private static final Map<Server, Future<Reachability>> CHECKS = new EnumMap<>(Server.class);
    private static final ExecutorService POOL = Executors.newFixedThreadPool(6);
    private static Future<Attempt> slow;
    private static Future<Attempt> patient;

    /** A few at a time, because most of them only wait. */
    @BeforeAll
    static void startThemAll() throws Exception {
        try (ScriptedServer server = ScriptedServer.start(visitor -> visitor.hearQuery(CERTIFICATE))) {
            Given.attempt(Given.endpoint(server.address()), Given.AMPLE);
        }
        slow = POOL.submit(() -> attemptThatTakesAllTheTime(TIMEOUT));
        patient = POOL.submit(() -> attemptThatTakesAllTheTime(Given.AMPLE));
        for (Server kind : Server.values()) {
            SERVERS.put(kind, ScriptedServer.start(kind.script));
            CHECKS.put(kind, POOL.submit(() -> check(kind)));
        }
    }

    private static Attempt attemptThatTakesAllTheTime(Duration timeout) throws Exception {
        try (ScriptedServer server = ScriptedServer.start(DeadlineTest::takeAllTheTime)) {
            return Given.attempt(Given.endpoint(server.address()), timeout, host -> {
                try {
                    TimeUnit.MILLISECONDS.sleep(NEARLY);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return InetAddress.getAllByName(host);
            });
        }
    }

    private static Reachability check(Server kind) {
        return ReachabilityCheck.of(Given.endpoint(SERVERS.get(kind).address()))
                .credentials(Given.CREDENTIALS)
                .timeout(TIMEOUT)
                .experiments(kind.held == TLS && kind.name().startsWith("DRIPS"))
                .run();
    }

    @AfterAll
    static void closeThemAll() throws IOException {
        POOL.shutdownNow();
        for (ScriptedServer server : SERVERS.values()) {
            server.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void endsInTime(Server kind) throws Exception {
        Reachability reachability = CHECKS.get(kind).get(LIMIT.toSeconds(), TimeUnit.SECONDS);

        PhaseResult failed = reachability.attempt().orElseThrow().failed().orElseThrow();
        if (PRINT) {
            System.out.printf(
                    Locale.ROOT,
                    "%-38s %-5s %5d ms, %3.0f %% of the timeout%n",
                    kind,
                    failed.phase(),
                    failed.duration().toMillis(),
                    100.0 * failed.duration().toNanos() / TIMEOUT.toNanos());
        }
        // A starved machine may not come as far in the time allowed; further nobody comes.
        assertThat(failed.phase()).isLessThanOrEqualTo(kind.held);
    }

    /** Each of its four slow phases is in time, and together they would need more than three times the timeout. */
    @Test
    void endsAnAttemptThatIsTooSlowAsAWhole() throws Exception {
        assertThat(slow.get(LIMIT.toSeconds(), TimeUnit.SECONDS).passed()).isFalse();
        assertThat(patient.get(LIMIT.toSeconds(), TimeUnit.SECONDS).passed()).isTrue();
    }

    /** Of those that hold a phase for ever. */
    @ParameterizedTest
    @EnumSource(names = {"STALLS_AFTER_CERTIFICATE", "STALLS_AFTER_FINISHED", "DRIPS_THE_ROW"})
    void endsAtOnceWhenInterrupted(Server kind) throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        try (ScriptedServer server = ScriptedServer.start(kind.script)) {
            ReachabilityCheck check = ReachabilityCheck.of(Given.endpoint(server.address()))
                    .credentials(Given.CREDENTIALS)
                    .timeout(Duration.ofMinutes(10))
                    .onPhase(result -> {
                        if (result.phase() == kind.before()) {
                            held.countDown();
                        }
                    });
            FutureTask<Reachability> checking = new FutureTask<>(check::run);
            Thread thread = new Thread(checking, "test-interrupted");
            thread.start();
            assertThat(held.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
            thread.interrupt();

            assertThatThrownBy(() -> checking.get(LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("interrupted");
        }
    }

    /** A blocking write has no timeout of its own, and closing TLS would wait for the lock that its writer holds. */
    @Test
    @Timeout(60)
    void endsAWriteThatNobodyReads() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
            ObservedSocket wire = new ObservedSocket(client, Deadline.in(Duration.ofMillis(300))).watched();

            assertThatThrownBy(() -> wire.getOutputStream().write(new byte[64 << 20]))
                    .isInstanceOf(IOException.class);
            assertThat(wire.ending()).contains(FailureKind.TIMEOUT);
        }
    }
}
