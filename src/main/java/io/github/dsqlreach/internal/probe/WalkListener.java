package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;

/** Told what a walk does, from its threads, one call at a time. */
public interface WalkListener {
    /** A listener that does nothing. */
    WalkListener NONE = new WalkListener() {};

    /** A phase begins. */
    default void started(Phase phase) {}

    /** A phase passed or failed. */
    default void finished(PhaseResult result) {}
}
