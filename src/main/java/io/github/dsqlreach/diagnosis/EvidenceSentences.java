package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Attempt;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.ExperimentName;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.FollowUp;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.PhaseResult;
import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.internal.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The facts of a failed attempt, one sentence each. */
final class EvidenceSentences {
    private EvidenceSentences() {}

    static List<String> of(Facts facts) {
        List<String> sentences = of(facts.followUp(), "told more");
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
                    + Numbers.millis(facts.evidence().get(Evidence.AFTER_MILLIS).orElseThrow())
                    + ", but the round trip to the server takes "
                    + Numbers.millis(facts.roundTrips().shortest())
                    + ": a device near this machine sent it, not the server.");
        }
        experiments(facts, sentences);
        if (Conditions.NOT_ARRIVING.holds(facts)) {
            sentences.add(facts.evidence().text(Evidence.UNACKNOWLEDGED_BYTES).orElse("")
                    + " bytes were not acknowledged in time, although this machine sent them again "
                    + facts.evidence().text(Evidence.RETRANSMISSIONS).orElse("") + " times.");
        }
        if (Conditions.PACKETS_LOST.holds(facts)) {
            sentences.add(String.format(
                    Locale.ROOT,
                    "%d of %d connections took whole seconds longer, as after a lost packet: the network loses"
                            + " packets.",
                    facts.roundTrips().late(),
                    facts.roundTrips().connections()));
        }
        facts.attempt().phases().stream()
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
                alike.add(experiment.name().label());
            } else {
                sentences.add(of(experiment));
            }
        }
        facts.followUp()
                .confirmation()
                .ifPresent(confirmation -> sentences.add("Control and variant repeated: " + confirmation + "."));
        facts.followUp()
                .repeated()
                .map(Facts::networkFailure)
                .flatMap(PhaseResult::failure)
                .ifPresent(failure -> {
                    if (failure.kind() == facts.kind()) {
                        alike.add("the whole attempt again");
                    } else {
                        sentences.add(end("The whole attempt again: " + failure));
                    }
                });
        if (!alike.isEmpty()) {
            sentences.add("The same failure (" + facts.kind().label() + ") with: " + String.join(", ", alike) + ".");
        }
    }

    /**
     * What was done before the attempt that is reported.
     *
     * @param did what that attempt did, where it replaced an earlier one
     */
    static List<String> of(FollowUp followUp, String did) {
        List<String> sentences = new ArrayList<>();
        followUp.overTcp()
                .flatMap(Reachability::failure)
                .ifPresent(failure -> sentences.add(end("The attempt over TCP: " + failure)));
        followUp.replaced()
                .map(Facts::networkFailure)
                .flatMap(PhaseResult::failure)
                .ifPresent(failure ->
                        sentences.add("The first attempt failed: " + failure + "; another attempt " + did + "."));
        followUp.waiting().ifPresent(waiting -> sentences.add("The check " + waiting + "."));
        return sentences;
    }

    private static String of(Experiment experiment) {
        String label = experiment.name().label();
        Optional<Failure> localError =
                experiment.failure().filter(failure -> failure.kind().isLocal());
        if (localError.isPresent()) {
            return end("An error of this machine ended " + label + ": " + localError.get());
        }
        if (ExperimentResults.isUnfinished(experiment)) {
            return "Not finished in time: " + label + ".";
        }
        if (experiment.failure().isPresent()) {
            return end("With " + label + where(experiment) + ": "
                    + experiment.failure().get());
        }
        String time = Numbers.print(experiment.duration());
        return switch (experiment.name()) {
            case IDLE -> "An idle connection stayed open for " + time + ".";
            case BEHIND_TLS -> "After TLS with that certificate, a PostgreSQL server answers.";
            case PLAIN_START -> "Without TLS, a PostgreSQL server answers.";
            case WEB_REQUEST ->
                end("A web server answers: \""
                        + experiment.evidence(Phase.AUTH).get(Evidence.ANSWER).orElse("") + "\"");
            default -> end("With " + label + where(experiment) + ": passed in " + time + issuer(experiment));
        };
    }

    private static String where(Experiment experiment) {
        return experiment
                .evidence(Phase.TCP)
                .get(Evidence.ADDRESS)
                .filter(address -> experiment.name() == ExperimentName.OTHER_ADDRESS)
                .map(address -> " (" + address + ")")
                .orElse("");
    }

    private static String issuer(Experiment experiment) {
        return experiment
                .evidence(Phase.TLS)
                .get(Evidence.CERTIFICATE_ISSUER)
                .filter(issuer -> !experiment.evidence(Phase.TLS).is(Evidence.VERIFIED))
                .map(issuer -> ", with an unverified certificate issued by " + issuer)
                .orElse("");
    }

    private static String received(Facts facts) {
        return Conditions.CONNECTION_LOST.contains(facts.kind())
                ? facts.evidence()
                        .get(Evidence.BYTES_RECEIVED)
                        .map(bytes -> ", received " + bytes + " B")
                        .orElse("")
                : "";
    }
}
