package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.AuthToken;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.internal.client.HttpProxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;

/**
 * Checks an endpoint phase by phase on one connection.
 *
 * <p>TOKEN runs in parallel to DNS, TCP and TLS. AUTH needs both, so a failure of TOKEN does not stop TLS. A failed phase
 * stops the phases that need it. Every phase ends within the timeout and the whole attempt within three times the timeout,
 * whatever hangs.
 */
public final class AttemptRunner {
    private static final int PHASES_IN_ALL = 3;
    private static final Duration TERMINATE_TIME = Duration.ofSeconds(1);
    /** Whether TLS in this JVM was warmed up. That takes place during a name lookup. */
    private static final AtomicBoolean WARM = new AtomicBoolean();

    private final ProbeSettings settings;
    private final Endpoint endpoint;
    private final AttemptListener listener;
    private final Resolver resolver;
    private final Deadline overall;
    private final Map<Phase, PhaseResult> results = new EnumMap<>(Phase.class);
    private final Set<Phase> begun = EnumSet.noneOf(Phase.class);
    private @Nullable ObservedSocket open;
    private DriverLimits limits = new DriverLimits(0, 0, 0, 0);

    private AttemptRunner(ProbeSettings settings, AttemptListener listener, Resolver resolver) {
        this.resolver = resolver;
        this.settings = settings;
        this.endpoint = settings.endpoint();
        this.listener = listener;
        this.overall = Deadline.in(settings.timeout().multipliedBy(PHASES_IN_ALL));
    }

    /**
     * Runs the attempt.
     *
     * @throws InterruptedException if the thread is interrupted; everything is closed before
     */
    public static Attempt attempt(ProbeSettings settings, AttemptListener listener) throws InterruptedException {
        return attempt(settings, listener, Resolver.JDK);
    }

    static Attempt attempt(ProbeSettings settings, AttemptListener listener, Resolver resolver)
            throws InterruptedException {
        return new AttemptRunner(settings, listener, resolver).attempt();
    }

    private Attempt attempt() throws InterruptedException {
        TokenPhase token = wanted(Phase.TOKEN) ? startToken() : null;
        if (wanted(Phase.TLS) && WARM.compareAndSet(false, true)) {
            warmUp();
        }
        try {
            Optional<ObservedSocket> wire = connect();
            Optional<Socket> encrypted = wire.isPresent() && wanted(Phase.TLS) ? encrypt(wire.get()) : Optional.empty();
            Optional<AuthToken> password = token == null ? Optional.empty() : end(Phase.TOKEN, token.join());
            if (encrypted.isPresent() && password.isPresent() && wanted(Phase.AUTH)) {
                session(wire.orElseThrow(), encrypted.get(), password.get());
            }
            return result();
        } catch (OutOfMemoryError e) {
            return outOfMemory(e);
        } catch (SocketException e) {
            throw new IllegalStateException("this JDK refuses a socket that forwards to another one", e);
        } finally {
            if (token != null) {
                token.cancel();
            }
            close();
        }
    }

    private void warmUp() {
        try {
            Daemon.start("dsql-reach-warm-up", () -> TlsHandshake.warmUp(TlsPlan.of(endpoint)));
        } catch (OutOfMemoryError e) {
            // A warm-up only saves time.
            WARM.set(false);
        }
    }

    /** Fails the phase that was running. */
    private Attempt outOfMemory(OutOfMemoryError e) {
        Phase running = begun.stream()
                .filter(phase -> !results.containsKey(phase))
                .max(Comparator.naturalOrder())
                .orElse(Phase.DNS);
        end(running, Step.failed(Failures.of(e), Evidence.none(), System.nanoTime()));
        return result();
    }

    private boolean wanted(Phase phase) {
        return phase.compareTo(settings.through()) <= 0;
    }

    private Deadline begin(Phase phase) {
        begun.add(phase);
        synchronized (listener) {
            listener.started(phase);
        }
        return Deadline.in(settings.timeout()).or(overall);
    }

    private <T> Optional<T> end(Phase phase, Step<T> step) {
        PhaseResult result = step.as(phase);
        results.put(phase, result);
        synchronized (listener) {
            listener.finished(result);
        }
        return step.product();
    }

    private TokenPhase startToken() {
        Deadline deadline = begin(Phase.TOKEN);
        return TokenPhase.start(endpoint, settings.credentials(), settings.tokenLifetime(), deadline);
    }

