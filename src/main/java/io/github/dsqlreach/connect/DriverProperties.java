package io.github.dsqlreach.connect;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.Trust;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** An endpoint in the words of pgjdbc: its URL and its connection properties, without the password. */
public final class DriverProperties {
    private DriverProperties() {}

    /**
     * A URL for pgjdbc and whatever wraps it (HikariCP, AWS's connector with {@code jdbc:aws-dsql:} in front), with all
     * settings as parameters, but for the password.
     */
    public static String url(Endpoint endpoint) {
        return location(endpoint) + query(of(endpoint));
    }

    /** A URL for AWS's {@code aurora-dsql-jdbc-connector}, which makes the token itself. */
    public static String connectorUrl(Endpoint endpoint) {
        return "jdbc:aws-dsql:" + url(endpoint).substring("jdbc:".length());
    }

    /**
     * A URL for pgjdbc over the WebSocket that a cluster has on port 443, see {@link WebSocketSocketFactory}. Where the
     * endpoint's {@code connectTo} leads does not count, because nobody knows of a WebSocket there.
     */
    public static String webSocketUrl(Endpoint endpoint) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("user", endpoint.user());
        properties.put("sslmode", "disable");
        properties.put("socketFactory", WebSocketSocketFactory.class.getName());
        endpoint.trust().rootCertificate().ifPresent(file -> properties.put("sslrootcert", file.toString()));
        if (!endpoint.options().isEmpty()) {
            properties.put("options", endpoint.options());
        }
        return "jdbc:postgresql://" + new HostAndPort(endpoint.host(), WebSocketSocket.DEFAULT_PORT) + "/"
                + endpoint.database() + query(properties);
    }

    private static String location(Endpoint endpoint) {
        return "jdbc:postgresql://" + endpoint.address() + "/" + endpoint.database();
    }

    private static String query(Map<String, String> properties) {
        return properties.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&", "?", ""));
    }

    private static Map<String, String> of(Endpoint endpoint) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("user", endpoint.user());
        properties.put("sslmode", endpoint.trust().mode().sslmode());
        properties.put("sslNegotiation", endpoint.negotiation().parameter());
        endpoint.trust()
                .rootCertificate()
                .ifPresentOrElse(file -> properties.put("sslrootcert", file.toString()), () -> {
                    // The driver's own default looks for ~/.postgresql/root.crt.
                    if (endpoint.trust().mode() != Trust.Mode.REQUIRE) {
                        properties.put("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
                    }
                });
        if (!endpoint.options().isEmpty()) {
            properties.put("options", endpoint.options());
        }
        endpoint.connectTo().ifPresent(target -> {
            properties.put("socketFactory", ConnectToSocketFactory.class.getName());
            properties.put("socketFactoryArg", target.toString());
        });
        return properties;
    }
}
