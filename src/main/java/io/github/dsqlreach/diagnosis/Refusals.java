package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;
import static io.github.dsqlreach.Confidence.POSSIBLE;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The table of a cluster's refusals: message, hint and SQLSTATE of the server's error become a cause, and whether
 * trying again helps. Texts are matched leniently (case, prefix, spaces, words around), because they are documented
 * loosely. The hint decides before the message: {@code access denied} stands for many things.
 */
final class Refusals {
    private static final String NO = "Trying again does not help.";

    private record Row(Pattern pattern, Cause cause, String retry) {}

    private static final List<Row> ROWS = List.of(
            row("signature expired", Cause.TOKEN_EXPIRED, "Trying again helps with a fresh token."),
            row("signature not yet (current|valid)", Cause.CLOCK_SKEW, NO),
            row("wrong user to action mapping", Cause.WRONG_TOKEN_ACTION, NO),
            row("explicit deny in a resource-based policy", Cause.DENIED_BY_RESOURCE_POLICY, NO),
            row("not authorized to (perform|access)", Cause.NOT_AUTHORIZED, NO),
            row("security token included in the request is invalid", Cause.CREDENTIALS_INVALID, NO),
            row(
                    "security token included in the request is expired",
                    Cause.CREDENTIALS_EXPIRED,
                    "Trying again helps when the credentials are renewed."),
            row("waking up", Cause.CLUSTER_WAKING_UP, "Trying again helps, in seconds to minutes."),
            row(
                    "too many (open )?connections",
                    Cause.TOO_MANY_CONNECTIONS,
                    "Trying again helps when some connections are closed."),
            row(
                    "rate (limit )?exceeded",
                    Cause.RATE_EXCEEDED,
                    "Trying again helps, with growing pauses between the attempts."),
            row("sni (was )?not received", Cause.SNI_NOT_RECEIVED, NO),
            // Some languages of a server or a proxy quote a name in another way.
            row("role [\"'«„“`].*[\"'»“”`] does not exist", Cause.ROLE_NOT_FOUND, NO),
            row(
                    "iam authentication failed",
                    Cause.CREDENTIALS_EXPIRED,
                    "Trying again helps when the credentials are renewed."),
            row("access denied", Cause.ACCESS_DENIED, NO),
            row("server (is )?(temporarily )?unavailable", Cause.SERVER_UNAVAILABLE, "Trying again helps, later."));

    /** Where the words are none that are known, these states still tell. */
    private static final List<Row> STATES = List.of(
            row("53300", Cause.TOO_MANY_CONNECTIONS, "Trying again helps when some connections are closed."),
            // What a PostgreSQL or a pooler says that is no cluster.
            row("28000|28P01", Cause.ACCESS_DENIED, NO));

    private Refusals() {}

    static Finding find(Facts facts) {
        Row row = match(facts).orElse(null);
        if (row == null) {
            return new Finding(Cause.UNKNOWN, POSSIBLE);
        }
        return switch (row.cause) {
            case TOKEN_EXPIRED, CLOCK_SKEW -> ofSignature(facts, row.cause);
            case ACCESS_DENIED -> ofDenial(facts);
            default -> new Finding(row.cause, row.pattern.pattern().matches("\\d+") ? LIKELY : CONFIRMED);
        };
    }

    /** Whether trying again helps, in one sentence; empty if the refusal is none that is known. */
    static Optional<String> retry(Facts facts, Cause cause) {
        return cause == Cause.CLOCK_SKEW
                ? Optional.of(NO)
                : match(facts).filter(row -> cause != Cause.UNKNOWN).map(Row::retry);
    }

    private static Optional<Row> match(Facts facts) {
        String message = facts.text(Evidence.SERVER_MESSAGE).orElse("");
        String text = (facts.text(Evidence.HINT).orElse("") + " | " + message).replaceAll("[\\s\\u00a0]+", " ");
        return ROWS.stream()
                .filter(row -> row.pattern.matcher(text).find())
                .findFirst()
                .or(() -> STATES.stream()
                        .filter(row -> row.pattern
                                .matcher(facts.text(Evidence.SQL_STATE).orElse(""))
                                .matches())
                        .findFirst());
    }

    /** The server's time in the hint against this machine's tells a slow clock from an old token. */
    private static Finding ofSignature(Facts facts, Cause said) {
        Optional<ClockSkew> skew = ClockSkew.in(facts);
        if (said == Cause.CLOCK_SKEW || skew.filter(ClockSkew::isTelling).isPresent()) {
            return new Finding(Cause.CLOCK_SKEW, CONFIRMED);
        }
        if (skew.isEmpty() && ClockSkew.tokenWasFresh(facts)) {
            return new Finding(Cause.CLOCK_SKEW, LIKELY);
        }
        return new Finding(Cause.TOKEN_EXPIRED, skew.isPresent() ? CONFIRMED : LIKELY);
    }

    /** Access denied without a hint. {@code admin} needs no mapping, and a wrong region explains it as well. */
    private static Finding ofDenial(Facts facts) {
        Endpoint endpoint = facts.endpoint();
        if (!facts.text(Evidence.SERVER_MESSAGE)
                .orElse("")
                .toLowerCase(Locale.ROOT)
                .contains("access denied")) {
            return new Finding(Cause.ACCESS_DENIED, POSSIBLE);
        }
        boolean unexplained = facts.text(Evidence.HINT).orElse("").isBlank()
                && facts.text(Evidence.SQL_STATE).orElse("").startsWith("28");
        boolean mapped = endpoint.user().equals(Endpoint.DEFAULT_USER) || contradictory(endpoint);
        return unexplained && !mapped
                ? new Finding(Cause.ROLE_NOT_MAPPED, POSSIBLE)
                : new Finding(Cause.ACCESS_DENIED, LIKELY);
    }

    /** Whether the token was made for another region than the host name's. */
    static boolean contradictory(Endpoint endpoint) {
        return endpoint.regionOfHost()
                .filter(region -> !region.equals(endpoint.region().orElse(region)))
                .isPresent();
    }

    private static Row row(String regex, Cause cause, String retry) {
        return new Row(Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE), cause, retry);
    }
}
