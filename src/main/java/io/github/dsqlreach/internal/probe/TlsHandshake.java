package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Trust;
import io.github.dsqlreach.internal.HostNames;
import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.internal.Rfc9525HostnameVerifier;
import io.github.dsqlreach.internal.StartupCode;
import io.github.dsqlreach.internal.TlsAlerts;
import io.github.dsqlreach.internal.client.HttpRefusedException;
import io.github.dsqlreach.internal.client.TrustStores;
import io.github.dsqlreach.internal.client.WebSocketSocket;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.GeneralSecurityException;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/** Encrypts a connected socket: an SSLRequest if the plan has one, then the handshake. */
final class TlsHandshake {
    private static final int LONGEST_ERROR = 8192;
    private static final int SWITCHING_PROTOCOLS = 101;
    private static final int ALERT_BYTES = 7;
    /** The time to wait for the rest of an unexpected answer, to quote it. */
    private static final int QUOTE_MILLIS = 300;

    private final ObservedSocket wire;
    private final TlsPlan plan;
    private final Evidence.Builder evidence = Evidence.builder();
    private final long start = System.nanoTime();
    /** The message that was sent last; null before the first one, and if this machine sent none. */
    private volatile @Nullable SentMessage after;

    private double answeredAfterMillis = -1;
    private final NoClientCertificate clientCertificate = new NoClientCertificate();
    private Optional<CapturingTrustManager> certificates = Optional.empty();

    private TlsHandshake(ObservedSocket wire, TlsPlan plan) {
        this.wire = wire;
        this.plan = plan;
    }

    /** Makes the handshake. The caller closes the socket. */
    static Step<Socket> run(ObservedSocket wire, TlsPlan plan) {
        return new TlsHandshake(wire, plan).run();
    }

    /** The same on a thread of its own, so that an interrupt ends it at once. */
    static Step<Socket> runInThread(ObservedSocket wire, TlsPlan plan) throws InterruptedException {
        TlsHandshake handshake = new TlsHandshake(wire, plan);
        try {
            return BoundedCall.start("tls", handshake::run, wire.deadline()).join();
        } catch (InterruptedException e) {
            throw e;
        } catch (TimeoutException e) {
            return handshake.unfinished();
        } catch (Exception e) {
            return Step.failed(Failures.of(e), Evidence.none(), handshake.start);
        }
    }

    /** The failure if the thread did not notice the deadline. */
    private Step<Socket> unfinished() {
        Evidence.Builder now =
                Evidence.builder().put(Evidence.AFTER, after).put(Evidence.AFTER_MILLIS, wire.millisAfterSending());
        return Step.failed(wire.cut(FailureKind.TIMEOUT, words(), now), now.build(), start);
    }

    private String words() {
        return after == null ? "nothing was sent" : after.label();
    }

    /** Only sends the SSLRequest and reads its answer. */
    static Step<Boolean> sslRequestOnly(ObservedSocket wire, TlsPlan plan) {
        return new TlsHandshake(wire, plan).runSslRequestOnly();
    }

    /** Only sends a ClientHello that must be rejected, after an SSLRequest if the plan has one. */
    static Step<Boolean> refusedHello(ObservedSocket wire, TlsPlan plan) {
        return new TlsHandshake(wire, plan).runRefusedHello();
    }

    private Step<Socket> run() {
        try {
            Optional<Failure> refusal = ofKeyStore();
            if (refusal.isEmpty()) {
                refusal = negotiate();
            }
            if (refusal.isPresent()) {
                return failed(refusal.get());
            }
            wire.hold(true);
            SSLSocket socket = handshake();
            wire.hold(false);
            noteSession(socket);
            Socket carrier = plan.webSocket().isPresent()
                    ? upgrade(socket, plan.webSocket().get())
                    : socket;
            return Step.passed(carrier, evidence.build(), start);
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            return failed(classify(e));
        }
    }

    private Optional<Failure> ofKeyStore() {
        if (!JvmTls.needsKeyStore(plan)) {
            return Optional.empty();
        }
        try {
            SSLContext.getDefault();
            return Optional.empty();
        } catch (NoSuchAlgorithmException e) {
            return Optional.of(JvmTls.ofKeyStore(e, evidence));
        }
    }

