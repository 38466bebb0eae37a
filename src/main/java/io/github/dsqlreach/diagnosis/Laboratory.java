package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Negotiation;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.probe.Deadline;
import io.github.dsqlreach.probe.SingleProbe;
import io.github.dsqlreach.probe.TlsPlan;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Runs the experiments for one failure side by side, each on a connection of its own, at most nine in all. No secret is
 * sent in any of them.
 */
final class Laboratory implements Closeable {
    /** A name that firewalls let through nearly everywhere, and that no cluster has. */
    private static final String OTHER_NAME = "aws.amazon.com";

    private static final int MOST_OTHER_ADDRESSES = 1;
    private static final int CONFIRMATIONS = 3;
    /** Of these, one that passes tells the trigger. */
    private static final Set<String> CHANGES = Set.of(
            ExperimentName.DIRECT_TLS.id(),
            ExperimentName.SSL_REQUEST_TLS.id(),
            ExperimentName.OTHER_SNI.id(),
            ExperimentName.TLS_1_2.id());

    private enum Rank {
        /** Waited for. */
        ESSENTIAL,
        /** Waited for where no change tells the trigger. */
        TIEBREAKER,
        /** Worth a line in the report, not worth waiting for. */
        BACKGROUND
    }

    private final Endpoint endpoint;
    private final Optional<HostAndPort> control;
    private final Duration time;
    private final Deadline deadline;
    private final List<Run> runs = new ArrayList<>();

    Laboratory(Endpoint endpoint, Optional<HostAndPort> control, Duration timeout) {
        this.endpoint = endpoint;
        this.control = control;
        this.time = timeout;
        this.deadline = Deadline.in(timeout);
    }

    /** What is known when experiments start; {@code kind} is TIMEOUT while the walk still waits. */
    record Obstacle(Phase phase, FailureKind kind, String after, List<InetSocketAddress> addresses, Duration idle) {}

    /** Starts what could tell more about that obstacle. */
    void start(Obstacle obstacle) {
        if (obstacle.addresses().isEmpty()) {
            return;
        }
        switch (obstacle.phase()) {
            case TCP -> startForTcp(obstacle);
            case TLS -> startForTls(obstacle);
            default -> {
                // DNS and TOKEN tell all they know themselves, and behind TLS the whole walk is repeated.
            }
        }
        runs.forEach(Run::begin);
    }

    private void startForTcp(Obstacle obstacle) {
        essential(ExperimentName.SAME_AGAIN, obstacle.addresses().get(0), SingleProbe::connect);
        // Only silence leaves open whether another port gets through.
        if (obstacle.kind() == FailureKind.TIMEOUT) {
            startControl();
        }
    }

    private void startForTls(Obstacle obstacle) {
        InetSocketAddress address = obstacle.addresses().get(0);
        TlsPlan plan = TlsPlan.of(endpoint).leniently();
        boolean certificate = List.of(
                        FailureKind.CERTIFICATE_UNTRUSTED,
                        FailureKind.CERTIFICATE_EXPIRED,
                        FailureKind.HOSTNAME_MISMATCH)
                .contains(obstacle.kind());
        boolean postgres = plan.negotiation() == Negotiation.POSTGRES;
        essential(postgres ? ExperimentName.DIRECT_TLS : ExperimentName.SSL_REQUEST_TLS, obstacle);
        startControl();
        if (certificate) {
            essential(
                    ExperimentName.BEHIND_TLS,
                    address,
                    probe -> probe.startup(plan, endpoint.user(), endpoint.database()));
            return;
        }
        background(
                ExperimentName.PLAIN_START, address, probe -> probe.plainStartup(endpoint.user(), endpoint.database()));
        if (obstacle.kind() == FailureKind.TLS_REFUSED || obstacle.kind() == FailureKind.UNEXPECTED_ANSWER) {
            return;
        }
        boolean spoke = postgres && obstacle.after().equals("ClientHello");
        if (!spoke && List.of(FailureKind.TIMEOUT, FailureKind.CLOSED).contains(obstacle.kind())) {
            essential(ExperimentName.WEB_REQUEST, address, probe -> probe.httpRequest(endpoint.host()));
        }
        if (postgres && !obstacle.after().equals("SSLRequest")) {
            essential(ExperimentName.SSL_REQUEST_ONLY, address, probe -> probe.sslRequest(plan));
        }
        background(ExperimentName.IDLE, address, probe -> probe.idle(obstacle.idle()));
        if (!obstacle.after().equals("SSLRequest")) {
            essential(ExperimentName.OTHER_SNI, obstacle);
            essential(ExperimentName.TLS_1_2, obstacle);
        }
        essential(ExperimentName.SAME_AGAIN, obstacle);
        obstacle.addresses().stream()
                .skip(1)
                .limit(MOST_OTHER_ADDRESSES)
                .forEach(other -> essential(ExperimentName.OTHER_ADDRESS, other, probe -> probe.handshake(plan)));
    }

    /** What an experiment with TLS does, in the place of the walk's own start of TLS. */
    private Function<SingleProbe, SingleProbe.Outcome> action(ExperimentName name, Obstacle obstacle) {
        TlsPlan plan = TlsPlan.of(endpoint).leniently();
        return switch (name) {
            case SAME_AGAIN ->
                obstacle.after().equals("SSLRequest")
                        ? probe -> probe.sslRequest(plan)
                        : probe -> probe.handshake(plan);
            case DIRECT_TLS, SSL_REQUEST_TLS ->
                probe -> probe.startup(
                        plan.withNegotiation(plan.negotiation().other()), endpoint.user(), endpoint.database());
            case OTHER_SNI -> probe -> probe.handshake(plan.withSni(OTHER_NAME));
            case TLS_1_2 -> probe -> probe.handshake(plan.withProtocols("TLSv1.2"));
            default -> throw new IllegalArgumentException(name + " changes nothing about TLS");
        };
    }

