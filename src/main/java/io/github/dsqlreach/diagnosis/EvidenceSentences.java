package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Diagnosis;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.internal.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The facts that decided, one sentence each, and those that contradict. */
final class EvidenceSentences {
    private EvidenceSentences() {}

    static List<String> of(Facts facts) {
        List<String> sentences = new ArrayList<>();
        PhaseResult failed = facts.failed();
        sentences.add(end(failed.phase().label() + " failed: "
                + failed.failure().orElseThrow().message() + received(facts)));
        facts.text(Evidence.HINT).ifPresent(hint -> sentences.add(end("The server's hint: " + hint)));
        facts.text(Evidence.DETAIL)
                .ifPresent(detail -> sentences.add(end("The server's detail, which AWS's support can use: " + detail)));
        facts.hostsFile()
                .ifPresent(file -> sentences.add("The address comes from the hosts file " + file + ", not from DNS."));
        sentences.addAll(IdentityAdvice.evidence(facts));
        sentences.addAll(unverified(facts.endpoint(), facts.attempt()));
        if (facts.origin() == Diagnosis.Origin.NEARBY) {
            String what = facts.failedWith(FailureKind.RESET)
                    ? "The reset"
                    : facts.failedWith(FailureKind.CLOSED) ? "The close" : "The alert";
            sentences.add(what + " came back after "
                    + Numbers.millis(
                            facts.evidence().number(Evidence.AFTER_MILLIS).orElse(0))
                    + ", and the round trip to the server takes "
                    + Numbers.millis(facts.roundTrips().shortest())
                    + ": a device near this machine sent it, not the server.");
        }
        experiments(facts, sentences);
        if (facts.isNotArriving()) {
            sentences.add(String.format(
                    Locale.ROOT,
                    "%.0f bytes did not get there or were not confirmed in time, though this machine sent them again %.0f"
                            + " times.",
                    facts.evidence().number(Evidence.UNACKNOWLEDGED_BYTES).orElse(0),
                    facts.evidence().number(Evidence.RETRANSMISSIONS).orElse(0)));
        }
        if (facts.roundTrips().showLoss()) {
            sentences.add(String.format(
                    Locale.ROOT,
                    "%d of %d connections took whole seconds longer, as after a lost packet: the network loses some.",
                    facts.roundTrips().late(),
                    facts.roundTrips().connections()));
        }
        if (facts.contradicted()) {
            sentences.add("The failure did not show in the same way when it was repeated.");
        }
        facts.attempt().results().stream()
                .filter(result -> result.failed() && result != failed)
                .forEach(other -> sentences.add(end(other.phase().label() + " failed as well: "
                        + other.failure().orElseThrow().message())));
        return sentences;
    }

    /** That the user asked for less than proof, and what is wrong with what the server showed. */
    static List<String> unverified(Endpoint endpoint, Attempt attempt) {
        PhaseResult tls = attempt.result(Phase.TLS);
        if (!tls.passed() || tls.evidence().is(Evidence.VERIFIED)) {
            return List.of();
        }
        List<String> sentences = new ArrayList<>();
        sentences.add("The server's name was not verified: " + endpoint.trust() + ".");
        tls.evidence().list(Evidence.NOTES).forEach(note -> sentences.add(end("What the server showed: " + note)));
        return sentences;
    }

    /** The text as a sentence, with one full stop. */
    static String end(String text) {
        return text.endsWith(".") || text.endsWith(".\"") ? text : text + ".";
    }

    /** What made a difference one by one, and what made none together: each result is among the experiments anyway. */
    private static void experiments(Facts facts, List<String> sentences) {
        List<String> alike = new ArrayList<>();
        for (Experiment experiment : facts.experiments()) {
            if (experiment.failedWith(facts.kind())) {
                alike.add(label(experiment.name()));
            } else {
                sentences.add(of(experiment));
            }
        }
        if (!alike.isEmpty()) {
            sentences.add("The same (" + facts.kind().label() + ") with: " + String.join(", ", alike) + ".");
        }
    }

    static String of(Experiment experiment) {
        if (experiment.name().equals(ExperimentName.CONFIRMATION.id())) {
            return "Both ways repeated: " + Confirmation.describe(experiment) + ".";
        }
        if (Tries.isUnfinished(experiment)) {
            return "Not finished in time: " + label(experiment.name()) + ".";
        }
        String label = label(experiment.name());
        String where = experiment
                .evidence()
                .text(Evidence.ADDRESS)
                .filter(address -> experiment.name().equals(ExperimentName.OTHER_ADDRESS.id()))
                .map(address -> " (" + address + ")")
                .orElse("");
        Optional<ExperimentName> known = ExperimentName.of(experiment.name());
        if (experiment.passed() && known.isPresent()) {
            String time = Numbers.print(experiment.duration());
            switch (known.get()) {
                case IDLE -> {
                    return "A connection on which nothing was sent stayed open for " + time + ".";
                }
                case BEHIND_TLS -> {
                    return "Behind that certificate a PostgreSQL answers.";
                }
                case PLAIN_START -> {
                    return "Without TLS a PostgreSQL answers.";
                }
                case WEB_REQUEST -> {
                    return end("A web server answers there: \""
                            + experiment.evidence().text(Evidence.ANSWER).orElse("") + "\"");
                }
                default -> {
                    // As the others.
                }
            }
        }
        return end("With " + label + where + ": "
                + experiment
                        .failure()
                        .map(Object::toString)
                        .orElseGet(() -> "passed in " + Numbers.print(experiment.duration()) + issuer(experiment)));
    }

    private static String issuer(Experiment experiment) {
        return experiment
                .evidence()
                .text(Evidence.CERTIFICATE_ISSUER)
                .filter(issuer -> !experiment.evidence().is(Evidence.VERIFIED))
                .map(issuer -> ", with a certificate that was not verified, issued by " + issuer)
                .orElse("");
    }

    private static String label(String id) {
        return ExperimentName.of(id).map(ExperimentName::label).orElse(id);
    }

    private static String received(Facts facts) {
        return facts.evidence().number(Evidence.BYTES_RECEIVED).isPresent() && facts.cut()
                ? String.format(Locale.ROOT, ", %d bytes received", (long)
                        facts.evidence().number(Evidence.BYTES_RECEIVED).getAsDouble())
                : "";
    }
}