    /** A WebSocket has no choice of negotiation, so it is no evidence then. */
    private Optional<Failure> negotiate() throws IOException {
        if (plan.webSocket().isEmpty()) {
            evidence.put(Evidence.NEGOTIATION, plan.negotiation());
        }
        wire.startStep();
        return plan.negotiation() == Negotiation.POSTGRES ? sslRequest() : Optional.empty();
    }

    private Step<Boolean> runSslRequestOnly() {
        try {
            wire.startStep();
            Optional<Failure> refusal = sslRequest();
            if (refusal.isEmpty() && wire.getInputStream().available() > 0) {
                // A server that answers S waits for the ClientHello. This S is the beginning of a greeting.
                refusal = Optional.of(unexpectedAnswer());
            }
            return refusal.isPresent() ? failed(refusal.get()) : Step.passed(true, evidence.build(), start);
        } catch (IOException | RuntimeException e) {
            return failed(classify(e));
        }
    }

    private void noteClientCertificate() {
        if (clientCertificate.isWanted()) {
            evidence.put(Evidence.CLIENT_CERTIFICATE_WANTED, true);
        }
    }

    private <T> Step<T> failed(Failure failure) {
        JvmTls.note(evidence);
        noteClientCertificate();
        evidence.put(Evidence.AFTER, after)
                .put(Evidence.AFTER_MILLIS, answeredAfterMillis < 0 ? wire.millisAfterSending() : answeredAfterMillis)
                .put(Evidence.BYTES_SENT, wire.sent())
                .put(Evidence.BYTES_RECEIVED, wire.received());
        return Step.failed(failure, evidence.build(), start);
    }

    /** Sends the SSLRequest; empty if the answer is S. Reads exactly one byte, because the next one belongs to TLS. */
    private Optional<Failure> sslRequest() throws IOException {
        after = SentMessage.SSL_REQUEST;
        wire.getOutputStream().write(StartupCode.packet(StartupCode.SSL_REQUEST));
        int answer = wire.getInputStream().read();
        switch (answer) {
            case -1:
                throw new EOFException("closed after SSLRequest");
            case 'S':
                wire.noteRoundTrip((long) (wire.millisAfterSending() * 1e6));
                evidence.put(Evidence.SSL_REQUEST_ANSWER, "S")
                        .put(Evidence.SSL_REQUEST_MILLIS, wire.millisAfterSending());
                return Optional.empty();
            case 'N':
                if (wire.getInputStream().available() > 0) {
                    // The answer N is one byte. This N is the beginning of a greeting.
                    return Optional.of(unexpectedAnswer());
                }
                evidence.put(Evidence.SSL_REQUEST_ANSWER, "N");
                return Optional.of(
                        new Failure(FailureKind.TLS_REFUSED, "the server refused TLS (answer N to SSLRequest)"));
            default:
                return Optional.of(unexpectedAnswer());
        }
    }

    private Failure unexpectedAnswer() {
        answeredAfterMillis = wire.millisAfterSending();
        byte[] bytes = withLetter(readMore(wire));
        Optional<ErrorResponse> error = ErrorResponse.parse(bytes);
        if (error.isPresent()) {
            error.get().note(evidence);
            return new Failure(FailureKind.SERVER_ERROR, error.get().message());
        }
        String alert = ProtocolDetector.plainAlert(bytes);
        if (!alert.isEmpty()) {
            evidence.put(Evidence.ALERT, alert);
        }
        ProtocolDetector.note(evidence, bytes);
        String protocol = ProtocolDetector.protocol(bytes);
        return new Failure(
                FailureKind.UNEXPECTED_ANSWER,
                "the answer to " + words() + " is "
                        + (protocol.isEmpty() ? "not PostgreSQL's" : protocol + ", not PostgreSQL's") + ": \""
                        + ProtocolDetector.quote(bytes) + "\"");
    }

    /** The answer S may have been the beginning of a greeting, such as {@code SSH-2.0}. */
    private byte[] withLetter(byte[] bytes) {
        if (plan.negotiation() == Negotiation.DIRECT || after == SentMessage.SSL_REQUEST) {
            return bytes;
        }
        byte[] all = new byte[bytes.length + 1];
        all[0] = 'S';
        System.arraycopy(bytes, 0, all, 1, bytes.length);
        if (ProtocolDetector.protocol(all).isEmpty()) {
            return bytes;
        }
        after = SentMessage.SSL_REQUEST;
        return all;
    }

