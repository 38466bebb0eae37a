package io.github.dsqlreach;

import java.util.Objects;
import java.util.Optional;

/**
 * What the evidence of a diagnosis shows besides its cause.
 *
 * @param trigger the experiment whose change ends the failure, with control and variant repeated; empty if no change is
 *     blamed
 * @param after the message that was sent last before the failure; empty if none was, or it is not known
 * @param origin where the connection was ended
 * @param slow whether answers still came when time was up
 * @param intermittent whether the same step also passed
 */
public record DiagnosisDetails(
        Optional<ExperimentName> trigger,
        Optional<SentMessage> after,
        Origin origin,
        boolean slow,
        boolean intermittent) {

    /** Where a connection was ended. */
    public enum Origin {
        /** Near this machine: the end came sooner than one from the server can come. */
        NEARBY,
        /** The evidence does not tell. */
        UNKNOWN
    }

    public DiagnosisDetails {
        Objects.requireNonNull(trigger, "trigger");
        Objects.requireNonNull(after, "after");
        Objects.requireNonNull(origin, "origin");
    }

    /** No details. */
    public static DiagnosisDetails none() {
        return new DiagnosisDetails(Optional.empty(), Optional.empty(), Origin.UNKNOWN, false, false);
    }
}
