package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.probe.AttemptListener;
import io.github.dsqlreach.internal.probe.AttemptRunner;
import io.github.dsqlreach.internal.probe.Deadline;
import io.github.dsqlreach.internal.probe.ProbeSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** More attempts, side by side, and which of them tells most. */
final class Retries {
    private final BlockingQueue<Optional<Attempt>> finished = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    Retries(int attempts, ProbeSettings settings) {
        for (int i = 0; i < attempts; i++) {
            try {
                threads.add(Daemon.start("dsql-reach-check", () -> finished.add(attempt(settings))));
            } catch (OutOfMemoryError e) {
                // This machine has no thread for another attempt.
                return;
            }
        }
    }

    private static Optional<Attempt> attempt(ProbeSettings settings) {
        try {
            return Optional.of(AttemptRunner.attempt(settings, AttemptListener.NONE));
        } catch (InterruptedException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** The first attempt that tells more; else one that failed in another way than this; else any. */
    Optional<Attempt> best(PhaseResult failed, Duration patience) throws InterruptedException {
        Deadline deadline = Deadline.in(patience);
        Optional<Attempt> best = Optional.empty();
        for (int i = 0; i < threads.size(); i++) {
            Optional<Attempt> next = finished.poll(deadline.left().toNanos(), TimeUnit.NANOSECONDS);
            if (next == null) {
                return best;
            }
            if (next.filter(Retries::tellsMore).isPresent()) {
                return next;
            }
            if (best.isEmpty() || next.isPresent() && !isAlike(Facts.networkFailure(next.get()), failed)) {
                best = next;
            }
        }
        return best;
    }

    void end() {
        threads.forEach(Thread::interrupt);
    }

    /** It passed, or a server answered with an error or in a protocol that is known. */
    static boolean tellsMore(Attempt attempt) {
        if (attempt.passed()) {
            return true;
        }
        PhaseResult failed = Facts.networkFailure(attempt);
        return failed.phase() == Phase.TLS
                ? failed.evidence().has(Evidence.ANSWER_PROTOCOL)
                : failed.failedWith(FailureKind.SERVER_ERROR);
    }

    static boolean isAlike(PhaseResult one, PhaseResult other) {
        return one.phase() == other.phase()
                && one.failedWith(other.failure().orElseThrow().kind());
    }
}
