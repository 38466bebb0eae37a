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

    static String of(Facts facts, Finding finding) {
        Cause cause = finding.cause();
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
        facts.hostsFile()
                .filter(file -> cause == Cause.DNS_SINKHOLED)
                .ifPresent(file -> text.append(" It comes from this machine's hosts file."));
        if (cause == Cause.TLS_REFUSED && facts.failedWith(FailureKind.SERVER_ERROR)) {
            text.append(" It answered the start of TLS with an error in clear text.");
        }
        text.append(remark(facts, finding));
        if (cause == Cause.UNKNOWN) {
            if (facts.failedWith(FailureKind.SERVER_ERROR) && !facts.serverIsProven()) {
                text.append(" The server that says so did not prove to be the cluster")
                        .append(facts.attempt()
                                .result(Phase.TLS)
                                .evidence()
                                .text(Evidence.CERTIFICATE_ISSUER)
                                .map(issuer -> "; its certificate was issued by " + issuer)
                                .orElse(""))
                        .append('.');
            }
            text.append(" The original error: ")
                    .append(EvidenceSentences.end(
                            facts.failed().failure().orElseThrow().message()));
        }
        String identity = IdentityAdvice.explanation(facts, cause);
        return identity.isEmpty() ? text.toString() : text + " " + identity;
    }

    /** What is seen besides, where only the layer is known. */
    private static String remark(Facts facts, Finding finding) {
        if (!facts.at(Phase.TLS) || !UNEXPLAINED.contains(finding.cause())) {
            return "";
        }
        if (isOnlyTls13(finding)) {
            return " With TLS 1.2 it gets through: a device on the way does not cope with TLS 1.3.";
        }
        if (facts.triesAreAnswered()) {
            return " The network answered the tries themselves: after the first connection further ones got none, as with a"
                    + " ban or a limit. So no experiment tells what it reacts to.";
        }
        if (facts.byChance()) {
            return " It comes and goes: no single change lets it through.";
        }
        if (finding.suspect().isPresent()) {
            return " With " + finding.suspect().get().change().label()
                    + " it got through once, and repeating both ways did not" + " confirm that this is the reason.";
        }
        if (facts.endsByItself()) {
            return " It ends even when nothing is sent: so does a load balancer or a tunnel with nobody behind it.";
        }
        if (facts.anyDataIsCut()) {
            return " Whatever is sent there meets the same end, TLS or not: TLS is not what is stopped.";
        }
        return facts.experiments().isEmpty() ? "" : " No experiment tells more.";
    }

    /** What is likely and what to do, for the end of the summary. */
    static String advice(Facts facts, Finding finding) {
        boolean unexplained = facts.at(Phase.TLS) && UNEXPLAINED.contains(finding.cause());
        if (unexplained && facts.endsByItself()) {
            return "it ends even when nothing is sent; check what is behind that address, then try another network";
        }
        if (unexplained && facts.anyDataIsCut()) {
            return "any data meets the same end, TLS or not; check what is behind that address, then try another network";
        }
        if (finding.cause() == Cause.DNS_SINKHOLED && facts.hostsFile().isPresent()) {
            return "this machine's hosts file names that address; correct or remove its line";
        }
        return isOnlyTls13(finding)
                ? "a device on the way does not cope with TLS 1.3; set -Djdk.tls.client.protocols=TLSv1.2"
                : Remedies.fill(
                        IdentityAdvice.advice(facts, finding.cause())
                                .orElse(finding.cause().advice()),
                        facts);
    }

    private static boolean isOnlyTls13(Finding finding) {
        return finding.trigger().filter(ExperimentName.TLS_1_2::equals).isPresent();
    }
}
