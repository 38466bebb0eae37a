package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.internal.Daemon;
import io.github.dsqlreach.internal.Quietly;
import io.github.dsqlreach.internal.probe.DnsQuery;
import io.github.dsqlreach.internal.probe.LocalErrors;
import io.github.dsqlreach.internal.probe.SingleProbe;
import java.io.IOException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An experiment, or the repetition of one, in a thread of its own. */
abstract class ExperimentTask implements Runnable {
    private final ExperimentName name;
    private final Runnable told;
    private long start;
    private @Nullable Thread thread;
    private @Nullable Experiment result;
    private boolean ended;

    /** Makes the probe for one connection. */
    interface Opening {
        SingleProbe open() throws IOException;
    }

    /** A DNS query. */
    interface Question {
        DnsQuery.Answer ask() throws InterruptedException;
    }

    private ExperimentTask(ExperimentName name, Runnable told) {
        this.name = name;
        this.told = told;
    }

    /** An experiment with a connection of its own; calls {@code told} when it is connected and when it has a result. */
    static ExperimentTask connecting(
            ExperimentName name, Opening opening, Function<SingleProbe, SingleProbe.Outcome> action, Runnable told) {
        return new Connecting(name, opening, action, told);
    }

    /** An experiment that asks for a name; calls {@code told} when it has a result. */
    static ExperimentTask asking(ExperimentName name, Question question, Runnable told) {
        return new ExperimentTask(name, told) {
            @Override
            Experiment perform() throws InterruptedException {
                return Names.experiment(name, question.ask());
            }
        };
    }

    abstract Experiment perform() throws InterruptedException;

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
            keep(failed(e));
        }
    }

    @Override
    public void run() {
        try {
            if (keep(perform())) {
                told.run();
            }
        } catch (InterruptedException e) {
            // Ended: its result is not needed any more.
        } catch (RuntimeException | Error e) {
            if (keep(failed(e))) {
                told.run();
            }
        }
    }

    private Experiment failed(Throwable e) {
        return failed(LocalErrors.of(e).orElseGet(() -> new Failure(FailureKind.UNCLASSIFIED, e.toString())));
    }

    final void tell() {
        told.run();
    }

    private synchronized boolean keep(Experiment experiment) {
        if (result != null || ended) {
            return false;
        }
        result = experiment;
        return true;
    }

    /** What it has observed so far: its connection, once that is established. */
    Evidence observed() {
        return Evidence.none();
    }

    /** Stays true when it has a result. */
    boolean isConnected() {
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

    final Experiment failed(Failure failure) {
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        return new Experiment(name.id(), took, observed(), Optional.of(failure));
    }

    /** An interrupt does not end a socket's read; closing the socket does. */
    private static final class Connecting extends ExperimentTask {
        private final Opening opening;
        private final Function<SingleProbe, SingleProbe.Outcome> action;
        private @Nullable SingleProbe probe;

        Connecting(
                ExperimentName name,
                Opening opening,
                Function<SingleProbe, SingleProbe.Outcome> action,
                Runnable told) {
            super(name, told);
            this.opening = opening;
            this.action = action;
        }

        @Override
        Experiment perform() throws InterruptedException {
            try (SingleProbe opened = opening.open()) {
                synchronized (this) {
                    if (isEnded()) {
                        throw new InterruptedException();
                    }
                    probe = opened;
                }
                SingleProbe.Outcome outcome = action.apply(opened.whenConnected(this::tell));
                return new Experiment(name().id(), outcome.duration(), outcome.evidence(), outcome.failure());
            } catch (UnknownHostException e) {
                return failed(new Failure(FailureKind.NAME_LOOKUP_FAILED, "name lookup failed: " + e.getMessage()));
            } catch (IOException e) {
                return failed(new Failure(FailureKind.UNCLASSIFIED, String.valueOf(e.getMessage())));
            }
        }

        @Override
        synchronized Evidence observed() {
            return probe == null ? Evidence.none() : probe.connection();
        }

        @Override
        void stop() {
            if (probe == null) {
                super.stop();
                return;
            }
            Quietly.close(probe);
        }
    }
}
