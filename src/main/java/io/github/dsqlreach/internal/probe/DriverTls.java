package io.github.dsqlreach.internal.probe;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Transport;
import io.github.dsqlreach.connect.DriverProperties;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.SSLSocketFactory;
import org.postgresql.Driver;
import org.postgresql.core.SocketFactoryFactory;
import org.postgresql.util.PSQLException;

/** Asks the driver's own code what it makes of the TLS parameters of a URL. */
final class DriverTls {
    private DriverTls() {}

    /** The {@code sslfactory} of the driver that the URL names, if it is neither its default nor the JDK's. */
    static Optional<String> ownFactory(Endpoint endpoint) {
        return endpoint.transport() == Transport.WEBSOCKET
                ? Optional.empty()
                : Optional.ofNullable(endpoint.parameters().get("sslfactory"));
    }

    /**
     * The socket factory that the driver makes from the properties of this endpoint.
     *
     * @throws PSQLException the driver's own error if it cannot use them
     */
    static SSLSocketFactory factory(Endpoint endpoint) throws PSQLException {
        Properties properties =
                Objects.requireNonNull(Driver.parseURL(DriverProperties.url(endpoint), new Properties()));
        return SocketFactoryFactory.getSslSocketFactory(properties);
    }
}
