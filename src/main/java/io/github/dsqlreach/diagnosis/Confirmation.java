package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** What the repetitions of a failure and of the change that let it through come to, as one experiment. */
final class Confirmation {
    private static final String FAILED_AGAIN = "failedAgain";
    private static final String PASSED_AGAIN = "passedAgain";

    private Confirmation() {}

    static Experiment of(List<Experiment> repetitions, FailureKind kind) {
        List<Experiment> same = named(repetitions, true);
        List<Experiment> changed = named(repetitions, false);
        long failed = same.stream().filter(e -> e.failedWith(kind)).count();
        long passed = changed.stream().filter(Experiment::passed).count();
        Evidence evidence = Evidence.builder()
                .put(FAILED_AGAIN, failed + " of " + same.size())
                .put(PASSED_AGAIN, passed + " of " + changed.size())
                .build();
        boolean holds = failed == same.size() && passed == changed.size() && failed > 0 && passed > 0;
        return new Experiment(
                ExperimentName.CONFIRMATION.id(),
                repetitions.stream()
                        .map(Experiment::duration)
                        .max(Comparator.naturalOrder())
                        .orElse(Duration.ZERO),
                evidence,
                holds ? Optional.empty() : Optional.of(new Failure(FailureKind.UNCLASSIFIED, describe(evidence))));
    }

    static String describe(Experiment confirmation) {
        return describe(confirmation.evidence());
    }

    private static String describe(Evidence evidence) {
        return "unchanged it failed " + evidence.text(FAILED_AGAIN).orElse("?") + " times, changed it passed "
                + evidence.text(PASSED_AGAIN).orElse("?") + " times";
    }

    private static List<Experiment> named(List<Experiment> repetitions, boolean same) {
        return repetitions.stream()
                .filter(e -> e.name().equals(ExperimentName.SAME_AGAIN.id()) == same)
                .toList();
    }
}
