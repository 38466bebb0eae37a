package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The repetitions of the unchanged step (control) and of the step with a change (variant), as one experiment.
 *
 * <p>The change is blamed if every control failed and every variant passed, except for one. Where connections fail at
 * random, a failed attempt blames a change by chance in at most 0.02 % of cases if 10 % of connections fail, in 0.2 % if
 * 30 % fail, and in 0.6 % if half of them fail. {@code ChanceTest} simulates it.
 */
final class Confirmation {
    /** The number of repetitions of each. */
    static final int REPETITIONS = 5;
    /** S: control, C: variant. A device that acts on every second or third connection cannot follow this order. */
    static final String ORDER = "SCCSCSSCCS";

    private static final int FEWEST_FAILURES = 4;
    private static final int FEWEST_PASSES = 4;
    private static final String CHANGE = "change";
    private static final String UNCHANGED = "unchanged";
    private static final String UNCHANGED_FAILED = "unchangedFailed";
    private static final String CHANGED = "changed";
    private static final String CHANGED_PASSED = "changedPassed";

    private Confirmation() {}

    /** Of repetitions that are over. Those that did not finish or did not connect do not count. */
    static Experiment of(ExperimentName change, List<Experiment> repetitions) {
        List<Experiment> same = finished(repetitions, ExperimentName.SAME_AGAIN);
        List<Experiment> changed = finished(repetitions, change);
        long failed = same.stream().filter(e -> !e.passed()).count();
        long passed = changed.stream().filter(Experiment::passed).count();
        Evidence evidence = Evidence.builder()
                .put(CHANGE, change.id())
                .put(UNCHANGED, same.size())
                .put(UNCHANGED_FAILED, failed)
                .put(CHANGED, changed.size())
                .put(CHANGED_PASSED, passed)
                .build();
        boolean holds = failed == same.size()
                && failed >= FEWEST_FAILURES
                && passed >= FEWEST_PASSES
                && passed >= changed.size() - 1;
        return new Experiment(
                ExperimentName.CONFIRMATION.id(),
                repetitions.stream()
                        .map(Experiment::duration)
                        .max(Comparator.naturalOrder())
                        .orElse(Duration.ZERO),
                evidence,
                holds ? Optional.empty() : Optional.of(new Failure(FailureKind.UNCLASSIFIED, describe(evidence))));
    }

    private static List<Experiment> finished(List<Experiment> repetitions, ExperimentName name) {
        return repetitions.stream()
                .filter(e -> e.name().equals(name.id())
                        && !ExperimentResults.isUnfinished(e)
                        && ExperimentResults.connected(e))
                .toList();
    }

    /** It says that this change is the reason. */
    static boolean blames(Experiment confirmation, ExperimentName change) {
        return confirmation.passed()
                && confirmation
                        .evidence()
                        .text(CHANGE)
                        .filter(change.id()::equals)
                        .isPresent();
    }

    /** A control passed: the failure is intermittent. */
    static boolean passedUnchanged(Experiment confirmation) {
        return number(confirmation.evidence(), UNCHANGED_FAILED) < number(confirmation.evidence(), UNCHANGED);
    }

    /** At least one variant passed. */
    static boolean passedChanged(Experiment confirmation) {
        return number(confirmation.evidence(), CHANGED_PASSED) > 0;
    }

    static String describe(Experiment confirmation) {
        return describe(confirmation.evidence());
    }

    private static String describe(Evidence evidence) {
        return "without the change it failed " + number(evidence, UNCHANGED_FAILED) + " of "
                + number(evidence, UNCHANGED)
                + " times, with " + label(evidence) + " it passed " + number(evidence, CHANGED_PASSED) + " of "
                + number(evidence, CHANGED) + " times";
    }

    private static String label(Evidence evidence) {
        return evidence.text(CHANGE)
                .flatMap(ExperimentName::of)
                .map(ExperimentName::label)
                .orElse("a change");
    }

    private static long number(Evidence evidence, String name) {
        return (long) evidence.number(name).orElse(0);
    }
}
