package io.github.dsqlreach.diagnosis;

import static java.lang.System.Logger.Level.DEBUG;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Setting;
import io.github.dsqlreach.Waiting;
import io.github.dsqlreach.internal.probe.AttemptRunner;
import io.github.dsqlreach.internal.probe.ProbeSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;

/**
 * One check: the attempt, experiments if it fails, retries if the failure may be a single event, and waiting for a cluster
 * that is temporarily unavailable.
 */
final class CheckRun {
    /** At level DEBUG only. Everything it logs is scrubbed already. */
    private static final System.Logger LOG = System.getLogger("io.github.dsqlreach");

    private static final int MOST_RETRIES = 2;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private final ProbeSettings settings;
    private final Endpoint endpoint;
    private final Controls controls;
    private final Duration waitFor;
    private final Consumer<PhaseResult> listener;
    private final Instant startedAt = Instant.now();
    private final long start = System.nanoTime();

    CheckRun(ProbeSettings settings, Controls controls, Consumer<PhaseResult> listener) {
        this.settings = settings;
        this.endpoint = settings.endpoint();
        this.controls = controls;
        this.waitFor = settings.check().get(Setting.WAIT_FOR);
        this.listener = listener;
    }

    Reachability run() throws InterruptedException {
        LOG.log(
                DEBUG,
                () -> "checking " + endpoint.user() + "@" + endpoint + " through "
                        + settings.through().label() + ", credentials: " + settings.credentials());
        Reachability first = once();
        Reachability result = isWorthWaiting(first) ? waiting(first) : first;
        LOG.log(DEBUG, result::summary);
        return result;
    }

    private boolean isWorthWaiting(Reachability result) {
        Cause cause = result.diagnosis().cause().orElse(null);
        return !waitFor.isZero() && (cause == Cause.CLUSTER_WAKING_UP || cause == Cause.RATE_EXCEEDED);
    }

    /** Retries with growing pauses and jitter, so that many clients do not connect at the same moment. */
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
            result = once();
            attempts++;
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
        Waiting waited = new Waiting(
                first.diagnosis().cause().orElseThrow(), attempts, Duration.ofNanos(System.nanoTime() - begin));
        return report(result.attempt().orElseThrow(), result.followUp().after(waited));
    }

    private Reachability once() throws InterruptedException {
        AttemptMonitor monitor = new AttemptMonitor(settings, controls, listener);
        try {
            Attempt attempt = AttemptRunner.attempt(settings, monitor);
            monitor.attemptIsOver();
            if (attempt.passed() || !settings.check().get(Setting.EXPERIMENTS)) {
                return report(attempt, FollowUp.none());
            }
            FollowUp experiments = monitor.experiments(attempt);
            Facts facts = Facts.ofNetwork(endpoint, attempt, experiments, Map.of());
            RuleMatch match = DiagnosisTable.TABLE.match(facts);
            return DiagnosisTable.TABLE.needsAnotherAttempt(facts, match).value()
                    ? repeated(facts, monitor)
                    : report(attempt, experiments);
        } finally {
            monitor.close();
        }
    }

    /** Retries until one passes or tells more, or the failure is known to be the same each time. */
    private Reachability repeated(Facts facts, AttemptMonitor monitor) throws InterruptedException {
        PhaseResult failed = facts.failed();
        boolean outOfTime = failed.failedWith(FailureKind.OUT_OF_TIME);
        Optional<Attempt> again = Optional.empty();
        for (int i = 0; i < MOST_RETRIES; i++) {
            again = monitor.retry(failed, outOfTime ? 1 : AttemptMonitor.RETRIES_AT_ONCE);
            if (again.filter(Retries::tellsMore).isPresent()) {
                FollowUp kept = again.get().passed() ? FollowUp.none() : facts.followUp();
                return report(again.get(), kept.replacing(facts.attempt()));
            }
            if (outOfTime
                    || !Conditions.INTERMITTENT.holds(facts)
                            && again.filter(attempt -> Retries.isAlike(Facts.networkFailure(attempt), failed))
                                    .isPresent()) {
                break;
            }
        }
        if (again.map(Facts::networkFailure)
                .filter(other -> outweighsTimeout(other, facts))
                .isPresent()) {
            return report(again.get(), facts.followUp().replacing(facts.attempt()));
        }
        return report(facts.attempt(), again.map(facts.followUp()::repeatedBy).orElse(facts.followUp()));
    }

    /**
     * Where packets get lost, two connections that ended in the same way say more than one that timed out in the same
     * phase.
     */
    static boolean outweighsTimeout(PhaseResult other, Facts facts) {
        FailureKind end = other.failure().orElseThrow().kind();
        return Conditions.TIMED_OUT.holds(facts)
                && Conditions.PACKETS_LOST.holds(facts)
                && facts.at(other.phase())
                && Set.of(FailureKind.RESET, FailureKind.CLOSED, FailureKind.TLS_ALERT)
                        .contains(end)
                && facts.experiment(ExperimentName.SAME_AGAIN)
                        .filter(again -> again.failedWith(end))
                        .isPresent();
    }

    private Reachability report(Attempt attempt, FollowUp followUp) {
        Diagnosis diagnosis = Diagnoses.of(endpoint, attempt, followUp);
        return Reachability.of(Optional.of(endpoint), Optional.of(attempt), followUp, diagnosis)
                .timed(startedAt, Duration.ofNanos(System.nanoTime() - start));
    }
}
