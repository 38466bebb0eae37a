package io.github.dsqlreach.fault;

import io.github.dsqlreach.HostAndPort;
import io.github.dsqlreach.toxiproxy.ToxicDefinition;
import io.github.dsqlreach.toxiproxy.ToxiproxyServer.Connections;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;

/** What faults need of a Toxiproxy server. */
interface ProxyServer extends AutoCloseable {
    /** Its control API. */
    URI uri();

    /** Fails if the server does not answer, or is not a Toxiproxy. */
    void check() throws IOException;

    /** Whether its proxies use ports of this machine, so that another socket can take a port over. */
    boolean isOnThisMachine();

    /** Creates a proxy on that port, or on a free one for 0, and returns the address that clients connect to. */
    HostAndPort createProxy(String name, int port, HostAndPort upstream) throws IOException;

    /** Opens the proxy's port again, or closes it with all its connections. */
    void enableProxy(String name, boolean enabled) throws IOException;

    void deleteProxy(String name) throws IOException;

    /**
     * Adds a toxic.
     *
     * @param onStrike is run once for each connection on which toxics with it have an effect, if the server tells
     * @throws UnknownToxicException if the server does not have toxics of that type
     */
    void addToxic(String proxy, ToxicDefinition toxic, Runnable onStrike) throws IOException;

    /** Does nothing if the toxic is gone already. */
    void removeToxic(String proxy, String toxic) throws IOException;

    /** How many connections that proxy has had; empty if the server does not count. */
    Optional<Connections> connections(String proxy);

    @Override
    void close();

    /** The server does not have toxics of a type. */
    final class UnknownToxicException extends IOException {
        private static final long serialVersionUID = 1L;

        UnknownToxicException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
