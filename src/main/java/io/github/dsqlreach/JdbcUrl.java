package io.github.dsqlreach;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of a URL for the PostgreSQL driver or AWS's connector, decoded.
 *
 * @param address host, or host and port, as they stand there
 * @param database empty if none is named
 * @param isConnector whether it is a URL for AWS's connector
 */
record JdbcUrl(String address, String database, Map<String, String> parameters, boolean isConnector) {
    private static final Pattern FORM = Pattern.compile("jdbc:(?:aws-dsql:)?postgresql:(.*)");

    /**
     * The parts of that text; empty if it is no such URL.
     *
     * @throws IllegalArgumentException if it is one that cannot be used; the message says why, and does not quote it
     */
    static Optional<JdbcUrl> parse(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches()
                ? Optional.of(parseRest(form.group(1), text.startsWith("jdbc:aws-dsql:")))
                : Optional.empty();
    }

    private static JdbcUrl parseRest(String rest, boolean isConnector) {
        String afterSlashes = rest.startsWith("//") ? rest.substring(2) : "";
        int question = afterSlashes.indexOf('?');
        String location = question < 0 ? afterSlashes : afterSlashes.substring(0, question);
        int slash = location.indexOf('/');
        String address = slash < 0 ? location : location.substring(0, slash);
        String database = slash < 0 ? "" : decode(location.substring(slash + 1));
        if (address.indexOf(',') >= 0) {
            throw new IllegalArgumentException("the URL names several hosts; allowed is one");
        }
        if (location.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "the driver knows no user before the host; allowed is the parameter user");
        }
        if (address.isEmpty()) {
            throw new IllegalArgumentException(
                    "the URL names no host; allowed is jdbc:postgresql://HOST[:PORT]/postgres");
        }
        Map<String, String> parameters = parameters(question < 0 ? "" : afterSlashes.substring(question + 1));
        return new JdbcUrl(address, database, parameters, isConnector);
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : query.split("&")) {
            int equals = pair.indexOf('=');
            if (equals < 0 && !pair.isEmpty()) {
                // The driver takes it as a name with an empty value.
                parameters.put(decode(pair), "");
            } else if (equals > 0) {
                parameters.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("it has a broken percent escape");
        }
    }

    Optional<String> parameter(String name) {
        return Optional.ofNullable(parameters.get(name));
    }
}
