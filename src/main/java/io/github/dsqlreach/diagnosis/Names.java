package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Endpoint;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Guesses at what a wrong name was meant to be. */
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
}
