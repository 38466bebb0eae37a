package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Cause;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Phase;
import io.github.dsqlreach.Remedy;
import io.github.dsqlreach.internal.probe.CredentialsProblem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the evidence of an identity problem adds to its cause: sentences, remedies and advice. */
final class IdentityAdvice {
    private IdentityAdvice() {}

    /** Sentences for the explanation; empty if there are none. */
    static String explanation(Facts facts, Cause cause) {
        List<String> sentences = new ArrayList<>();
        if (cause == Cause.CLOCK_SKEW) {
            ClockSkew.in(facts).filter(ClockSkew::isTelling).ifPresent(skew -> sentences.add(skew.sentence()));
        }
        if (cause == Cause.NOT_AUTHORIZED) {
            Authorization missing = Authorization.in(facts);
            sentences.add("The identity "
                    + missing.principal().map(arn -> "`" + arn + "` ").orElse("") + "is not allowed to do `"
                    + missing.action()
                    + "`.");
        }
        if (isDenial(cause) && Refusals.isForAnotherRegion(facts.endpoint())) {
            sentences.add("The host name contains the region "
                    + facts.endpoint().regionOfHost().orElseThrow() + ", but the token was made for "
                    + facts.endpoint().region().orElseThrow() + ".");
        }
        return String.join(" ", sentences);
    }

    private static boolean isDenial(Cause cause) {
        return cause == Cause.ACCESS_DENIED || cause == Cause.NOT_AUTHORIZED || cause == Cause.ROLE_NOT_MAPPED;
    }

    /** Remedies that come before the cause's own; templates like those. */
    static List<Remedy> remedies(Facts facts, Cause cause) {
        if (facts.at(Phase.TOKEN)) {
            return CredentialsProblem.in(facts.evidence()).map(IdentityAdvice::remedies).orElse(List.of()).stream()
                    .map(template -> withProfile(template, facts))
                    .map(template -> new Remedy(Remedy.Kind.AWS, template))
                    .toList();
        }
        List<Remedy> remedies = new ArrayList<>();
        if (isDenial(cause) && Refusals.isForAnotherRegion(facts.endpoint())) {
            remedies.add(new Remedy(
                    Remedy.Kind.SETTING,
                    "Use the region of the host name: `--region {hostRegion}` of the doctor,"
                            + " `DSQL_REACH_REGION={hostRegion}`"
                                    .replace(
                                            "{hostRegion}",
                                            facts.endpoint().regionOfHost().orElseThrow())
                            + " in tests, or configure no region."));
        }
        if (cause == Cause.NOT_AUTHORIZED) {
            Authorization missing = Authorization.in(facts);
            remedies.add(new Remedy(
                    Remedy.Kind.AWS,
                    "Attach this policy to "
                            + missing.principal().map(arn -> "`" + arn + "`").orElse("the identity") + ": `"
                            + missing.policy() + "`."));
        }
        return remedies;
    }

    /** If the profile is not known, the AWS CLI uses its default. */
    private static String withProfile(String template, Facts facts) {
        return facts.evidence().has(Evidence.PROFILE) ? template : template.replace(" --profile {profile}", "");
    }

    private static List<String> remedies(CredentialsProblem problem) {
        return switch (problem) {
            case SSO_LOGIN_NEEDED, SSO_LOGIN_EXPIRED -> List.of("Sign in: `aws sso login --profile {profile}`.");
            case MODULE_MISSING ->
                List.of("Add {missingArtifact} to the test class path, in the version of the SDK's other modules.");
            case HTTP_CLIENT_MISSING ->
                List.of("Add {missingArtifact} to the test class path, in the version of the SDK's other modules.");
            case SEVERAL_HTTP_CLIENTS ->
                List.of(
                        "Keep one of the artifacts `software.amazon.awssdk:apache-client`,"
                                + " `software.amazon.awssdk:url-connection-client` and"
                                + " `software.amazon.awssdk:aws-crt-client`, and exclude the others.",
                        "Or choose one:"
                                + " `-Dsoftware.amazon.awssdk.http.service.impl=software.amazon.awssdk.http.urlconnection.UrlConnectionSdkHttpService`.");
            case PROFILE_NOT_FOUND ->
                List.of(
                        "List the profiles: `aws configure list-profiles`, and use one of them:"
                                + " `AWS_PROFILE=…`, `--profile` of the doctor, or `dsql.reach.profile` in tests.",
                        "Or create the profile: `aws configure --profile {profile}` or `aws configure sso"
                                + " --profile {profile}`.");
            case PROFILE_EMPTY, PROFILE_INVALID ->
                List.of("Complete the profile: `aws configure --profile {profile}` or `aws configure sso"
                        + " --profile {profile}`.");
            case PROCESS_FAILED ->
                List.of("Run the profile's command in a shell: `aws configure get credential_process --profile"
                        + " {profile}` prints it.");
            case MALFORMED ->
                List.of("Copy the key again, without quotes, blanks and line breaks: check the variables"
                        + " `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, or the file"
                        + " `~/.aws/credentials`.");
            case SESSION_EXPIRED, EXPIRED, NO_SOURCE, NO_ANSWER, INCOMPLETE, OTHER -> List.of();
        };
    }

    /** Sentences about the token: the sources of credentials that were tried, and notes. */
    static List<String> evidence(Facts facts) {
        List<String> sentences = new ArrayList<>();
        Evidence token = facts.attempt().result(Phase.TOKEN).evidence();
        token.list(Evidence.SOURCES).forEach(source -> sentences.add("Tried: " + ended(source)));
        token.list(Evidence.NOTES).forEach(note -> sentences.add("Note: " + ended(note)));
        return sentences;
    }

    private static String ended(String text) {
        return text.endsWith(".") || text.endsWith("…") ? text : text + ".";
    }

    /** Advice for the summary; empty if the cause's own is as good. */
    static Optional<String> advice(Facts facts, Cause cause) {
        if (cause == Cause.CLOCK_SKEW) {
            return ClockSkew.in(facts)
                    .filter(ClockSkew::isTelling)
                    .map(skew -> "this machine's clock is " + skew.words() + " the cluster's: set it");
        }
        if (cause == Cause.NOT_AUTHORIZED) {
            return Optional.of("allow `" + Authorization.in(facts).action() + "` in the IAM policy");
        }
        if (!facts.at(Phase.TOKEN)) {
            return Optional.empty();
        }
        return CredentialsProblem.in(facts.evidence()).flatMap(problem -> switch (problem) {
            case SSO_LOGIN_NEEDED, SSO_LOGIN_EXPIRED ->
                Optional.of(withProfile("run `aws sso login --profile {profile}`", facts));
            case MODULE_MISSING, HTTP_CLIENT_MISSING -> Optional.of("add the missing artifact");
            case SEVERAL_HTTP_CLIENTS -> Optional.of("keep one HTTP client on the class path");
            case MALFORMED -> Optional.of("copy the AWS key again, without quotes and blanks");
            case PROFILE_NOT_FOUND -> Optional.of("correct the profile's name");
            case PROFILE_EMPTY, PROFILE_INVALID -> Optional.of("complete the profile");
            default -> Optional.empty();
        });
    }
}
