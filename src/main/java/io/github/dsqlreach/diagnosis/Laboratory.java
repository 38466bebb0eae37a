package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.HttpProxy;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.probe.Deadline;
import io.github.dsqlreach.internal.probe.NameQuestion;
import io.github.dsqlreach.internal.probe.SingleProbe;
import io.github.dsqlreach.internal.probe.TlsPlan;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs the experiments for one failure side by side, each on a connection of its own. No secret is sent in any of them.
 * How long to wait for which one is not decided here: the rules know which could still change the answer.
 */
final class Laboratory implements Closeable {
    /** A name that firewalls let through nearly everywhere, and that no cluster has. */
    private static final String OTHER_NAME = "aws.amazon.com";
    /** Whose API to ask for where the endpoint tells no region. */
    private static final String ANY_REGION = "us-east-1";

    private static final int SHARE_OF_GRACE = 4;
    /** How long the WebSocket is waited for where it decides nothing, and everybody wants to know. */
    private static final int SHARE_OF_WEB_SOCKET = 3;
    /** So many times as long as the change took, the failure may take to pass by itself. */
    private static final int PATIENCE = 3;

    private static final long LOOK_AGAIN_MILLIS = 20;

    /** What must be left for repetitions beside the time that the change took: a silence is listened to for half a second. */
    private static final Duration SHORTEST_REPETITION = Duration.ofMillis(750);

    private static final Set<FailureKind> CERTIFICATE = EnumSet.of(
            FailureKind.CERTIFICATE_UNTRUSTED,
            FailureKind.CERTIFICATE_EXPIRED,
            FailureKind.CERTIFICATE_CHAIN_INCOMPLETE,
            FailureKind.CERTIFICATE_UNACCEPTABLE,
            FailureKind.HOSTNAME_MISMATCH);

    private final Endpoint endpoint;
    private final Optional<HostAndPort> control;
    private final Optional<HostAndPort> controlDns;
    private final Optional<HostAndPort> webSocket;
    private final Obstacle obstacle;
    private final Deadline deadline;
    private final Deadline webSocketDeadline;
    /** How long the experiments may take. */
    private final Duration time;
    /** A little later than the deadline: what ends by that must have been able to say so. */
    private Deadline end;

    private final List<Trial> trials = new ArrayList<>();
    private final List<Trial> repetitions = new ArrayList<>();
    /** Whether a change is to be repeated as soon as others had their chance. */
    private boolean wanted;

    private @Nullable ExperimentName repeated;
    private long started;
    private boolean closed;

    /**
     * What is known when experiments start.
     *
     * @param kind TIMEOUT while the walk still waits
     * @param after what was sent last; empty while the walk still waits
     * @param addresses the address that the walk connected to, then the others
     * @param idle how long a connection must stay open without data to show that time alone does not end it
     */
    record Obstacle(
            Phase phase,
            FailureKind kind,
            Optional<SentMessage> after,
            List<InetSocketAddress> addresses,
            Duration idle) {
        boolean isAfter(SentMessage message) {
            return after.filter(message::equals).isPresent();
        }
    }

    /** A laboratory in which everything ends within that time. */
    Laboratory(
            Endpoint endpoint,
            Optional<HostAndPort> control,
            Optional<HostAndPort> controlDns,
            Optional<HostAndPort> webSocket,
            Obstacle obstacle,
            Duration time) {
        this.endpoint = endpoint;
        this.control = control;
        this.controlDns = controlDns;
        this.webSocket = webSocket;
        this.obstacle = obstacle;
        this.time = time;
        this.deadline = Deadline.in(time);
        this.webSocketDeadline =
                endpoint.transport() == Transport.AUTO ? deadline : Deadline.in(time.dividedBy(SHARE_OF_WEB_SOCKET));
        this.end = withGrace(time);
    }

    private static Deadline withGrace(Duration time) {
        return Deadline.in(time.plus(time.dividedBy(SHARE_OF_GRACE)));
    }

    synchronized boolean isOver() {
        return end.isOver();
    }

