package io.github.dsqlreach;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a check did besides the attempt that it reports: experiments, repetitions, waiting. Immutable. */
public final class FollowUp {
    private static final FollowUp NONE = of(List.of());

    private final List<Experiment> experiments;
    // Changed in a fresh copy only, before anyone else sees it.
    private @Nullable Confirmation confirmation;
    private @Nullable Attempt replaced;
    private @Nullable Attempt repeated;
    private @Nullable Waiting waiting;
    private @Nullable Reachability overTcp;

    private FollowUp(List<Experiment> experiments) {
        this.experiments = List.copyOf(experiments);
    }

    private FollowUp copy() {
        FollowUp copy = new FollowUp(experiments);
        copy.confirmation = confirmation;
        copy.replaced = replaced;
        copy.repeated = repeated;
        copy.waiting = waiting;
        copy.overTcp = overTcp;
        return copy;
    }

    /** Nothing. */
    public static FollowUp none() {
        return NONE;
    }

    /** Only experiments. */
    public static FollowUp of(List<Experiment> experiments) {
        return new FollowUp(experiments);
    }

    /** The failed step with one thing changed, each. */
    public List<Experiment> experiments() {
        return experiments;
    }

    /** The experiment of that name, if it was made. */
    public Optional<Experiment> experiment(ExperimentName name) {
        return experiments.stream().filter(each -> each.name() == name).findFirst();
    }

    /** The repetition of a suspected change. */
    public Optional<Confirmation> confirmation() {
        return Optional.ofNullable(confirmation);
    }

    /** An earlier attempt that failed, where the reported one passed or told more: the connection is unsteady. */
    public Optional<Attempt> replaced() {
        return Optional.ofNullable(replaced);
    }

    /** Another attempt that failed, too. */
    public Optional<Attempt> repeated() {
        return Optional.ofNullable(repeated);
    }

    /** The wait for a cluster that was temporarily unavailable. */
    public Optional<Waiting> waiting() {
        return Optional.ofNullable(waiting);
    }

    /** The check over TCP, where that was blocked and {@link Transport#AUTO} used the WebSocket instead. */
    public Optional<Reachability> overTcp() {
        return Optional.ofNullable(overTcp);
    }

    /** The same with a confirmation. */
    public FollowUp with(Confirmation made) {
        FollowUp copy = copy();
        copy.confirmation = Objects.requireNonNull(made);
        return copy;
    }

    /** The same, where the reported attempt replaced that one. */
    public FollowUp replacing(Attempt earlier) {
        FollowUp copy = copy();
        copy.replaced = Objects.requireNonNull(earlier);
        return copy;
    }

    /** The same, where that attempt failed, too. */
    public FollowUp repeatedBy(Attempt another) {
        FollowUp copy = copy();
        copy.repeated = Objects.requireNonNull(another);
        return copy;
    }

    /** The same after a wait. */
    public FollowUp after(Waiting waited) {
        FollowUp copy = copy();
        copy.waiting = Objects.requireNonNull(waited);
        return copy;
    }

    /** The same after the check over TCP was blocked. */
    public FollowUp after(Reachability blocked) {
        FollowUp copy = copy();
        copy.overTcp = Objects.requireNonNull(blocked);
        return copy;
    }

    private List<@Nullable Object> parts() {
        return Arrays.asList(experiments, confirmation, replaced, repeated, waiting, overTcp);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof FollowUp that && parts().equals(that.parts());
    }

    @Override
    public int hashCode() {
        return parts().hashCode();
    }

    @Override
    public String toString() {
        return parts().toString();
    }
}
