package io.github.dsqlreach.diagnosis;

import static java.lang.System.Logger.Level.DEBUG;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Walk;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.probe.Deadline;
import io.github.dsqlreach.internal.probe.ProbeSettings;
import io.github.dsqlreach.internal.probe.Prober;
import io.github.dsqlreach.internal.probe.WalkListener;
import io.github.dsqlreach.internal.probe.Watchdog;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One check: the walk, the experiments if it fails, a second walk if the failure does not repeat, and waiting for a
 * cluster that says "not now".
 *
 * <p>Silence would cost a timeout for the walk and another one for the experiments. Therefore they start while the walk
 * still waits, once two fifths of the phase's time passed without an answer, and end soon after it.
 */
final class CheckRun {
    /** Silent unless somebody asks for DEBUG. What it gets is scrubbed already. */
    private static final System.Logger LOG = System.getLogger("io.github.dsqlreach");

    private static final double SUSPICIOUS_SILENCE = 0.4;
    /** With a quarter of that to tell what came of them: the timeout and 15 % in all. */
    private static final double TIME_FOR_EXPERIMENTS = 0.6;
    /** After a failure that was no silence. */
    private static final double LONGEST_TIME_FOR_EXPERIMENTS = 0.9;
    /** Of a phase, in a walk beside one that still waits: shorter, because its earlier phases take their time as well. */
    private static final double TIME_BESIDE = 0.55;

    private static final double PATIENCE_BESIDE = 0.1;
    /** Whether one of several passes is what counts, and it takes no longer than one. */
    private static final int WALKS_AT_ONCE = 3;

    private static final int MOST_ROUNDS = 2;
    private static final int PHASES_IN_ALL = 3;

    /** Evidence of waiting: how often it was tried. */
    private static final String WAITED_TRIES = "tries";
    /** Evidence of waiting: the cause that was hoped to go. */
    private static final String WAITED_FOR = "waitedFor";

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final ProbeSettings settings;
    private final Endpoint endpoint;
    private final boolean experimenting;
    private final Optional<HostAndPort> control;
    private final Optional<HostAndPort> controlDns;
    private final Optional<HostAndPort> webSocket;
    private final Duration waitFor;
    private final Consumer<PhaseResult> listener;
    private final Instant startedAt = Instant.now();
    private final long start = System.nanoTime();

    CheckRun(
            ProbeSettings settings,
            Optional<HostAndPort> control,
            Optional<HostAndPort> webSocket,
            Consumer<PhaseResult> listener) {
        this.settings = settings;
        this.endpoint = settings.endpoint();
        this.experimenting = settings.check().get(Setting.EXPERIMENTS);
        this.control = control;
        this.webSocket = webSocket;
        this.controlDns = settings.check().find(Setting.CONTROL_DNS);
        this.waitFor = settings.check().get(Setting.WAIT_FOR);
        this.listener = listener;
    }

    Reachability run() throws InterruptedException {
        LOG.log(
                DEBUG,
                () -> "checking " + endpoint.user() + "@" + endpoint + " through "
                        + settings.through().label() + ", credentials: " + settings.credentials());
        Reachability first = once(listener);
        Reachability result = isWorthWaiting(first) ? waiting(first) : first;
        LOG.log(DEBUG, result::summary);
        return result;
    }

    private boolean isWorthWaiting(Reachability result) {
        Cause cause = result.diagnosis().cause().orElse(null);
        return !waitFor.isZero() && (cause == Cause.CLUSTER_WAKING_UP || cause == Cause.RATE_EXCEEDED);
    }

