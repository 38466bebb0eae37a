package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.connect.HttpProxy;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Probes for experiments: each is one step on a connection of its own. No secret is ever sent. Every probe ends at the
 * deadline, or when it is closed, and closes its connection.
 */
public final class SingleProbe implements Closeable {
    /** Evidence: the server's answer to a StartupMessage, {@code R} (asks for a login) or {@code E} (an error). */
    public static final String STARTUP_ANSWER = "startupAnswer";

    /** The size of the quoted beginning of a page. */
    private static final int LONGEST_ANSWER = 1024;

    private static final int PROTOCOL_3_0 = 196_608;
    /** Small enough for packets of a few hundred bytes, large enough to take only a tenth of a second. */
    private static final int SMALL_WINDOW = 2000;

    private final InetSocketAddress address;
    private final Deadline deadline;
    private final Socket socket = new Socket();
    private Optional<Way> way = Optional.empty();
    private Runnable whenConnected = () -> {};
    private volatile Evidence connection = Evidence.none();

    private record Way(HttpProxy proxy, HostAndPort server) {}

    /** Probes that address. */
    public SingleProbe(InetSocketAddress address, Deadline deadline) {
        this.address = address;
        this.deadline = deadline;
    }

    /** Probes the server through the HTTP proxy at that address. */
    public SingleProbe through(HttpProxy proxy, HostAndPort server) {
        this.way = Optional.of(new Way(proxy, server));
        return this;
    }

    /** Calls this, in the probe's thread, once the TCP connection is established. */
    public SingleProbe whenConnected(Runnable told) {
        this.whenConnected = told;
        return this;
    }

    /** The address and the round trip of the connection; none until it is established. */
    public Evidence connection() {
        return connection;
    }

    /**
     * The result of a probe.
     *
     * @param duration the time that it took
     * @param evidence the observations
     * @param failure the failure; empty if it passed
     */
    public record Outcome(Duration duration, Evidence evidence, Optional<Failure> failure) {
        private static Outcome of(Step<?> step, Evidence more) {
            return new Outcome(step.duration(), more.and(step.evidence()), step.failure());
        }
    }

    private interface OnWire {
        Step<?> run(ObservedSocket wire) throws IOException;
    }

    /** Only connects. */
    public Outcome connect() {
        long start = System.nanoTime();
        return onWire(wire -> Step.passed(true, Evidence.none(), start));
    }

    /** Makes a TLS handshake. */
    public Outcome handshake(TlsPlan plan) {
        return onWire(wire -> TlsHandshake.run(wire, plan));
    }

    /**
     * Makes a TLS handshake with a receive window so small that the server answers in small packets. Passes where the
     * ordinary handshake times out because of a path MTU black hole, unless this machine itself is the black hole.
     */
    public Outcome handshakeInSmallSegments(TlsPlan plan) {
        return onWire(SMALL_WINDOW, wire -> TlsHandshake.run(wire, plan));
    }

    /**
     * Sends the plan's ClientHello with unknown TLS versions, but otherwise the same bytes. A TLS server must reject it with
     * an alert of a few bytes. Passes if an alert arrives, which proves that the name, TLS and a small answer pass the
     * network. The alert is in the evidence.
     */
    public Outcome refusedHello(TlsPlan plan) {
        return onWire(wire -> TlsHandshake.refusedHello(wire, plan));
    }

    /**
     * Makes a TLS handshake, a WebSocket upgrade if the plan has one, and sends a StartupMessage. Passes if the answer is
     * PostgreSQL's. The password that the server asks for is not sent.
     */
    public Outcome startup(TlsPlan plan, String user, String database) {
        return onWire(wire -> {
            Step<Socket> handshake = TlsHandshake.run(wire, plan);
            if (handshake.product().isEmpty()) {
                return handshake;
            }
            long start = System.nanoTime() - handshake.duration().toNanos();
            ObservedSocket plain = new ObservedSocket(handshake.product().get(), deadline);
            Step<Boolean> answer = startup(wire, plain, user, database, start);
            return new Step<>(
                    answer.product(), handshake.evidence().and(answer.evidence()), answer.failure(), answer.duration());
        });
    }

    /** Sends an SSLRequest and reads the answer, without a ClientHello. */
    public Outcome sslRequest(TlsPlan plan) {
        return onWire(wire -> TlsHandshake.sslRequestOnly(wire, plan));
    }