    /** Starts what could tell more. */
    synchronized void start() {
        switch (obstacle.phase()) {
            case DNS -> planForDns();
            case TCP -> planForTcp();
            case TLS -> planForTls();
            default -> {
                // TOKEN tells all it knows itself, and behind TLS the whole walk is repeated.
            }
        }
        started = System.nanoTime();
        trials.forEach(Trial::begin);
        if (isOnlyOneChangePossible()) {
            repeat(new Finding.Suspect(ExperimentName.DIRECT_TLS, Set.of()));
        }
    }

    /** Then both ways are repeated at once: to see the change pass before would cost as much time again. */
    private boolean isOnlyOneChangePossible() {
        return obstacle.phase() == Phase.TLS
                && obstacle.isAfter(SentMessage.SSL_REQUEST)
                && (obstacle.kind() == FailureKind.RESET || obstacle.kind() == FailureKind.CLOSED)
                && obstacle.addresses().size() == 1;
    }

    private void planForDns() {
        // What a public name's resolver knows says nothing about a tunnel's or a proxy's own name.
        if (endpoint.connectTo().isPresent() || obstacle.kind() == FailureKind.PROXY_FAILED) {
            return;
        }
        String name = endpoint.target().host();
        String control = apiHost(endpoint.region().orElse(ANY_REGION));
        name(ExperimentName.CONTROL_NAME, () -> NameQuestion.ofJdk(control, deadline));
        name(ExperimentName.DNS_A, () -> NameQuestion.ofDns(name, NameQuestion.Type.A, Optional.empty(), deadline));
        name(
                ExperimentName.DNS_AAAA,
                () -> NameQuestion.ofDns(name, NameQuestion.Type.AAAA, Optional.empty(), deadline));
        controlDns.ifPresent(server -> name(
                ExperimentName.CONTROL_DNS,
                () -> NameQuestion.ofDns(name, NameQuestion.Type.A, Optional.of(server), deadline)));
    }

    private void planForTcp() {
        if (obstacle.addresses().isEmpty()
                || obstacle.kind() == FailureKind.PROXY_FAILED
                || obstacle.isAfter(SentMessage.CONNECT)) {
            return;
        }
        onAddress(ExperimentName.SAME_AGAIN, SingleProbe::connect);
        planWebSocket();
        // Only silence leaves open whether another port gets through.
        if (obstacle.kind() == FailureKind.TIMEOUT) {
            planControl();
        }
    }

    private void planForTls() {
        if (obstacle.addresses().isEmpty() || obstacle.kind() == FailureKind.ROOTS_UNREADABLE) {
            return;
        }
        TlsPlan plan = plan();
        boolean overTcp = plan.webSocket().isEmpty();
        boolean postgres = plan.negotiation() == Negotiation.POSTGRES;
        if (overTcp) {
            onAddress(postgres ? ExperimentName.DIRECT_TLS : ExperimentName.SSL_REQUEST_TLS);
        }
        planControl();
        if (CERTIFICATE.contains(obstacle.kind())) {
            onAddress(ExperimentName.BEHIND_TLS, probe -> probe.startup(plan, endpoint.user(), endpoint.database()));
            return;
        }
        planWebSocket();
        if (overTcp) {
            onAddress(ExperimentName.PLAIN_START, probe -> probe.plainStartup(endpoint.user(), endpoint.database()));
        }
        if (obstacle.kind() == FailureKind.TLS_REFUSED || obstacle.kind() == FailureKind.UNEXPECTED_ANSWER) {
            return;
        }
        boolean spoke = postgres && obstacle.isAfter(SentMessage.CLIENT_HELLO);
        boolean silent = obstacle.kind() == FailureKind.TIMEOUT;
        if (overTcp && !spoke && (silent || obstacle.kind() == FailureKind.CLOSED)) {
            onAddress(ExperimentName.WEB_REQUEST, SingleProbe::httpRequest);
        }
        boolean atRequest = obstacle.isAfter(SentMessage.SSL_REQUEST);
        if (postgres && !atRequest) {
            onAddress(ExperimentName.SSL_REQUEST_ONLY, probe -> probe.sslRequest(plan));
        }
        onAddress(ExperimentName.IDLE, probe -> probe.idle(obstacle.idle()));
        if (!atRequest && !obstacle.isAfter(SentMessage.UPGRADE)) {
            onAddress(ExperimentName.OTHER_SNI);
            onAddress(ExperimentName.TLS_1_2);
            onAddress(ExperimentName.REFUSED_HELLO, probe -> probe.refusedHello(plan));
            if (silent) {
                onAddress(ExperimentName.SMALL_SEGMENTS);
            }
        }
        onAddress(ExperimentName.SAME_AGAIN);
        if (obstacle.addresses().size() > 1) {
            trials.add(onAddress(
                    ExperimentName.OTHER_ADDRESS,
                    obstacle.addresses().get(1),
                    deadline,
                    action(ExperimentName.OTHER_ADDRESS)));
        }
    }

