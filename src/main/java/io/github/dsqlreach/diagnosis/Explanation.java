package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;

/** The cause's explanation, and what this case adds to it. */
final class Explanation {
    private Explanation() {}

    static String of(Facts facts, Cause cause) {
        StringBuilder text = new StringBuilder(Remedies.fill(cause.explanation(), facts));
        if (cause == Cause.TLS_INTERCEPTED) {
            text.append(" It was issued by ")
                    .append(facts.text(Evidence.CERTIFICATE_ISSUER).orElse("an unknown party"))
                    .append(facts.endpoint().isClusterName() ? " instead of Amazon." : ".");
        }
        if (cause == Cause.DIRECT_TLS_BLOCKED
                && facts.failedWith(FailureKind.CLOSED, FailureKind.SERVER_ERROR)
                && !facts.endpoint().isClusterName()) {
            text.append(
                    " It may be the server itself: PostgreSQL knows direct TLS since version 17, and some poolers do not.");
        }
        if (cause == Cause.UNKNOWN) {
            text.append(" The original error: ")
                    .append(facts.failed().failure().orElseThrow().message());
        }
        String identity = IdentityAdvice.explanation(facts, cause);
        return identity.isEmpty() ? text.toString() : text + " " + identity;
    }
}