    /** Starts the failure and the change that let it through, three times each. */
    void confirm(Obstacle obstacle, ExperimentName change) {
        for (int i = 0; i < CONFIRMATIONS; i++) {
            essential(ExperimentName.SAME_AGAIN, obstacle);
            essential(change, obstacle);
        }
        runs.forEach(Run::begin);
    }

    private void startControl() {
        control.ifPresent(address -> runs.add(new Run(
                ExperimentName.CONTROL_443,
                Rank.TIEBREAKER,
                () -> {
                    InetSocketAddress resolved =
                            new InetSocketAddress(InetAddress.getByName(address.host()), address.port());
                    return new SingleProbe(resolved, deadline);
                },
                probe -> probe.handshake(controlPlan(address)))));
    }

    /** An address of its own stands for the regional API, whose name it must prove. */
    private TlsPlan controlPlan(HostAndPort address) {
        boolean isAddress = address.host().matches("[0-9.]+|.*:.*|localhost");
        String name =
                isAddress ? endpoint.region().map(ReachabilityCheck::apiHost).orElse(address.host()) : address.host();
        return new TlsPlan(
                name, Optional.of(name), Negotiation.DIRECT, List.of(), List.of("http/1.1"), endpoint.trust(), true);
    }

    private void essential(ExperimentName name, Obstacle obstacle) {
        essential(name, obstacle.addresses().get(0), action(name, obstacle));
    }

    private void essential(
            ExperimentName name, InetSocketAddress address, Function<SingleProbe, SingleProbe.Outcome> action) {
        runs.add(new Run(name, Rank.ESSENTIAL, () -> new SingleProbe(address, deadline), action));
    }

    private void background(
            ExperimentName name, InetSocketAddress address, Function<SingleProbe, SingleProbe.Outcome> action) {
        runs.add(new Run(name, Rank.BACKGROUND, () -> new SingleProbe(address, deadline), action));
    }

    /** What is known when all essential experiments are over, or so much time has passed. */
    List<Experiment> results(Duration patience) throws InterruptedException {
        Deadline end = Deadline.in(patience);
        await(Rank.ESSENTIAL, end);
        if (experiments().stream().noneMatch(e -> CHANGES.contains(e.name()) && e.passed())) {
            await(Rank.TIEBREAKER, end);
        }
        return experiments();
    }

    private void await(Rank rank, Deadline end) throws InterruptedException {
        for (Run run : runs) {
            if (run.rank == rank) {
                run.await(end);
            }
        }
    }

    private List<Experiment> experiments() {
        return runs.stream().map(Run::experiment).flatMap(Optional::stream).toList();
    }

    @Override
    public void close() {
        runs.forEach(Run::end);
    }

    private interface Opening {
        SingleProbe open() throws UnknownHostException;
    }

    /** Silence counts when it was listened to: an experiment that a busy machine began late heard too little of it. */
    private boolean counts(SingleProbe.Outcome outcome) {
        boolean silent = outcome.failure()
                .filter(failure -> failure.kind() == FailureKind.TIMEOUT)
                .isPresent();
        return !silent || outcome.duration().compareTo(time.dividedBy(2)) >= 0;
    }

    private final class Run implements Runnable {
        private final ExperimentName name;
        private final Rank rank;
        private final Opening opening;
        private final Function<SingleProbe, SingleProbe.Outcome> action;
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile SingleProbe probe;
        private volatile Experiment result;
        private volatile boolean ended;

        Run(ExperimentName name, Rank rank, Opening opening, Function<SingleProbe, SingleProbe.Outcome> action) {
            this.name = name;
            this.rank = rank;
            this.opening = opening;
            this.action = action;
        }

        void begin() {
            Thread thread = new Thread(this, "dsql-reach-experiment-" + name.id());
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void run() {
            long start = System.nanoTime();
            try (SingleProbe opened = opening.open()) {
                probe = opened;
                SingleProbe.Outcome outcome = ended ? null : action.apply(opened);
                if (!ended && counts(outcome)) {
                    result = new Experiment(name.id(), outcome.duration(), outcome.evidence(), outcome.failure());
                }
            } catch (UnknownHostException e) {
                Failure failure = new Failure(FailureKind.NAME_LOOKUP_FAILED, "name lookup failed: " + e.getMessage());
                result = new Experiment(
                        name.id(), Duration.ofNanos(System.nanoTime() - start), Evidence.none(), Optional.of(failure));
            } catch (IOException e) {
                // Closing failed; the result stands.
            } finally {
                over.countDown();
            }
        }

        void await(Deadline end) throws InterruptedException {
            if (!over.await(end.left().toNanos(), TimeUnit.NANOSECONDS)) {
                end();
            }
        }

        Optional<Experiment> experiment() {
            return Optional.ofNullable(result);
        }

        void end() {
            if (over.getCount() == 0) {
                return;
            }
            ended = true;
            SingleProbe running = probe;
            if (running != null) {
                try {
                    running.close();
                } catch (IOException e) {
                    // It ends by its deadline then.
                }
            }
        }
    }
}
