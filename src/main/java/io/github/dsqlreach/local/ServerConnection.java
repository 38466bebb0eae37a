package io.github.dsqlreach.local;

import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.internal.StartupCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** One client: TLS, startup, password, and then messages in both directions. */
final class ServerConnection {
    /** As PostgreSQL says it. */
    static final ErrorText TOO_MANY_CLIENTS = new ErrorText("53300", "sorry, too many clients already", null);

    private static final System.Logger LOG = System.getLogger(ServerConnection.class.getName());
    private static final int TLS_RECORD = 0x16;
    private static final String ALPN = "postgresql";
    private static final int MOST_REQUESTS = 4;
    private static final int BUFFER_BYTES = 32 * 1024;
    private static final int MOST_TEXT = 300;

    private final ServerSettings settings;
    private final ServerState state;
    private final Socket raw;
    private final boolean refused;
    private final Thread thread;
    private final Thread upward;
    /** {@code null} where the bytes of a session are copied as they are. */
    private @Nullable SessionRelay relay;

    private Future<?> loginLimit;
    private Runnable whenOver;
    private Consumer<Throwable> report;
    private volatile Socket server;
    private volatile boolean closed;
    /** The transport of PostgreSQL's protocol: the TLS socket, a WebSocket over it, or the raw socket without TLS. */
    private Socket client;

    private SSLSocket encrypted;

    /**
     * A connection that is not started yet.
     *
     * @param refused whether there are too many connections already; then this one is told so
     */
    @SuppressWarnings("NullAway.Init") // what start() is given, and the others as the login goes on
    ServerConnection(ServerSettings settings, ServerState state, Socket raw, String threadName, boolean refused) {
        this.settings = settings;
        this.state = state;
        this.raw = raw;
        this.refused = refused;
        this.thread = Daemon.thread(threadName, this::run);
        this.upward = Daemon.thread(threadName + "-up", this::copyUpward);
    }

    /**
     * Begins.
     *
     * @param limit ends the connection unless it is cancelled after the login
     * @param end what to do when it is over
     * @param trouble is told of a lack of threads or memory
     */
    void start(Future<?> limit, Runnable end, Consumer<Throwable> trouble) {
        loginLimit = limit;
        whenOver = end;
        report = trouble;
        thread.start();
    }

    List<Thread> threads() {
        return Stream.of(thread, upward).toList();
    }

    /** Closes the connection; what reads or writes on it ends. May be called from any thread. */
    void close() {
        closed = true;
        // A loop rather than a call of another class, which cannot be loaded when there are no file handles left.
        for (Socket socket : new Socket[] {raw, server}) {
            try {
                if (socket != null) {
                    socket.close();
                }
            } catch (IOException e) {
                // It is gone either way.
            }
        }
    }

    /** Ends the connection at once; the client gets nothing more than a reset. */
    private void reset() {
        try {
            raw.setSoLinger(true, 0);
        } catch (IOException e) {
            // It is gone already.
        }
        close();
    }

    private static void log(String what, Exception e) {
        LOG.log(System.Logger.Level.DEBUG, () -> what + ": " + Scrubber.line(String.valueOf(e.getMessage()), 200));
    }

    private void run() {
        try {
            raw.setTcpNoDelay(true);
            serve();
        } catch (IOException | RuntimeException e) {
            // Clients may go away or send garbage at any time.
            log("a connection ended", e);
        } catch (Error e) {
            report.accept(e);
        } finally {
            loginLimit.cancel(false);
            close();
            joinUpward();
            whenOver.run();
        }
    }

