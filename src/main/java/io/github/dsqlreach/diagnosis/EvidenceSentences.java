package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.internal.Numbers;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The facts of a failed attempt, one sentence each. */
final class EvidenceSentences {
    /** What a report notes beside the experiments. */
    private static final Set<ExperimentName> NOT_EXPERIMENTS = EnumSet.of(
            ExperimentName.FIRST_ATTEMPT, ExperimentName.ATTEMPT_AGAIN, ExperimentName.OVER_TCP, ExperimentName.WAIT);

    private EvidenceSentences() {}

    static List<String> of(Facts facts) {
        List<String> sentences = new ArrayList<>();
        PhaseResult failed = facts.failed();
        sentences.add(end(failed.phase().label() + " failed: "
                + failed.failure().orElseThrow().message() + received(facts)));
        facts.text(Evidence.HINT).ifPresent(hint -> sentences.add(end("The server's hint: " + hint)));
        facts.text(Evidence.DETAIL)
                .ifPresent(detail -> sentences.add(end("The server's detail, useful for AWS Support: " + detail)));
        facts.hostsFile()
                .ifPresent(file -> sentences.add("The address comes from the hosts file " + file + ", not from DNS."));
        sentences.addAll(IdentityAdvice.evidence(facts));
        sentences.addAll(unverified(facts.endpoint(), facts.attempt()));
        if (Conditions.ENDED_NEARBY.holds(facts)) {
            String what = facts.failedWith(FailureKind.RESET)
                    ? "The reset"
                    : facts.failedWith(FailureKind.CLOSED) ? "The close" : "The alert";
            sentences.add(what + " came back after "
                    + Numbers.millis(
                            facts.evidence().number(Evidence.AFTER_MILLIS).orElse(0))
                    + ", but the round trip to the server takes "
                    + Numbers.millis(facts.roundTrips().shortest())
                    + ": a device near this machine sent it, not the server.");
        }
        experiments(facts, sentences);
        if (Conditions.NOT_ARRIVING.holds(facts)) {
            sentences.add(String.format(
                    Locale.ROOT,
                    "%.0f bytes were not acknowledged in time, although this machine sent them again %.0f times.",
                    facts.evidence().number(Evidence.UNACKNOWLEDGED_BYTES).orElse(0),
                    facts.evidence().number(Evidence.RETRANSMISSIONS).orElse(0)));
        }
        if (Conditions.PACKETS_LOST.holds(facts)) {
            sentences.add(String.format(
                    Locale.ROOT,
                    "%d of %d connections took whole seconds longer, as after a lost packet: the network loses"
                            + " packets.",
                    facts.roundTrips().late(),
                    facts.roundTrips().connections()));
        }
        facts.attempt().results().stream()
                .filter(result -> result.failed() && result != failed)
                .forEach(other -> sentences.add(end(other.phase().label() + " failed as well: "
                        + other.failure().orElseThrow().message())));
        return sentences;
    }

    /** That the user's settings do not verify the server, and what is wrong with its certificate. */
    static List<String> unverified(Endpoint endpoint, Attempt attempt) {
        PhaseResult tls = attempt.result(Phase.TLS);
        if (!tls.passed() || tls.evidence().is(Evidence.VERIFIED)) {
            return List.of();
        }
        List<String> sentences = new ArrayList<>();
        sentences.add("The server's name was not verified: " + endpoint.trust() + ".");
        tls.evidence().list(Evidence.NOTES).forEach(note -> sentences.add(end("The server's certificate: " + note)));
        return sentences;
    }

    /** The text as a sentence, with one full stop. */
    static String end(String text) {
        return text.endsWith(".") || text.endsWith(".\"") ? text : text + ".";
    }

    /** Experiments that ended in another way have a sentence each; those that ended in the same way share one. */
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
            sentences.add("The same failure (" + facts.kind().label() + ") with: " + String.join(", ", alike) + ".");
        }
    }

    static String of(Experiment experiment) {
        if (experiment.name().equals(ExperimentName.CONFIRMATION.id())) {
            return "Control and variant repeated: " + Confirmation.describe(experiment) + ".";
        }
        Optional<Failure> localError =
                experiment.failure().filter(failure -> failure.kind().isLocal());
        if (localError.isPresent()) {
            return end("An error of this machine ended " + label(experiment.name()) + ": " + localError.get());
        }
        if (ExperimentResults.isUnfinished(experiment)) {
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
                    return "An idle connection stayed open for " + time + ".";
                }
                case BEHIND_TLS -> {
                    return "After TLS with that certificate, a PostgreSQL server answers.";
                }
                case PLAIN_START -> {
                    return "Without TLS, a PostgreSQL server answers.";
                }
                case WEB_REQUEST -> {
                    return end("A web server answers: \""
                            + experiment.evidence().text(Evidence.ANSWER).orElse("") + "\"");
                }
                default -> {
                    // Like the others.
                }
            }
        }
        String result = experiment
                .failure()
                .map(Object::toString)
                .orElseGet(() -> "passed in " + Numbers.print(experiment.duration()) + issuer(experiment));
        return end(
                known.filter(NOT_EXPERIMENTS::contains).isPresent()
                        ? label.substring(0, 1).toUpperCase(Locale.ROOT) + label.substring(1) + ": " + result
                        : "With " + label + where + ": " + result);
    }

    private static String issuer(Experiment experiment) {
        return experiment
                .evidence()
                .text(Evidence.CERTIFICATE_ISSUER)
                .filter(issuer -> !experiment.evidence().is(Evidence.VERIFIED))
                .map(issuer -> ", with an unverified certificate issued by " + issuer)
                .orElse("");
    }

    private static String label(String id) {
        return ExperimentName.of(id).map(ExperimentName::label).orElse(id);
    }

    private static String received(Facts facts) {
        return facts.evidence().number(Evidence.BYTES_RECEIVED).isPresent()
                        && Conditions.CONNECTION_LOST.contains(facts.kind())
                ? String.format(Locale.ROOT, ", received %.0f B", facts.number(Evidence.BYTES_RECEIVED))
                : "";
    }
}
