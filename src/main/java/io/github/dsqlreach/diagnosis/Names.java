package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.internal.probe.DnsQuery;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** DNS queries as experiments, and guesses at what a wrong name was meant to be. */
final class Names {
    private static final int ID_LENGTH = 26;
    private static final Pattern REGION = Pattern.compile("(?<![a-z])[a-z]{2}(?:-[a-z]+)+-\\d+(?![a-z0-9])");

    private Names() {}

    /** What a name that does not exist was probably meant to be; empty if it does not resemble a cluster's. */
    static Optional<String> meant(Endpoint endpoint) {
        String host = endpoint.host().toLowerCase(Locale.ROOT);
        String id = host.split("\\.", 2)[0];
        if (endpoint.isPrivateLinkName()) {
            return Optional.empty();
        }
        if (endpoint.isClusterName()) {
            return id.length() == ID_LENGTH
                    ? Optional.empty()
                    : Optional.of("A cluster's id has " + ID_LENGTH + " characters, but `" + id + "` has " + id.length()
                            + ": copy it again.");
        }
        boolean isId = id.matches("[a-z0-9]{" + ID_LENGTH + "}");
        if (!isId && !host.contains("dsql")) {
            return Optional.empty();
        }
        Matcher named = REGION.matcher(host);
        String region = named.find() ? named.group() : endpoint.region().orElse("<region>");
        return Optional.of("Did you mean `" + (isId ? id : "<cluster-id>") + ".dsql." + region + ".on.aws`?");
    }

    static Experiment experiment(ExperimentName name, DnsQuery.Answer answer) {
        Evidence evidence =
                Evidence.builder().put(Evidence.ADDRESSES, answer.addresses()).build();
        if (answer.local().isPresent()) {
            return new Experiment(name.id(), answer.duration(), Evidence.none(), answer.local());
        }
        Optional<FailureKind> kind = kind(answer.kind());
        return new Experiment(
                name.id(),
                answer.duration(),
                kind.isEmpty() ? evidence : Evidence.none(),
                kind.map(k -> new Failure(k, words(answer))));
    }

    private static Optional<FailureKind> kind(DnsQuery.Kind kind) {
        return switch (kind) {
            case ADDRESSES -> Optional.empty();
            case NO_SUCH_NAME -> Optional.of(FailureKind.NAME_NOT_FOUND);
            case NO_DATA, SERVER_FAILURE, REFUSED, FAILED -> Optional.of(FailureKind.NAME_LOOKUP_FAILED);
            case NO_ANSWER -> Optional.of(FailureKind.TIMEOUT);
            case CANNOT_ASK, LOCAL_ERROR -> Optional.of(FailureKind.UNCLASSIFIED);
        };
    }

    private static String words(DnsQuery.Answer answer) {
        String what = switch (answer.kind()) {
            case ADDRESSES -> "";
            case NO_SUCH_NAME -> "no such name";
            case NO_DATA -> "the name exists and has no such address";
            case SERVER_FAILURE -> "the DNS server failed (SERVFAIL)";
            case REFUSED -> "the DNS server refused the query (REFUSED)";
            case NO_ANSWER -> "no answer";
            case CANNOT_ASK, LOCAL_ERROR -> "no query could be made";
            case FAILED -> "the lookup failed";
        };
        return answer.detail().isEmpty() ? what : what + ": " + answer.detail();
    }
}
