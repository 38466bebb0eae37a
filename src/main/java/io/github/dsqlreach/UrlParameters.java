package io.github.dsqlreach;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The parameters of a URL that are no part of an {@link Endpoint} of their own. */
final class UrlParameters {
    /** Parts of the endpoint, and what must come from elsewhere: the password is a token. */
    private static final Set<String> PARTS = Set.of(
            "user",
            "password",
            "region",
            "options",
            "ssl",
            "sslmode",
            "sslrootcert",
            "sslNegotiation",
            "socketFactoryArg",
            "PGHOST",
            "PGPORT",
            "PGDBNAME");

    /** Names of classes to load, of programs to run and of files to write, and secrets. */
    private static final Pattern CODE = Pattern.compile(
            "(?i).*(factory|factoryarg|class|classname|callback|verifier|executor|executorarg|plugin|password|service)"
                    + "|logger.*|jaas.*|gsslib");

    /** Of AWS's connector; the driver ignores it. */
    static final String PROFILE = "profile";

    private static final Pattern CLASS_OF_DRIVER = Pattern.compile("org\\.postgresql\\.ssl\\.[A-Za-z0-9.]+");

    private UrlParameters() {}

    static Map<String, String> of(JdbcUrl url) {
        Map<String, String> all = new TreeMap<>(url.parameters());
        all.keySet().removeAll(PARTS);
        if (!url.isConnector()) {
            all.remove(PROFILE);
        }
        String socketFactory = all.getOrDefault("socketFactory", "");
        if (socketFactory.startsWith("io.github.dsqlreach.")) {
            all.remove("socketFactory");
        }
        if (isPart(all.getOrDefault("sslfactory", ""))) {
            all.remove("sslfactory");
            all.remove("sslfactoryarg");
        }
        refuse(all, "gssEncMode", "require", "a cluster has no Kerberos");
        refuse(all, "channelBinding", "require", "a cluster takes the token as a password, without SCRAM");
        return all;
    }

    private static void refuse(Map<String, String> all, String name, String value, String why) {
        if (value.equalsIgnoreCase(all.get(name))) {
            throw new IllegalArgumentException(
                    name + "=" + value + " does not work with DSQL: " + why + "; remove it from the URL");
        }
    }

    /** {@link UrlTrust} says the same. */
    private static boolean isPart(String sslfactory) {
        return sslfactory.equals(UrlTrust.JDK_FACTORY)
                || sslfactory.equals("org.postgresql.ssl.LibPQFactory")
                || sslfactory.equals("org.postgresql.ssl.jdbc4.LibPQFactory");
    }

    static Map<String, String> used(Map<String, String> all) {
        return all.entrySet().stream()
                .filter(entry -> isUsed(entry.getKey(), entry.getValue(), all))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, other) -> one, TreeMap::new));
    }

    static List<String> ignored(Map<String, String> all) {
        return all.entrySet().stream()
                .filter(entry -> !isUsed(entry.getKey(), entry.getValue(), all))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private static boolean isUsed(String name, String value, Map<String, String> all) {
        return !CODE.matcher(name).matches()
                || name.equals("sslfactory") && CLASS_OF_DRIVER.matcher(value).matches()
                || name.equals("sslfactoryarg")
                        && CLASS_OF_DRIVER
                                .matcher(all.getOrDefault("sslfactory", ""))
                                .matches();
    }

    /** Another trust takes the place of the URL's. */
    static Map<String, String> withoutTrust(Map<String, String> all) {
        Map<String, String> rest = new TreeMap<>(all);
        rest.keySet().removeAll(Set.of("sslfactory", "sslfactoryarg", "sslcert", "sslkey"));
        return rest;
    }
}
