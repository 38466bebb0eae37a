package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.Scrubber;
import io.github.dsqlreach.internal.Numbers;
import io.github.dsqlreach.internal.client.Credentials;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/**
 * Maps the SDK's exceptions about credentials to problems. Types and stack traces come first. Otherwise the message
 * decides, because the default chain puts all exceptions into one message.
 */
final class CredentialsFailures {
    private static final int LONGEST_MESSAGE = 300;
    private static final int MOST_PROFILES = 10;
    private static final String SDK = "software.amazon.awssdk:";

    private static final Pattern MODULE = Pattern.compile("software[./]amazon[./]awssdk[./]services[./](\\w+)[./]");
    private static final Pattern MODULE_IN_WORDS =
            Pattern.compile("'([\\w-]+)' service module", Pattern.CASE_INSENSITIVE);
    private static final List<Pattern> PROFILE = List.of(
            Pattern.compile("for profile '([^']{1,200})'"),
            Pattern.compile("the '([^']{1,200})' profile"),
            Pattern.compile("source profile of '([^']{1,200})'"),
            Pattern.compile("configured for '([^']{1,200})'"),
            Pattern.compile("profileName=([^,)]{1,200})"));
    private static final Pattern PROFILE_IN_FILE = Pattern.compile("Profile\\(name=([^,)]{1,200})");

    private CredentialsFailures() {}

    /** The failure and its evidence. */
    record Found(Failure failure, Evidence evidence) {}

    /** The failure for an exception of a provider. */
    static Found of(Credentials credentials, Throwable e) {
        List<Throwable> chain = chain(e);
        String raw = messages(chain);
        String text = CredentialsSources.withoutDumps(raw);
        List<String> sources = CredentialsSources.of(text);
        Optional<String> profile = profile(credentials, raw);
        CredentialsProblem problem = problem(chain, text, raw, profile, sources);
        Evidence.Builder evidence = start(credentials, problem, profile).put(Evidence.SOURCES, sources);
        if (problem == CredentialsProblem.MODULE_MISSING) {
            evidence.put(Evidence.MISSING_ARTIFACT, artifacts(chain, text));
        } else if (problem == CredentialsProblem.HTTP_CLIENT_MISSING) {
            evidence.put(Evidence.MISSING_ARTIFACT, SDK + "url-connection-client");
        }
        Evidence known = evidence.build();
        String source = profile.map(name -> "the profile '" + name + "'").orElse(credentials.toString());
        String message = switch (problem) {
            case MODULE_MISSING ->
                source + " needs " + known.text(Evidence.MISSING_ARTIFACT).orElse("another module of the AWS SDK")
                        + " on the class path";
            case HTTP_CLIENT_MISSING ->
                source + " needs a call to AWS, and the class path has no HTTP client for the SDK, for example "
                        + known.text(Evidence.MISSING_ARTIFACT).orElse("");
            case SEVERAL_HTTP_CLIENTS -> "the class path has several HTTP clients for the AWS SDK, and it takes none";
            case SSO_LOGIN_EXPIRED -> "the SSO session of " + source + " has expired";
            case SSO_LOGIN_NEEDED -> source + " needs an SSO login";
            case SESSION_EXPIRED, EXPIRED -> "the credentials from " + source + " have expired";
            case PROFILE_NOT_FOUND -> "there is no " + source.substring("the ".length()) + profiles(raw);
            case PROFILE_EMPTY -> source + " has no credentials";
            case NO_SOURCE -> credentials + " found no credentials" + count(sources);
            default -> source + " failed: " + Scrubber.line(text, LONGEST_MESSAGE);
        };
        return new Found(new Failure(problem.kind(), message), known);
    }

    /** The failure for a provider that did not answer. The stack of its thread shows what it waits for. */
    static Found noAnswer(Credentials credentials, Duration waited, StackTraceElement[] stack) {
        CredentialsProblem problem = CredentialsProblem.NO_ANSWER;
        String message = credentials + " did not answer in "
                + Numbers.print(waited)
                + CredentialsSources.waitedFor(stack)
                        .map(what -> "; it waits for " + what)
                        .orElse("");
        return new Found(
                new Failure(problem.kind(), message),
                start(credentials, problem, credentials.profileName()).build());
    }

    /** The failure for missing or incomplete credentials. */
    static Found incomplete(Credentials credentials, String what) {
        CredentialsProblem problem = CredentialsProblem.INCOMPLETE;
        return new Found(
                new Failure(problem.kind(), credentials + " gave " + what),
                start(credentials, problem, credentials.profileName()).build());
    }

    /** The failure for a key with characters that no key has. */
    static Found malformed(Credentials credentials, String what) {
        CredentialsProblem problem = CredentialsProblem.MALFORMED;
        return new Found(
                new Failure(problem.kind(), what + ", and no key of AWS does (" + credentials + ")"),
                start(credentials, problem, credentials.profileName()).build());
    }