    /** Tries again with growing pauses and jitter, so that many clients do not return at the same moment. */
    private Reachability waiting(Reachability first) throws InterruptedException {
        long begin = System.nanoTime();
        Duration pause = FIRST_PAUSE;
        int attempts = 1;
        Reachability result = first;
        while (isWorthWaiting(result)) {
            Duration left = waitFor.minusNanos(System.nanoTime() - begin);
            if (left.isNegative() || left.isZero()) {
                break;
            }
            Duration jittered = pause.multipliedBy(ThreadLocalRandom.current().nextInt(50, 151))
                    .dividedBy(100);
            long millis = Math.max(1, (left.compareTo(jittered) < 0 ? left : jittered).toMillis());
            String why = result.summary();
            LOG.log(DEBUG, () -> "waiting " + millis + " ms: " + why);
            Thread.sleep(millis);
            result = once(listener);
            attempts++;
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
        Evidence evidence = Evidence.builder()
                .put(WAITED_TRIES, attempts)
                .put(WAITED_FOR, first.diagnosis().cause().orElseThrow().name())
                .build();
        Optional<Failure> failure = result.isReachable()
                ? Optional.empty()
                : result.walk().flatMap(Walk::failed).flatMap(PhaseResult::failure);
        List<Experiment> experiments = new ArrayList<>(result.experiments());
        experiments.add(new Experiment(
                ExperimentName.WAIT.id(), Duration.ofNanos(System.nanoTime() - begin), evidence, failure));
        return report(result.walk().orElseThrow(), experiments);
    }

    private Reachability once(Consumer<PhaseResult> told) throws InterruptedException {
        Suspicion suspicion = new Suspicion(told);
        try {
            Walk walk = Prober.walk(settings, suspicion);
            suspicion.walkIsOver();
            if (walk.passed() || !experimenting) {
                return report(walk, List.of());
            }
            List<Experiment> experiments = suspicion.experiments(walk);
            Facts facts = facts(walk, experiments, Set.of());
            return isSettled(facts) ? report(walk, experiments) : walkedAgain(facts, suspicion);
        } finally {
            suspicion.close();
        }
    }

    /** Whether no further walk could change the answer. */
    private static boolean isSettled(Facts facts) {
        // By now everything is warm, and what was started beside the walk is over.
        if (facts.failedWith(FailureKind.OUT_OF_TIME)) {
            return false;
        }
        if (facts.at(Phase.DNS)) {
            return !facts.byChance();
        }
        if (!facts.cut()) {
            return true;
        }
        // Behind TLS nothing else repeats it.
        if (facts.layer().compareTo(Phase.TLS) > 0) {
            return false;
        }
        return Rules.find(facts).trigger().isPresent() || !facts.byChance() && facts.isRepeated();
    }

    private Facts facts(Walk walk, List<Experiment> experiments, Set<ExperimentName> pending) {
        return Facts.of(endpoint, walk, experiments, pending).about(obstacle(walk));
    }

    /** The failure on the network; the first of all where there is none. */
    private static PhaseResult obstacle(Walk walk) {
        return walk.results().stream()
                .filter(result -> result.failed() && result.phase() != Phase.TOKEN)
                .findFirst()
                .orElseGet(() -> walk.failed().orElseThrow());
    }

    /** Until one passes or tells more, or what fails is sure to be the same each time. */
    private Reachability walkedAgain(Facts facts, Suspicion suspicion) throws InterruptedException {
        PhaseResult failed = facts.failed();
        boolean outOfTime = failed.failedWith(FailureKind.OUT_OF_TIME);
        Optional<PhaseResult> again = Optional.empty();
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Optional<Walk> further = suspicion.furtherWalk(failed, outOfTime ? 1 : WALKS_AT_ONCE);
            if (further.filter(CheckRun::tellsMore).isPresent()) {
                List<Experiment> sofar = further.get().passed() ? List.of() : facts.experiments();
                return report(further.get(), with(sofar, ExperimentName.FIRST_WALK, failed));
            }
            again = further.map(CheckRun::obstacle);
            if (outOfTime
                    || !facts.byChance()
                            && again.filter(other -> isAlike(other, failed)).isPresent()) {
                break;
            }
        }
        return report(
                facts.walk(),
                again.map(other -> with(facts.experiments(), ExperimentName.WALK_AGAIN, other))
                        .orElse(facts.experiments()));
    }

    private static List<Experiment> with(List<Experiment> experiments, ExperimentName name, PhaseResult result) {
        List<Experiment> all = new ArrayList<>(experiments);
        all.add(new Experiment(name.id(), result.duration(), result.evidence(), result.failure()));
        return all;
    }

    /** It passed, or ended in words: the cluster's, or another server's that says what it is. */
    private static boolean tellsMore(Walk walk) {
        if (walk.passed()) {
            return true;
        }
        PhaseResult failed = obstacle(walk);
        return failed.phase() == Phase.TLS
                ? failed.evidence().has(Evidence.ANSWER_PROTOCOL)
                : failed.failedWith(FailureKind.SERVER_ERROR);
    }

    private static boolean isAlike(PhaseResult one, PhaseResult other) {
        return one.phase() == other.phase()
                && one.failedWith(other.failure().orElseThrow().kind());
    }

    private Reachability report(Walk walk, List<Experiment> experiments) {
        Diagnosis diagnosis = Diagnoses.of(endpoint, walk, experiments);
        return Reachability.of(Optional.of(endpoint), Optional.of(walk), experiments, diagnosis)
                .timed(startedAt, Duration.ofNanos(System.nanoTime() - start));
    }

    /** Watches a walk, and starts experiments when it fails or stays silent. */
    private final class Suspicion implements WalkListener {
        private final Consumer<PhaseResult> told;
        private final Map<Phase, PhaseResult> results = new EnumMap<>(Phase.class);
        private @Nullable Phase running;
        private long runningSince;
        private @Nullable Future<?> alarm;
        private boolean over;
        private @Nullable Laboratory laboratory;
        private @Nullable Round round;