    /** Reads on for a moment, because only a part of the answer may have arrived. */
    static byte[] readMore(ObservedSocket wire) {
        try {
            InputStream in = wire.getInputStream();
            wire.deadline(Deadline.in(Duration.ofMillis(QUOTE_MILLIS)).or(wire.deadline()));
            byte[] buffer = new byte[512];
            while (wire.received() < LONGEST_ERROR && in.read(buffer, 0, buffer.length) > 0) {
                // The socket keeps what was read.
            }
        } catch (IOException e) {
            // The end of the answer.
        }
        return wire.beginning();
    }

    private SSLSocket handshake() throws IOException, GeneralSecurityException {
        wire.startStep();
        after = SentMessage.CLIENT_HELLO;
        if (plan.driver().isPresent()) {
            return driversHandshake(plan.driver().get());
        }
        CapturingTrustManager trustManager = new CapturingTrustManager(TrustStores.of(plan.trust()), plan);
        certificates = Optional.of(trustManager);
        SSLSocket socket = (SSLSocket) context(clientCertificate, trustManager)
                .getSocketFactory()
                .createSocket(wire, plan.host(), wire.getPort(), true);
        socket.setSSLParameters(parameters(plan, socket.getSSLParameters()));
        socket.startHandshake();
        return socket;
    }

    /** With the socket factory that the driver makes from the URL's {@code sslfactory}. Only it knows what it accepts. */
    private SSLSocket driversHandshake(Endpoint endpoint) throws IOException {
        SSLSocketFactory factory;
        try {
            factory = DriverTls.factory(endpoint);
        } catch (PSQLException e) {
            throw new UnusableUrlException(e);
        }
        SSLSocket socket = (SSLSocket) factory.createSocket(wire, plan.host(), wire.getPort(), true);
        socket.setUseClientMode(true);
        socket.setSSLParameters(parameters(plan, socket.getSSLParameters()));
        socket.startHandshake();
        if (plan.trust().mode() == Trust.Mode.VERIFY_FULL
                && !new Rfc9525HostnameVerifier().verify(plan.host(), socket.getSession())) {
            throw new SSLPeerUnverifiedException("the certificate is not for " + plan.host());
        }
        return socket;
    }

    /** The driver cannot use the TLS parameters of the URL. */
    private static final class UnusableUrlException extends IOException {
        private static final long serialVersionUID = 1;

        UnusableUrlException(PSQLException e) {
            super(e.getMessage(), e);
        }
    }