    /** The failure for credentials that expired at that time. */
    static Found expired(Credentials credentials, Instant when) {
        CredentialsProblem problem = CredentialsProblem.EXPIRED;
        return new Found(
                new Failure(problem.kind(), "the credentials from " + credentials + " expired at " + when),
                start(credentials, problem, credentials.profileName()).build());
    }

    private static Evidence.Builder start(
            Credentials credentials, CredentialsProblem problem, Optional<String> profile) {
        return Evidence.builder()
                .put(Evidence.CREDENTIALS, credentials.toString())
                .put(Evidence.PROBLEM, problem.id())
                .put(Evidence.PROFILE, profile.orElse(""));
    }

    private static CredentialsProblem problem(
            List<Throwable> chain, String text, String raw, Optional<String> profile, List<String> sources) {
        if (chain.stream().anyMatch(CredentialsFailures::isMissingModule)) {
            return CredentialsProblem.MODULE_MISSING;
        }
        if (chain.stream().anyMatch(CredentialsFailures::isExpiry)) {
            return CredentialsProblem.SESSION_EXPIRED;
        }
        CredentialsProblem inWords = Arrays.stream(CredentialsProblem.values())
                .filter(problem -> problem.isIn(text))
                .findFirst()
                .orElse(CredentialsProblem.OTHER);
        if (inWords == CredentialsProblem.PROFILE_EMPTY) {
            // In a chain, a missing profile "default" means nothing, because the user did not choose it.
            boolean askedFor = sources.isEmpty() || !profile.orElse("default").equals("default");
            boolean exists = profilesIn(raw).contains(profile.orElse(""));
            return !askedFor
                    ? CredentialsProblem.NO_SOURCE
                    : exists ? CredentialsProblem.PROFILE_EMPTY : CredentialsProblem.PROFILE_NOT_FOUND;
        }
        return inWords == CredentialsProblem.OTHER && chain.stream().anyMatch(CredentialsFailures::isOfSso)
                ? CredentialsProblem.SSO_LOGIN_NEEDED
                : inWords;
    }

    private static boolean isMissingModule(Throwable e) {
        return (e instanceof ClassNotFoundException || e instanceof NoClassDefFoundError)
                && MODULE.matcher(String.valueOf(e.getMessage())).find();
    }

    private static boolean isExpiry(Throwable e) {
        return e instanceof AwsServiceException service
                && service.awsErrorDetails() != null
                && String.valueOf(service.awsErrorDetails().errorCode()).startsWith("ExpiredToken");
    }

    /** Whether the SDK failed in its SSO package. The messages vary. */
    private static boolean isOfSso(Throwable e) {
        return Arrays.stream(e.getStackTrace())
                .map(StackTraceElement::getClassName)
                .anyMatch(name -> name.startsWith("software.amazon.awssdk.services.sso"));
    }

    private static String artifacts(List<Throwable> chain, String text) {
        String module = chain.stream()
                .filter(CredentialsFailures::isMissingModule)
                .map(e -> first(MODULE, e.getMessage()))
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> first(MODULE_IN_WORDS, text))
                .orElse("");
        // A profile with an sso-session needs both modules.
        return module.startsWith("sso") ? SDK + "sso and " + SDK + "ssooidc" : module.isEmpty() ? "" : SDK + module;
    }

    private static Optional<String> profile(Credentials credentials, String text) {
        return credentials
                .profileName()
                .or(() -> PROFILE.stream()
                        .map(pattern -> first(pattern, text))
                        .flatMap(Optional::stream)
                        .findFirst());
    }

    private static String profiles(String raw) {
        List<String> names = profilesIn(raw);
        return names.isEmpty()
                ? ""
                : "; there are: " + String.join(", ", names.subList(0, Math.min(names.size(), MOST_PROFILES)))
                        + (names.size() > MOST_PROFILES ? " …" : "");
    }

    private static List<String> profilesIn(String raw) {
        return PROFILE_IN_FILE
                .matcher(raw)
                .results()
                .map(match -> match.group(1))
                .distinct()
                .toList();
    }

    private static String count(List<String> sources) {
        return sources.isEmpty() ? "" : " in " + sources.size() + " sources";
    }

    private static Optional<String> first(Pattern pattern, @Nullable String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static List<Throwable> chain(Throwable e) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable next = e; next != null && chain.size() < 10 && !chain.contains(next); next = next.getCause()) {
            chain.add(next);
        }
        return chain;
    }

    private static String messages(List<Throwable> chain) {
        List<String> messages = new ArrayList<>();
        for (Throwable e : chain) {
            String message = String.valueOf(e.getMessage());
            boolean repeated = messages.stream().anyMatch(said -> said.contains(message));
            if (!repeated || messages.isEmpty()) {
                messages.add(e.getClass().getSimpleName() + ": " + message);
            }
        }
        return String.join("; caused by ", messages);
    }
}
