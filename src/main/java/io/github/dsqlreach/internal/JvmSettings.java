package io.github.dsqlreach.internal;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The settings of this JVM that change how its clients connect: system properties and security properties that are set to
 * another value than the JDK's default. Source: "JSSE Customizable System and Security Properties" and "Networking
 * Properties" of the JDK's documentation.
 */
public final class JvmSettings {
    private static final int LONGEST_VALUE = 100;

    /** What a setting is about. */
    public enum Topic {
        /** How names are resolved. */
        NAMES(false, "jdk.net.hosts.file", "java.net.preferIPv4Stack", "java.net.preferIPv6Addresses"),
        /** How TCP connects. */
        TCP(
                false,
                "socksProxyHost",
                "socksProxyPort",
                "socksNonProxyHosts",
                "java.net.useSystemProxies",
                "java.net.preferIPv4Stack",
                "java.net.preferIPv6Addresses"),
        /** The trusted roots. */
        TRUST_STORE(
                false,
                "javax.net.ssl.trustStore",
                "javax.net.ssl.trustStoreType",
                "javax.net.ssl.trustStoreProvider",
                "javax.net.ssl.trustStorePassword"),
        /** The client's own key. */
        KEY_STORE(
                false,
                "javax.net.ssl.keyStore",
                "javax.net.ssl.keyStoreType",
                "javax.net.ssl.keyStoreProvider",
                "javax.net.ssl.keyStorePassword"),
        /** Whether the ClientHello contains the server's name. */
        SERVER_NAME(false, "jsse.enableSNIExtension", "jdk.tls.client.disableExtensions"),
        /** The TLS versions. */
        VERSIONS(true, "jdk.tls.client.protocols"),
        /** The cipher suites. */
        CIPHER_SUITES(true, "jdk.tls.client.cipherSuites", "jdk.tls.client.protocols"),
        /** The groups of the key exchange. */
        GROUPS(true, "jdk.tls.namedGroups", "jdk.tls.client.disableExtensions", "com.sun.net.ssl.enableECC"),
        /** The signatures. */
        SIGNATURES(true, "jdk.tls.client.SignatureSchemes", "jdk.tls.client.disableExtensions"),
        /** How large the server's messages may be. */
        SIZES(
                false,
                "jdk.tls.maxCertificateChainLength",
                "jdk.tls.client.maxInboundCertificateChainLength",
                "jdk.tls.maxHandshakeMessageSize"),
        /** Whether revocation is checked. */
        REVOCATION(
                false,
                "com.sun.net.ssl.checkRevocation",
                "com.sun.security.enableCRLDP",
                "com.sun.security.enableAIAcaIssuers",
                "jdk.tls.client.enableStatusRequestExtension",
                "jdk.security.certpath.ocspNonce"),
        /** The rest of TLS. */
        OTHER_TLS(
                false,
                "jdk.tls.useExtendedMasterSecret",
                "jdk.tls.allowLegacyResumption",
                "jdk.tls.allowLegacyMasterSecret",
                "jdk.tls.client.enableCAExtension",
                "jdk.tls.client.enableSessionTicketExtension",
                "jdk.tls.ephemeralDHKeySize",
                "jdk.tls.acknowledgeCloseNotify",
                "jdk.tls.alpnCharset",
                "jdk.tls.trustNameService",
                "jsse.enableCBCProtection",
                "jsse.enableMFLNExtension",
                "jsse.enableFFDHE",
                "jdk.security.allowNonCaAnchor",
                "sun.security.ssl.allowUnsafeRenegotiation",
                "sun.security.ssl.allowLegacyHelloMessages",
                "https.protocols",
                "https.cipherSuites");

        private final boolean limitedByAlgorithms;
        private final List<String> properties;

        Topic(boolean limitedByAlgorithms, String... properties) {
            this.limitedByAlgorithms = limitedByAlgorithms;
            this.properties = List.of(properties);
        }
    }

    /** All topics of TLS. */
    public static final List<Topic> TLS = Arrays.stream(Topic.values())
            .filter(topic -> topic.compareTo(Topic.TRUST_STORE) >= 0)
            .toList();

    private static final List<String> ALGORITHMS =
            List.of("jdk.tls.disabledAlgorithms", "jdk.certpath.disabledAlgorithms");

