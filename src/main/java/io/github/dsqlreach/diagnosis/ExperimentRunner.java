package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.internal.probe.Deadline;
import java.io.Closeable;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs the experiments for one failure side by side, and repeats a change that a rule suspects. How long to wait for which
 * experiment is not decided here: the table knows which ones can still change the diagnosis.
 */
final class ExperimentRunner implements Closeable {
    /** After the deadline, a quarter of the time is left to report what ended by it. */
    private static final int SHARE_OF_GRACE = 4;
    /** The experiment with the WebSocket decides nothing unless the transport is AUTO, so it gets a third of the time. */
    private static final int SHARE_OF_WEB_SOCKET = 3;
    /** Experiments that matter more than a suspected change get this many times the time that the change took. */
    private static final int PATIENCE = 3;

    private static final long LOOK_AGAIN_MILLIS = 20;

    /** The time for repetitions beside that of the change: to assess a timeout takes half a second. */
    private static final Duration SHORTEST_REPETITION = Duration.ofMillis(750);

    private final ExperimentPlan plan;
    private final Deadline deadline;
    /** How long the experiments may take. */
    private final Duration time;
    /** A little later than the deadline, so that what ends by the deadline is reported. */
    private Deadline end;

    private final List<ExperimentTask> tasks;
    private List<ExperimentTask> repetitions = List.of();
    /** A change is to be repeated as soon as the experiments that matter more had time to pass. */
    private boolean postponed;

    private @Nullable ExperimentName repeated;
    private long started;
    private boolean closed;

    /** Everything ends within that time. */
    ExperimentRunner(Endpoint endpoint, Controls controls, FailureContext context, Duration time) {
        this.time = time;
        this.deadline = Deadline.in(time);
        this.end = withGrace(time);
        Deadline webSocket =
                endpoint.transport() == Transport.AUTO ? deadline : Deadline.in(time.dividedBy(SHARE_OF_WEB_SOCKET));
        this.plan = new ExperimentPlan(endpoint, controls, context, deadline, webSocket, this::wake);
        this.tasks = plan.tasks();
    }

    private synchronized void wake() {
        notifyAll();
    }

    private static Deadline withGrace(Duration time) {
        return Deadline.in(time.plus(time.dividedBy(SHARE_OF_GRACE)));
    }

    synchronized boolean isOver() {
        return end.isOver();
    }

    /** Starts all experiments of the plan. */
    synchronized void start() {
        started = System.nanoTime();
        tasks.forEach(ExperimentTask::begin);
        if (plan.isOnlyOneChangePossible()) {
            repeat(new RuleMatch.Suspect(ExperimentName.DIRECT_TLS, Set.of()));
        }
    }

    /**
     * Starts to repeat a suspected change and the unchanged step, once the experiments that matter more had time to pass,
     * too. The first suspect counts; calls after it change nothing.
     */
    synchronized void repeat(RuleMatch.Suspect suspect) {
        if (repeated != null || closed) {
            return;
        }
        ExperimentName change = suspect.change();
        postponed = !hadTimeToPass(suspect);
        if (postponed) {
            return;
        }
        repeated = change;
        repetitions = plan.repetitions(change, timeToRepeat(change));
        repetitions.forEach(ExperimentTask::begin);
    }

    /** The time left; more if the change passed so late that it would not be enough to assess a timeout. */
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
        return results(tasks).stream()
                .filter(e -> e.name() == change)
                .map(Experiment::duration)
                .findFirst()
                .orElse(time);
    }

    /** An experiment that times out runs until the deadline; one that passes takes about as long as the change. */
    private boolean hadTimeToPass(RuleMatch.Suspect suspect) {
        return suspect.before().stream().noneMatch(pending()::containsKey)
                || System.nanoTime() - started
                        > timeOf(suspect.change()).multipliedBy(PATIENCE).toNanos();
    }

    // Results

    /** The experiments that are not over, with what they have observed so far. */
    synchronized Map<ExperimentName, Evidence> pending() {
        Map<ExperimentName, Evidence> pending = new EnumMap<>(ExperimentName.class);
        tasks.stream()
                .filter(task -> task.result().isEmpty())
                .forEach(task -> pending.put(task.name(), task.observed()));
        if (repetitions.stream().anyMatch(task -> task.result().isEmpty())) {
            pending.put(ExperimentName.CONFIRMATION, Evidence.none());
        }
        return pending;
    }

    /** The results of those that are over. */
    synchronized FollowUp followUp() {
        FollowUp results = FollowUp.of(results(tasks));
        return repeated != null
                        && (closed
                                || repetitions.stream()
                                        .allMatch(task -> task.result().isPresent()))
                ? results.with(Repetitions.confirmation(repeated, results(repetitions)))
                : results;
    }

    private static List<Experiment> results(List<ExperimentTask> some) {
        return some.stream()
                .map(ExperimentTask::result)
                .flatMap(Optional::stream)
                .toList();
    }

    /** Waits until more is known than that, or all experiments are over. */
    synchronized void await(int seen) throws InterruptedException {
        while (seen == known() && !pending().isEmpty() && !isOver()) {
            long left = Math.max(1, end.left().toMillis());
            if (postponed) {
                wait(Math.min(left, LOOK_AGAIN_MILLIS));
                return;
            }
            wait(left);
        }
    }

    /** How much is known: a number that only grows. */
    synchronized int known() {
        int connected = (int) tasks.stream().filter(ExperimentTask::isConnected).count();
        return connected + results(tasks).size() + results(repetitions).size() + (closed ? 1 : 0);
    }

    /** Ends what still runs. The report shows those that were waited for as unfinished. */
    synchronized FollowUp end(Set<ExperimentName> waitedFor) {
        Set<ExperimentName> unfinished = EnumSet.noneOf(ExperimentName.class);
        unfinished.addAll(pending().keySet());
        unfinished.retainAll(waitedFor);
        unfinished.remove(ExperimentName.CONFIRMATION);
        tasks.stream().filter(task -> unfinished.contains(task.name())).forEach(ExperimentTask::giveUp);
        close();
        return followUp();
    }

    @Override
    public synchronized void close() {
        closed = true;
        tasks.forEach(ExperimentTask::end);
        repetitions.forEach(ExperimentTask::end);
        notifyAll();
    }
}
