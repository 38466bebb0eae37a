package io.github.dsqlreach.diagnosis;

import static java.lang.System.Logger.Level.DEBUG;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
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
 * Listens to an attempt, and starts experiments when a phase fails or gives no answer.
 *
 * <p>To wait for a timeout first and to experiment after it would take twice the timeout. Therefore experiments start
 * while the attempt still waits, after two fifths of the phase's timeout, and end soon after it.
 */
final class AttemptMonitor implements AttemptListener {
    private static final System.Logger LOG = System.getLogger("io.github.dsqlreach");

    /** The share of the timeout after which a phase without an answer counts as silent. */
    private static final double SILENT_AFTER = 0.4;
    /** For experiments beside a silent phase. With a quarter more to report, they end 15 % after the timeout. */
    private static final double TIME_BESIDE_SILENCE = 0.6;
    /** For experiments after a failure that was no timeout. */
    private static final double TIME_AFTER_FAILURE = 0.9;
    /** For each phase of a retry beside a silent phase; less, because its earlier phases take time as well. */
    private static final double TIME_OF_RETRY_BESIDE = 0.55;
    /** How long a retry that ran beside the attempt is still waited for. */
    private static final double PATIENCE_FOR_RETRY_BESIDE = 0.1;
    /** A retry may take as long as a whole attempt. */
    private static final int TIMEOUTS_OF_ATTEMPT = 3;

    /** One of several that passes is enough, and they take no longer than one. */
    static final int RETRIES_AT_ONCE = 3;

    private final ProbeSettings settings;
    private final Endpoint endpoint;
    private final Controls controls;
    private final boolean experimenting;
    private final Consumer<PhaseResult> listener;
    private final Map<Phase, PhaseResult> results = new EnumMap<>(Phase.class);
    private @Nullable Phase running;
    private long runningSince;
    private @Nullable Future<?> alarm;
    private boolean over;
    private @Nullable ExperimentRunner experiments;
    private @Nullable Retries retries;

    AttemptMonitor(ProbeSettings settings, Controls controls, Consumer<PhaseResult> listener) {
        this.settings = settings;
        this.endpoint = settings.endpoint();
        this.controls = controls;
        this.experimenting = settings.check().get(Setting.EXPERIMENTS);
        this.listener = listener;
    }

    @Override
    public synchronized void started(Phase phase) {
        if (phase == Phase.TOKEN || !experimenting) {
            return;
        }
        running = phase;
        runningSince = System.nanoTime();
        alarm = Watchdog.in(share(SILENT_AFTER), () -> Daemon.start("dsql-reach-check", () -> onSilence(phase)));
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
        listener.accept(result);
    }

    private void onSilence(Phase phase) {
        ExperimentRunner begun;
        Attempt asTimeout;
        synchronized (this) {
            if (over || running != phase) {
                return;
            }
            if (phase == Phase.AUTH || phase == Phase.QUERY) {
                startRetries(1);
                return;
            }
            begun = begin(phase, FailureKind.TIMEOUT, Optional.empty(), share(TIME_BESIDE_SILENCE));
            asTimeout = asTimeout(phase);
        }
        try {
            // Repeats what is suspected, and the attempt, while the attempt still waits.
            await(begun, asTimeout, () -> retryBeside(phase));
        } catch (InterruptedException e) {
            // The check is over.
        }
    }

    private synchronized void retryBeside(Phase phase) {
        if (!over && running == phase) {
            startRetries(RETRIES_AT_ONCE);
        }
    }

