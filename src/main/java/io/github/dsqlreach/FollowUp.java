package io.github.dsqlreach;

import java.util.List;
import java.util.Optional;

/** What a check did besides the attempt that it reports: experiments, repetitions, waiting. */
public final class FollowUp {
    private static final FollowUp NONE = of(List.of());

    private final Parts parts;

    private record Parts(
            List<Experiment> experiments,
            Optional<Confirmation> confirmation,
            Optional<Attempt> replaced,
            Optional<Attempt> repeated,
            Optional<Waiting> waiting,
            Optional<Reachability> overTcp) {}

    private FollowUp(Parts parts) {
        this.parts = parts;
    }

    /** Nothing. */
    public static FollowUp none() {
        return NONE;
    }

    /** Only experiments. */
    public static FollowUp of(List<Experiment> experiments) {
        return new FollowUp(new Parts(
                List.copyOf(experiments),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty()));
    }

    /** The failed step with one thing changed, each. */
    public List<Experiment> experiments() {
        return parts.experiments;
    }

    /** The experiment of that name, if it was made. */
    public Optional<Experiment> experiment(ExperimentName name) {
        return parts.experiments.stream().filter(each -> each.name() == name).findFirst();
    }

    /** The repetition of a suspected change. */
    public Optional<Confirmation> confirmation() {
        return parts.confirmation;
    }

    /** An earlier attempt that failed, where the reported one passed or told more: the connection is unsteady. */
    public Optional<Attempt> replaced() {
        return parts.replaced;
    }

    /** Another attempt that failed, too. */
    public Optional<Attempt> repeated() {
        return parts.repeated;
    }

    /** The wait for a cluster that was temporarily unavailable. */
    public Optional<Waiting> waiting() {
        return parts.waiting;
    }

    /** The check over TCP, where that was blocked and {@link Transport#AUTO} used the WebSocket instead. */
    public Optional<Reachability> overTcp() {
        return parts.overTcp;
    }

    /** The same with other experiments. */
    public FollowUp with(List<Experiment> experiments) {
        return new FollowUp(new Parts(
                List.copyOf(experiments),
                parts.confirmation,
                parts.replaced,
                parts.repeated,
                parts.waiting,
                parts.overTcp));
    }

    /** The same with a confirmation. */
    public FollowUp with(Confirmation confirmation) {
        return new FollowUp(new Parts(
                parts.experiments,
                Optional.of(confirmation),
                parts.replaced,
                parts.repeated,
                parts.waiting,
                parts.overTcp));
    }

    /** The same, where the reported attempt replaced that one. */
    public FollowUp replacing(Attempt earlier) {
        return new FollowUp(new Parts(
                parts.experiments,
                parts.confirmation,
                Optional.of(earlier),
                parts.repeated,
                parts.waiting,
                parts.overTcp));
    }

    /** The same, where that attempt failed, too. */
    public FollowUp repeatedBy(Attempt another) {
        return new FollowUp(new Parts(
                parts.experiments,
                parts.confirmation,
                parts.replaced,
                Optional.of(another),
                parts.waiting,
                parts.overTcp));
    }

    /** The same after a wait. */
    public FollowUp after(Waiting waiting) {
        return new FollowUp(new Parts(
                parts.experiments,
                parts.confirmation,
                parts.replaced,
                parts.repeated,
                Optional.of(waiting),
                parts.overTcp));
    }

    /** The same after the check over TCP was blocked. */
    public FollowUp after(Reachability overTcp) {
        return new FollowUp(new Parts(
                parts.experiments,
                parts.confirmation,
                parts.replaced,
                parts.repeated,
                parts.waiting,
                Optional.of(overTcp)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FollowUp that && parts.equals(that.parts);
    }

    @Override
    public int hashCode() {
        return parts.hashCode();
    }

    @Override
    public String toString() {
        return parts.toString();
    }
}
