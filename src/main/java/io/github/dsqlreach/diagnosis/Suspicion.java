package io.github.dsqlreach.diagnosis;

import static java.lang.System.Logger.Level.DEBUG;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.SentMessage;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.probe.AttemptListener;
import io.github.dsqlreach.internal.probe.ProbeSettings;
import io.github.dsqlreach.internal.probe.Watchdog;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches an attempt, and starts experiments when it fails or stays silent.
 *
 * <p>Silence would cost a timeout for the attempt and another one for the experiments. Therefore they start while the attempt
 * still waits, once two fifths of the phase's time passed without an answer, and end soon after it.
 */
final class Suspicion implements AttemptListener {
    private static final System.Logger LOG = System.getLogger("io.github.dsqlreach");

    private static final double SUSPICIOUS_SILENCE = 0.4;
    /** With a quarter of that to tell what came of them: the timeout and 15 % in all. */
    private static final double TIME_FOR_EXPERIMENTS = 0.6;
    /** After a failure that was no silence. */
    private static final double LONGEST_TIME_FOR_EXPERIMENTS = 0.9;
    /** Of a phase, in an attempt beside one that still waits: shorter, because its earlier phases take their time as well. */
    private static final double TIME_BESIDE = 0.55;

    private static final double PATIENCE_BESIDE = 0.1;
    /** Whether one of several passes is what counts, and it takes no longer than one. */
    static final int WALKS_AT_ONCE = 3;

    private static final int PHASES_IN_ALL = 3;

    private final ProbeSettings settings;
    private final Endpoint endpoint;
    private final Controls controls;
    private final boolean experimenting;
    private final Consumer<PhaseResult> told;
    private final Map<Phase, PhaseResult> results = new EnumMap<>(Phase.class);
    private @Nullable Phase running;
    private long runningSince;
    private @Nullable Future<?> alarm;
    private boolean over;
    private @Nullable Laboratory laboratory;
    private @Nullable Retries round;

    Suspicion(ProbeSettings settings, Controls controls, Consumer<PhaseResult> told) {
        this.settings = settings;
        this.endpoint = settings.endpoint();
        this.controls = controls;
        this.experimenting = settings.check().get(Setting.EXPERIMENTS);
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
            // So that a change is repeated while the attempt still waits, and so is the attempt.
            conclude(lab, silentSoFar(phase));
            Facts facts = Facts.ofNetwork(endpoint, silentSoFar(phase), lab.experiments(), lab.pending());
            synchronized (this) {
                if (!over && running == phase && !isSettled(facts)) {
                    startRound(WALKS_AT_ONCE);
                }
            }
        } catch (InterruptedException e) {
            // The check is over.
        }
    }

    /** The attempt as it will be if nothing comes any more. */
    private synchronized Attempt silentSoFar(Phase phase) {
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
        return new Attempt(settings.through(), List.copyOf(all.values()));
    }

    private Duration share(double share) {
        return Duration.ofNanos((long) (settings.timeout().toNanos() * share));
    }

    synchronized void attemptIsOver() {
        over = true;
    }

    private Laboratory begin(Phase phase, FailureKind kind, Optional<SentMessage> after, Duration time) {
        Laboratory begun = new Laboratory(
                endpoint, controls, new ExperimentPlan.Symptom(phase, kind, after, addresses(), idle(time)), time);
        laboratory = begun;
        begun.start();
        return begun;
    }

    List<Experiment> experiments(Attempt attempt) throws InterruptedException {
        PhaseResult failed = Facts.obstacle(attempt);
        Laboratory lab;
        synchronized (this) {
            lab = laboratory;
            if (lab == null || !failed.failedWith(FailureKind.TIMEOUT)) {
                closeLaboratory();
                if (failed.failedWith(FailureKind.OUT_OF_TIME)
                        || failed.failure().orElseThrow().kind().isLocal()
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
        return lab.end(conclude(lab, attempt));
    }

    /**
     * Until no experiment could change the answer any more, or time is up. A change that the rules would blame is
     * repeated, and so is what it changed, before it is blamed.
     *
     * @return the experiments that were still waited for when time was up
     */
    private Set<ExperimentName> conclude(Laboratory lab, Attempt attempt) throws InterruptedException {
        while (true) {
            int seen = lab.known();
            Set<ExperimentName> pending = lab.pending();
            Facts facts = Facts.ofNetwork(endpoint, attempt, lab.experiments(), pending);
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
                    .ifPresent(
                            address -> literal(address.host(), address.port()).ifPresent(all::add));
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

    /** Beside an attempt that still waits. */
    private void startRound(int attempts) {
        if (round == null) {
            round = new Retries(attempts, settings.withTimeout(share(TIME_BESIDE)));
        }
    }

    /** What came of a round of further attempts: of the one that runs already, or else of a new one. */
    Optional<Attempt> furtherAttempt(PhaseResult failed, int attempts) throws InterruptedException {
        Retries mine;
        // One that began during the silence has had its time nearly.
        Duration patience = share(PATIENCE_BESIDE);
        synchronized (this) {
            if (round == null) {
                round = new Retries(attempts, settings);
                patience = settings.timeout().multipliedBy(PHASES_IN_ALL);
            }
            mine = round;
        }
        Optional<Attempt> best = mine.best(failed, patience);
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

    /** Whether no further attempt could change the answer. */
    static boolean isSettled(Facts facts) {
        // By now everything is warm, and what was started beside the attempt is over.
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
}
