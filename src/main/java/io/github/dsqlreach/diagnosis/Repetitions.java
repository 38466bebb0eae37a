package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Confirmation;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * How often and in which order control and variant are repeated.
 *
 * <p>Where connections fail at random, a failed attempt blames a change by chance in at most 0.02 % of cases if 10 % of
 * connections fail, in 0.2 % if 30 % fail, and in 0.6 % if half of them fail. {@code ChanceTest} simulates it.
 */
final class Repetitions {
    /** The number of repetitions of each. */
    static final int EACH = 5;
    /** S: control, C: variant. A device that acts on every second or third connection cannot follow this order. */
    static final String ORDER = "SCCSCSSCCS";

    private Repetitions() {}

    /** Of repetitions that are over. Those that did not finish or did not connect do not count. */
    static Confirmation confirmation(ExperimentName change, List<Experiment> repetitions) {
        return new Confirmation(
                change,
                repetitions.stream()
                        .map(Experiment::duration)
                        .max(Comparator.naturalOrder())
                        .orElse(Duration.ZERO),
                counted(repetitions, ExperimentName.SAME_AGAIN),
                counted(repetitions, change));
    }

    private static Confirmation.Repetitions counted(List<Experiment> repetitions, ExperimentName name) {
        List<Experiment> ended = repetitions.stream()
                .filter(e -> e.name() == name && !ExperimentResults.isUnfinished(e) && ExperimentResults.connected(e))
                .toList();
        return new Confirmation.Repetitions(
                ended.size(), (int) ended.stream().filter(Experiment::passed).count());
    }
}
