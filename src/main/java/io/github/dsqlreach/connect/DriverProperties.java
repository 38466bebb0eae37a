package io.github.dsqlreach.connect;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.Trust;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An endpoint as pgjdbc's URL and connection properties, without the password. */
public final class DriverProperties {
    private static final Pattern VERSION = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\.(\\d{1,3})");

    private static final Set<String> OF_CONNECTING =
            Set.of("connectTimeout", "gssEncMode", "localSocketAddress", "loginTimeout", "socketTimeout");

    private DriverProperties() {}

    /**
     * A URL for pgjdbc and for libraries that wrap it, such as HikariCP. It has all settings as parameters, except the
     * password.
     */
    public static String url(Endpoint endpoint) {
        return location(endpoint) + query(of(endpoint));
    }

    /** A URL for AWS's {@code aurora-dsql-jdbc-connector}, which makes the token itself. */
    public static String connectorUrl(Endpoint endpoint) {
        return "jdbc:aws-dsql:" + url(endpoint).substring("jdbc:".length());
    }

    /**
     * The URL's further parameters for a login over a connection that is encrypted already: all but those of TLS and of the
     * connection's limits, which are the check's own.
     */
    public static Map<String, String> ofLogin(Endpoint endpoint) {
        Map<String, String> properties = new LinkedHashMap<>(endpoint.parameters());
        properties.keySet().removeIf(name -> name.startsWith("ssl") || OF_CONNECTING.contains(name));
        return properties;
    }

    /** The version of pgjdbc on the class path, such as {@code 42.7.14}. */
    @SuppressWarnings(
            "deprecation") // The recommended constants are inlined at compile time: they name the version of our build.
    public static String driverVersion() {
        return org.postgresql.Driver.getVersion().replaceFirst("^\\D+", "");
    }

    /** Whether that version of pgjdbc supports {@code sslNegotiation=direct}. Older ones ignore it and send an SSLRequest. */
    public static boolean knowsDirectTls(String version) {
        Matcher parts = VERSION.matcher(version);
        return !parts.lookingAt()
                || Integer.parseInt(parts.group(1)) * 1_000_000L
                                + Integer.parseInt(parts.group(2)) * 1_000L
                                + Integer.parseInt(parts.group(3))
                        >= 42_007_004L;
    }

    private static String location(Endpoint endpoint) {
        return "jdbc:postgresql://" + endpoint.address() + "/" + endpoint.database();
    }

    private static String query(Map<String, String> properties) {
        return properties.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&", "?", ""));
    }

    static Map<String, String> of(Endpoint endpoint) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("user", endpoint.user());
        if (endpoint.transport() == Transport.WEBSOCKET) {
            ofWebSocket(endpoint, properties);
        } else {
            ofTcp(endpoint, properties);
        }
        if (!endpoint.options().isEmpty()) {
            properties.put("options", endpoint.options());
        }
        endpoint.connectTo().ifPresent(target -> {
            properties.putIfAbsent("socketFactory", ConnectToSocketFactory.class.getName());
            properties.put("socketFactoryArg", target.toString());
        });
        endpoint.parameters().forEach((name, value) -> {
            if (!name.startsWith("ssl")) {
                properties.putIfAbsent(name, value);
            } else if (endpoint.transport() != Transport.WEBSOCKET) {
                properties.put(name, value);
            }
        });
        return properties;
    }

    private static void ofWebSocket(Endpoint endpoint, Map<String, String> properties) {
        properties.put("sslmode", "disable");
        properties.put("socketFactory", Endpoint.WEB_SOCKET_SOCKET_FACTORY);
        endpoint.proxy().ifPresent(proxy -> properties.put("socketFactoryArg", Endpoint.PROXY_SCHEME + proxy));
        endpoint.trust().rootCertificate().ifPresent(file -> properties.put("sslrootcert", file.toString()));
    }

    private static void ofTcp(Endpoint endpoint, Map<String, String> properties) {
        properties.put("sslmode", endpoint.trust().mode().sslmode());
        properties.put("sslNegotiation", endpoint.negotiation().parameter());
        // Explicit, because the driver's own default differs from that of AWS's connector.
        boolean jdk =
                endpoint.trust().rootCertificate().isEmpty() && endpoint.trust().mode() != Trust.Mode.REQUIRE;
        properties.put(
                "sslfactory", jdk ? "org.postgresql.ssl.DefaultJavaSSLFactory" : "org.postgresql.ssl.LibPQFactory");
        endpoint.trust().rootCertificate().ifPresent(file -> properties.put("sslrootcert", file.toString()));
    }
}
