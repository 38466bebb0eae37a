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
abstract class Trial implements Runnable {
    private final ExperimentName name;
    private final Runnable told;
    private long start;
    private @Nullable Thread thread;
    private @Nullable Experiment result;
    private boolean ended;

    /** A way to the server, for one connection. */
    interface Opening {
        SingleProbe open() throws IOException;
    }

    /** What is asked about a name. */
    interface Question {
        DnsQuery.Answer ask() throws InterruptedException;
    }

    private Trial(ExperimentName name, Runnable told) {
        this.name = name;
        this.told = told;
    }

    /** One with a connection of its own; {@code told} is called when there is a result. */
    static Trial connecting(
            ExperimentName name, Opening opening, Function<SingleProbe, SingleProbe.Outcome> action, Runnable told) {
        return new Connecting(name, opening, action, told);
    }

    /** One that asks about a name; {@code told} is called when there is a result. */
    static Trial asking(ExperimentName name, Question question, Runnable told) {
        return new Trial(name, told) {
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
            // Ended: nobody waits for it.
        } catch (RuntimeException | Error e) {
            if (keep(failed(e))) {
                told.run();
            }
        }
    }

    private Experiment failed(Throwable e) {
        return failed(LocalErrors.of(e).orElseGet(() -> new Failure(FailureKind.UNCLASSIFIED, e.toString())));
    }

    private synchronized boolean keep(Experiment experiment) {
        if (result != null || ended) {
            return false;
        }
        result = experiment;
        return true;
    }

    /** Its result from now on is that it has none, unless there is one. */
    synchronized void giveUp() {
        keep(failed(new Failure(FailureKind.OUT_OF_TIME, "did not finish")));
    }

    /** What still runs ends without a result. */
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
        return new Experiment(name.id(), took, Evidence.none(), Optional.of(failure));
    }

    /** An interrupt would not end what it does; closing its connection does. */
    private static final class Connecting extends Trial {
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
                SingleProbe.Outcome outcome = action.apply(opened);
                return new Experiment(name().id(), outcome.duration(), outcome.evidence(), outcome.failure());
            } catch (UnknownHostException e) {
                return failed(new Failure(FailureKind.NAME_LOOKUP_FAILED, "name lookup failed: " + e.getMessage()));
            } catch (IOException e) {
                return failed(new Failure(FailureKind.UNCLASSIFIED, String.valueOf(e.getMessage())));
            }
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
