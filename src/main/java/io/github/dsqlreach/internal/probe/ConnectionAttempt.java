package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.SentMessage;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * An attempt for an experiment, on a connection of its own, in the thread that runs it. It ends at the deadline, or when it
 * is closed, and closes its connection.
 */
public final class ConnectionAttempt implements Closeable {
    /** The size of the quoted beginning of a page. */
    private static final int LONGEST_ANSWER = 1024;

    private static final int PROTOCOL_3_0 = 196_608;
    /** Small enough for packets of a few hundred bytes, large enough to take only a tenth of a second. */
    private static final int SMALL_WINDOW = 2000;

    private final ConnectPlan plan;
    private final Deadline deadline;
    private final Consumer<PhaseResult> connected;
    private final Socket socket = new Socket();

    /**
     * An attempt as planned.
     *
     * @param connected gets the result of TCP, in the attempt's thread, once the connection is established
     */
    public ConnectionAttempt(ConnectPlan plan, Deadline deadline, Consumer<PhaseResult> connected) {
        this.plan = plan;
        this.deadline = deadline;
        this.connected = connected;
    }

    /** Makes the attempt. */
    public Attempt run() {
        long start = System.nanoTime();
        Attempt attempt = new Attempt(plan.goal().through(), List.of());
        Evidence where = Evidence.builder()
                .put(
                        Evidence.ADDRESS,
                        plan.address().getAddress().getHostAddress().replaceFirst("%.*", ""))
                .build();
        try (this) {
            Step<ObservedSocket> tcp = connect(where, start);
            attempt = attempt.with(tcp.as(Phase.TCP));
            if (tcp.product().isEmpty()) {
                return attempt;
            }
            ObservedSocket wire = tcp.product().get();
            try {
                return onWire(attempt, tcp);
            } finally {
                wire.shut();
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return attempt.with(failedAfter(attempt, e, where, start));
        }
    }

    /** Fails the phase that was running. */
    private PhaseResult failedAfter(Attempt attempt, Throwable e, Evidence where, long start) {
        PhaseResult tcp = attempt.result(Phase.TCP);
        return tcp.passed() && plan.goal().through() != Phase.TCP
                ? Step.failed(
                                Failures.of(e),
                                Evidence.none(),
                                start + tcp.duration().toNanos())
                        .as(plan.goal().through())
                : Step.failed(Failures.of(e), tcp.evidence().and(where), start).as(Phase.TCP);
    }

    private Step<ObservedSocket> connect(Evidence where, long begin) throws IOException {
        socket.setTcpNoDelay(true);
        if (plan.smallSegments()) {
            socket.setReceiveBufferSize(SMALL_WINDOW);
        }
        long start = System.nanoTime();
        try {
            socket.connect(plan.address(), deadline.leftMillis());
        } catch (IOException e) {
            Failure failure = Failures.ofConnect(e, plan.address(), Step.since(start), deadline);
            return Step.failed(
                    failure.kind().isLocal()
                            ? failure
                            : new Failure(failure.kind(), failure.kind().label() + " when connecting"),
                    where,
                    begin);
        }
        long roundTrip = System.nanoTime() - start;
        ObservedSocket wire = new ObservedSocket(socket, deadline);
        wire.skipKernelTable();
        wire.noteRoundTrip(roundTrip);
        Evidence evidence = Evidence.builder()
                .putAll(where)
                .put(Evidence.ROUND_TRIP_MILLIS, roundTrip / 1e6)
                .build();
        return Step.passed(wire, evidence, begin);
    }

    private Attempt onWire(Attempt attempt, Step<ObservedSocket> connection) throws IOException {
        ObservedSocket wire = connection.product().orElseThrow();
        connected.accept(connection.as(Phase.TCP));
        if (plan.tunnel().isPresent()) {
            ConnectPlan.Tunnel tunnel = plan.tunnel().get();
            Step<Socket> proxy = connection.then(ProxyTunnel.run(wire.watched(), tunnel.proxy(), tunnel.server()));
            attempt = attempt.with(proxy.as(Phase.TCP));
            if (proxy.failure().isPresent()) {
                return attempt;
            }
        }
        wire.watched();
        return switch (plan.goal()) {
            case CONNECT -> attempt;
            case STAY_IDLE -> attempt.with(connection.then(idle(wire)).as(Phase.TCP));
            case SSL_REQUEST ->
                attempt.with(TlsHandshake.sslRequestOnly(wire, plan.tls()).as(Phase.TLS));
            case REFUSED_HELLO ->
                attempt.with(TlsHandshake.refusedHello(wire, plan.tls()).as(Phase.TLS));
            case TLS -> attempt.with(TlsHandshake.run(wire, plan.tls()).as(Phase.TLS));
            case STARTUP -> startupBehindTls(attempt, wire);
            case PLAIN_STARTUP -> attempt.with(startup(wire, wire).as(Phase.AUTH));
            case WEB_REQUEST -> attempt.with(webRequest(wire).as(Phase.AUTH));
        };
    }

    private Attempt startupBehindTls(Attempt attempt, ObservedSocket wire) throws IOException {
        Step<Socket> handshake = TlsHandshake.run(wire, plan.tls());
        Attempt encrypted = attempt.with(handshake.as(Phase.TLS));
        return handshake.product().isEmpty()
                ? encrypted
                : encrypted.with(
                        startup(wire, new ObservedSocket(handshake.product().get(), deadline))
                                .as(Phase.AUTH));
    }

    private Step<Boolean> idle(ObservedSocket wire) {
        long start = System.nanoTime();
        wire.deadline(Deadline.in(plan.idle()).or(deadline));
        try {
            wire.getInputStream().read();
        } catch (IOException e) {
            // The socket knows how it ended.
        }
        FailureKind ending = wire.ending().orElse(FailureKind.TIMEOUT);
        Evidence evidence =
                Evidence.builder().put(Evidence.BYTES_RECEIVED, wire.received()).build();
        return ending == FailureKind.TIMEOUT
                ? Step.passed(true, evidence, start)
                : Step.failed(new Failure(ending, ending.label() + " although nothing was sent"), evidence, start);
    }

    private static Step<Boolean> webRequest(ObservedSocket wire) {
        long start = System.nanoTime();
        Evidence.Builder evidence = Evidence.builder();
        try {
            wire.startStep();
            wire.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            while (wire.received() < LONGEST_ANSWER && wire.getInputStream().read(new byte[512]) > 0) {
                // The socket keeps what was read.
            }
        } catch (IOException e) {
            // The socket knows how it ended.
        }
        if (wire.received() > 0) {
            ProtocolDetector.note(evidence, wire.beginning());
            return ProtocolDetector.protocol(wire.beginning()).equals("HTTP")
                    ? Step.passed(true, evidence.build(), start)
                    : Step.failed(
                            new Failure(FailureKind.UNEXPECTED_ANSWER, "the answer is not HTTP's"),
                            evidence.build(),
                            start);
        }
        FailureKind kind = wire.ending().orElse(FailureKind.UNCLASSIFIED);
        Failure failure = wire.cut(kind, SentMessage.WEB_REQUEST.label(), evidence);
        return Step.failed(failure, evidence.build(), start);
    }

    /** Sends a StartupMessage and reads the answer. {@code tcp} is the TCP socket below the wire, or the wire itself. */
    private Step<Boolean> startup(ObservedSocket tcp, ObservedSocket wire) {
        long start = System.nanoTime();
        Evidence.Builder evidence = Evidence.builder();
        try {
            wire.startStep();
            OutputStream out = wire.getOutputStream();
            out.write(startupMessage(plan.user(), plan.database()));
            out.flush();
            int answer = wire.getInputStream().read();
            if (answer == 'R' || answer == 'E') {
                evidence.put(Evidence.STARTUP_ANSWER, String.valueOf((char) answer));
                if (answer == 'E') {
                    ErrorResponse.parse(TlsHandshake.readMore(wire)).ifPresent(error -> error.note(evidence));
                }
                return Step.passed(true, evidence.build(), start);
            }
            if (answer >= 0) {
                ProtocolDetector.note(evidence, wire.beginning());
                return Step.failed(
                        new Failure(FailureKind.UNEXPECTED_ANSWER, "the answer to StartupMessage is not PostgreSQL's"),
                        evidence.build(),
                        start);
            }
        } catch (IOException e) {
            // The socket knows how it ended.
        }
        FailureKind kind = wire.ending().orElse(FailureKind.UNCLASSIFIED);
        evidence.put(Evidence.AFTER, SentMessage.STARTUP_MESSAGE).put(Evidence.AFTER_MILLIS, wire.millisAfterSending());
        if (kind != FailureKind.TIMEOUT) {
            return Step.failed(
                    Failures.cut(kind, wire.millisAfterSending(), SentMessage.STARTUP_MESSAGE.label()),
                    evidence.build(),
                    start);
        }
        TimeoutAssessment silence = tcp.silence();
        silence.note(evidence);
        return Step.failed(
                silence.failure(SentMessage.STARTUP_MESSAGE.label(), wire.millisAfterSending()),
                evidence.build(),
                start);
    }

    private static byte[] startupMessage(String user, String database) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(body);
        data.writeInt(PROTOCOL_3_0);
        for (String text : new String[] {"user", user, "database", database}) {
            data.write(text.getBytes(StandardCharsets.UTF_8));
            data.write(0);
        }
        data.write(0);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        new DataOutputStream(message).writeInt(body.size() + 4);
        body.writeTo(message);
        return message.toByteArray();
    }

    /** Ends the attempt early. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
