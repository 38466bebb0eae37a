package io.github.dsqlreach;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * Which certificate counts by the parameters {@code ssl}, {@code sslmode}, {@code sslrootcert} and {@code sslfactory} of a
 * URL: what the driver makes of them, except that a URL without {@code sslmode}, {@code ssl} and {@code sslfactory}, or
 * with {@code prefer} or {@code allow}, is verified in full.
 */
final class UrlTrust {
    /** The driver's class that trusts the JDK's roots, whatever {@code sslrootcert} says. */
    static final String JDK_FACTORY = "org.postgresql.ssl.DefaultJavaSSLFactory";

    private static final String NON_VALIDATING_FACTORY = "org.postgresql.ssl.NonValidatingFactory";

    private UrlTrust() {}

    /** Over a WebSocket {@code sslmode} only prevents TLS inside TLS, and says nothing about trust. */
    static Trust overWebSocket(JdbcUrl url) {
        return new Trust(Trust.Mode.VERIFY_FULL, rootCertificate(url).filter(file -> !isSystem(file)));
    }

    static Trust of(JdbcUrl url) {
        String factory = url.parameter("sslfactory").orElse("");
        Trust.Mode mode = mode(url);
        if (factory.equals(JDK_FACTORY)) {
            // This class verifies the chain in each mode, and the driver the name in verify-full only.
            return new Trust(mode == Trust.Mode.REQUIRE ? Trust.Mode.VERIFY_CA : mode, Optional.empty());
        }
        if (factory.equals(NON_VALIDATING_FACTORY) && mode != Trust.Mode.VERIFY_FULL) {
            return new Trust(Trust.Mode.REQUIRE, Optional.empty());
        }
        if (!isExplicit(url)) {
            return new Trust(Trust.Mode.VERIFY_FULL, rootCertificate(url).filter(file -> !isSystem(file)));
        }
        return mode == Trust.Mode.REQUIRE
                ? new Trust(mode, rootCertificate(url))
                : new Trust(mode, Optional.of(rootCertificate(url).orElseGet(UrlTrust::defaultFile)));
    }

    private static Trust.Mode mode(JdbcUrl url) {
        Optional<String> sslmode = url.parameter("sslmode");
        if (sslmode.isEmpty()) {
            return Trust.Mode.VERIFY_FULL;
        }
        return switch (sslmode.get().toLowerCase(Locale.ROOT)) {
            case "require" -> Trust.Mode.REQUIRE;
            case "verify-ca" -> Trust.Mode.VERIFY_CA;
            case "verify-full", "prefer", "allow" -> Trust.Mode.VERIFY_FULL;
            default ->
                throw new IllegalArgumentException("sslmode '" + sslmode.get()
                        + "' does not work with DSQL, which needs TLS; allowed are verify-full, verify-ca, require");
        };
    }

    /** The URL says how the driver must verify. */
    private static boolean isExplicit(JdbcUrl url) {
        return url.parameter("sslmode")
                        .filter(mode -> !mode.equalsIgnoreCase("prefer") && !mode.equalsIgnoreCase("allow"))
                        .isPresent()
                || url.parameter("sslmode").isEmpty()
                        && url.parameter("ssl")
                                .filter(value -> value.isEmpty() || value.equalsIgnoreCase("true"))
                                .isPresent();
    }

    private static Optional<Path> rootCertificate(JdbcUrl url) {
        return url.parameter("sslrootcert").filter(file -> !file.isEmpty()).map(Path::of);
    }

    /** Only libpq knows this value; to the driver it is a file. */
    private static boolean isSystem(Path file) {
        return file.toString().equals("system");
    }

    /** The file that the driver reads if the URL names none. */
    static Path defaultFile() {
        boolean windows =
                System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("windows");
        Path directory = windows && System.getenv("APPDATA") != null
                ? Path.of(System.getenv("APPDATA"), "postgresql")
                : Path.of(System.getProperty("user.home"), ".postgresql");
        return directory.resolve("root.crt");
    }
}
