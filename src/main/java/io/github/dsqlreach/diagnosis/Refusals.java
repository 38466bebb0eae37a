package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;
import static io.github.dsqlreach.Confidence.POSSIBLE;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Confidence;
import io.github.dsqlreach.Evidence;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The table of a cluster's refusals: message, hint and SQLSTATE of the server's error become a cause. Texts are matched
 * leniently (case, prefix, words around), because they are documented loosely. The hint decides before the message:
 * {@code access denied} stands for many things.
 */
final class Refusals {
    private record Row(Pattern pattern, boolean inHint, Cause cause, Confidence confidence) {}

    private static final List<Row> ROWS = List.of(
            hint("signature expired", Cause.TOKEN_EXPIRED),
            hint("signature not yet current", Cause.CLOCK_SKEW),
            hint("wrong user to action mapping", Cause.WRONG_TOKEN_ACTION),
            hint("not authorized to (perform|access)", Cause.NOT_AUTHORIZED),
            message("waking up", Cause.CLUSTER_WAKING_UP),
            message("too many (open )?connections", Cause.TOO_MANY_CONNECTIONS),
            message("rate exceeded", Cause.RATE_EXCEEDED),
            message("sni was not received", Cause.SNI_NOT_RECEIVED),
            message("role \".*\" does not exist", Cause.ROLE_NOT_FOUND),
            message("iam authentication failed", Cause.CREDENTIALS_EXPIRED),
            message("access denied", Cause.ACCESS_DENIED),
            message("server (is )?unavailable", Cause.SERVER_UNAVAILABLE));

    private Refusals() {}

    static Rules.Finding find(Facts facts) {
        String message = facts.text(Evidence.SERVER_MESSAGE).orElse("");
        String hint = facts.text(Evidence.HINT).orElse("");
        String state = facts.text(Evidence.SQL_STATE).orElse("");
        Row row = ROWS.stream()
                .filter(r -> r.pattern
                        .matcher(r.inHint ? hint + " " + message : message)
                        .find())
                .findFirst()
                .orElse(null);
        if (row == null) {
            return new Rules.Finding(Cause.UNKNOWN, POSSIBLE);
        }
        if (row.cause == Cause.ACCESS_DENIED && hint.isBlank() && state.startsWith("28")) {
            return new Rules.Finding(Cause.ROLE_NOT_MAPPED, POSSIBLE);
        }
        return new Rules.Finding(row.cause, row.confidence);
    }

    private static Row hint(String regex, Cause cause) {
        return new Row(Pattern.compile(regex, Pattern.CASE_INSENSITIVE), true, cause, CONFIRMED);
    }

    private static Row message(String regex, Cause cause) {
        return new Row(
                Pattern.compile(regex, Pattern.CASE_INSENSITIVE),
                false,
                cause,
                cause == Cause.ACCESS_DENIED ? LIKELY : CONFIRMED);
    }
}
