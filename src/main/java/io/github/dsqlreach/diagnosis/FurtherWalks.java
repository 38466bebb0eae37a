package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Walk;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.probe.Deadline;
import io.github.dsqlreach.internal.probe.ProbeSettings;
import io.github.dsqlreach.internal.probe.Prober;
import io.github.dsqlreach.internal.probe.WalkListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Some more walks, side by side, and how what they found compares to the first one's failure. */
final class FurtherWalks {
    private final BlockingQueue<Optional<Walk>> over = new LinkedBlockingQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    FurtherWalks(int walks, ProbeSettings settings) {
        for (int i = 0; i < walks; i++) {
            threads.add(Daemon.start("dsql-reach-check", () -> over.add(walk(settings))));
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
            if (next.filter(FurtherWalks::tellsMore).isPresent()) {
                return next;
            }
            if (best.isEmpty() || next.isPresent() && !isAlike(Facts.obstacle(next.get()), failed)) {
                best = next;
            }
        }
        return best;
    }

    void end() {
        threads.forEach(Thread::interrupt);
    }

    /** It passed, or ended in words: the cluster's, or another server's that says what it is. */
    static boolean tellsMore(Walk walk) {
        if (walk.passed()) {
            return true;
        }
        PhaseResult failed = Facts.obstacle(walk);
        return failed.phase() == Phase.TLS
                ? failed.evidence().has(Evidence.ANSWER_PROTOCOL)
                : failed.failedWith(FailureKind.SERVER_ERROR);
    }

    static boolean isAlike(PhaseResult one, PhaseResult other) {
        return one.phase() == other.phase()
                && one.failedWith(other.failure().orElseThrow().kind());
    }
}