    private Optional<Failure> ofDriver(Exception e) {
        Optional<String> factory = plan.driver().flatMap(DriverTls::ownFactory);
        if (factory.isEmpty()) {
            return Optional.empty();
        }
        evidence.put(Evidence.SETTING, "sslfactory=" + factory.get() + " of the URL");
        if (e instanceof UnusableUrlException) {
            after = null;
            return Optional.of(
                    new Failure(FailureKind.URL_PARAMETER, ProtocolDetector.cap(String.valueOf(e.getMessage()))));
        }
        if (e instanceof SSLPeerUnverifiedException) {
            return Optional.of(new Failure(FailureKind.HOSTNAME_MISMATCH, String.valueOf(e.getMessage())));
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return Optional.of(new Failure(
                        FailureKind.CERTIFICATE_UNTRUSTED,
                        "the URL's " + factory.get() + " rejects the certificate: "
                                + ProtocolDetector.cap(String.valueOf(cause.getMessage()))));
            }
        }
        return Optional.empty();
    }

    private Socket upgrade(SSLSocket encrypted, HostAndPort server) throws IOException {
        wire.startStep();
        after = SentMessage.UPGRADE;
        Socket socket = WebSocketSocket.upgrade(encrypted, wire, server);
        evidence.put(Evidence.HTTP_STATUS, SWITCHING_PROTOCOLS);
        return socket;
    }

    private static SSLContext context(NoClientCertificate keys, CapturingTrustManager trustManager)
            throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(new KeyManager[] {keys}, new TrustManager[] {trustManager}, null);
        return context;
    }

    /** The default parameters with those of the plan. */
    private static SSLParameters parameters(TlsPlan plan, SSLParameters parameters) {
        parameters.setServerNames(plan.sni()
                // RFC 6066 forbids an address as the server name.
                .filter(name -> !HostNames.isAddress(name))
                .map(name -> List.<SNIServerName>of(new SNIHostName(HostNames.withoutFinalDot(name))))
                .orElse(List.of()));
        if (!plan.protocols().isEmpty()) {
            parameters.setProtocols(plan.protocols().toArray(String[]::new));
        }
        parameters.setApplicationProtocols(plan.alpn().toArray(String[]::new));
        return parameters;
    }

    private Step<Boolean> runRefusedHello() {
        try {
            Optional<Failure> refusal = negotiate();
            if (refusal.isPresent()) {
                return failed(refusal.get());
            }
            byte[] hello = RefusedHello.of(engine(plan, wire.getPort()));
            wire.startStep();
            after = SentMessage.CLIENT_HELLO;
            wire.getOutputStream().write(hello);
            while (wire.received() < ALERT_BYTES && wire.getInputStream().read(new byte[ALERT_BYTES]) > 0) {
                // The socket keeps what was read.
            }
            if (wire.received() == 0) {
                throw new EOFException("closed after ClientHello");
            }
            String alert = ProtocolDetector.plainAlert(wire.beginning());
            if (!alert.isEmpty()) {
                evidence.put(Evidence.ALERT, alert);
                return Step.passed(true, evidence.build(), start);
            }
            return failed(
                    ProtocolDetector.isTlsRecord(wire.beginning())
                            ? new Failure(FailureKind.UNEXPECTED_ANSWER, "the answer to ClientHello is not an alert")
                            : unexpectedAnswer());
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            return failed(classify(e));
        }
    }

    /** Loads the roots and most classes of TLS, which is slow the first time in a JVM. */
    static void warmUp(TlsPlan plan) {
        try {
            context(new NoClientCertificate(), new CapturingTrustManager(TrustStores.of(plan.trust()), plan))
                    .getSocketFactory();
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            // The attempt will meet and report the same problem.
        }
    }

    private static SSLEngine engine(TlsPlan plan, int port) throws IOException, GeneralSecurityException {
        CapturingTrustManager unused = new CapturingTrustManager(TrustStores.of(plan.trust()), plan);
        SSLEngine engine = context(new NoClientCertificate(), unused).createSSLEngine(plan.host(), port);
        engine.setUseClientMode(true);
        engine.setSSLParameters(parameters(plan, engine.getSSLParameters()));
        return engine;
    }

    private Failure classify(Exception e) {
        Failure failure = classifyAsSeen(e);
        if (after != null && after != SentMessage.SSL_REQUEST) {
            noteLack(failure.kind());
        }
        return failure;
    }

    private void noteLack(FailureKind kind) {
        try {
            JvmTls.noteLack(
                    kind,
                    plan.sni().filter(name -> !HostNames.isAddress(name)).isPresent(),
                    engine(plan, -1),
                    evidence);
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            // The handshake got further, so another exception here says nothing about it.
        }
    }

    private Failure classifyAsSeen(Exception e) {
        if (e instanceof TrustStores.UnreadableRootsException) {
            after = null;
            Optional<Failure> local = LocalErrors.of(e);
            if (local.isPresent()) {
                return local.get();
            }
            return e instanceof TrustStores.UnusableTrustStoreException store
                    ? JvmTls.ofTrustStore(store, evidence)
                    : new Failure(FailureKind.ROOTS_UNREADABLE, String.valueOf(e.getMessage()));
        }
        Optional<Failure> driver = ofDriver(e);
        if (driver.isPresent()) {
            return driver.get();
        }
        certificates.ifPresent(seen -> shown(seen).note(evidence));
        Optional<Failure> refused = certificates.flatMap(seen -> seen.refusal()
                .map(why -> JvmTls.ofRejection(why, seen.chain(), plan.trust(), evidence)
                        .orElseGet(() -> new Failure(why.kind(), shown(seen).describe(why)))));
        if (refused.isPresent()) {
            return refused.get();
        }
        if (e instanceof HttpRefusedException http) {
            evidence.put(Evidence.HTTP_STATUS, http.status());
            return new Failure(FailureKind.UNEXPECTED_ANSWER, String.valueOf(http.getMessage()));
        }
        if (after == SentMessage.CLIENT_HELLO
                && wire.sent() <= ALERT_BYTES
                && LocalErrors.of(e).isEmpty()) {
            after = null;
            return JvmTls.ofStart(e, evidence);
        }
        Optional<Failure> limit = JvmTls.ofLimits(e, evidence);
        if (limit.isPresent()) {
            return limit.get();
        }
        byte[] answer = wire.beginning();
        String alert = after == SentMessage.SSL_REQUEST ? "" : ProtocolDetector.plainAlert(answer);
        Optional<String> received = alert.isEmpty() ? TlsAlerts.in(e) : Optional.of(alert);
        if (received.isPresent()) {
            evidence.put(Evidence.ALERT, received.get());
            return new Failure(FailureKind.TLS_ALERT, "TLS alert " + received.get() + " after " + words());
        }
        if (after == SentMessage.CLIENT_HELLO && answer.length > 0 && !ProtocolDetector.isTlsRecord(answer)) {
            return unexpectedAnswer();
        }
        if (wire.received() > 0 && after == SentMessage.CLIENT_HELLO) {
            after = SentMessage.HANDSHAKE;
        }
        FailureKind kind = wire.ending().orElse(FailureKind.UNCLASSIFIED);
        if (kind == FailureKind.UNCLASSIFIED && e instanceof SocketTimeoutException) {
            kind = FailureKind.TIMEOUT;
        }
        if (kind == FailureKind.UNCLASSIFIED && e instanceof EOFException) {
            kind = FailureKind.CLOSED; // by close_notify
        }
        return kind == FailureKind.UNCLASSIFIED ? Failures.of(e) : wire.cut(kind, words(), evidence);
    }

    private ServerCertificates shown(CapturingTrustManager seen) {
        return ServerCertificates.of(seen, plan.trust());
    }

    private void noteSession(SSLSocket socket) {
        JvmTls.note(evidence);
        noteClientCertificate();
        if (plan.sni().isPresent() && JvmTls.mayLackName()) {
            noteMissingName();
        }
        evidence.put(Evidence.PROTOCOL, socket.getSession().getProtocol())
                .put(Evidence.CIPHER, socket.getSession().getCipherSuite())
                .put(Evidence.ALPN, socket.getApplicationProtocol());
        if (certificates.isEmpty()) {
            evidence.put(
                            Evidence.NOTES,
                            List.of("the URL's sslfactory decided about the certificate: "
                                    + plan.driver()
                                            .flatMap(DriverTls::ownFactory)
                                            .orElse("")))
                    .put(Evidence.VERIFIED, false)
                    .put(Evidence.BYTES_SENT, wire.sent())
                    .put(Evidence.BYTES_RECEIVED, wire.received());
            return;
        }
        CapturingTrustManager seen = certificates.get();
        evidence.put(
                Evidence.VERIFIED,
                plan.trust().mode() == Trust.Mode.VERIFY_FULL
                        && seen.rejection().isEmpty());
        ServerCertificates shown = shown(seen);
        shown.note(evidence);
        List<String> notes = new ArrayList<>();
        shown.rejection().map(shown::describe).ifPresent(notes::add);
        if (plan.trust().mode() != Trust.Mode.VERIFY_FULL
                && !Rfc9525HostnameVerifier.matches(shown.own(), plan.host())) {
            notes.add(shown.describe(new CapturingTrustManager.Rejection(FailureKind.HOSTNAME_MISMATCH, "")));
        }
        if (plan.negotiation() == Negotiation.POSTGRES && isStall(wire.longestWaitMillis())) {
            notes.add(Numbers.millis(wire.longestWaitMillis())
                    + " of it were a single wait. A firewall that reads the server's certificate on a connection of its own"
                    + " causes such a wait; direct TLS (sslNegotiation=direct) may avoid it");
        }
        evidence.put(Evidence.NOTES, notes);
        evidence.put(Evidence.BYTES_SENT, wire.sent()).put(Evidence.BYTES_RECEIVED, wire.received());
    }

    private void noteMissingName() {
        try {
            JvmTls.noteMissingName(engine(plan, -1), evidence);
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            // The handshake has passed, so this does not happen.
        }
    }

    /** Such firewalls give up after 3 s. */
    static boolean isStall(double millis) {
        return millis >= 2_900 && millis <= 3_500;
    }
}
