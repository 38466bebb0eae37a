package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.internal.probe.Deadline;
import java.io.Closeable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs the experiments for one failure side by side, and repeats what is to be blamed. How long to wait for which one is
 * not decided here: the rules know which could still change the answer.
 */
final class Laboratory implements Closeable {
    private static final int SHARE_OF_GRACE = 4;
    /** How long the WebSocket is waited for where it decides nothing, and everybody wants to know. */
    private static final int SHARE_OF_WEB_SOCKET = 3;
    /** So many times as long as the change took, the failure may take to pass by itself. */
    private static final int PATIENCE = 3;

    private static final long LOOK_AGAIN_MILLIS = 20;

    /** What must be left for repetitions beside the time that the change took: a silence is listened to for half a second. */
    private static final Duration SHORTEST_REPETITION = Duration.ofMillis(750);

    private final ExperimentPlan plan;
    private final Deadline deadline;
    /** How long the experiments may take. */
    private final Duration time;
    /** A little later than the deadline: what ends by that must have been able to say so. */
    private Deadline end;

    private final List<Trial> trials;
    private List<Trial> repetitions = List.of();
    /** Whether a change is to be repeated as soon as others had their chance. */
    private boolean wanted;

    private @Nullable ExperimentName repeated;
    private long started;
    private boolean closed;

    /** A laboratory in which everything ends within that time. */
    Laboratory(Endpoint endpoint, Controls controls, ExperimentPlan.Symptom symptom, Duration time) {
        this.time = time;
        this.deadline = Deadline.in(time);
        this.end = withGrace(time);
        Deadline webSocket =
                endpoint.transport() == Transport.AUTO ? deadline : Deadline.in(time.dividedBy(SHARE_OF_WEB_SOCKET));
        this.plan = new ExperimentPlan(endpoint, controls, symptom, deadline, webSocket, this::wake);
        this.trials = plan.trials();
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

    /** Starts what could tell more. */
    synchronized void start() {
        started = System.nanoTime();
        trials.forEach(Trial::begin);
        if (plan.isOnlyOneChangePossible()) {
            repeat(new Finding.Suspect(ExperimentName.DIRECT_TLS, Set.of()));
        }
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
        repetitions = plan.repetitions(change, timeToRepeat(change));
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

    // Results

    /** The experiments that are not over. */
    synchronized Set<ExperimentName> pending() {
        Set<ExperimentName> names = EnumSet.noneOf(ExperimentName.class);
        trials.stream().filter(trial -> trial.result().isEmpty()).forEach(trial -> names.add(trial.name()));
        if (repetitions.stream().anyMatch(trial -> trial.result().isEmpty())) {
            names.add(ExperimentName.CONFIRMATION);
        }
        return names;
    }

    /** What came of those that are over. */
    synchronized List<Experiment> experiments() {
        List<Experiment> all = new ArrayList<>(results(trials));
        if (repeated != null
                && (closed
                        || repetitions.stream().allMatch(trial -> trial.result().isPresent()))) {
            all.add(Confirmation.of(repeated, results(repetitions)));
        }
        return all;
    }

    private static List<Experiment> results(List<Trial> some) {
        return some.stream().map(Trial::result).flatMap(Optional::stream).toList();
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
        trials.stream().filter(trial -> unfinished.contains(trial.name())).forEach(Trial::giveUp);
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
}
