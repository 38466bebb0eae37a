package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.Verdict;
import java.util.Optional;

/**
 * An obstacle, and what the diagnosis must come to.
 *
 * @param name what is in the way
 * @param verdict the verdict expected
 * @param layer the layer expected
 * @param cause the cause expected; empty when the endpoint is reachable
 * @param confidence the confidence expected; empty when either will do
 * @param play sets the obstacle up and checks
 */
record Scenario(
        String name,
        Verdict verdict,
        Optional<Phase> layer,
        Optional<Cause> cause,
        Optional<Confidence> confidence,
        Play play) {

    /** Sets the obstacle up and checks. */
    interface Play {
        Reachability in(Stage.Scene scene) throws Exception;
    }

    /** What shows in the cause's own layer. */
    static Scenario of(Cause cause, Confidence confidence, String name, Play play) {
        return new Scenario(name, cause.verdict(), cause.layer(), Optional.of(cause), Optional.of(confidence), play);
    }

    /** What is known, but not how surely. */
    static Scenario of(Cause cause, String name, Play play) {
        return new Scenario(name, cause.verdict(), cause.layer(), Optional.of(cause), Optional.empty(), play);
    }

    static Scenario reachable(Confidence confidence, String name, Play play) {
        return new Scenario(name, Verdict.REACHABLE, Optional.empty(), Optional.empty(), Optional.of(confidence), play);
    }

    /** The same, showing in another layer than the cause's own. */
    Scenario at(Phase layer) {
        return new Scenario(name, verdict, Optional.of(layer), cause, confidence, play);
    }

    /** What is expected, as a label of the matrix. */
    String expected() {
        return cause.map(Enum::name).orElse(verdict.name());
    }

    static String label(Diagnosis diagnosis) {
        return diagnosis.cause().map(Enum::name).orElse(diagnosis.verdict().name());
    }

    /** Whether that is what is expected. */
    boolean fits(Diagnosis diagnosis) {
        return expected().equals(label(diagnosis))
                && verdict == diagnosis.verdict()
                && layer.equals(diagnosis.layer())
                && confidence.map(diagnosis.confidence()::equals).orElse(true);
    }

    @Override
    public String toString() {
        return expected() + ": " + name;
    }
}