    private Optional<ObservedSocket> connect() throws InterruptedException, SocketException {
        Deadline lookup = begin(Phase.DNS);
        Optional<HttpProxy> proxy;
        try {
            limits = DriverLimits.of(endpoint);
        } catch (PSQLException e) {
            Failure failure = new Failure(FailureKind.URL_PARAMETER, String.valueOf(e.getMessage()));
            Evidence setting = Evidence.builder()
                    .put(Evidence.SETTING, String.valueOf(e.getMessage()))
                    .build();
            end(Phase.DNS, Step.failed(failure, setting, System.nanoTime()));
            return Optional.empty();
        }
        try {
            proxy = HttpProxy.to(endpoint);
        } catch (IOException e) {
            Failure failure = new Failure(FailureKind.PROXY_FAILED, String.valueOf(e.getMessage()));
            end(Phase.DNS, Step.failed(failure, Evidence.none(), System.nanoTime()));
            return Optional.empty();
        }
        HostAndPort target = proxy.map(HttpProxy::address).orElse(endpoint.target());
        Step<List<InetAddress>> names = DnsPhase.run(resolver, target.host(), endpoint.host(), lookup);
        Optional<List<InetAddress>> addresses =
                end(Phase.DNS, towards(names, proxy).noting(unusedProxy()));
        if (addresses.isEmpty() || !wanted(Phase.TCP)) {
            return Optional.empty();
        }
        Deadline deadline = begin(Phase.TCP);
        Step<Socket> connected = towards(TcpPhase.run(addresses.get(), target.port(), deadline), proxy);
        Optional<Double> took = connected.evidence().get(Evidence.ROUND_TRIP_MILLIS);
        Optional<DriverLimits.Limit> limit = took.flatMap(limits::onConnect);
        if (limit.isPresent()) {
            connected.product().ifPresent(Quietly::close);
            connected = connected.exceeding(limit.get(), took.get(), "TCP");
        }
        if (connected.product().isPresent()) {
            ObservedSocket wire = new ObservedSocket(connected.product().get(), deadline);
            open = wire;
            took.ifPresent(millis -> wire.noteRoundTrip((long) (millis * 1e6)));
            if (proxy.isPresent()) {
                connected = connected.then(ProxyTunnel.runInThread(wire.watched(), proxy.get(), endpoint.address()));
            }
        }
        return end(Phase.TCP, connected.noting(Evidence.IGNORED_PARAMETERS, endpoint.ignoredParameters()))
                .map(socket -> open);
    }

    /** TCP to the cluster's own port uses no HTTP proxy. */
    private Evidence unusedProxy() {
        if (endpoint.transport() == Transport.WEBSOCKET
                || endpoint.connectTo().isPresent()
                || !endpoint.isClusterName()) {
            return Evidence.none();
        }
        Evidence.Builder evidence = Evidence.builder();
        try {
            HttpProxy.to(endpoint.over(Transport.WEBSOCKET))
                    .ifPresent(proxy -> evidence.put(Evidence.UNUSED_PROXY, proxy.address()));
        } catch (IOException e) {
            // A proxy that cannot be used says nothing about TCP.
        }
        return evidence.build();
    }

    private static <T> Step<T> towards(Step<T> step, Optional<HttpProxy> proxy) {
        return proxy.map(p -> ProxyTunnel.toProxy(step, p)).orElse(step);
    }

    private Optional<Socket> encrypt(ObservedSocket wire) throws InterruptedException {
        wire.deadline(begin(Phase.TLS));
        Step<Socket> step = TlsHandshake.runInThread(wire.watched(), TlsPlan.of(endpoint));
        if (step.product().isPresent()) {
            double asked = step.evidence().get(Evidence.SSL_REQUEST_MILLIS).orElse(0.0);
            Optional<DriverLimits.Limit> limit = limits.onSslRequest(asked);
            if (limit.isPresent()) {
                step = step.exceeding(limit.get(), asked, "the answer to the SSLRequest");
            }
        }
        return end(Phase.TLS, step);
    }

    private void session(ObservedSocket wire, Socket encrypted, AuthToken password)
            throws InterruptedException, SocketException {
        Deadline deadline = begin(Phase.AUTH);
        Session session = new Session(wire, encrypted, deadline);
        try {
            Step<Connection> login = session.logIn(endpoint, password, deadline);
            Optional<Connection> connection = end(Phase.AUTH, withinLimits(login, wire));
            if (connection.isPresent()
                    && (!wanted(Phase.QUERY)
                            || end(Phase.QUERY, session.query(connection.get(), begin(Phase.QUERY)))
                                    .isPresent())) {
                terminate(wire, connection.get());
            }
        } finally {
            session.abort();
        }
    }

    private Step<Connection> withinLimits(Step<Connection> login, ObservedSocket wire) {
        if (login.product().isEmpty()) {
            return login;
        }
        double waited = wire.longestWaitMillis();
        Optional<DriverLimits.Limit> onWait = limits.onWait(waited);
        if (onWait.isPresent()) {
            return login.exceeding(onWait.get(), waited, "an answer during the login");
        }
        double took = login.duration().toNanos() / 1e6
                + Stream.of(Phase.DNS, Phase.TCP, Phase.TLS)
                        .mapToDouble(phase -> results.getOrDefault(phase, PhaseResult.notReached(phase))
                                .millis())
                        .sum();
        return limits.onLogin(took)
                .map(limit -> login.exceeding(limit, took, "the whole login"))
                .orElse(login);
    }

    /**
     * Sends the protocol's Terminate if all phases passed. After a failure, sending may have to wait for the thread that
     * failed.
     */
    private static void terminate(ObservedSocket wire, Connection connection) {
        wire.deadline(Deadline.in(TERMINATE_TIME).or(wire.deadline()));
        wire.watched();
        try {
            connection.close();
        } catch (SQLException e) {
            // The connection is closed in any case.
        }
    }

    private Attempt result() {
        return new Attempt(
                settings.through(),
                List.of(Phase.values()).stream()
                        .map(phase -> results.getOrDefault(phase, PhaseResult.notReached(phase)))
                        .toList());
    }

    private void close() {
        if (open != null) {
            open.shut();
        }
    }
}
