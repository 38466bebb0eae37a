package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.Phase;
import java.util.EnumSet;
import java.util.Set;

/** The cause's explanation, and what this case adds to it. */
final class Explanation {
    private static final Set<Cause> UNEXPLAINED =
            EnumSet.of(Cause.TLS_RESET, Cause.TLS_TIMEOUT, Cause.TLS_CLOSED, Cause.TLS_ALERT);

    private Explanation() {}

    static String of(Facts facts, Cause cause) {
        StringBuilder text = new StringBuilder(Remedies.fill(cause.explanation(), facts));
        if (facts.slow()) {
            return "The connection was not done in time, though answers kept coming: the network or the server is slow.";
        }
        if (cause == Cause.TLS_INTERCEPTED) {
            text.append(" It was issued by ")
                    .append(facts.text(Evidence.CERTIFICATE_ISSUER).orElse("an unknown party"))
                    .append(facts.endpoint().isClusterName() ? " instead of Amazon." : ".");
        }
        if (cause == Cause.DIRECT_TLS_BLOCKED
                && facts.failedWith(FailureKind.RESET, FailureKind.CLOSED, FailureKind.SERVER_ERROR)
                && !facts.isProvenCluster()) {
            text.append(
                    " It may be the server itself: PostgreSQL knows direct TLS since version 17, and some poolers do not.");
        }
        if (onlyTls13(facts, cause)) {
            text.append(" With TLS 1.2 it gets through: a device on the way does not cope with TLS 1.3.");
        } else if (facts.at(Phase.TLS) && UNEXPLAINED.contains(cause) && facts.byChance()) {
            text.append(" It comes and goes: no single change lets it through.");
        } else if (endsByItself(facts, cause)) {
            text.append(
                    " It ends even when nothing is sent: so does a load balancer or a tunnel with nobody behind it.");
        } else if (facts.at(Phase.TLS)
                && UNEXPLAINED.contains(cause)
                && !facts.experiments().isEmpty()) {
            text.append(" No experiment tells more.");
        }
        if (cause == Cause.UNKNOWN) {
            text.append(" The original error: ")
                    .append(EvidenceSentences.end(
                            facts.failed().failure().orElseThrow().message()));
        }
        String identity = IdentityAdvice.explanation(facts, cause);
        return identity.isEmpty() ? text.toString() : text + " " + identity;
    }

    /** What is likely and what to do, for the end of the summary. */
    static String advice(Facts facts, Cause cause) {
        if (endsByItself(facts, cause)) {
            return "it ends even when nothing is sent; check what is behind that address, then try another network";
        }
        return onlyTls13(facts, cause)
                ? "a device on the way does not cope with TLS 1.3; set -Djdk.tls.client.protocols=TLSv1.2"
                : Remedies.fill(IdentityAdvice.advice(facts, cause).orElse(cause.advice()), facts);
    }

    private static boolean onlyTls13(Facts facts, Cause cause) {
        return UNEXPLAINED.contains(cause) && facts.passed(ExperimentName.TLS_1_2) && !facts.byChance();
    }

    /** TLS is not what ends the connection. */
    private static boolean endsByItself(Facts facts, Cause cause) {
        return facts.at(Phase.TLS)
                && UNEXPLAINED.contains(cause)
                && facts.cut(ExperimentName.IDLE)
                && !facts.passed(ExperimentName.SAME_AGAIN);
    }
}
