package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the cause means, why it is this cause, and why it is not surer. */
final class Explanation {
    private Explanation() {}

    static String of(Facts facts, RuleMatch match) {
        Cause cause = match.cause();
        List<String> sentences = new ArrayList<>();
        sentences.add(Remedies.fill(cause.explanation(), facts));
        sentences.add(IdentityAdvice.explanation(facts, cause));
        sentences.add(Remedies.fill(match.because(), facts));
        if (cause == Cause.DNS_SINKHOLED && facts.hostsFile().isPresent()) {
            sentences.add("The address comes from this machine's hosts file.");
        }
        sentences.addAll(match.reservations());
        if (cause == Cause.UNKNOWN) {
            sentences.addAll(unknown(facts));
        }
        return sentences.stream().filter(sentence -> !sentence.isEmpty()).collect(Collectors.joining(" "));
    }

    private static List<String> unknown(Facts facts) {
        List<String> sentences = new ArrayList<>();
        if (facts.failedWith(FailureKind.SERVER_ERROR) && !Conditions.SERVER_IS_VERIFIED.holds(facts)) {
            sentences.add("The server that sent the error did not prove to be the cluster"
                    + facts.evidence(Phase.TLS)
                            .text(Evidence.CERTIFICATE_ISSUER)
                            .map(issuer -> "; its certificate was issued by " + issuer)
                            .orElse("")
                    + ".");
        }
        sentences.add("The original error: "
                + EvidenceSentences.end(facts.failed().failure().orElseThrow().message()));
        return sentences;
    }

    /** What is probable and what to do, for the end of the summary. */
    static String advice(Facts facts, RuleMatch match) {
        if (!match.advice().isEmpty()) {
            return Remedies.fill(match.advice(), facts);
        }
        if (match.cause() == Cause.DNS_SINKHOLED && facts.hostsFile().isPresent()) {
            return "this machine's hosts file contains that address; correct or remove its line";
        }
        Optional<String> identity = IdentityAdvice.advice(facts, match.cause());
        return Remedies.fill(identity.orElse(match.cause().advice()), facts);
    }
}