    /** Sends a StartupMessage in plain text, like a client without TLS. */
    public Outcome plainStartup(String user, String database) {
        return onWire(wire -> startup(wire, wire, user, database, System.nanoTime()));
    }

    /**
     * Requests a web page. Passes if the answer is HTTP. The request is one line, because servers of other line protocols
     * answer that too.
     */
    public Outcome httpRequest() {
        return onWire(wire -> {
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
            Failure failure = wire.cut(kind, "a web request", evidence);
            return Step.failed(failure, evidence.build(), start);
        });
    }

    /** Connects and sends nothing. Passes if the connection is still open at the deadline, or the server sends first. */
    public Outcome idle(Duration wait) {
        return onWire(wire -> {
            long start = System.nanoTime();
            wire.deadline(Deadline.in(wait).or(deadline));
            try {
                wire.getInputStream().read();
            } catch (IOException e) {
                // The socket knows how it ended.
            }
            FailureKind ending = wire.ending().orElse(FailureKind.TIMEOUT);
            Evidence evidence = Evidence.builder()
                    .put(Evidence.BYTES_RECEIVED, wire.received())
                    .build();
            return ending == FailureKind.TIMEOUT
                    ? Step.passed(true, evidence, start)
                    : Step.failed(new Failure(ending, ending.label() + " although nothing was sent"), evidence, start);
        });
    }

    private static Failure silence(ObservedSocket tcp, ObservedSocket wire, Evidence.Builder evidence) {
        TimeoutAssessment silence = tcp.silence();
        silence.note(evidence);
        return silence.failure("StartupMessage", wire.millisAfterSending());
    }

    /** Sends a StartupMessage and reads the answer. {@code tcp} is the TCP socket below the wire, or the wire itself. */
    private static Step<Boolean> startup(
            ObservedSocket tcp, ObservedSocket wire, String user, String database, long start) {
        Evidence.Builder evidence = Evidence.builder();
        try {
            wire.startStep();
            OutputStream out = wire.getOutputStream();
            out.write(startupMessage(user, database));
            out.flush();
            int answer = wire.getInputStream().read();
            if (answer == 'R' || answer == 'E') {
                evidence.put(STARTUP_ANSWER, String.valueOf((char) answer));
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
        evidence.put(Evidence.AFTER, "StartupMessage").put(Evidence.AFTER_MILLIS, wire.millisAfterSending());
        Failure failure = kind == FailureKind.TIMEOUT
                ? silence(tcp, wire, evidence)
                : Failures.cut(kind, wire.millisAfterSending(), "StartupMessage");
        return Step.failed(failure, evidence.build(), start);
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

    private Outcome onWire(OnWire action) {
        return onWire(0, action);
    }

    private Outcome onWire(int receiveBuffer, OnWire action) {
        long begin = System.nanoTime();
        Evidence where = Evidence.builder()
                .put(Evidence.ADDRESS, address.getAddress().getHostAddress().replaceFirst("%.*", ""))
                .build();
        try (this) {
            socket.setTcpNoDelay(true);
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            long start = System.nanoTime();
            try {
                socket.connect(address, deadline.leftMillis());
            } catch (IOException e) {
                Failure failure = Failures.ofConnect(e, address, Step.since(start), deadline);
                return Outcome.of(
                        Step.failed(
                                failure.kind().isLocal()
                                        ? failure
                                        : new Failure(
                                                failure.kind(), failure.kind().label() + " when connecting"),
                                Evidence.none(),
                                begin),
                        where);
            }
            Evidence connected = Evidence.builder()
                    .putAll(where)
                    .put(Evidence.ROUND_TRIP_MILLIS, Step.since(start).toNanos() / 1e6)
                    .build();
            ObservedSocket wire = new ObservedSocket(socket, deadline);
            wire.skipKernelTable();
            wire.noteRoundTrip(System.nanoTime() - start);
            connection = connected;
            whenConnected.run();
            try {
                Optional<Step<?>> refused = way.map(to -> ProxyTunnel.run(wire.watched(), to.proxy, to.server))
                        .filter(step -> step.failure().isPresent())
                        .map(step -> step);
                Outcome outcome =
                        Outcome.of(refused.isPresent() ? refused.get() : action.run(wire.watched()), connected);
                return new Outcome(Step.since(begin), outcome.evidence(), outcome.failure());
            } finally {
                wire.shut();
            }
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return Outcome.of(Step.failed(Failures.of(e), Evidence.none(), begin), where);
        }
    }

    /** Ends the probe early. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
