package io.github.dsqlreach.diagnosis;

import static io.github.dsqlreach.Confidence.CONFIRMED;
import static io.github.dsqlreach.Confidence.LIKELY;
import static io.github.dsqlreach.Confidence.POSSIBLE;
import static io.github.dsqlreach.Phase.AUTH;
import static io.github.dsqlreach.Phase.QUERY;
import static io.github.dsqlreach.diagnosis.Condition.all;
import static io.github.dsqlreach.diagnosis.Condition.fact;
import static io.github.dsqlreach.diagnosis.Condition.not;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The part of the table about errors of a verified server: hint, message and SQLSTATE become a cause, and whether it
 * helps to try again. Texts are matched leniently (case, prefix, spaces, words around), because they are documented
 * loosely. The hint stands before the message: {@code access denied} has many causes.
 */
final class Refusals {
    private static final String NO = "Trying again does not help.";
    private static final String RENEWED = "Trying again helps when the credentials are renewed.";
    private static final String FEWER_CONNECTIONS = "Trying again helps when some connections are closed.";

    private static final Condition CLOCKS_DIFFER = fact(
                    "this machine's clock differs from the server's",
                    "this machine's clock does not differ from the server's",
                    facts -> ClockSkew.in(facts).filter(ClockSkew::isTelling).isPresent())
            .meaning("by more than 5 s, by the server's time in the hint");

    private static final Condition SERVER_TIME_KNOWN = fact(
            "the hint tells the server's time",
            "the hint does not tell the server's time",
            facts -> ClockSkew.in(facts).isPresent());

    private static final Condition TOKEN_WAS_FRESH = fact(
                    "the token was fresh by this machine's clock",
                    "the token was not fresh by this machine's clock",
                    facts -> ClockSkew.tokenWasFresh(facts))
            .meaning("it was signed in this attempt, and its lifetime was not over");

    /** {@code admin} needs no mapping, and a wrong region explains the refusal as well. */
    private static final Condition MAPPING_MAY_BE_MISSING = all(
            "a role mapping may be missing",
            "a role mapping is not needed, or something else explains the refusal",
            fact(
                    "there is no hint",
                    "there is a hint",
                    facts -> facts.text(Evidence.HINT).orElse("").isBlank()),
            fact(
                    "the SQLSTATE begins with 28",
                    "the SQLSTATE does not begin with 28",
                    facts -> facts.text(Evidence.SQL_STATE).orElse("").startsWith("28")),
            fact(
                    "the user is not `admin`",
                    "the user is `admin`",
                    facts -> !facts.endpoint().user().equals(Endpoint.DEFAULT_USER)),
            fact(
                    "the token is for the region of the host name",
                    "the token is for another region than the host name",
                    facts -> !isForAnotherRegion(facts.endpoint())));

    private static final Condition MESSAGE_SAYS_DENIED = fact(
            "the message says `access denied`",
            "the message does not say `access denied`",
            facts -> Pattern.compile("access denied", Pattern.CASE_INSENSITIVE)
                    .matcher(facts.text(Evidence.SERVER_MESSAGE).orElse(""))
                    .find());