    private TlsPlan plan() {
        return TlsPlan.of(endpoint).leniently();
    }

    /** What an experiment with TLS does, in the place of the walk's own start of TLS. */
    private Function<SingleProbe, SingleProbe.Outcome> action(ExperimentName name) {
        TlsPlan plan = plan();
        return switch (name) {
            case SAME_AGAIN ->
                obstacle.isAfter(SentMessage.SSL_REQUEST)
                        ? probe -> probe.sslRequest(plan)
                        : probe -> probe.handshake(plan);
            case DIRECT_TLS, SSL_REQUEST_TLS ->
                probe -> probe.startup(
                        plan.withNegotiation(plan.negotiation().other()), endpoint.user(), endpoint.database());
            case OTHER_SNI -> probe -> probe.handshake(plan.withSni(OTHER_NAME));
            case TLS_1_2 -> probe -> probe.handshake(plan.withProtocols("TLSv1.2"));
            case SMALL_SEGMENTS -> probe -> probe.handshakeInSmallSegments(plan);
            case OTHER_ADDRESS -> probe -> probe.handshake(plan);
            default -> throw new IllegalArgumentException(name + " changes nothing about TLS");
        };
    }

    /**
     * Starts repeating the failure and the change that let it through, once the failure and the changes that count more
     * had their chance to pass as well; the first change asked for counts.
     */
    synchronized void repeat(Finding.Suspect suspect) {
        if (repeated != null || closed) {
            return;
        }
        ExperimentName change = suspect.change();
        wanted = !haveHadTheirChance(suspect);
        if (wanted) {
            return;
        }
        repeated = change;
        Deadline repetition = timeToRepeat(change);
        InetSocketAddress changed = obstacle.addresses().get(change == ExperimentName.OTHER_ADDRESS ? 1 : 0);
        for (char kind : Confirmation.ORDER.toCharArray()) {
            repetitions.add(
                    kind == 'S'
                            ? onAddress(
                                    ExperimentName.SAME_AGAIN,
                                    obstacle.addresses().get(0),
                                    repetition,
                                    action(ExperimentName.SAME_AGAIN))
                            : onAddress(change, changed, repetition, action(change)));
        }
        repetitions.forEach(Trial::begin);
    }

    /** What is left; more where a change that passed late would leave too little to hear that nothing comes. */
    private Deadline timeToRepeat(ExperimentName change) {
        Duration needed = timeOf(change).multipliedBy(2).plus(SHORTEST_REPETITION);
        Duration given = needed.compareTo(time) < 0 ? needed : time;
        if (given.compareTo(deadline.left()) <= 0) {
            return deadline;
        }
        end = withGrace(given);
        return Deadline.in(given);
    }

    private Duration timeOf(ExperimentName change) {
        return results(trials).stream()
                .filter(e -> e.name().equals(change.id()))
                .map(Experiment::duration)
                .findFirst()
                .orElse(time);
    }