    private void joinUpward() {
        try {
            upward.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve() throws IOException {
        byte[] packet = negotiate();
        if (packet == null) {
            return;
        }
        if (code(packet) == StartupCode.CANCEL_REQUEST) {
            passOnCancel(packet);
            return;
        }
        Startup startup = Startup.parse(packet);
        if (logIn(startup)) {
            relay();
        }
        endOutput();
    }

    private static int code(byte[] packet) {
        return ByteBuffer.wrap(packet).getInt();
    }

    /** Reads up to the startup packet; {@code null} if there is none to serve. */
    private byte @Nullable [] negotiate() throws IOException {
        SSLContext tls = settings.tls();
        if (tls != null && settings.webSocket()) {
            startTls(tls, new ByteArrayInputStream(new byte[0]), ServerWebSocket.ALPN);
            client = ServerWebSocket.accept(encrypted, state.upgradeRefusal());
            return Wire.readUntyped(client.getInputStream());
        }
        InputStream in = raw.getInputStream();
        for (int count = 0; count < MOST_REQUESTS; count++) {
            int first = in.read();
            if (first < 0) {
                return null;
            }
            if (first == TLS_RECORD && tls != null) {
                startTls(tls, new ByteArrayInputStream(new byte[] {(byte) first}), ALPN);
                if (!ALPN.equals(encrypted.getApplicationProtocol())) {
                    throw new ProtocolException("direct TLS without ALPN '" + ALPN + "'");
                }
                return Wire.readUntyped(client.getInputStream());
            }
            byte[] packet = Wire.readUntyped(in, first);
            switch (code(packet)) {
                case StartupCode.GSS_ENCRYPTION_REQUEST -> raw.getOutputStream().write('N');
                case StartupCode.SSL_REQUEST -> {
                    raw.getOutputStream().write(tls == null ? 'N' : 'S');
                    if (tls != null) {
                        startTls(tls, new ByteArrayInputStream(new byte[0]), ALPN);
                        return Wire.readUntyped(client.getInputStream());
                    }
                }
                case StartupCode.CANCEL_REQUEST -> {
                    client = raw;
                    return packet;
                }
                default -> {
                    client = raw;
                    return tls == null ? packet : refusePlainStart(packet);
                }
            }
        }
        throw new ProtocolException("no startup after " + MOST_REQUESTS + " requests");
    }

    private byte @Nullable [] refusePlainStart(byte[] packet) throws IOException {
        if (code(packet) >>> 16 == StartupCode.PROTOCOL_MAJOR) {
            refuse(Refusal.SSL_MANDATORY);
            endOutput();
        }
        return null;
    }

    private void startTls(SSLContext context, InputStream consumed, String protocol) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, consumed, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        encrypted = socket;
        client = socket;
        state.tlsEstablished.incrementAndGet();
    }

    private void passOnCancel(byte[] packet) throws IOException {
        try (Socket socket = settings.backend().connect()) {
            server = socket;
            socket.getOutputStream().write(Wire.untyped(packet));
            // PostgreSQL closes the connection when it has acted on the request; the client waits for that.
            socket.getInputStream().read();
        }
        endOutput();
    }

    /** Whether the client is logged in, and {@link #server} its session. */
    private boolean logIn(Startup startup) throws IOException {
        if (refused) {
            state.failure("LocalDsql has " + settings.mostConnections() + " connections already");
            return refuse(TOO_MANY_CLIENTS);
        }
        Optional<String> cluster = startup.clusterId().or(this::clusterOfSni);
        if (client != raw && requestedNames().isEmpty()) {
            return refuse(Refusal.SNI_NOT_RECEIVED.on(occasion(startup.user())));
        }
        String password = askForPassword();
        Optional<ErrorText> byCheck = settings.check().refusal(password, startup.user(), state.now());
        if (byCheck.isEmpty()) {
            state.tokensVerified.incrementAndGet();
        }
        Optional<ErrorText> byOrder = state.takeRefusal(occasion(startup.user()));
        if (byOrder.isPresent()) {
            return refuse(byOrder.get());
        }
        if (client != raw && !cluster.equals(Optional.of(settings.identity().clusterId()))) {
            return refuse(Refusal.ACCESS_DENIED.on(occasion(startup.user())));
        }
        if (byCheck.isPresent()) {
            return refuse(byCheck.get());
        }
        return openSession(startup);
    }

    private Refusal.Occasion occasion(String user) {
        return Refusal.Occasion.of(settings.identity(), user, state.now());
    }

    private List<SNIServerName> requestedNames() {
        return ((ExtendedSSLSession) encrypted.getSession()).getRequestedServerNames();
    }

    /** The first label of the server name that the client sent. */
    private Optional<String> clusterOfSni() {
        if (client == raw) {
            return Optional.empty();
        }
        return requestedNames().stream()
                .filter(SNIHostName.class::isInstance)
                .map(name -> ((SNIHostName) name).getAsciiName().split("\\.", 2)[0])
                .findFirst();
    }

    private String askForPassword() throws IOException {
        client.getOutputStream().write(Wire.authentication(Wire.AUTHENTICATION_CLEARTEXT));
        Wire.Message answer = Wire.readMessage(client.getInputStream(), Wire.MOST_PASSWORD_BYTES);
        byte[] body = answer.body();
        if (answer.type() != 'p' || body.length == 0 || body[body.length - 1] != 0) {
            throw new ProtocolException("message " + (int) answer.type() + " instead of a password");
        }
        state.passwordsReceived.incrementAndGet();
        if (client == raw) {
            state.passwordsInPlainText.incrementAndGet();
        }
        return new String(body, 0, body.length - 1, StandardCharsets.UTF_8);
    }

    private boolean refuse(ErrorText error) throws IOException {
        return refuse(Wire.error(error));
    }

    private boolean refuse(byte[] errorMessage) throws IOException {
        state.refused.incrementAndGet();
        client.getOutputStream().write(errorMessage);
        return false;
    }

    private boolean openSession(Startup startup) throws IOException {
        OutputStream out = client.getOutputStream();
        Backend.Session session;
        try {
            Optional<ErrorText> refusal =
                    settings.backend().refusal(startup, settings.identity().principal());
            if (refusal.isPresent()) {
                return refuse(refusal.get());
            }
            session = logInAt(settings.backend(), startup);
        } catch (Backend.RefusedByServer e) {
            if (e.isFailure()) {
                state.failure("the PostgreSQL of LocalDsql refused a login: " + Scrubber.line(e.text(), MOST_TEXT));
            }
            return refuse(e.message());
        } catch (IOException e) {
            String why = settings.backend().failure().orElse("the PostgreSQL of LocalDsql does not answer: " + e);
            state.failure(why);
            return refuse(new ErrorText("58000", why, null));
        }
        loginLimit.cancel(false);
        state.failure(null);
        state.loggedIn.incrementAndGet();
        out.write(session.greeting());
        DsqlSessions sessions = settings.backend().sessions();
        relay = sessions == null
                ? null
                : new SessionRelay(
                        sessions,
                        session.pid(),
                        server.getInputStream(),
                        server.getOutputStream(),
                        state.statementFaults,
                        this::reset,
                        () -> Quietly.close(server));
        return true;
    }

    /** Where another user logs in, the session takes the role if it can: it may not exist there, or not be allowed. */
    private Backend.Session logInAt(Backend backend, Startup startup) throws IOException {
        if (backend.logsInForAnother(startup.user())) {
            try {
                connectTo(backend);
                return backend.logIn(server, startup, true);
            } catch (Backend.RefusedByServer e) {
                Quietly.close(server);
            }
        }
        connectTo(backend);
        return backend.logIn(server, startup, false);
    }

    private void connectTo(Backend backend) throws IOException {
        server = backend.connect();
        if (closed) {
            server.close();
        }
    }

    private void relay() throws IOException {
        upward.start();
        if (relay == null) {
            pump(server.getInputStream(), client.getOutputStream());
        } else {
            relay.copyToClient(client.getOutputStream());
        }
    }

    private void copyUpward() {
        try {
            if (relay == null) {
                pump(client.getInputStream(), server.getOutputStream());
            } else {
                relay.copyToServer(client.getInputStream());
            }
        } catch (IOException e) {
            log("a client closed the connection", e);
        } finally {
            // The other direction then reads the server's end and finishes the connection.
            Quietly.close(server);
        }
    }

    private static void pump(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            out.write(buffer, 0, count);
        }
    }

    /** Ends TLS in order, so that the client sees an end and not a broken connection. */
    private void endOutput() throws IOException {
        if (client != null) {
            client.shutdownOutput();
        }
    }
}
