package io.github.dsqlreach;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One traversal of a connection: what became of each phase. A check's attempt has all phases. That of an {@link Experiment}
 * has those that it is about: a DNS query has one, a TLS handshake at a known address two.
 *
 * @param through how far the attempt was asked to get
 * @param phases the results, in the order of {@link Phase}
 */
public record Attempt(Phase through, List<PhaseResult> phases) {
    public Attempt {
        Objects.requireNonNull(through, "through");
        phases = List.copyOf(phases);
        for (int i = 1; i < phases.size(); i++) {
            if (phases.get(i - 1).phase().compareTo(phases.get(i).phase()) >= 0) {
                throw new IllegalArgumentException("results for "
                        + phases.stream().map(PhaseResult::phase).toList() + " instead of each phase in its order");
            }
        }
    }

    /** The result of that phase; not reached if the attempt is not about it. */
    public PhaseResult result(Phase phase) {
        return phases.stream()
                .filter(result -> result.phase() == phase)
                .findFirst()
                .orElseGet(() -> PhaseResult.notReached(phase));
    }

    /** What that phase observed. */
    public Evidence evidence(Phase phase) {
        return result(phase).evidence();
    }

    /** The first phase that failed; empty if none did. */
    public Optional<PhaseResult> failed() {
        return phases.stream().filter(PhaseResult::failed).findFirst();
    }

    /** Whether it got as far as it was asked to. */
    public boolean passed() {
        return result(through).passed() && failed().isEmpty();
    }

    /** The time of all phases. */
    public Duration duration() {
        return phases.stream().map(PhaseResult::duration).reduce(Duration.ZERO, Duration::plus);
    }

    /** The same with another result, or one more. */
    public Attempt with(PhaseResult result) {
        List<PhaseResult> all = new ArrayList<>();
        for (Phase phase : Phase.values()) {
            if (phase == result.phase()) {
                all.add(result);
            } else {
                phases.stream().filter(each -> each.phase() == phase).forEach(all::add);
            }
        }
        return new Attempt(through, all);
    }

    /** One line for each phase. */
    @Override
    public String toString() {
        return String.join("\n", phases.stream().map(PhaseResult::toString).toList());
    }
}