        Suspicion(Consumer<PhaseResult> told) {
            this.told = told;
        }

        @Override
        public synchronized void started(Phase phase) {
            if (phase == Phase.TOKEN || !experimenting) {
                return;
            }
            running = phase;
            runningSince = System.nanoTime();
            alarm = Watchdog.in(share(SUSPICIOUS_SILENCE), () -> Daemon.start("dsql-reach-check", () -> silent(phase)));
        }

        @Override
        public void finished(PhaseResult result) {
            synchronized (this) {
                results.put(result.phase(), result);
                if (result.phase() == running && alarm != null) {
                    running = null;
                    alarm.cancel(false);
                }
            }
            LOG.log(DEBUG, () -> result + (result.passed() ? " (" + result.evidence() + ")" : ""));
            told.accept(result);
        }

        private void silent(Phase phase) {
            Laboratory lab;
            synchronized (this) {
                if (over || running != phase) {
                    return;
                }
                if (phase == Phase.AUTH || phase == Phase.QUERY) {
                    startRound(1);
                    return;
                }
                lab = begin(phase, FailureKind.TIMEOUT, Optional.empty(), share(TIME_FOR_EXPERIMENTS));
            }
            try {
                // So that a change is repeated while the walk still waits, and so is the walk.
                conclude(lab, silentSoFar(phase));
                Facts facts = facts(silentSoFar(phase), lab.experiments(), lab.pending());
                synchronized (this) {
                    if (!over && running == phase && !isSettled(facts)) {
                        startRound(WALKS_AT_ONCE);
                    }
                }
            } catch (InterruptedException e) {
                // The check is over.
            }
        }

        /** The walk as it will be if nothing comes any more. */
        private synchronized Walk silentSoFar(Phase phase) {
            Map<Phase, PhaseResult> all = new EnumMap<>(Phase.class);
            for (Phase each : Phase.values()) {
                all.put(each, results.getOrDefault(each, PhaseResult.notReached(each)));
            }
            all.put(
                    phase,
                    PhaseResult.failed(
                            phase,
                            Duration.ofNanos(System.nanoTime() - runningSince),
                            Evidence.none(),
                            Failure.of(FailureKind.TIMEOUT)));
            return new Walk(settings.through(), List.copyOf(all.values()));
        }

        private Duration share(double share) {
            return Duration.ofNanos((long) (settings.timeout().toNanos() * share));
        }

        synchronized void walkIsOver() {
            over = true;
        }

        private Laboratory begin(Phase phase, FailureKind kind, Optional<SentMessage> after, Duration time) {
            Laboratory begun = new Laboratory(
                    endpoint,
                    control,
                    controlDns,
                    webSocket,
                    new Laboratory.Obstacle(phase, kind, after, addresses(), idle(time)),
                    time);
            laboratory = begun;
            begun.start();
            return begun;
        }

        List<Experiment> experiments(Walk walk) throws InterruptedException {
            PhaseResult failed = obstacle(walk);
            Laboratory lab;
            synchronized (this) {
                lab = laboratory;
                if (lab == null || !failed.failedWith(FailureKind.TIMEOUT)) {
                    closeLaboratory();
                    if (failed.failedWith(FailureKind.OUT_OF_TIME)
                            || failed.phase() == Phase.AUTH
                            || failed.phase() == Phase.QUERY
                            || failed.phase() == Phase.TOKEN) {
                        return List.of();
                    }
                    lab = begin(
                            failed.phase(),
                            failed.failure().orElseThrow().kind(),
                            failed.evidence().text(Evidence.AFTER).flatMap(SentMessage::of),
                            share(LONGEST_TIME_FOR_EXPERIMENTS));
                }
            }
            return lab.end(conclude(lab, walk));
        }

        /**
         * Until no experiment could change the answer any more, or time is up. A change that the rules would blame is
         * repeated, and so is what it changed, before it is blamed.
         *
         * @return the experiments that were still waited for when time was up
         */
        private Set<ExperimentName> conclude(Laboratory lab, Walk walk) throws InterruptedException {
            while (true) {
                int seen = lab.known();
                Set<ExperimentName> pending = lab.pending();
                Facts facts = facts(walk, lab.experiments(), pending);
                Rules.find(facts).suspect().ifPresent(lab::repeat);
                // What this asks for is waited for as well.
                isSettled(facts);
                Set<ExperimentName> open = EnumSet.copyOf(facts.tries().missed());
                // These decide nothing, and everybody wants to know: who speaks behind a certificate that does not
                // count, and whether there is another way.
                open.add(ExperimentName.BEHIND_TLS);
                open.add(ExperimentName.WEB_SOCKET_443);
                open.retainAll(pending);
                if (lab.pending().contains(ExperimentName.CONFIRMATION)) {
                    open.add(ExperimentName.CONFIRMATION);
                }
                if (open.isEmpty() || lab.isOver()) {
                    return open;
                }
                lab.await(seen);
            }
        }

