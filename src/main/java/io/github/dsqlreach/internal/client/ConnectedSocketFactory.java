package io.github.dsqlreach.internal.client;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import javax.net.SocketFactory;

/**
 * A socket factory for the PostgreSQL driver that chooses the address itself and ignores the one of the driver. The
 * driver does not look up the name of a socket that is already connected.
 */
public abstract class ConnectedSocketFactory extends SocketFactory {
    /** For subclasses. */
    protected ConnectedSocketFactory() {}

    /** A connected socket. */
    @Override
    public abstract Socket createSocket() throws IOException;

    @Override
    public final Socket createSocket(String host, int port) throws IOException {
        return createSocket();
    }

    @Override
    public final Socket createSocket(String host, int port, InetAddress localHost, int localPort) throws IOException {
        return createSocket();
    }

    @Override
    public final Socket createSocket(InetAddress host, int port) throws IOException {
        return createSocket();
    }

    @Override
    public final Socket createSocket(InetAddress address, int port, InetAddress localAddress, int localPort)
            throws IOException {
        return createSocket();
    }
}
