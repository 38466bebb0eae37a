package io.github.dsqlreach.connect;

import io.github.dsqlreach.Endpoint;
import io.github.dsqlreach.Transport;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.SSLSocketFactory;
import org.postgresql.core.SocketFactoryFactory;
import org.postgresql.util.PSQLException;

/** Asks the driver's own code what it makes of the TLS parameters of a URL. */
public final class DriverTls {
    private DriverTls() {}

    /** The {@code sslfactory} of the driver that the URL names, if it is neither its default nor the JDK's. */
    public static Optional<String> ownFactory(Endpoint endpoint) {
        return endpoint.transport() == Transport.WEBSOCKET
                ? Optional.empty()
                : Optional.ofNullable(endpoint.parameters().get("sslfactory"));
    }

    /**
     * The socket factory that the driver makes from the properties of this endpoint.
     *
     * @throws PSQLException the driver's own error if it cannot use them
     */
    public static SSLSocketFactory factory(Endpoint endpoint) throws PSQLException {
        Properties properties = new Properties();
        properties.putAll(DriverProperties.of(endpoint));
        return SocketFactoryFactory.getSslSocketFactory(properties);
    }
}