    private static final List<String> TLS_PROVIDERS = List.of(
            "ssl.TrustManagerFactory.algorithm", "ssl.KeyManagerFactory.algorithm", "ssl.SocketFactory.provider");

    private static final Map<String, String> DEFAULTS = Map.ofEntries(
            Map.entry("java.net.preferIPv4Stack", "false"),
            Map.entry("java.net.preferIPv6Addresses", "false"),
            Map.entry("java.net.useSystemProxies", "false"),
            Map.entry("jsse.enableSNIExtension", "true"),
            Map.entry("com.sun.net.ssl.checkRevocation", "false"),
            Map.entry("com.sun.security.enableCRLDP", "false"),
            Map.entry("jdk.tls.useExtendedMasterSecret", "true"),
            Map.entry("jdk.tls.client.enableStatusRequestExtension", "true"));

    private JvmSettings() {}

    /**
     * The settings of these topics, such as {@code system property jsse.enableSNIExtension=false (command line)}. The
     * values of passwords are not shown.
     */
    public static List<String> of(List<Topic> topics) {
        Stream<String> system = topics.stream()
                .flatMap(topic -> topic.properties.stream())
                .distinct()
                .flatMap(name -> systemProperty(name).stream());
        boolean algorithms = topics.stream().anyMatch(topic -> topic.limitedByAlgorithms);
        return Stream.concat(system, algorithms ? securityProperties() : Stream.of())
                .toList();
    }

    /**
     * The settings that can be the reason for what a topic lacks: those that are set, or else the properties that list
     * disabled algorithms.
     */
    public static String suspects(Topic topic) {
        List<String> set = of(List.of(topic));
        return set.isEmpty()
                ? "security property jdk.tls.disabledAlgorithms or jdk.certpath.disabledAlgorithms (" + securityFile()
                        + ")"
                : String.join(", ", set);
    }

    /** The setting, if this property is set to another value than the default. */
    public static Optional<String> systemProperty(String name) {
        return value(name)
                .filter(value -> !value.isEmpty() && !value.equals(DEFAULTS.get(name)))
                .map(value -> "system property " + name + (isSecret(name) ? "" : "=" + cap(value)) + " (" + origin(name)
                        + ")");
    }

    private static Optional<String> value(String name) {
        try {
            return Optional.ofNullable(System.getProperty(name));
        } catch (SecurityException e) {
            return Optional.empty();
        }
    }

    private static boolean isSecret(String name) {
        return name.endsWith("Password");
    }

    private static String cap(String value) {
        return value.length() <= LONGEST_VALUE ? value : value.substring(0, LONGEST_VALUE) + "…";
    }

    /** Where the property was set, as far as it can be found out. */
    private static String origin(String name) {
        String option = "-D" + name;
        for (String variable : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")) {
            if (contains(System.getenv(variable), option)) {
                return "environment variable " + variable;
            }
        }
        return isOnCommandLine(option) ? "command line" : "set by the build tool or by code";
    }

    /** {@code ProcessHandle} does not tell a long command line. */
    private static boolean isOnCommandLine(String option) {
        try {
            return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                    .anyMatch(argument -> contains(argument, option));
        } catch (SecurityException | LinkageError e) {
            return false;
        }
    }

    private static boolean contains(@Nullable String options, String option) {
        return options != null && (options + " ").matches("(?s).*\\Q" + option + "\\E[= ].*");
    }

    private static Stream<String> securityProperties() {
        Properties file = ofSecurityFile();
        Optional<String> path = value("java.security.properties");
        String origin = path.map(more ->
                        "file " + more.replaceFirst("^=", "") + " of the system property java.security.properties")
                .orElse("set by code");
        return Stream.concat(ALGORITHMS.stream(), TLS_PROVIDERS.stream()).flatMap(name -> {
            String now = Security.getProperty(name);
            String original = file.getProperty(name);
            boolean same = now == null || original == null || normal(now).equals(normal(original));
            return same ? Stream.of() : Stream.of("security property " + name + "=" + cap(now) + " (" + origin + ")");
        });
    }

    private static String normal(String list) {
        return list.replaceAll("\\s+", "");
    }

    private static Path securityFile() {
        return Path.of(System.getProperty("java.home"), "conf", "security", "java.security");
    }

    private static Properties ofSecurityFile() {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(securityFile())) {
            properties.load(in);
        } catch (IOException | IllegalArgumentException e) {
            // Without the file nothing can be compared.
        }
        return properties;
    }
}