    static final List<Rule> RULES = List.of(
            refusal("refused-clock-skew-by-server-time", says("signature expired"), CLOCKS_DIFFER)
                    .means(Cause.CLOCK_SKEW, CONFIRMED, "The time in the server's hint shows it. " + NO),
            refusal(
                            "refused-clock-skew-by-fresh-token",
                            says("signature expired"),
                            not(SERVER_TIME_KNOWN),
                            TOKEN_WAS_FRESH)
                    .means(
                            Cause.CLOCK_SKEW,
                            LIKELY,
                            "The server says that the token has expired, although it was just made. " + NO),
            refusal("refused-token-expired-by-server-time", says("signature expired"), SERVER_TIME_KNOWN)
                    .means(
                            Cause.TOKEN_EXPIRED,
                            CONFIRMED,
                            "This machine's clock agrees with the cluster's. Trying again helps with a fresh token."),
            refusal("refused-token-expired", says("signature expired"))
                    .means(Cause.TOKEN_EXPIRED, LIKELY, "Trying again helps with a fresh token."),
            refusal("refused-clock-skew", says("signature not yet (current|valid)"))
                    .means(Cause.CLOCK_SKEW, CONFIRMED, "The server says that the token is not valid yet. " + NO),
            refusal("refused-wrong-action", says("wrong user to action mapping"))
                    .means(Cause.WRONG_TOKEN_ACTION, CONFIRMED, NO),
            refusal("refused-by-resource-policy", says("explicit deny in a resource-based policy"))
                    .means(Cause.DENIED_BY_RESOURCE_POLICY, CONFIRMED, NO),
            refusal("refused-not-authorized", says("not authorized to (perform|access)"))
                    .means(Cause.NOT_AUTHORIZED, CONFIRMED, NO),
            refusal("refused-credentials-invalid", says("security token included in the request is invalid"))
                    .means(Cause.CREDENTIALS_INVALID, CONFIRMED, NO),
            refusal("refused-credentials-expired", says("security token included in the request is expired"))
                    .means(Cause.CREDENTIALS_EXPIRED, CONFIRMED, "The error message says so. " + RENEWED),
            refusal("refused-waking-up", says("waking up"))
                    .means(Cause.CLUSTER_WAKING_UP, CONFIRMED, "Trying again helps, in seconds to minutes."),
            refusal("refused-too-many-connections", says("too many (open )?connections"))
                    .means(Cause.TOO_MANY_CONNECTIONS, CONFIRMED, "The error message says so. " + FEWER_CONNECTIONS),
            refusal("refused-rate", says("rate (limit )?exceeded"))
                    .means(
                            Cause.RATE_EXCEEDED,
                            CONFIRMED,
                            "Trying again helps, with growing pauses between the attempts."),
            refusal("refused-no-sni-of-jvm", says("sni (was )?not received"), Conditions.JVM_OFFERS_NOTHING)
                    .means(Cause.JVM_SETTING, CONFIRMED, NO),
            refusal("refused-time-zone", says("invalid value for parameter [\"'«„“`]?timezone"))
                    .means(Cause.JVM_SETTING, CONFIRMED, NO),
            refusal(
                            "refused-parameter",
                            says("configuration parameter .{1,80}not supported|unrecognized configuration parameter"
                                    + "|unsupported startup parameter"))
                    .means(Cause.URL_PARAMETER, CONFIRMED, NO),
            refusal("refused-no-sni", says("sni (was )?not received")).means(Cause.SNI_NOT_RECEIVED, CONFIRMED, NO),
            // Some languages of a server or a proxy quote a name in another way.
            refusal("refused-no-such-role", says("role [\"'«„“`].*[\"'»“”`] does not exist"))
                    .means(Cause.ROLE_NOT_FOUND, CONFIRMED, NO),
            refusal("refused-iam", says("iam authentication failed"))
                    .means(Cause.CREDENTIALS_EXPIRED, CONFIRMED, "IAM rejected them. " + RENEWED),
            refusal("refused-role-not-mapped", MESSAGE_SAYS_DENIED, MAPPING_MAY_BE_MISSING)
                    .means(Cause.ROLE_NOT_MAPPED, POSSIBLE, NO),
            refusal("refused-access-denied", MESSAGE_SAYS_DENIED).means(Cause.ACCESS_DENIED, LIKELY, NO),
            refusal("refused-access-denied-in-hint", says("access denied"))
                    .means(Cause.ACCESS_DENIED, POSSIBLE, "Only the hint says that access was denied. " + NO),
            refusal("refused-unavailable", says("server (is )?(temporarily )?unavailable"))
                    .means(Cause.SERVER_UNAVAILABLE, CONFIRMED, "Trying again later helps."),
            refusal(
                            "refused-by-other-server",
                            says(
                                    "no pg_hba\\.conf entry|(password|pam|ldap|sasl|gssapi|peer|ident) authentication failed"
                                            + "|database .{1,80}does not exist|no such (user|database)|unsupported frontend protocol"
                                            + "|server conn crashed|no more connections allowed|pooler|tenant or user not found"))
                    .means(Cause.NOT_A_CLUSTER, LIKELY, "A cluster does not use these words. " + NO),
            refusal("refused-by-other-server-08P01", state("08P01", "3D000"))
                    .means(Cause.NOT_A_CLUSTER, POSSIBLE, "Only the SQLSTATE shows this. " + NO),
            // Where no text matches, the SQLSTATE still tells.
            refusal("refused-53300", state("53300"))
                    .means(Cause.TOO_MANY_CONNECTIONS, LIKELY, "Only the SQLSTATE shows this. " + FEWER_CONNECTIONS),
            // From a PostgreSQL server or a pooler that is no cluster.
            refusal("refused-28", state("28000", "28P01"))
                    .means(Cause.ACCESS_DENIED, POSSIBLE, "Only the SQLSTATE shows that access was denied. " + NO));

    private Refusals() {}

    /** The token was made for another region than the host name contains. */
    static boolean isForAnotherRegion(Endpoint endpoint) {
        return endpoint.regionOfHost()
                .filter(region -> !region.equals(endpoint.region().orElse(region)))
                .isPresent();
    }

    private static Rule.Builder refusal(String id, Condition... conditions) {
        List<Condition> all = new ArrayList<>(List.of(Conditions.SERVER_IS_VERIFIED));
        all.addAll(List.of(conditions));
        return Rule.rule(id, EnumSet.of(AUTH, QUERY), FailureKind.SERVER_ERROR)
                .when(all.toArray(Condition[]::new))
                .stated();
    }

    private static Condition says(String regex) {
        Pattern pattern = Pattern.compile(regex, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
        return fact(
                "it says `" + regex + "`",
                "it does not say `" + regex + "`",
                facts -> pattern.matcher(words(facts)).find());
    }

    private static String words(Facts facts) {
        return (facts.text(Evidence.HINT).orElse("")
                        + " | "
                        + facts.text(Evidence.SERVER_MESSAGE).orElse(""))
                .replaceAll("[\\s\\u00a0]+", " ");
    }

    private static Condition state(String... states) {
        String all = String.join(" or ", states);
        return fact(
                "the SQLSTATE is " + all,
                "the SQLSTATE is not " + all,
                facts -> Arrays.asList(states)
                        .contains(facts.text(Evidence.SQL_STATE).orElse("")));
    }
}
