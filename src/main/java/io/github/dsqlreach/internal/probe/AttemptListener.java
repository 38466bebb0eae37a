package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;

/** Is called with the progress of an attempt, from its threads, one call at a time. */
public interface AttemptListener {
    /** A listener that does nothing. */
    AttemptListener NONE = new AttemptListener() {};

    /** A phase begins. */
    default void started(Phase phase) {}

    /** A phase passed or failed. */
    default void finished(PhaseResult result) {}
}
