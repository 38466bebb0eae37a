package io.github.dsqlreach.diagnosis;

import java.util.Optional;

/**
 * A row of the table of what lowers confidence.
 *
 * @param id its identifier in the documentation
 * @param applies when it applies, in words
 * @param when the condition for that; empty where the match itself shows it
 * @param steps by how many steps it lowers the confidence
 * @param onlyConfirmed whether it lowers CONFIRMED only
 * @param because why, in one sentence; {@code {change}} stands for the change that was tried
 */
record Doubt(String id, String applies, Optional<Condition> when, int steps, boolean onlyConfirmed, String because) {
    static Doubt of(String id, Condition when, int steps, String because) {
        return new Doubt(id, when.name(), Optional.of(when), steps, false, because);
    }

    /** What only a confirmed diagnosis needs. */
    static Doubt ofConfirmed(String id, Condition when, String because) {
        return new Doubt(id, when.name(), Optional.of(when), 1, true, because);
    }

    static Doubt ofMatch(String id, String applies, int steps, String because) {
        return new Doubt(id, applies, Optional.empty(), steps, false, because);
    }

    Truth in(Facts facts) {
        return when.map(condition -> condition.in(facts)).orElse(Truth.FALSE);
    }
}
