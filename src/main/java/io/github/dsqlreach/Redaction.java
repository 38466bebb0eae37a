package io.github.dsqlreach;

import java.util.Arrays;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What messages show of the text of an endpoint. */
final class Redaction {
    private static final Pattern PARAMETER = Pattern.compile("([\\w.%-]{1,60})=(?s:.*)");
    /** Those that count here; what others hold is unknown, and their names may be encoded. */
    private static final Set<String> SHOWN_PARAMETERS = Set.of(
            "user",
            "region",
            "sslNegotiation",
            "sslmode",
            "sslrootcert",
            "options",
            "socketFactory",
            "socketFactoryArg");

    private Redaction() {}

    /** Without what may be a password, wherever one would write it. */
    static String text(String text) {
        int at = text.lastIndexOf('@');
        int slashes = text.indexOf("//");
        int user = slashes >= 0 && slashes < at ? slashes + 2 : 0;
        String masked = at < 0 ? text : text.substring(0, user) + Scrubber.MASK + text.substring(at);
        int question = masked.indexOf('?');
        return question < 0 ? masked : masked.substring(0, question + 1) + parameters(masked.substring(question + 1));
    }

    private static String parameters(String query) {
        return Arrays.stream(query.split("&", -1))
                .map(pair -> {
                    Matcher parameter = PARAMETER.matcher(pair);
                    if (!parameter.matches()) {
                        return pair.isEmpty() ? pair : Scrubber.MASK;
                    }
                    String name = parameter.group(1);
                    return SHOWN_PARAMETERS.contains(name) ? pair : name + "=" + Scrubber.MASK;
                })
                .collect(Collectors.joining("&"));
    }
}