        /** Long enough to see whether time alone, without data, brings the failure. */
        private Duration idle(Duration time) {
            long sofar = results.values().stream()
                    .filter(result -> result.phase() == Phase.TLS)
                    .mapToLong(result -> result.duration().toNanos() * 3 / 2)
                    .findFirst()
                    .orElse((long) (time.toNanos() * 0.8));
            return Duration.ofNanos(Math.max(TimeUnit.MILLISECONDS.toNanos(50), sofar));
        }

        /** The address that was connected first, then the others. */
        private List<InetSocketAddress> addresses() {
            List<InetSocketAddress> all = new ArrayList<>();
            PhaseResult tcp = results.get(Phase.TCP);
            if (tcp != null) {
                tcp.evidence()
                        .text(Evidence.ADDRESS)
                        .map(text -> HostAndPort.parse(text, 0))
                        .ifPresent(address ->
                                literal(address.host(), address.port()).ifPresent(all::add));
            }
            PhaseResult dns = results.get(Phase.DNS);
            if (dns != null) {
                int port = endpoint.target().port();
                dns.evidence()
                        .list(Evidence.ADDRESSES)
                        .forEach(address -> literal(address, port)
                                .filter(socketAddress -> !all.contains(socketAddress))
                                .ifPresent(all::add));
            }
            return all;
        }

        private Optional<InetSocketAddress> literal(String address, int port) {
            try {
                // An address in figures: nothing is looked up.
                return Optional.of(new InetSocketAddress(InetAddress.getByName(address), port));
            } catch (UnknownHostException e) {
                return Optional.empty();
            }
        }

        /** Beside a walk that still waits. */
        private void startRound(int walks) {
            if (round == null) {
                round = new Round(walks, share(TIME_BESIDE));
            }
        }

        /** What came of a round of further walks: of the one that runs already, or else of a new one. */
        Optional<Walk> furtherWalk(PhaseResult failed, int walks) throws InterruptedException {
            Round mine;
            // One that began during the silence has had its time nearly.
            Duration patience = share(PATIENCE_BESIDE);
            synchronized (this) {
                if (round == null) {
                    round = new Round(walks, settings.timeout());
                    patience = settings.timeout().multipliedBy(PHASES_IN_ALL);
                }
                mine = round;
            }
            Optional<Walk> best = mine.best(failed, patience);
            synchronized (this) {
                round.end();
                round = null;
            }
            return best;
        }

        private void closeLaboratory() {
            if (laboratory != null) {
                laboratory.close();
            }
        }

        synchronized void close() {
            over = true;
            if (alarm != null) {
                alarm.cancel(false);
            }
            closeLaboratory();
            if (round != null) {
                round.end();
            }
        }
    }

    /** Some walks side by side. */
    private final class Round {
        private final BlockingQueue<Optional<Walk>> over = new LinkedBlockingQueue<>();
        private final List<Thread> threads = new ArrayList<>();

        Round(int walks, Duration timeout) {
            ProbeSettings limited = settings.withTimeout(timeout);
            for (int i = 0; i < walks; i++) {
                threads.add(Daemon.start("dsql-reach-check", () -> over.add(walk(limited))));
            }
        }

        private static Optional<Walk> walk(ProbeSettings settings) {
            try {
                return Optional.of(Prober.walk(settings, WalkListener.NONE));
            } catch (InterruptedException | RuntimeException e) {
                return Optional.empty();
            }
        }

        /** The first that tells more; else one that failed in another way than this; else one that failed so. */
        Optional<Walk> best(PhaseResult failed, Duration patience) throws InterruptedException {
            Deadline deadline = Deadline.in(patience);
            Optional<Walk> best = Optional.empty();
            for (int i = 0; i < threads.size(); i++) {
                Optional<Walk> next = over.poll(deadline.left().toNanos(), TimeUnit.NANOSECONDS);
                if (next == null) {
                    return best;
                }
                if (next.filter(CheckRun::tellsMore).isPresent()) {
                    return next;
                }
                if (best.isEmpty() || next.isPresent() && !isAlike(obstacle(next.get()), failed)) {
                    best = next;
                }
            }
            return best;
        }

        void end() {
            threads.forEach(Thread::interrupt);
        }
    }
}
