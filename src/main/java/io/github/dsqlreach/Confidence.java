package io.github.dsqlreach;

/** How sure a {@link Diagnosis} is of its cause. */
public enum Confidence {
    /** An experiment isolated the trigger, or the failing side said so itself. */
    CONFIRMED,
    /** The facts fit this cause and no other cause fits them as well. */
    LIKELY,
    /** The facts fit this cause, and others too, or they contradict each other. */
    POSSIBLE
}