    /** What ends in silence is not over before time is: it passes about as fast as the change, or not at all. */
    private boolean haveHadTheirChance(Finding.Suspect suspect) {
        return suspect.before().stream().noneMatch(pending()::contains)
                || System.nanoTime() - started
                        > timeOf(suspect.change()).multipliedBy(PATIENCE).toNanos();
    }

    private void planControl() {
        control.ifPresent(address -> trials.add(new Connecting(
                ExperimentName.CONTROL_443,
                () -> new SingleProbe(
                        new InetSocketAddress(InetAddress.getByName(address.host()), address.port()), deadline),
                probe -> probe.handshake(controlPlan(address)))));
    }

    private void planWebSocket() {
        if (webSocket.isEmpty()) {
            return;
        }
        Endpoint other = endpoint.toBuilder()
                .connectTo(null)
                .webSocketConnectTo(null)
                .build()
                .over(Transport.WEBSOCKET);
        TlsPlan plan = TlsPlan.of(other).leniently();
        try {
            Optional<HttpProxy> way = webSocket.get().equals(other.address()) ? HttpProxy.to(other) : Optional.empty();
            HostAndPort target = way.map(HttpProxy::address).orElse(webSocket.get());
            trials.add(new Connecting(
                    ExperimentName.WEB_SOCKET_443,
                    () -> through(
                            way,
                            other,
                            new SingleProbe(
                                    new InetSocketAddress(InetAddress.getByName(target.host()), target.port()),
                                    webSocketDeadline)),
                    probe -> probe.startup(plan, endpoint.user(), endpoint.database())));
        } catch (IOException e) {
            // A proxy that the driver could not use either: nobody is sent that way.
        }
    }

    private static SingleProbe through(Optional<HttpProxy> proxy, Endpoint endpoint, SingleProbe probe) {
        return proxy.map(p -> probe.through(p, endpoint.address())).orElse(probe);
    }

    /** An address of its own stands for the regional API, whose name it must prove. */
    private TlsPlan controlPlan(HostAndPort address) {
        boolean isAddress = address.host().matches("[0-9.]+|.*:.*|localhost");
        String name = isAddress ? endpoint.region().map(Laboratory::apiHost).orElse(address.host()) : address.host();
        return TlsPlan.https(name, endpoint.trust());
    }

    private void onAddress(ExperimentName name) {
        onAddress(name, action(name));
    }

    private void onAddress(ExperimentName name, Function<SingleProbe, SingleProbe.Outcome> action) {
        trials.add(onAddress(name, obstacle.addresses().get(0), deadline, action));
    }

    private Trial onAddress(
            ExperimentName name,
            InetSocketAddress address,
            Deadline until,
            Function<SingleProbe, SingleProbe.Outcome> action) {
        return new Connecting(
                name, () -> through(HttpProxy.to(endpoint), endpoint, new SingleProbe(address, until)), action);
    }

    private interface Question {
        NameQuestion.Answer ask() throws InterruptedException;
    }

    private void name(ExperimentName name, Question question) {
        trials.add(new Trial(name) {
            @Override
            Experiment perform() throws InterruptedException {
                return Names.experiment(name, question.ask());
            }
        });
    }

    // Results

    /** The experiments that are not over. */
    synchronized Set<ExperimentName> pending() {
        Set<ExperimentName> names = EnumSet.noneOf(ExperimentName.class);
        trials.stream().filter(trial -> trial.result == null).forEach(trial -> names.add(trial.name));
        if (repetitions.stream().anyMatch(trial -> trial.result == null)) {
            names.add(ExperimentName.CONFIRMATION);
        }
        return names;
    }

    /** What came of those that are over. */
    synchronized List<Experiment> experiments() {
        List<Experiment> all = new ArrayList<>(results(trials));
        if (repeated != null && (closed || repetitions.stream().allMatch(trial -> trial.result != null))) {
            all.add(Confirmation.of(repeated, results(repetitions)));
        }
        return all;
    }

