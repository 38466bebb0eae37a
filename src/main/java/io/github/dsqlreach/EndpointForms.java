package io.github.dsqlreach;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Other forms in which people have an endpoint at hand: pasted with quotes, an ARN, an {@code https} or libpq URL. */
final class EndpointForms {
    /** Blanks that are no ASCII blanks, and characters without a width. */
    private static final String INVISIBLE = "\\s\\u00a0\\u2000-\\u200f\\u2028-\\u202f\\u2060\\u3000\\ufeff";

    private static final String QUOTES = "\"'`\\u2018-\\u201f\\u00ab\\u00bb";
    private static final Pattern AROUND =
            Pattern.compile("^[" + INVISIBLE + QUOTES + "]+|[" + INVISIBLE + QUOTES + "]+$");

    private static final Pattern ARN =
            Pattern.compile("arn:aws[a-z-]*:dsql:([a-z]{2}(?:-[a-z]+)+-\\d+):\\d{12}:cluster/([a-z0-9]{26})");
    private static final Pattern WEB = Pattern.compile("https://([^/:?#@]+)(?::443)?(?:[/?#].*)?");
    private static final Pattern LIBPQ = Pattern.compile("postgres(?:ql)?://(?:([^/@:]*)(?::[^/@]*)?@)?([^/?@]+)(.*)");

    private EndpointForms() {}

    /** Without blanks and quotes around it. */
    static String strip(String text) {
        return AROUND.matcher(text).replaceAll("");
    }

    /** The same as a host or a JDBC URL, if it is one of these forms; else unchanged. */
    static String known(String text) {
        Matcher arn = ARN.matcher(text);
        if (arn.matches()) {
            return ClusterName.of(arn.group(2), arn.group(1));
        }
        Matcher web = WEB.matcher(text);
        if (web.matches()) {
            return web.group(1);
        }
        Matcher libpq = LIBPQ.matcher(text);
        return libpq.matches() ? jdbc(libpq.group(1), libpq.group(2), libpq.group(3)) : text;
    }

    /** A libpq URL as pgjdbc's: the names of some parameters differ, and {@code hostaddr} is an address to connect to. */
    private static String jdbc(String user, String address, String rest) {
        int question = rest.indexOf('?');
        String path = question < 0 ? rest : rest.substring(0, question);
        List<String> given =
                question < 0 ? List.of() : List.of(rest.substring(question + 1).split("&"));
        List<String> parameters = new ArrayList<>();
        if (user != null && !user.isEmpty()) {
            parameters.add("user=" + user);
        }
        value(given, "user").ifPresent(name -> parameters.add("user=" + name));
        value(given, "options").ifPresent(options -> parameters.add("options=" + options));
        value(given, "sslnegotiation").ifPresent(how -> parameters.add("sslNegotiation=" + how));
        Optional<String> root = value(given, "sslrootcert").filter(file -> !file.equals("system"));
        root.ifPresent(file -> parameters.add("sslrootcert=" + file));
        // Without a file libpq and pgjdbc read files of their own; the JDK's roots are meant.
        value(given, "sslmode")
                .filter(mode -> root.isPresent() || !mode.startsWith("verify-"))
                .ifPresent(mode -> parameters.add("sslmode=" + mode));
        value(given, "hostaddr").ifPresent(literal -> {
            int colon = address.lastIndexOf(':');
            String port = colon < 0 || address.endsWith("]") ? ":" + Endpoint.DEFAULT_PORT : address.substring(colon);
            parameters.add("socketFactory=" + Endpoint.CONNECT_TO_SOCKET_FACTORY);
            parameters.add("socketFactoryArg=" + (literal.indexOf(':') < 0 ? literal : "[" + literal + "]") + port);
        });
        return "jdbc:postgresql://" + address + path + (parameters.isEmpty() ? "" : "?" + String.join("&", parameters));
    }

    private static Optional<String> value(List<String> parameters, String name) {
        return parameters.stream()
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> pair.substring(name.length() + 1))
                .reduce((first, last) -> last);
    }
}
