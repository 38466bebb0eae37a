package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.internal.probe.ConnectPlan;
import io.github.dsqlreach.internal.probe.ConnectionAttempt;
import io.github.dsqlreach.internal.probe.Deadline;
import io.github.dsqlreach.internal.probe.LocalErrors;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An experiment, or the repetition of one, in a thread of its own. */
abstract class ExperimentTask implements Runnable {
    private final ExperimentName name;
    private final Runnable told;
    private long start;
    private @Nullable Thread thread;
    private @Nullable Experiment result;
    private boolean ended;

    /** Says how to connect, which may need a name lookup. */
    interface Planning {
        ConnectPlan plan() throws IOException;
    }

    /** A DNS query. */
    interface Question {
        PhaseResult ask() throws InterruptedException;
    }

    private ExperimentTask(ExperimentName name, Runnable told) {
        this.name = name;
        this.told = told;
    }

    /** An experiment with a connection of its own; calls {@code told} when it is connected and when it has a result. */
    static ExperimentTask connecting(ExperimentName name, Planning planning, Deadline deadline, Runnable told) {
        return new Connecting(name, planning, deadline, told);
    }

    /** An experiment that asks for a name; calls {@code told} when it has a result. */
    static ExperimentTask asking(ExperimentName name, Question question, Runnable told) {
        return new ExperimentTask(name, told) {
            @Override
            Attempt perform() throws InterruptedException {
                return new Attempt(Phase.DNS, List.of(question.ask()));
            }

            @Override
            Attempt soFar() {
                return new Attempt(Phase.DNS, List.of());
            }
        };
    }

    abstract Attempt perform() throws InterruptedException;

    /** The phases that are over. */
    abstract Attempt soFar();

    ExperimentName name() {
        return name;
    }

    synchronized Optional<Experiment> result() {
        return Optional.ofNullable(result);
    }

    synchronized void begin() {
        start = System.nanoTime();
        try {
            thread = Daemon.start("dsql-reach-experiment-" + name.id(), this);
        } catch (OutOfMemoryError e) {
            keep(failed(failure(e)));
        }
    }

    @Override
    public void run() {
        Attempt attempt;
        try {
            attempt = perform();
        } catch (InterruptedException e) {
            // Ended: its result is not needed any more.
            return;
        } catch (RuntimeException | Error e) {
            attempt = failed(failure(e));
        }
        if (keep(attempt)) {
            told.run();
        }
    }

    private static Failure failure(Throwable e) {
        return LocalErrors.of(e).orElseGet(() -> new Failure(FailureKind.UNCLASSIFIED, e.toString()));
    }

    final void tell() {
        told.run();
    }

    private synchronized boolean keep(Attempt attempt) {
        if (result != null || ended) {
            return false;
        }
        result = new Experiment(name, attempt);
        return true;
    }

    /** What TCP observed, once the connection is established. */
    final Evidence observed() {
        return soFar().evidence(Phase.TCP);
    }

    /** Stays true when it has a result. */
    final boolean isConnected() {
        return observed().has(Evidence.ROUND_TRIP_MILLIS);
    }

    /** Makes it unfinished, unless it has a result. */
    synchronized void giveUp() {
        keep(failed(new Failure(FailureKind.OUT_OF_TIME, "did not finish")));
    }

    /** Ends it without a result, unless it has one. */
    final synchronized void end() {
        ended = true;
        stop();
    }

    void stop() {
        if (thread != null) {
            thread.interrupt();
        }
    }

    final synchronized boolean isEnded() {
        return ended;
    }

    /** The phases that are over, and the next one failed so. */
    final Attempt failed(Failure failure) {
        Attempt before = soFar();
        Phase running = before.phases().isEmpty() && before.through() != Phase.DNS ? Phase.TCP : before.through();
        Duration took = Duration.ofNanos(System.nanoTime() - start).minus(before.duration());
        return before.with(PhaseResult.failed(running, took, before.evidence(running), failure));
    }

    /** An interrupt does not end a socket's read; closing the socket does. */
    private static final class Connecting extends ExperimentTask {
        private final Planning planning;
        private final Deadline deadline;
        private volatile Attempt soFar = new Attempt(Phase.TCP, List.of());
        private @Nullable ConnectionAttempt connection;

        Connecting(ExperimentName name, Planning planning, Deadline deadline, Runnable told) {
            super(name, told);
            this.planning = planning;
            this.deadline = deadline;
        }

        @Override
        Attempt perform() throws InterruptedException {
            try {
                ConnectPlan plan = planning.plan();
                soFar = new Attempt(plan.goal().through(), List.of());
                try (ConnectionAttempt opened = new ConnectionAttempt(plan, deadline, this::connected)) {
                    synchronized (this) {
                        if (isEnded()) {
                            throw new InterruptedException();
                        }
                        connection = opened;
                    }
                    return opened.run();
                }
            } catch (UnknownHostException e) {
                return failed(new Failure(FailureKind.NAME_LOOKUP_FAILED, "name lookup failed: " + e.getMessage()));
            } catch (IOException e) {
                return failed(new Failure(FailureKind.UNCLASSIFIED, String.valueOf(e.getMessage())));
            }
        }

        private void connected(PhaseResult tcp) {
            soFar = soFar.with(tcp);
            tell();
        }

        @Override
        Attempt soFar() {
            return soFar;
        }

        @Override
        void stop() {
            if (connection == null) {
                super.stop();
                return;
            }
            Quietly.close(connection);
        }
    }
}