    /** The attempt as it will be if no answer comes any more. */
    private Attempt asTimeout(Phase phase) {
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

    private ExperimentRunner begin(Phase phase, FailureKind kind, Optional<SentMessage> after, Duration time) {
        ExperimentRunner begun = new ExperimentRunner(
                endpoint, controls, new FailureContext(phase, kind, after, addresses(), idle(time)), time);
        experiments = begun;
        begun.start();
        return begun;
    }

    /** The experiments for an attempt that is over; those that run beside it already, if it timed out. */
    FollowUp experiments(Attempt attempt) throws InterruptedException {
        PhaseResult failed = Facts.networkFailure(attempt);
        ExperimentRunner begun;
        synchronized (this) {
            if (experiments != null && failed.failedWith(FailureKind.TIMEOUT)) {
                begun = experiments;
            } else {
                closeExperiments();
                if (failed.failedWith(FailureKind.OUT_OF_TIME)
                        || failed.failure().orElseThrow().kind().isLocal()
                        || failed.phase() == Phase.TOKEN
                        || failed.phase().compareTo(Phase.TLS) > 0) {
                    return FollowUp.none();
                }
                begun = begin(
                        failed.phase(),
                        failed.failure().orElseThrow().kind(),
                        failed.evidence().get(Evidence.AFTER),
                        share(TIME_AFTER_FAILURE));
            }
        }
        return begun.end(await(begun, attempt, () -> {}));
    }

    /**
     * Waits until no experiment can change the diagnosis any more, or time is up. Meanwhile a change that a rule would
     * blame is repeated, and so is the unchanged step.
     *
     * @param retry called when another attempt is needed, whatever the running experiments still say
     * @return the experiments that were still waited for when time was up
     */
    private Set<ExperimentName> await(ExperimentRunner running, Attempt attempt, Runnable retry)
            throws InterruptedException {
        while (true) {
            int known = running.known();
            Map<ExperimentName, Evidence> pending = running.pending();
            Facts facts = Facts.ofNetwork(endpoint, attempt, running.followUp(), pending);
            RuleMatch match = DiagnosisTable.TABLE.match(facts);
            match.suspect().ifPresent(running::repeat);
            Truth retryNeeded = DiagnosisTable.TABLE.needsAnotherAttempt(facts, match);
            Set<ExperimentName> awaited = EnumSet.noneOf(ExperimentName.class);
            awaited.addAll(match.waitsFor());
            awaited.addAll(retryNeeded.open());
            // These decide nothing, but each report should tell them: which server shows an untrusted certificate, and
            // whether the WebSocket works.
            awaited.add(ExperimentName.BEHIND_TLS);
            awaited.add(ExperimentName.WEB_SOCKET_443);
            awaited.retainAll(pending.keySet());
            if (running.pending().containsKey(ExperimentName.CONFIRMATION)) {
                awaited.add(ExperimentName.CONFIRMATION);
            }
            boolean done = awaited.isEmpty() || running.isOver();
            boolean repeating = match.suspect().isPresent()
                    && facts.followUp().confirmation().isEmpty();
            if (retryNeeded.value() && (done || !retryNeeded.isOpen() && !repeating)) {
                retry.run();
            }
            if (done) {
                return awaited;
            }
            running.await(known);
        }
    }

    /** Long enough to show whether an idle connection fails by time alone. */
    private Duration idle(Duration time) {
        long known = results.values().stream()
                .filter(result -> result.phase() == Phase.TLS)
                .mapToLong(result -> result.duration().toNanos() * 3 / 2)
                .findFirst()
                .orElse((long) (time.toNanos() * 0.8));
        return Duration.ofNanos(Math.max(TimeUnit.MILLISECONDS.toNanos(50), known));
    }

    /** The address that the attempt connected to, then the others. */
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
            // A literal address: nothing is looked up.
            return Optional.of(new InetSocketAddress(InetAddress.getByName(address), port));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    /** Beside an attempt that still waits. */
    private void startRetries(int attempts) {
        if (retries == null) {
            retries = new Retries(attempts, settings.withTimeout(share(TIME_OF_RETRY_BESIDE)));
        }
    }

    /** The best of some retries: of those that run beside the attempt already, or else of new ones. */
    Optional<Attempt> retry(PhaseResult failed, int attempts) throws InterruptedException {
        Retries begun;
        Duration patience = share(PATIENCE_FOR_RETRY_BESIDE);
        synchronized (this) {
            if (retries == null) {
                retries = new Retries(attempts, settings);
                patience = settings.timeout().multipliedBy(TIMEOUTS_OF_ATTEMPT);
            }
            begun = retries;
        }
        Optional<Attempt> best = begun.best(failed, patience);
        synchronized (this) {
            begun.end();
            retries = null;
        }
        return best;
    }

    private void closeExperiments() {
        if (experiments != null) {
            experiments.close();
        }
    }

    synchronized void close() {
        over = true;
        if (alarm != null) {
            alarm.cancel(false);
        }
        closeExperiments();
        if (retries != null) {
            retries.end();
        }
    }
}
