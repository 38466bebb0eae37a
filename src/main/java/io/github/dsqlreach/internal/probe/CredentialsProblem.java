package io.github.dsqlreach.internal.probe;

import static io.github.dsqlreach.FailureKind.CREDENTIALS_EXPIRED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_FAILED;
import static io.github.dsqlreach.FailureKind.CREDENTIALS_NOT_FOUND;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.FailureKind;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A problem with AWS credentials. It is more precise than a kind of failure, because the remedies differ. Its id is
 * evidence, so that a saved report can be diagnosed again. A pattern recognizes the SDK's message where types do not tell.
 */
public enum CredentialsProblem {
    /** A module of the SDK that the profile needs is not on the class path. */
    MODULE_MISSING("sdk-module-missing", CREDENTIALS_FAILED, "service module must be on the class ?path"),
    /** The profile needs a call to AWS, and the SDK has no HTTP client for it. */
    HTTP_CLIENT_MISSING("http-client-missing", CREDENTIALS_FAILED, "unable to load an http implementation"),
    /** More than one HTTP client is on the class path. */
    SEVERAL_HTTP_CLIENTS("several-http-clients", CREDENTIALS_FAILED, "multiple http implementations were found"),
    /** The SSO session has expired. */
    SSO_LOGIN_EXPIRED(
            "sso-login-expired",
            CREDENTIALS_EXPIRED,
            "sso session associated with this profile has expired|sso token (?:has|is) expired"),
    /** There is no SSO login, or a very old one. */
    SSO_LOGIN_NEEDED(
            "sso-login-needed", CREDENTIALS_NOT_FOUND, "unable to load sso token|[/\\\\]sso[/\\\\]cache[/\\\\]"),
    /** AWS says that the source credentials have expired. */
    SESSION_EXPIRED("session-expired", CREDENTIALS_EXPIRED, "security token included in the request is expired"),
    /** The profile's {@code credential_process} failed. */
    PROCESS_FAILED("process-failed", CREDENTIALS_FAILED, "process-based credentials"),
    /** There is no profile of that name. */
    PROFILE_NOT_FOUND("profile-not-found", CREDENTIALS_NOT_FOUND, null),
    /** The profile has no credentials. */
    PROFILE_EMPTY("profile-empty", CREDENTIALS_NOT_FOUND, "profile file contained no credentials"),
    /** The settings of the profile are inconsistent. */
    PROFILE_INVALID(
            "profile-invalid",
            CREDENTIALS_FAILED,
            "profile property '[^']*' was not configured|the source profile of '|profile definition must|"
                    + "property definition must|invalid property"),
    /** No source of the chain had credentials. */
    NO_SOURCE("no-source", CREDENTIALS_NOT_FOUND, "unable to load credentials from any of the providers"),
    /** The provider did not answer in time. */
    NO_ANSWER("no-answer", CREDENTIALS_FAILED, null),
    /** The provider returned no credentials, or incomplete ones. */
    INCOMPLETE("incomplete", CREDENTIALS_FAILED, null),
    /** A key has quotes, blanks or other characters that no key has, as after copying it. */
    MALFORMED("malformed", CREDENTIALS_FAILED, null),
    /** The credentials have an expiry time that has passed. */
    EXPIRED("expired", CREDENTIALS_EXPIRED, null),
    /** Another problem. */
    OTHER("other", CREDENTIALS_FAILED, null);

    private final String id;
    private final FailureKind kind;
    private final @Nullable Pattern words;

    CredentialsProblem(String id, FailureKind kind, @Nullable String words) {
        this.id = id;
        this.kind = kind;
        this.words = words == null ? null : Pattern.compile(words, Pattern.CASE_INSENSITIVE);
    }

    /** The problem in that evidence of the phase TOKEN, if any. */
    public static Optional<CredentialsProblem> in(Evidence evidence) {
        return evidence.text(Evidence.PROBLEM)
                .flatMap(id -> Arrays.stream(values())
                        .filter(problem -> problem.id.equals(id))
                        .findFirst());
    }

    /** The stable identifier, for example {@code sso-login-needed}. */
    public String id() {
        return id;
    }

    FailureKind kind() {
        return kind;
    }

    /** Whether the SDK's message is about this problem. */
    boolean isIn(String message) {
        return words != null && words.matcher(message).find();
    }
}