    private static List<Experiment> results(List<Trial> some) {
        return some.stream()
                .map(trial -> trial.result)
                .filter(result -> result != null)
                .toList();
    }

    /** Waits until more is known than that, or everything is over. */
    synchronized void await(int seen) throws InterruptedException {
        while (seen == known() && !pending().isEmpty() && !isOver()) {
            long left = Math.max(1, end.left().toMillis());
            if (wanted) {
                wait(Math.min(left, LOOK_AGAIN_MILLIS));
                return;
            }
            wait(left);
        }
    }

    /** How much is known: it only grows. */
    synchronized int known() {
        return results(trials).size() + results(repetitions).size() + (closed ? 1 : 0);
    }

    /** Ends what still runs. What of it somebody waited for stands in the report as unfinished. */
    synchronized List<Experiment> end(Set<ExperimentName> waitedFor) {
        Set<ExperimentName> unfinished = pending();
        unfinished.retainAll(waitedFor);
        unfinished.remove(ExperimentName.CONFIRMATION);
        List<Trial> running =
                trials.stream().filter(trial -> unfinished.contains(trial.name)).toList();
        running.forEach(Trial::giveUp);
        close();
        return experiments();
    }

    @Override
    public synchronized void close() {
        closed = true;
        trials.forEach(Trial::end);
        repetitions.forEach(Trial::end);
        notifyAll();
    }

    /** The regional AWS API of DSQL. */
    static String apiHost(String region) {
        return "dsql." + region + ".api.aws";
    }

    private interface Opening {
        SingleProbe open() throws IOException;
    }

    private abstract class Trial implements Runnable {
        final ExperimentName name;
        private long start;
        private @Nullable Thread thread;
        private @Nullable Experiment result;

        Trial(ExperimentName name) {
            this.name = name;
        }

        void begin() {
            start = System.nanoTime();
            thread = Daemon.start("dsql-reach-experiment-" + name.id(), this);
        }

        @Override
        public void run() {
            try {
                over(perform());
            } catch (InterruptedException e) {
                // Ended: nobody waits for it.
            }
        }

        abstract Experiment perform() throws InterruptedException;

        final Experiment failed(Failure failure) {
            return new Experiment(name.id(), took(), Evidence.none(), Optional.of(failure));
        }

        private Duration took() {
            return Duration.ofNanos(System.nanoTime() - start);
        }

        private void over(Experiment experiment) {
            synchronized (Laboratory.this) {
                if (result == null && !closed) {
                    result = experiment;
                    Laboratory.this.notifyAll();
                }
            }
        }

        void giveUp() {
            result = failed(new Failure(FailureKind.OUT_OF_TIME, "did not finish"));
        }

        void end() {
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    /** One with a connection of its own, which ends when that is closed. */
    private final class Connecting extends Trial {
        private final Opening opening;
        private final Function<SingleProbe, SingleProbe.Outcome> action;
        private @Nullable SingleProbe probe;

        Connecting(ExperimentName name, Opening opening, Function<SingleProbe, SingleProbe.Outcome> action) {
            super(name);
            this.opening = opening;
            this.action = action;
        }

        @Override
        Experiment perform() throws InterruptedException {
            try (SingleProbe opened = opening.open()) {
                synchronized (Laboratory.this) {
                    if (closed) {
                        throw new InterruptedException();
                    }
                    probe = opened;
                }
                SingleProbe.Outcome outcome = action.apply(opened);
                return new Experiment(name.id(), outcome.duration(), outcome.evidence(), outcome.failure());
            } catch (UnknownHostException e) {
                return failed(new Failure(FailureKind.NAME_LOOKUP_FAILED, "name lookup failed: " + e.getMessage()));
            } catch (IOException e) {
                return failed(new Failure(FailureKind.UNCLASSIFIED, String.valueOf(e.getMessage())));
            }
        }

        @Override
        void end() {
            if (probe == null) {
                super.end();
                return;
            }
            try {
                probe.close();
            } catch (IOException e) {
                // It ends by its deadline then.
            }
        }
    }
}
