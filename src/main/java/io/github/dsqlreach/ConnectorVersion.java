package io.github.dsqlreach;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of AWS's {@code aurora-dsql-jdbc-connector} on the class path. Since 1.4.0 it starts with direct TLS unless
 * the URL says otherwise.
 */
final class ConnectorVersion {
    private static final String DRIVER_CLASS = "software.amazon.dsql.jdbc.DSQLConnector";
    private static final Pattern VERSION = Pattern.compile("(\\d{1,3})\\.(\\d{1,3})\\..*");

    private ConnectorVersion() {}

    /** How the connector on the class path starts TLS; as the newest does if there is none. */
    static Negotiation negotiation() {
        return negotiation(onClassPath());
    }

    static Negotiation negotiation(Optional<String> version) {
        Matcher parts = VERSION.matcher(version.orElse(""));
        boolean old =
                parts.matches() && Integer.parseInt(parts.group(1)) * 1_000 + Integer.parseInt(parts.group(2)) < 1_004;
        return old ? Negotiation.POSTGRES : Negotiation.DIRECT;
    }

    private static Optional<String> onClassPath() {
        try {
            Class<?> connector = Class.forName(DRIVER_CLASS, false, ConnectorVersion.class.getClassLoader());
            return Optional.ofNullable(connector.getPackage().getImplementationVersion());
        } catch (ClassNotFoundException | LinkageError e) {
            return Optional.empty();
        }
    }
}
