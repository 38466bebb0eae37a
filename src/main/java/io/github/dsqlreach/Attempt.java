package io.github.dsqlreach;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One traversal of a connection: a result for each phase, in the order of {@link Phase}.
 *
 * @param through how far the attempt was asked to get
 * @param results one result for each phase
 */
public record Attempt(Phase through, List<PhaseResult> results) {
    public Attempt {
        Objects.requireNonNull(through, "through");
        results = List.copyOf(results);
        List<Phase> phases = results.stream().map(PhaseResult::phase).toList();
        if (!phases.equals(List.of(Phase.values()))) {
            throw new IllegalArgumentException("results for the phases " + phases + " instead of all in their order");
        }
    }

    /** The result of that phase. */
    public PhaseResult result(Phase phase) {
        return results.get(phase.ordinal());
    }

    /** The first phase that failed; empty if none did. */
    public Optional<PhaseResult> failed() {
        return results.stream().filter(PhaseResult::failed).findFirst();
    }

    /** Whether every phase up to the last one asked for passed. */
    public boolean passed() {
        return results.stream().limit(through.ordinal() + 1L).allMatch(PhaseResult::passed);
    }

    /** One line for each phase. */
    @Override
    public String toString() {
        return String.join("\n", results.stream().map(PhaseResult::toString).toList());
    }
}
